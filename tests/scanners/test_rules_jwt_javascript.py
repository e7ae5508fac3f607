"""Good, bad and near-miss lines of SEC-002 to SEC-006 in JavaScript and TypeScript."""

# ruff: noqa: E501 -- samples keep the layout of their language

from __future__ import annotations

import pytest

CODES = ("SEC-002", "SEC-003", "SEC-004", "SEC-005", "SEC-006")

NONE = [
    """\
    const { JWT, JWK } = require('jose');
    const { None } = JWK;
    JWT.verify(token, None); //! SEC-002
    """,
    """\
    const { KJUR } = require('jsrsasign');
    KJUR.jws.JWS.sign(null, { alg: 'none' }, { exp: 1 }); //! SEC-002
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(token, key, { algorithms: ['none'] }); //! SEC-002
    """,
    """\
    import jwt from 'jsonwebtoken';
    const t = jwt.sign({id: 1, exp: e}, '', { algorithm: 'none' }); //! SEC-002
    """,
    """\
    import { verify as v } from 'jsonwebtoken';
    const ALGS = ['HS256', 'None'];
    v(token, key, { algorithms: ALGS }, cb); //! SEC-002
    """,
    """\
    import * as jwt from 'jsonwebtoken';
    const opts: jwt.VerifyOptions = { algorithms: ['RS256', 'none'] };
    jwt.verify(token, key, opts); //! SEC-002
    """,
    """\
    import { UnsecuredJWT } from 'jose';
    const t = new UnsecuredJWT({ a: 1 }).setExpirationTime('2h').encode(); //! SEC-002
    """,
    """\
    import * as jose from 'jose';
    const { payload } = jose.UnsecuredJWT.decode(t); //! SEC-002
    """,
    """\
    const { JWT, JWK } = require('jose');
    JWT.sign(p, JWK.None, { algorithm: 'none' }); //! SEC-002
    """,
    """\
    const { expressjwt } = require('express-jwt');
    app.use(expressjwt({ secret: s, algorithms: ['HS256', 'none'] })); //! SEC-002
    """,
    """\
    const JwtStrategy = require('passport-jwt').Strategy;
    passport.use(new JwtStrategy({ secretOrKey: k, algorithms: ['none'] }, cb)); //! SEC-002
    """,
    """\
    import { Strategy } from 'passport-jwt';
    class JwtStrategy extends PassportStrategy(Strategy) {
      constructor() {
        super({ //! SEC-002
          jwtFromRequest: x,
          secretOrKey: process.env.K,
          algorithms: ['none'],
        });
      }
    }
    """,
    """\
    const { createVerifier } = require('fast-jwt');
    const v = createVerifier({ algorithms: ['none'] }); //! SEC-002
    """,
    """\
    const jws = require('jws');
    jws.sign({ header: { alg: 'none' }, payload: p }); //! SEC-002
    """,
    """\
    const njwt = require('njwt');
    njwt.create(claims, key, 'none'); //! SEC-002
    """,
    """\
    JwtModule.register({ secret: s, signOptions: { algorithm: 'none' } }); //! SEC-002
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign(p, k, { header: { alg: 'none' } }); //! SEC-002
    """,
    """\
    fastify.register(require('@fastify/jwt'), { secret: s, verify: { algorithms: ['none'] } }); //! SEC-002
    """,
    """\
    import { SignJWT } from 'jose';
    await new SignJWT(p).setProtectedHeader({ alg: 'none' }).setExpirationTime('1h').sign(k); //! SEC-002
    """,
    """\
    const jwt = require('jsonwebtoken');
    const options = {};
    options.algorithms = ['none'];
    jwt.verify(t, k, options); //! SEC-002
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(t, k, { ...base, algorithms: ['none'] }); //! SEC-002
    """,
    """\
    import { sign } from 'hono/jwt';
    await sign({ exp: e }, k, 'none'); //! SEC-002
    """,
    """\
    const jwt = require('jsonwebtoken');
    if (header.alg === 'none') throw new Error('none');
    jwt.verify(t, k, { algorithms: ['HS256'] });
    // jwt.verify(t, k, { algorithms: ['none'] });
    const s = "jwt.verify(t, k, { algorithms: ['none'] })";
    """,
    """\
    const jwt = require('jsonwebtoken');
    element.style.display = 'none';
    fetch(u, { mode: 'none', algorithms: ['none'] });
    """,
    """\
    const x = require('other-jwt-thing');
    x.verify(t, k, { algorithms: ['none'] });
    """,
]

