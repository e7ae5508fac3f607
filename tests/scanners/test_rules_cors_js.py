"""Good, bad and near-miss lines of CORS-001 to CORS-003 in JavaScript and TypeScript."""
# ruff: noqa: E501  # samples are lines as people write them

from __future__ import annotations

import pytest


def cases(text: str) -> list[str]:
    """Return the samples of a table, which stand between lines of three dashes."""
    return [case.strip("\n") for case in text.split("\n---\n")]


CODES = ("CORS-001", "CORS-002", "CORS-003")
EXPRESS = "const express = require('express');\nconst cors = require('cors');\nconst app = express();\n"
MIDDLEWARE = cases(r"""
app.use(cors());  //! CORS-001
---
app.use(cors({}));  //! CORS-001
---
app.use(cors(undefined));  //! CORS-001
---
app.use(cors((req, cb) => cb(null, { origin: req.header('Origin') })));  //! CORS-003
---
app.use(cors((req, cb) => cb(null, { origin: list.includes(req.header('Origin')) })));
---
app.use(cors({ origin: '*' }));  //! CORS-001
---
app.use(cors({ origin: "*" }));  //! CORS-001
---
app.use(cors({ origin: `*` }));  //! CORS-001
---
app.use(cors({ methods: ['GET'] }));  //! CORS-001
---
app.use(cors({ credentials: true }));  //! CORS-001, CORS-002
---
app.use(cors({ origin: '*', credentials: true }));  //! CORS-001, CORS-002
---
app.use(cors({ 'origin': '*', 'credentials': true }));  //! CORS-001, CORS-002
---
app.use(cors({  //! CORS-001, CORS-002
  origin: '*',
  methods: ['GET'],
  credentials: true,
}));
---
app.use(
  cors({  //! CORS-001
    origin: '*',
  })
);
---
app.use(cors({ origin: ['*'] }));  //! CORS-001
---
app.use(cors({ origin: ['https://a.example', '*'] }));  //! CORS-001
---
app.use(cors({ origin: true }));  //! CORS-003
---
app.use(cors({ origin: true, credentials: true }));  //! CORS-003
---
app.use(cors({ origin: /.*/ }));  //! CORS-003
---
app.use(cors({ origin: [/.*/] }));  //! CORS-003
---
app.use(cors({ origin: /^https?:\/\/.*$/ }));  //! CORS-003
---
app.use(cors({ origin: /^https?:\/\// }));  //! CORS-003
---
app.use(cors({ origin: new RegExp('.*') }));  //! CORS-003
---
app.use(cors({ origin: (origin, cb) => cb(null, true) }));  //! CORS-003
---
app.use(cors({ origin: (origin, cb) => { cb(null, origin); } }));  //! CORS-003
---
app.use(cors({ origin: function (origin, callback) { callback(null, true) }, credentials: true }));  //! CORS-003
---
app.use(cors({  //! CORS-003
  origin(origin, callback) {
    callback(null, true);
  },
}));
---
app.use(cors({ origin: (origin, cb) => cb(null, '*') }));  //! CORS-001
---
function any(origin, cb) { return cb(null, true); }
app.use(cors({ origin: any }));  //! CORS-003
---
app.use(cors({  //! CORS-003
  origin: (o, cb) => {
    if (list.includes(o)) {
      cb(null, true);
    } else {
      cb(null, true);
    }
  },
}));
---
app.use(cors({  //! CORS-003
  origin: (o, cb) => {
    if (!list.includes(o)) console.warn(o);
    cb(null, true);
  },
}));
---
app.use(cors({  //! CORS-003
  origin: (o, cb) => {
    if (!o) return cb(null, true);
    return cb(null, true);
  },
}));
---
const options = { origin: '*' };
app.use(cors(options));  //! CORS-001
---
const corsOptions = { origin: '*', credentials: true };
app.use(cors(corsOptions));  //! CORS-001, CORS-002
---
const base = { origin: '*' };
app.use(cors({ ...base, credentials: true }));  //! CORS-001, CORS-002
---
const o = {};
o.origin = '*';
app.use(cors(o));  //! CORS-001
---
const ANY = '*';
app.use(cors({ origin: ANY }));  //! CORS-001
---
app.use(cors({ origin: process.env.CORS_ORIGIN || '*' }));  //! CORS-001
---
app.use(cors({ origin: process.env.CORS_ORIGIN ?? '*', credentials: true }));  //! CORS-001, CORS-002
---
app.use(cors({ origin: process.env.NODE_ENV === 'production' ? 'https://a.example' : '*' }));  //! CORS-001
---
app.use(cors({ origin: (process.env.O || '*').split(',') }));  //! CORS-001
---
app.get('/items', cors(), handler);  //! CORS-001
---
app.options('*', cors());  //! CORS-001
---
router.use(require('cors')());  //! CORS-001
---
app.use(cors((req, cb) => cb(null, { origin: true })));  //! CORS-003
---
app.use(cors({ origin: 'https://a.example' }));
---
app.use(cors({ origin: 'https://a.example', credentials: true }));
---
app.use(cors({ origin: ['https://a.example', /\.example\.com$/], credentials: true }));
---
app.use(cors({ origin: false }));
---
app.use(cors({ origin: process.env.CORS_ORIGIN }));
---
app.use(cors({ origin: allowed }));
---
app.use(cors({ origin: 'https://a.example', methods: '*', allowedHeaders: '*' }));
---
app.use(cors({ origin: 'https://a.example', allowedHeaders: ['*'] }));
---
app.use(cors(config.cors));
---
app.use(cors(...args));
---
// app.use(cors());
---
/* app.use(cors({ origin: '*' })) */
---
const help = "app.use(cors({ origin: '*' }))";
---
app.use(cors({ origin: (o, cb) => cb(null, list.includes(o)) }));
---
app.use(cors({ origin: (o, cb) => list.includes(o) ? cb(null, true) : cb(new Error('no')) }));
---
app.use(cors({
  origin: function (origin, callback) {
    if (list.indexOf(origin) !== -1 || !origin) {
      callback(null, true);
    } else {
      callback(new Error('no'));
    }
  },
}));
---
app.use(cors({
  origin: (origin, callback) => {
    if (!origin) return callback(null, true);
    if (!list.includes(origin)) {
      return callback(new Error('no'), false);
    }
    return callback(null, true);
  },
  credentials: true,
}));
---
app.use(cors({ origin: (o, cb) => { if (isAllowed(o)) cb(null, true); else cb(null, false); } }));
---
app.use(cors({ origin: (o, cb) => { const ok = list.some((a) => a === o); if (ok) cb(null, true); else cb(null, false); } }));
---
app.use(cors({ origin: /^https:\/\/(www|shop)\.example\.com$/ }));
---
app.use(cors({ origin: '*.example.com' }));
---
app.use(cors((req, cb) => {
  if (list.indexOf(req.header('Origin')) !== -1) {
    cb(null, { origin: true });
  } else {
    cb(null, { origin: false });
  }
}));
---
app.use('/static', cors(), express.static('public'));
---
app.get('/fonts/:name', cors(), fonts);
---
app.use(cors()); // public font files, no credentials
---
app.use(cors({ ...options }));
---
app.use(helmet({ crossOriginResourcePolicy: { policy: 'cross-origin' } }));
---
fetch(url, { mode: 'cors', credentials: 'include' });
""")
OTHERS = cases(r"""
import cors from 'cors';
app.use(cors());  //! CORS-001
---
import { cors } from 'hono/cors';
app.use('*', cors({ credentials: true }));  //! CORS-001, CORS-002
---
const options = { origin: '*', credentials: true };
app.enableCors(options);  //! CORS-001, CORS-002
---
const app = await NestFactory.create(AppModule, { cors: { origin: '*', credentials: true } });  //! CORS-001, CORS-002
---
const cors = require('koa-cors');
app.use(cors({ origin: '*', credentials: true }));  //! CORS-001, CORS-002
---
fastify.register(require('@fastify/cors'), { credentials: true });  //! CORS-001, CORS-002
---
const io = new Server(http, { cors: { origin: ['*'], credentials: true } });  //! CORS-001, CORS-002
---
const CREDS = true;
app.enableCors({ origin: '*', credentials: CREDS });  //! CORS-001, CORS-002
---
import * as cors from 'cors';
app.use(cors({ origin: '*' }));  //! CORS-001
---
import enable from 'cors';
app.use(enable());  //! CORS-001
---
import cors, { CorsOptions } from 'cors';
const o: CorsOptions = { origin: '*' };
app.use(cors(o));  //! CORS-001
---
import cors from '@koa/cors';
app.use(cors({ origin: '*' }));  //! CORS-001
---
import cors from '@koa/cors';
app.use(cors());  //! CORS-001
---
const cors = require('@koa/cors');
app.use(cors({ origin: ctx => ctx.get('Origin') }));  //! CORS-003
---
const cors = require('@koa/cors');
app.use(cors({ origin: (ctx) => ctx.request.header.origin, credentials: true }));  //! CORS-003
---
const cors = require('@koa/cors');
app.use(cors({ origin(ctx) { return '*'; } }));  //! CORS-001
---
const cors = require('@koa/cors');
app.use(cors({ origin: ctx => list.includes(ctx.get('Origin')) ? ctx.get('Origin') : '' }));
---
const cors = require('koa2-cors');
app.use(cors());  //! CORS-003
---
const cors = require('koa2-cors');
app.use(cors({ origin: 'https://a.example' }));
---
import cors from '@fastify/cors';
await app.register(cors);  //! CORS-001
---
import cors from '@fastify/cors';
await app.register(cors, { origin: true });  //! CORS-003
---
import cors from '@fastify/cors';
await app.register(cors, { origin: '*', credentials: true });  //! CORS-001, CORS-002
---
fastify.register(require('@fastify/cors'), { origin: '*' });  //! CORS-001
---
fastify.register(import('@fastify/cors'), { origin: true });  //! CORS-003
---
fastify.register(require('fastify-cors'), {  //! CORS-001
  origin: '*',
});
---
import fastifyCors from '@fastify/cors';
app.register(fastifyCors, { origin: ['https://a.example'] });
---
import fastifyCors from '@fastify/cors';
app.register(fastifyCors, { origin: (o, cb) => cb(null, list.includes(o)) });
---
import { cors } from 'hono/cors';
app.use('*', cors());  //! CORS-001
---
import { cors } from 'hono/cors';
app.use('/api/*', cors({ origin: '*' }));  //! CORS-001
---
import { cors } from 'hono/cors';
app.use('*', cors({ origin: (origin) => origin, credentials: true }));  //! CORS-003
---
import { cors } from 'hono/cors';
app.use('*', cors({ origin: 'https://a.example' }));
---
import { cors } from 'hono/cors';
app.use('*', cors({ origin: (o) => (o.endsWith('.example.com') ? o : SITE) }));
---
app.enableCors();  //! CORS-001
---
app.enableCors({ origin: '*' });  //! CORS-001
---
app.enableCors({ origin: true, credentials: true });  //! CORS-003
---
app.enableCors({  //! CORS-001, CORS-002
  credentials: true,
});
---
app.enableCors({ origin: process.env.ORIGINS?.split(',') });
---
app.enableCors({ origin: configService.get('ORIGINS') });
---
app.enableCors({ origin: configService.get('ORIGINS', '*') });  //! CORS-001
---
const app = await NestFactory.create(AppModule, { cors: true });  //! CORS-001
---
const app = await NestFactory.create(AppModule, { cors: { origin: '*' } });  //! CORS-001
---
const app = await NestFactory.create(AppModule, {  //! CORS-003
  cors: { origin: true },
});
---
const app = await NestFactory.create(AppModule, { cors: false });
---
const app = await NestFactory.create(AppModule, { cors: { origin: ['https://a.example'], credentials: true } });
---
@WebSocketGateway({ cors: { origin: '*' } })  //! CORS-001
export class Events {}
---
@WebSocketGateway({ cors: true })  //! CORS-001
export class Events {}
---
@WebSocketGateway(81, { cors: { origin: '*', credentials: true } })  //! CORS-001, CORS-002
export class Events {}
---
@WebSocketGateway({ cors: { origin: 'https://a.example' } })
export class Events {}
---
import { Server } from 'socket.io';
const io = new Server(http, { cors: { origin: '*' } });  //! CORS-001
---
const io = require('socket.io')(http, {  //! CORS-001, CORS-002
  cors: { origin: '*', credentials: true },
});
---
const io = new Server(http, { cors: { origin: 'https://a.example', credentials: true } });
---
io.origins('*:*');  //! CORS-001
---
const server = Hapi.server({ port: 3000, routes: { cors: true } });  //! CORS-001
---
server.route({ method: 'GET', path: '/', options: { cors: { origin: ['*'], credentials: true } } });  //! CORS-001, CORS-002
---
const server = Hapi.server({ port: 3000, routes: { cors: { origin: ['https://a.example'] } } });
---
const server = new ApolloServer({ typeDefs, cors: { origin: '*' } });  //! CORS-001
---
import NextCors from 'nextjs-cors';
await NextCors(req, res, { origin: '*' });  //! CORS-001
---
const cors = require('micro-cors')();  //! CORS-001
---
import cors from './cors';
app.use(cors());
---
function cors() { return limited; }
app.use(cors());
---
import { createServer } from 'vite';
createServer({ server: { cors: true } });
""")
HEADERS = cases(r"""
res.setHeader('Access-Control-Allow-Origin', '*');  //! CORS-001
---
res.header("Access-Control-Allow-Origin", "*");  //! CORS-001
---
res.set('access-control-allow-origin', '*');  //! CORS-001
---
res.append('Access-Control-Allow-Origin', '*');  //! CORS-001
---
res.set({ 'Access-Control-Allow-Origin': '*' });  //! CORS-001
---
res.writeHead(200, { 'Access-Control-Allow-Origin': '*' });  //! CORS-001
---
res.writeHead(200, {
  'Content-Type': 'text/plain',
  'Access-Control-Allow-Origin': '*',  //! CORS-001
});
---
ctx.set('Access-Control-Allow-Origin', '*');  //! CORS-001
---
reply.header('Access-Control-Allow-Origin', '*');  //! CORS-001
---
c.header('Access-Control-Allow-Origin', '*');  //! CORS-001
---
return new Response(body, { headers: { 'Access-Control-Allow-Origin': '*' } });  //! CORS-001
---
const h = new Headers();
h.set('Access-Control-Allow-Origin', '*');  //! CORS-001
---
response.headers.set('Access-Control-Allow-Origin', '*');  //! CORS-001
---
response.headers['Access-Control-Allow-Origin'] = '*';  //! CORS-001
---
exports.handler = async (event) => ({
  statusCode: 200,
  headers: {
    'Access-Control-Allow-Origin': '*',  //! CORS-001, CORS-002
    'Access-Control-Allow-Credentials': true,
  },
});
---
export const config = { headers: [{ key: 'Access-Control-Allow-Origin', value: '*' }] };  //! CORS-001
---
app.use((req, res, next) => {
  res.header('Access-Control-Allow-Origin', '*');  //! CORS-001, CORS-002
  res.header('Access-Control-Allow-Credentials', 'true');
  next();
});
---
const H = 'Access-Control-Allow-Origin';
res.setHeader(H, '*');  //! CORS-001
---
const ANY = '*';
res.setHeader('Access-Control-Allow-Origin', ANY);  //! CORS-001
---
res.setHeader('Access-Control-Allow-Origin', process.env.ORIGIN || '*');  //! CORS-001
---
res
  .status(200)
  .setHeader('Access-Control-Allow-Origin', '*')  //! CORS-001
  .end();
---
const o = req.headers.origin;
res.setHeader('Access-Control-Allow-Origin', list.includes(o) ? o : '*');  //! CORS-001
---
setHeader(event, 'Access-Control-Allow-Origin', '*');  //! CORS-001
---
res.setHeader('Access-Control-Allow-Origin', 'https://a.example');
---
res.setHeader('Access-Control-Allow-Origin', ORIGIN);
---
res.setHeader('Access-Control-Allow-Methods', '*');
---
res.setHeader('Access-Control-Allow-Headers', '*');
---
res.setHeader('Access-Control-Expose-Headers', '*');
---
fetch(url, { headers: { 'Access-Control-Allow-Origin': '*' } });
---
axios.get(url, { headers: { 'Access-Control-Allow-Origin': '*' } });
---
axios.defaults.headers.common['Access-Control-Allow-Origin'] = '*';
---
const headers = { 'Access-Control-Allow-Origin': '*' };
axios.post(url, body, { headers });
---
this.http.get(url, { headers: new HttpHeaders({ 'Access-Control-Allow-Origin': '*' }) });
---
// res.setHeader('Access-Control-Allow-Origin', '*');
---
const doc = "res.setHeader('Access-Control-Allow-Origin', '*')";
---
if (res.getHeader('Access-Control-Allow-Origin') === '*') throw new Error();
---
res.removeHeader('Access-Control-Allow-Origin');
---
expect(res.headers['access-control-allow-origin']).toBe('*');
---
res.setHeader('Vary', '*');
---
// public images
res.setHeader('Access-Control-Allow-Origin', '*');
""")
ECHOES = cases(r"""
res.setHeader('Access-Control-Allow-Origin', req.headers.origin);  //! CORS-003
---
res.header('Access-Control-Allow-Origin', req.header('Origin'));  //! CORS-003
---
res.header('Access-Control-Allow-Origin', req.get('origin'));  //! CORS-003
---
res.header('Access-Control-Allow-Origin', req.headers['origin']);  //! CORS-003
---
res.header('Access-Control-Allow-Origin', req.headers.origin || '*');  //! CORS-003
---
res.header('Access-Control-Allow-Origin', req.headers.origin ?? '');  //! CORS-003
---
const origin = req.headers.origin;
res.setHeader('Access-Control-Allow-Origin', origin);  //! CORS-003
---
const { origin } = req.headers;
res.setHeader('Access-Control-Allow-Origin', origin);  //! CORS-003
---
const origin = req.headers.origin;
if (origin) {
  res.setHeader('Access-Control-Allow-Origin', origin);  //! CORS-003
}
---
if (req.headers.origin) res.setHeader('Access-Control-Allow-Origin', req.headers.origin);  //! CORS-003
---
ctx.set('Access-Control-Allow-Origin', ctx.get('Origin'));  //! CORS-003
---
ctx.set('Access-Control-Allow-Origin', ctx.request.header.origin);  //! CORS-003
---
ctx.set('Access-Control-Allow-Origin', ctx.headers.origin);  //! CORS-003
---
reply.header('Access-Control-Allow-Origin', request.headers.origin);  //! CORS-003
---
c.header('Access-Control-Allow-Origin', c.req.header('Origin'));  //! CORS-003
---
return new Response('', { headers: { 'Access-Control-Allow-Origin': request.headers.get('Origin') } });  //! CORS-003
---
exports.handler = async (event) => ({ headers: { 'Access-Control-Allow-Origin': event.headers.origin } });  //! CORS-003
---
res.set({ 'Access-Control-Allow-Origin': req.headers.origin, 'Access-Control-Allow-Credentials': 'true' });  //! CORS-003
---
res.setHeader('Access-Control-Allow-Origin', `${req.headers.origin}`);  //! CORS-003
---
res.setHeader('Access-Control-Allow-Origin', req.headers.origin as string);  //! CORS-003
---
res.setHeader('Access-Control-Allow-Origin', req.headers.origin!);  //! CORS-003
---
res.setHeader('Access-Control-Allow-Origin', req.headers.origin ? req.headers.origin : '*');  //! CORS-003
---
if (req.method === 'OPTIONS') {
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin);  //! CORS-003
}
---
if (list.includes(req.headers.origin)) {
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin);
}
---
const origin = req.headers.origin;
if (list.indexOf(origin) > -1) {
  res.setHeader('Access-Control-Allow-Origin', origin);
}
---
const origin = req.headers.origin;
if (origin && isAllowed(origin)) res.setHeader('Access-Control-Allow-Origin', origin);
---
const origin = req.headers.origin;
if (list.has(origin)) res.setHeader('Access-Control-Allow-Origin', origin);
---
const origin = req.headers.origin;
if (origin === 'https://a.example') res.setHeader('Access-Control-Allow-Origin', origin);
---
const origin = req.headers.origin;
if (/\.example\.com$/.test(origin)) res.setHeader('Access-Control-Allow-Origin', origin);
---
function f(req, res) {
  const origin = req.headers.origin;
  if (!list.includes(origin)) return res.status(403).end();
  res.setHeader('Access-Control-Allow-Origin', origin);
}
---
const o = req.headers.origin;
res.setHeader('Access-Control-Allow-Origin', list.includes(o) ? o : list[0]);
---
const o = req.headers.origin;
const allow = list.includes(o) ? o : SITE;
res.setHeader('Access-Control-Allow-Origin', allow);
---
const o = req.headers.origin;
const ok = list.includes(o);
if (ok) res.setHeader('Access-Control-Allow-Origin', o);
---
switch (req.headers.origin) {
  case 'https://a.example':
    res.setHeader('Access-Control-Allow-Origin', req.headers.origin);
}
---
const o = req.headers.origin;
if (ALLOWED[o]) res.setHeader('Access-Control-Allow-Origin', o);
---
const match = list.find((a) => a === req.headers.origin);
if (match) res.setHeader('Access-Control-Allow-Origin', match);
---
res.setHeader('Access-Control-Allow-Origin', window.location.origin);
---
res.setHeader('X-Origin', req.headers.origin);
---
logger.info(req.headers.origin);
res.setHeader('Access-Control-Allow-Origin', SITE);
---
res.setHeader('Access-Control-Allow-Origin', new URL(SITE).origin);
---
res.setHeader('Access-Control-Allow-Headers', req.headers['access-control-request-headers']);
---
const o = req.headers.origin;
list.includes(o) && res.setHeader('Access-Control-Allow-Origin', o);
---
res.setHeader('Access-Control-Allow-Origin', allowedOrigin(req.headers.origin));
""")