UNVERIFIED = [
    """\
    const jwt = require('jsonwebtoken');
    const user = jwt.decode(token); //! SEC-003
    """,
    """\
    const { decode } = require('jsonwebtoken');
    function f(t) { return decode(t, { complete: true }).payload.sub; } //! SEC-003
    """,
    """\
    import jwtDecode from 'jwt-decode';
    const u = jwtDecode<User>(token); //! SEC-003
    """,
    """\
    import { jwtDecode as d } from 'jwt-decode';
    const u = d(token); //! SEC-003
    """,
    """\
    import jwt_decode, { JwtPayload } from 'jwt-decode';
    const u: JwtPayload = jwt_decode(token); //! SEC-003
    """,
    """\
    import { decodeJwt } from 'jose';
    const claims = decodeJwt(token); //! SEC-003
    """,
    """\
    const { JWT } = require('jose');
    const c = JWT.decode(token); //! SEC-003
    """,
    """\
    const jwt = require('jwt-simple');
    const c = jwt.decode(token, secret, true); //! SEC-003
    """,
    """\
    const jwt = require('jwt-simple');
    const c = jwt.decode(token, secret, 'HS256'); //! SEC-003
    """,
    """\
    import { decode } from 'hono/jwt';
    const { payload } = decode(token); //! SEC-003
    """,
    """\
    const { createDecoder } = require('fast-jwt');
    const decode = createDecoder();
    const p = decode(token); //! SEC-003
    """,
    """\
    class A { constructor(private readonly jwtService: JwtService) {}
      f(t: string) { return this.jwtService.decode(t); } //! SEC-003
    }
    """,
    """\
    const p = app.jwt.decode(token); //! SEC-003
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(token, null, { algorithms: ['HS256'] }); //! SEC-003
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(token, '', cb); //! SEC-003
    """,
    """\
    const jwt = require('jsonwebtoken');
    function f(req) {
      if (debug) {
        return jwt.decode(token); //! SEC-003
      }
      return jwt.verify(token, key, { algorithms: ['HS256'] });
    }
    """,
    """\
    const jwt = require('jsonwebtoken');
    function f(token) {
      try {
        return jwt.verify(token, key);
      } catch (e) {
        return jwt.decode(token); //! SEC-003
      }
    }
    """,
    """\
    const jws = require('jws');
    const { payload } = jws.decode(token); //! SEC-003
    """,
    """\
    // jwt
    const payload = JSON.parse(atob(token.split('.')[1])); //! SEC-003
    """,
    """\
    const jwt = require('jsonwebtoken');
    function a(token) { return jwt.decode(token); } //! SEC-003
    function b(token) { return jwt.verify(token, key); }
    """,
    """\
    import { decode } from '@tsndr/cloudflare-worker-jwt';
    const { payload } = decode(token); //! SEC-003
    """,
    """\
    const jwt = require('jsonwebtoken');
    function f(token) {
      const { header } = jwt.decode(token, { complete: true });
      return jwt.verify(token, keys[header.kid], { algorithms: ['RS256'] });
    }
    """,
    """\
    const jwt = require('jsonwebtoken');
    function f(token) {
      const decoded = jwt.decode(token, { complete: true });
      const kid = decoded.header.kid;
      client.getSigningKey(kid, (err, key) => {
        jwt.verify(token, key.publicKey, { algorithms: ['RS256'] }, cb);
      });
    }
    """,
    """\
    import { decodeProtectedHeader, jwtVerify } from 'jose';
    const { kid } = decodeProtectedHeader(token);
    await jwtVerify(token, keys[kid]);
    """,
    """\
    import { jwtDecode } from 'jwt-decode';
    const h = jwtDecode(token, { header: true });
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(token, key, (err) => {
      if (err) return next(err);
      const claims = jwt.decode(token);
    });
    """,
    """\
    const jwt = require('jsonwebtoken');
    async function f(token) {
      await verifyToken(token);
      return jwt.decode(token);
    }
    """,
    """\
    const jwt = require('jwt-simple');
    const a = jwt.decode(token, secret, false, 'HS256');
    const b = jwt.decode(token, secret);
    """,
    """\
    import { decode } from 'html-entities';
    // jwt
    decode(text);
    """,
    """\
    new JwtStrategy({ jwtFromRequest: x, secretOrKeyProvider: (req, raw, done) => {
      const t = jwt.decode(raw, { complete: true });
      done(null, keys[t.payload.iss]);
    } }, cb);
    """,
]

ENDLESS = [
    """\
    const jwt = require('jsonwebtoken');
    const token = jwt.sign({ id: user.id }, process.env.S); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    const payload = { id: user.id };
    jwt.sign(payload, key, { algorithm: 'HS256' }, (err, t) => {}); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign({ id: 1 }, key, (err, t) => {}); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(t, key, { ignoreExpiration: true }); //! SEC-004
    """,
    """\
    import { SignJWT } from 'jose';
    const t = await new SignJWT({ id }).setProtectedHeader({ alg: 'HS256' }).setIssuedAt().sign(key); //! SEC-004
    """,
    """\
    import * as jose from 'jose';
    const t = await new jose.SignJWT({ id }) //! SEC-004
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
    """,
    """\
    const { JWT } = require('jose');
    JWT.sign({ a: 1 }, key); //! SEC-004
    JWT.verify(t, key, { ignoreExp: true }); //! SEC-004
    """,
    """\
    new Strategy({ jwtFromRequest: j, ignoreExpiration: true, secretOrKey: k }, cb); //! SEC-004
    """,
    """\
    class S extends PassportStrategy(Strategy) { constructor() {
      super({ //! SEC-004
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        ignoreExpiration: true,
        secretOrKey: k,
      });
    } }
    """,
    """\
    const { createVerifier, createSigner } = require('fast-jwt');
    const v = createVerifier({ key: k, ignoreExpiration: true }); //! SEC-004
    const sign = createSigner({ key: k });
    const t = sign({ id: 1 }); //! SEC-004
    """,
    """\
    import { sign, verify } from 'hono/jwt';
    const t = await sign({ sub: 'x' }, secret); //! SEC-004
    await verify(t, secret, { alg: 'HS256', exp: false }); //! SEC-004
    """,
    """\
    const jwt = require('jwt-simple');
    jwt.encode({ sub: 1 }, s); //! SEC-004
    """,
    """\
    this.jwtService.verify(token, { ignoreExpiration: true }); //! SEC-004
    """,
    """\
    app.use(expressjwt({ secret: s, algorithms: ['HS256'], ignoreExpiration: true })); //! SEC-004
    """,
    """\
    new JwtStrategy({ jwtFromRequest: x, secretOrKey: k, jsonWebTokenOptions: { ignoreExpiration: true } }, cb); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    const opts = { issuer: 'x' };
    jwt.sign({ id: 1 }, key, opts); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    const p: Payload = { id: 1 };
    p.role = 'x';
    jwt.sign(p, key); //! SEC-004
    """,
    """\
    const jws = require('jws');
    jws.sign({ header: { alg: 'HS256' }, payload: { a: 1 }, secret: s }); //! SEC-004
    """,
    """\
    import jwt from '@tsndr/cloudflare-worker-jwt';
    await jwt.sign({ name: 'x' }, s); //! SEC-004
    """,
    """\
    import jwt, { SignOptions } from 'jsonwebtoken';
    import { promisify } from 'util';
    const s = promisify(jwt.sign);
    await s({ id: 1 }, key); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign({ id: 1 }, key, { expiresIn: '1h' });
    jwt.sign({ id: 1, exp: e }, key);
    jwt.sign(payload, key);
    jwt.sign({ ...user }, key);
    jwt.sign({ id: 1 }, key, options);
    jwt.sign({ id: 1, exp }, key);
    jwt.verify(t, key, { ignoreExpiration: false });
    const p = { id: 1 };
    p.exp = x;
    jwt.sign(p, key);
    const O = { expiresIn: 60 };
    jwt.sign({ id: 1 }, key, O);
    jwt.sign({ id: 1 }, key, { ...O, issuer: 'i' });
    const q = { id: 1 };
    Object.assign(q, { exp: 1 });
    jwt.sign(q, key);
    jwt.sign(Object.assign({}, user), key);
    """,
    """\
    import { SignJWT } from 'jose';
    await new SignJWT({ id }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('2h').sign(key);
    const b = new SignJWT({ id });
    b.setProtectedHeader({ alg: 'HS256' });
    b.setExpirationTime('2h');
    await b.sign(key);
    await new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(key);
    await new SignJWT({ id, exp: 3 }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    """,
    """\
    this.jwtService.sign({ sub: 1 });
    const { createSigner } = require('fast-jwt');
    const sign = createSigner({ key: k, expiresIn: 3000 });
    sign({ id: 1 });
    """,
]