@pytest.mark.parametrize("text", MIDDLEWARE)
def test_express(samples, text):
    """The cors package allows every origin unless it is told which; callbacks are followed."""
    samples.check(EXPRESS + text, *CODES, path="app.js")


@pytest.mark.parametrize("text", OTHERS)
def test_other_libraries(samples, text):
    """Other frameworks' CORS options are read with their own defaults."""
    samples.check(text, *CODES, path="app.ts")


@pytest.mark.parametrize("text", HEADERS)
def test_headers_set_by_hand(samples, text):
    """A header of an answer set to `*` is found in each form; one of a request is none."""
    samples.check(text, *CODES, path="app.js")


@pytest.mark.parametrize("text", ECHOES)
def test_origin_echoed(samples, text):
    """The request's Origin sent back is found unless something on the way compares it."""
    samples.check(text, *CODES, path="app.ts")


def test_options_of_another_module(samples):
    """Options that another file of the service exports are read there, and found where they are used."""
    files = {
        "src/config.ts": "export const corsOptions = { origin: '*', credentials: true };\n",
        "src/app.ts": "import cors from 'cors';\nimport { corsOptions } from './config';\napp.use(cors(corsOptions));\n",
    }
    found = [(v.code, v.file, v.line) for v in samples.violations(files, *CODES)]
    assert found == [("CORS-001", "src/app.ts", 3), ("CORS-002", "src/app.ts", 3)]


def test_older_koa_cors_reflects(samples):
    """Before version 5 the default of @koa/cors is the Origin of the request."""
    files = {
        "package.json": '{"dependencies": {"@koa/cors": "^4.0.0"}}',
        "app.js": "const cors = require('@koa/cors');\napp.use(cors());\n",
    }
    assert [(v.code, v.line) for v in samples.violations(files, *CODES)] == [("CORS-003", 2)]