SECRET = [
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign({ exp: 1 }, 'secret'); //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    const SECRET = 'abc';
    function f() { jwt.verify(t, SECRET, { algorithms: ['HS256'] }); } //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign(p, process.env.JWT_SECRET || 'dev'); //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign(p, Buffer.from('abc', 'base64')); //! SEC-005
    """,
    """\
    import { jwtVerify } from 'jose';
    await jwtVerify(t, new TextEncoder().encode('secret')); //! SEC-005
    """,
    """\
    import { SignJWT } from 'jose';
    const secret = new TextEncoder().encode('cc7e0d44fd473002f1c42167459001140ec6389b7353f8088f4d9a95f2f596f2');
    await new SignJWT(p).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('2h').sign(secret); //! SEC-005
    """,
    """\
    const { JWT, JWK } = require('jose');
    JWT.sign(p, JWK.asKey('hello')); //! SEC-005
    """,
    """\
    const config = { secret: 'abc' };
    const jwt = require('jsonwebtoken');
    jwt.verify(t, config.secret, cb); //! SEC-005
    """,
    """\
    passport.use(new JwtStrategy({ //! SEC-005
      jwtFromRequest: x,
      secretOrKey: 'secret',
    }, cb));
    """,
    """\
    const opts = {};
    opts.jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
    opts.secretOrKey = 'secret'; //! SEC-005
    passport.use(new JwtStrategy(opts, cb));
    """,
    """\
    const { expressjwt: jwt } = require('express-jwt');
    app.use(jwt({ secret: 'shhhh', algorithms: ['HS256'] })); //! SEC-005
    """,
    """\
    import { jwt } from 'hono/jwt';
    app.use('/auth/*', jwt({ secret: 'it-is-very-secret', alg: 'HS256' })); //! SEC-005
    """,
    """\
    const koajwt = require('koa-jwt');
    app.use(koajwt({ secret: 'shared-secret' })); //! SEC-005
    """,
    """\
    @Module({ imports: [
      JwtModule.register({ secret: 'hard', signOptions: { expiresIn: '60s' } }), //! SEC-005
    ] })
    class A {}
    """,
    """\
    JwtModule.registerAsync({ //! SEC-005
      useFactory: async (c: ConfigService) => ({ secret: c.get('JWT_SECRET') || 'x', signOptions: {} }),
    });
    """,
    """\
    export const jwtConstants = {
      secret: 'secretKey', //! SEC-005
    };
    """,
    """\
    module.exports = {
      JWT_SECRET: 'abc', //! SEC-005
      jwt: { secret: process.env.JWT || 'x' }, //! SEC-005
      jwtAlgorithm: 'HS256',
    };
    """,
    """\
    export const JWT_SECRET = process.env.JWT_SECRET ?? 'fallback'; //! SEC-005
    """,
    """\
    fastify.register(require('@fastify/jwt'), { secret: 'supersecret' }); //! SEC-005
    """,
    """\
    const { createSigner } = require('fast-jwt');
    const s = createSigner({ key: 'secret', expiresIn: 1 }); //! SEC-005
    """,
    """\
    const jwt = require('jwt-simple');
    jwt.encode({ exp: 1 }, 'xxx'); //! SEC-005
    """,
    """\
    this.jwtService.verify(token, { secret: 'abc' }); //! SEC-005
    """,
    """\
    import jwt from 'jsonwebtoken';
    class A { private readonly key = 'abc'; f() { return jwt.sign(p, this.key); } } //! SEC-005
    """,
    """\
    import jwt from 'jsonwebtoken';
    export const gen = (p, secret = 'abc') => jwt.sign(p, secret); //! SEC-005
    """,
    """\
    process.env.JWT_SECRET = 'test'; //! SEC-005
    """,
    """\
    import jwt from 'jsonwebtoken';
    jwt.sign(p, `my-${'secret'}`); //! SEC-005
    """,
    """\
    import jwt from 'jsonwebtoken';
    jwt.sign(p, { key: '-----BEGIN RSA PRIVATE KEY-----\\nabc', passphrase: '' }, { algorithm: 'RS256' }); //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.sign(p, process.env.JWT_SECRET);
    jwt.sign(p, process.env.JWT_SECRET!);
    jwt.sign(p, config.get('JWT_SECRET'));
    jwt.sign(p, fs.readFileSync('private.key'));
    jwt.verify(t, '-----BEGIN PUBLIC KEY-----abc', { algorithms: ['RS256'] });
    jwt.sign(p, process.env.JWT_SECRET || '');
    const { JWT_SECRET } = process.env;
    jwt.sign(p, JWT_SECRET);
    jwt.sign(p, crypto.randomBytes(32));
    app.use(session({ secret: 'keyboard cat' }));
    """,
    """\
    const JWT_TOKEN_KEY = 'jwt_token';
    localStorage.setItem(JWT_TOKEN_KEY, t);
    const jwtHeaderKey = 'x-token';
    const JWT_ALGORITHM = 'HS256';
    const JWT_SECRET_NAME = 'jwt';
    const jwtSecret = process.env.JWT_SECRET;
    const schema = Joi.object({ JWT_SECRET: Joi.string().required() });
    interface E { JWT_SECRET: string }
    throwIfMissing('JWT_SECRET');
    """,
]

CONFUSED = [
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(t, k, { algorithms: ['HS256', 'RS256'] }); //! SEC-006
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(t, publicKey, { algorithms: ['HS256'] }); //! SEC-006
    """,
    """\
    const jwt = require('jsonwebtoken');
    const pub = fs.readFileSync('public.pem');
    jwt.verify(t, pub, { algorithms: ['HS256'] }); //! SEC-006
    """,
    """\
    const jwt = require('jsonwebtoken');
    const d = jwt.decode(t, { complete: true });
    jwt.verify(t, k, { algorithms: [d.header.alg] }); //! SEC-006
    """,
    """\
    import { decodeProtectedHeader, jwtVerify } from 'jose';
    const { alg } = decodeProtectedHeader(t);
    await jwtVerify(t, k, { algorithms: [alg] }); //! SEC-006
    """,
    """\
    const jwt = require('express-jwt');
    app.use(jwt({ secret: process.env.S })); //! SEC-006
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(t, publicKey); //! SEC-006
    """,
    """\
    new Strategy({ jwtFromRequest: x, secretOrKey: k, algorithms: ['ES256', 'HS512'] }, cb); //! SEC-006
    """,
    """\
    import { createVerifier } from 'fast-jwt';
    createVerifier({ key: PUBLIC_KEY, algorithms: ['HS256'] }); //! SEC-006
    """,
    """\
    const jws = require('jws');
    const h = jws.decode(t).header;
    jws.verify(t, h.alg, k); //! SEC-006
    """,
    """\
    const jwt = require('jsonwebtoken');
    const A = ['RS256'];
    jwt.verify(t, k, { algorithms: [...A, 'HS256'] }); //! SEC-006
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(t, publicKey, { algorithms: ['RS256'] });
    jwt.verify(t, secret);
    jwt.verify(t, secret, { algorithms: ['HS256', 'HS512'] });
    jwt.verify(t, key, { algorithms: ['RS256', 'ES256'] });
    jwt.verify(t, key, { algorithms: sym ? ['HS256'] : ['RS256'] });
    const { header } = jwt.decode(t, { complete: true });
    jwt.verify(t, keys[header.kid], { algorithms: ['RS256'] });
    jwt.sign({exp}, privateKey, { algorithm: 'RS256' });
    """,
    """\
    JwtModule.register({ publicKey: p, privateKey: q, signOptions: { algorithm: 'RS256' }, verifyOptions: { algorithms: ['RS256'] } });
    """,
]

HANDLERS = [
    """\
    'use strict'
    const jsonwt = require('jsonwebtoken')
    const { Router } = require('express')
    function example1(router) {
      const payload = {foo: 'bar', exp: 123}
      const secret = 'shhhhh'
      const token1 = jsonwt.sign(payload, secret) //! SEC-005
    }
    const Promise = require("bluebird");
    const secret = "hardcoded-secret";
    class Authentication {
        static sign(obj){
            return jsonwt.sign(obj, secret, {}); //! SEC-005
        }
    }
    function example2() {
      const payload = {foo: 'bar'}
      const token2 = jsonwt.sign(payload, 'some-secret') //! SEC-004, SEC-005
    }
    const config = require('./config')
    function example3() {
      jsonwt.verify(token, config.secret, function(err, decoded) {})
    }
    """,
    """\
    const jose = require("jose");
    const { JWK, JWT } = jose;
    function example1() {
      const key = JWK.asKey('hello-jose')
      const token1 = JWT.sign({password: 123}, key, {}) //! SEC-004, SEC-005
    }
    function example2() {
      const token = JWT.verify(t, JWK.None) //! SEC-002
    }
    function example3(secret) {
      return JWT.sign({a: 1}, secret, { expiresIn: '1h' })
    }
    """,
    """\
    const { JWT } = require('jose');
    const token = JWT.sign({ hello: 'world' }, JWK.None); //! SEC-002, SEC-004
    """,
    """\
    import { Injectable, UnauthorizedException } from '@nestjs/common';
    import { JwtService } from '@nestjs/jwt';
    @Injectable()
    export class AuthService {
      constructor(private users: UsersService, private jwt: JwtService) {}
      async login(user: User) {
        const payload = { sub: user.id, username: user.username };
        return { access_token: await this.jwt.signAsync(payload) };
      }
      read(token: string) {
        const data = this.jwt.decode(token) as { sub: string }; //! SEC-003
        return data;
      }
      async check(token: string) {
        return this.jwt.verifyAsync(token, { secret: process.env.JWT_SECRET ?? 'dev', ignoreExpiration: true }); //! SEC-004, SEC-005
      }
    }
    """,
    """\
    import { Module } from '@nestjs/common';
    import { JwtModule } from '@nestjs/jwt';
    import { jwtConstants } from './constants';
    @Module({
      imports: [
        JwtModule.register({
          secret: jwtConstants.secret,
          signOptions: { expiresIn: '60s' },
        }),
        JwtModule.registerAsync({
          inject: [ConfigService],
          useFactory: (config: ConfigService) => ({
            secret: config.get<string>('JWT_SECRET'),
            signOptions: { expiresIn: '1d', algorithm: 'HS256' },
          }),
        }),
      ],
    })
    export class AuthModule {}
    """,
    """\
    import passport from 'passport';
    import { Strategy as JWTStrategy, ExtractJwt, StrategyOptions } from 'passport-jwt';
    const options: StrategyOptions = {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: process.env.JWT_SECRET || 'top-secret',
    };
    passport.use(new JWTStrategy(options, async (payload, done) => done(null, payload))); //! SEC-005
    passport.use('x', new JWTStrategy({ ...options, secretOrKey: env.SECRET, ignoreExpiration: !0 }, cb)); //! SEC-004
    """,
    """\
    var jwt = require('jsonwebtoken');
    var express = require('express');
    var app = express();
    app.get('/me', function (req, res) {
      var token = req.headers['x-access-token'];
      jwt.verify(token, config.secret, function (err, decoded) {
        if (err) return res.status(500).send({ auth: false });
        res.status(200).send(decoded);
      });
    });
    app.post('/login', (req, res) => {
      var token = jwt.sign({ id: user._id }, config.secret, { //! SEC-004
        algorithm: 'HS256',
      });
      const refresh = jwt.sign({ id: user._id }, config.secret, { expiresIn: 86400 });
      const third = jwt.sign({ data: 'foobar', exp: Math.floor(Date.now() / 1000) + 3600 }, config.secret);
      const fourth = jwt.sign(user.toJSON(), config.secret);
      const fifth = jwt.sign(JSON.stringify({ a: 1 }), config.secret); //! SEC-004
    });
    """,
    """\
    import { expressjwt as guard } from 'express-jwt';
    import jwksRsa from 'jwks-rsa';
    export const checkJwt = guard({
      secret: jwksRsa.expressJwtSecret({ cache: true, jwksUri: 'https://x/.well-known/jwks.json' }),
      audience: 'a',
      algorithms: ['RS256'],
    });
    export const weak = guard({ //! SEC-006
      secret: jwksRsa.expressJwtSecret({ jwksUri: 'https://x' }),
      algorithms: ['RS256', 'HS256'],
    });
    export const none = guard({ secret: getSecret(), algorithms: ['HS256'], credentialsRequired: false });
    """,
    """\
    const expressJwt = require('express-jwt');
    app.use(expressJwt({ secret: publicKey }).unless({ path: ['/'] })); //! SEC-006
    app.use(expressJwt({ secret: publicKey, algorithms: ['RS256'] }));
    """,
    """\
    import * as jose from 'jose'
    const JWKS = jose.createRemoteJWKSet(new URL('https://x/jwks'))
    export async function verify(jwt: string) {
      const { payload } = await jose.jwtVerify(jwt, JWKS, { issuer: 'i', audience: 'a' })
      return payload
    }
    export async function bad(jwt: string) {
      const key = new TextEncoder().encode(process.env.SECRET ?? 'x')
      return jose.jwtVerify(jwt, key, { algorithms: ['HS256', 'ES256'] }) //! SEC-005, SEC-006
    }
    export async function bad2(jwt: string) {
      const alg = jose.decodeProtectedHeader(jwt).alg
      const k = await jose.importSPKI(spki, alg!)
      return jose.jwtVerify(jwt, k, { algorithms: [alg!] }) //! SEC-006
    }
    export const claims = (jwt: string) => jose.decodeJwt(jwt) //! SEC-003
    """,
    """\
    import { SignJWT } from 'jose/jwt/sign'
    import jwtVerify from 'jose/jwt/verify'
    const s = await new SignJWT({ 'urn:x': true }).setProtectedHeader({ alg: 'ES256' }).setIssuedAt().setIssuer('u').sign(ecPrivateKey) //! SEC-004
    await jwtVerify(t, publicKey, { algorithms: ['HS256'] }) //! SEC-006
    """,
    """\
    const fastify = require('fastify')()
    fastify.register(require('@fastify/jwt'), { //! SEC-005
      secret: 'supersecret',
      sign: { expiresIn: '1h' },
    })
    fastify.post('/signup', (req, reply) => {
      const token = fastify.jwt.sign({ id: 1 })
      reply.send({ token })
    })
    fastify.addHook('onRequest', async (request) => { await request.jwtVerify({ ignoreExpiration: true }) }) //! SEC-004
    fastify.get('/x', async (request) => fastify.jwt.decode(request.headers.authorization)) //! SEC-003
    """,
    """\
    const fastify = require('fastify')()
    fastify.register(require('@fastify/jwt'), { secret: process.env.S })
    fastify.post('/signup', (req, reply) => {
      const token = fastify.jwt.sign({ id: 1 }) //! SEC-004
      reply.send({ token })
    })
    fastify.register(require('@fastify/jwt'), { secret: { private: readFileSync('p.pem'), public: readFileSync('pub.pem') }, sign: { algorithm: 'RS256' } })
    """,
    """\
    import { Hono } from 'hono'
    import { jwt, sign, decode } from 'hono/jwt'
    const app = new Hono()
    app.use('/a/*', (c, next) => jwt({ secret: c.env.JWT_SECRET, alg: 'HS256' })(c, next))
    app.post('/login', async (c) => {
      const t = await sign({ sub: 'x', exp: Math.floor(Date.now() / 1000) + 60 }, c.env.JWT_SECRET)
      const u = await sign({ sub: 'x' }, 'mySecretKey') //! SEC-004, SEC-005
      return c.json({ t, u })
    })
    """,
    """\
    const jwt = require('jsonwebtoken');
    // jwt.sign({ id: 1 }, 'commented-out');
    /* jwt.verify(token, 'x', { algorithms: ['none'] }) */
    const doc = "Use jwt.sign({id: 1}, 'secret')";
    const tpl = `jwt.decode(token)`;
    module.exports = { name: 'jwt', description: 'none' };
    """,
    """\
    const crypto = require('crypto');
    const cipher = crypto.createHmac('sha256', 'notjwt');
    const jwtLib = { sign(a, b) { return a } };
    jwtLib.sign({ id: 1 }, 'secret');
    class Signer { sign(p, k) {} }
    new Signer().sign({ a: 1 }, 'k');
    const session = require('express-session');
    app.use(session({ secret: 'keyboard cat', resave: false }));
    """,
    """\
    export default () => ({
      port: 3000,
      jwt: {
        secret: process.env.JWT_SECRET || 'default-secret', //! SEC-005
        expiresIn: '1d',
      },
      database: { password: process.env.DB },
    });
    """,
    """\
    export const environment = {
      production: false,
      jwtSecret: 'my-very-secret', //! SEC-005
      jwtExpiration: '1h',
      tokenKey: 'token',
      jwtTokenName: 'access_token',
    };
    enum Env { JWT_SECRET = 'JWT_SECRET', JWT_ISSUER = 'me' }
    const schema = z.object({ JWT_SECRET: z.string().min(32).default('insecure-default') }); //! SEC-005
    const schema2 = Joi.object({ JWT_SECRET: Joi.string().required(), JWT_REFRESH_SECRET: Joi.string().default('r') }); //! SEC-005
    """,
    """\
    const t = require('jsonwebtoken').sign({ a: 1 }, 'x', { expiresIn: 1 }); //! SEC-005
    """,
    """\
    const { sign: signToken, verify: check } = require("jsonwebtoken");
    signToken({ a: 1, exp }, "abc"); //! SEC-005
    check(t, secret, { algorithms: ["none"] }); //! SEC-002
    """,
    """\
    import jwt = require('jsonwebtoken');
    jwt.sign({ a: 1 }, key as Secret, { expiresIn: undefined }); //! SEC-004
    """,
    """\
    const jwt = await import('jsonwebtoken');
    jwt.default.verify(t, 'abc'); //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt['decode'](t); //! SEC-003
    jwt.decode(t, { complete: false }); //! SEC-003
    jwt.decode(t, { complete: true }).header.kid;
    const kid = jwt.decode(t, { complete: true })?.header?.kid;
    """,
    """\
    const util = require('util'), jwt = require('jsonwebtoken');
    async function f(req) {
      const d = await util.promisify(jwt.verify)(req.cookies.jwt, 'abc'); //! SEC-005
    }
    """,
    """\
    const jwt = require('jsonwebtoken');
    let secret;
    secret = 'abc';
    jwt.sign(p, secret); //! SEC-005
    let s2 = process.env.S;
    if (!s2) s2 = 'default';
    jwt.sign(p, s2); //! SEC-005
    jwt.sign(p, process.env.S ? process.env.S : 'zzz'); //! SEC-005
    const { key } = { key: 'abc' };
    jwt.sign(p, key); //! SEC-005
    jwt.sign(p, 'abc' + 'def'); //! SEC-005
    jwt.sign(p, Buffer.from('abc').toString('base64')); //! SEC-005
    jwt.sign(p, process.env['JWT_SECRET'] || "x"); //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    const opts = { algorithm: 'HS256', ...(remember ? { expiresIn: '30d' } : {}) };
    jwt.sign({ a: 1 }, k, opts);
    jwt.sign({ a: 1, ...(x && { exp: 1 }) }, k);
    jwt.sign({ a: 1, ...user }, k, { issuer: 'x' });
    jwt.sign({ ...{ a: 1 } }, k, { issuer: 'x' }); //! SEC-004
    """,
    """\
    const jwt = require('jsonwebtoken');
    function issue(user, cb) {
      jwt.sign({ id: user.id }, k, cb); //! SEC-004
      jwt.sign({ id: user.id }, k, { expiresIn: '1h' }, cb);
      return jwt.sign({ id: user.id }, k, undefined, cb); //! SEC-004
    }
    """,
    """\
    const jwt = require('jsonwebtoken');
    function getKey(header, callback) {
      client.getSigningKey(header.kid, (err, key) => callback(null, key.publicKey));
    }
    jwt.verify(token, getKey, { algorithms: ['RS256'] }, (err, d) => {});
    jwt.verify(token, getKey, options, (err, d) => {});
    function badKey(header, cb) { cb(null, 'abc'); }
    jwt.verify(token, badKey, (err, d) => {}); //! SEC-005
    """,
    """\
    const jwt = require('jsonwebtoken');
    jwt.verify(token, false, { algorithms: ['HS256', 'none'] }); //! SEC-002, SEC-003
    jwt.verify(token, undefined); //! SEC-003
    jwt.verify(token, key, { algorithms: ['HS256'], ignoreExpiration: process.env.X === 'y' });
    """,
    """\
    const passport = require('passport');
    const passportJWT = require('passport-jwt');
    const ExtractJWT = passportJWT.ExtractJwt;
    const JWTStrategy = passportJWT.Strategy;
    passport.use(new JWTStrategy({ //! SEC-005
        jwtFromRequest: ExtractJWT.fromAuthHeaderAsBearerToken(),
        secretOrKey: 'your_jwt_secret'
      },
      function (jwtPayload, cb) { return cb(null, jwtPayload); }
    ));
    passport.use(new JWTStrategy({ jwtFromRequest: x, secretOrKeyProvider: (req, raw, done) => done(null, 'abc') }, cb)); //! SEC-005
    """,
    """\
    import { ExtractJwt, Strategy } from 'passport-jwt';
    import { PassportStrategy } from '@nestjs/passport';
    @Injectable()
    export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
      constructor(private readonly config: ConfigService) {
        super({
          jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
          ignoreExpiration: false,
          secretOrKey: config.get<string>('JWT_SECRET'),
          algorithms: ['HS256'],
        });
      }
    }
    @Injectable()
    export class RefreshStrategy extends PassportStrategy(Strategy, 'refresh') {
      constructor(private readonly config: ConfigService) {
        super({ //! SEC-005
          jwtFromRequest: ExtractJwt.fromBodyField('refresh'),
          secretOrKey: config.get('REFRESH') || 'refresh-secret',
        });
      }
    }
    """,
    """\
    import NextAuth from 'next-auth';
    export default NextAuth({
      secret: process.env.NEXTAUTH_SECRET,
      jwt: { secret: 'abc', maxAge: 60 }, //! SEC-005
    });
    """,
    """\
    const njwt = require('njwt');
    const t = njwt.create(claims, 'secret'); //! SEC-005
    njwt.verify(t, signingKey, (err, v) => {});
    njwt.verify(t, 'abc', 'HS256'); //! SEC-005
    """,
    """\
    const jwt = require('jwt-simple');
    const noVerify = true;
    jwt.decode(t, s, noVerify, 'HS256'); //! SEC-003
    jwt.encode({ iss: 1, exp: moment().valueOf() }, s);
    jwt.encode({ iss: 1 }, app.get('jwtTokenSecret')); //! SEC-004
    app.set('jwtTokenSecret', 'YOUR_SECRET_STRING');
    """,
    """\
    import { createSigner, createVerifier } from 'fast-jwt';
    const verify = createVerifier({ key: async () => 'secret', algorithms: ['HS256'] }); //! SEC-005
    const sign = createSigner({ algorithm: 'none' }); //! SEC-002
    const v2 = createVerifier({ key: process.env.PUB, algorithms: ['RS256', 'HS256'] }); //! SEC-006
    const v3 = createVerifier({ key: process.env.JWT_PUBLIC_KEY }); //! SEC-006
    """,
    """\
    import { jwtVerify, importJWK, createSecretKey } from 'jose';
    import { createSecretKey as csk } from 'crypto';
    const k = csk(Buffer.from('abc'));
    await jwtVerify(t, k, { algorithms: ['HS256'] }); //! SEC-005
    await jwtVerify(t, await importJWK({ kty: 'oct', k: 'c2VjcmV0' }, 'HS256')); //! SEC-005
    await jwtVerify(t, async (h) => keys[h.kid], { algorithms: ['HS256'] });
    """,
    """\
    const KJUR = require('jsrsasign').KJUR;
    KJUR.jws.JWS.sign('HS256', h, p, 'abc'); //! SEC-005
    KJUR.jws.JWS.verifyJWT(t, key, { alg: ['none'] }); //! SEC-002
    """,
    """\
    import jwt, { JwtPayload, Secret, SignOptions } from 'jsonwebtoken';
    interface TokenPayload { id: string }
    export class TokenService {
      private static readonly SECRET: Secret = 'static-secret';
      constructor(private readonly secret: string = process.env.JWT_SECRET!) {}
      sign(payload: TokenPayload): string {
        return jwt.sign(payload, this.secret, { expiresIn: '15m', algorithm: 'HS512' });
      }
      signStatic(id: string) {
        return jwt.sign({ id } as TokenPayload, TokenService.SECRET, { expiresIn: '15m' }); //! SEC-005
      }
      forever(id: string) {
        const options: SignOptions = { algorithm: 'HS256' };
        return jwt.sign({ id }, this.secret, options); //! SEC-004
      }
      verify(token: string): JwtPayload {
        return jwt.verify(token, this.secret, { algorithms: ['HS512'] }) as JwtPayload;
      }
      peek(token: string) {
        const { exp } = jwt.decode(token) as JwtPayload; //! SEC-003
        return exp;
      }
    }
    """,
    """\
    import { NextRequest, NextResponse } from 'next/server';
    import { jwtVerify, SignJWT, decodeJwt } from 'jose';
    const secretKey = process.env.SESSION_SECRET;
    const encodedKey = new TextEncoder().encode(secretKey);
    export async function encrypt(payload: SessionPayload) {
      return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).setIssuedAt().setExpirationTime('7d').sign(encodedKey);
    }
    export async function decrypt(session: string | undefined = '') {
      const { payload } = await jwtVerify(session, encodedKey, { algorithms: ['HS256'] });
      return payload;
    }
    export async function middleware(req: NextRequest) {
      const token = req.cookies.get('token')?.value;
      const { role } = decodeJwt(token!); //! SEC-003
      if (role !== 'admin') return NextResponse.redirect('/');
    }
    export const forever = (id: string) =>
      new SignJWT({ id }).setProtectedHeader({ alg: 'HS256' }).setIssuedAt().sign(encodedKey); //! SEC-004
    """,
    """\
    const expressJwt = require('express-jwt');
    const { expressJwtSecret } = require('jwks-rsa');
    function authJwt() {
      const secret = process.env.secret;
      return expressJwt({ secret, algorithms: ['HS256'], isRevoked }).unless({ path: [/\\/api/] });
    }
    const requireSignin = expressJwt({ //! SEC-005
      secret: 'abcdefg',
      algorithms: ['HS256'],
      userProperty: 'auth',
    });
    const noalg = expressJwt({ secret: process.env.S, userProperty: 'auth' }); //! SEC-006
    """,
    """\
    const jwt = require('koa-jwt');
    const jsonwebtoken = require('jsonwebtoken');
    app.use(jwt({ secret: process.env.JWT_SECRET }).unless({ path: [/^\\/public/] }));
    app.use(jwt({ secret: 'A very secret key', passthrough: true })); //! SEC-005
    app.use(jwt({ secret: k, algorithms: ['RS256', 'HS256'] })); //! SEC-006
    router.post('/login', (ctx) => {
      ctx.body = jsonwebtoken.sign({ data: user, exp: Math.floor(Date.now() / 1000) }, secret);
      ctx.body = { token: jsonwebtoken.sign({ role: 'admin' }, 'A very secret key') }; //! SEC-004, SEC-005
    });
    """,
    """\
    const jwt = require('jsonwebtoken');
    exports.auth = (req, res, next) => {
      const token = req.headers.authorization.split(' ')[1];
      const { header, payload } = jwt.decode(token, { complete: true }); //! SEC-003
      req.user = payload;
      next();
    };
    exports.ok = (req, res, next) => {
      const token = req.headers.authorization.split(' ')[1];
      const { header, payload } = jwt.decode(token, { complete: true });
      const key = keys[payload.iss][header.kid];
      req.user = jwt.verify(token, key, { algorithms: ['RS256'] });
      next();
    };
    exports.alg = (req) => {
      const { header } = jwt.decode(req.token, { complete: true });
      return jwt.verify(req.token, getKey(header.kid), { algorithms: [header.alg] }); //! SEC-006
    };
    """,
]

COMPONENTS = [
    """\
    import jwtDecode from "jwt-decode";
    export function Profile({ token }) {
      const user = jwtDecode(token); //! SEC-003
      return <div onClick={() => jwtDecode(token)}>{user.name}</div>; //! SEC-003
    }
    """,
]


@pytest.mark.parametrize("text", NONE)
def test_algorithm_none(samples, text):
    """SEC-002 finds the algorithm none in calls, headers and options, and no mention of it."""
    samples.check(text, "SEC-002", path="app.ts")


@pytest.mark.parametrize("text", UNVERIFIED)
def test_signature_not_verified(samples, text):
    """SEC-003 finds claims that are read unverified, unless the same function verifies the token."""
    samples.check(text, "SEC-003", path="app.ts")


@pytest.mark.parametrize("text", ENDLESS)
def test_expiration(samples, text):
    """SEC-004 finds tokens without an end where the code shows the claims, and ends that nobody checks."""
    samples.check(text, "SEC-004", path="app.ts")


@pytest.mark.parametrize("text", SECRET)
def test_hardcoded_secret(samples, text):
    """SEC-005 finds literal keys and defaults at the calls, else where they are set."""
    samples.check(text, "SEC-005", path="app.ts")


@pytest.mark.parametrize("text", CONFUSED)
def test_algorithm_confusion(samples, text):
    """SEC-006 finds mixed families, public keys with HS*, the token's own choice and missing lists."""
    samples.check(text, "SEC-006", path="app.ts")


@pytest.mark.parametrize("text", HANDLERS)
def test_handlers(samples, text):
    """Whole handlers give these findings and no other of the family."""
    samples.check(text, *CODES, path="app.ts")


@pytest.mark.parametrize("text", COMPONENTS)
def test_components(samples, text):
    """JSX is read too."""
    samples.check(text, *CODES, path="App.jsx")
