"""JavaScript and TypeScript modules: what names, values, classes and exports of real spellings come to."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from pytest_superteam.scanners.languages.javascript import JavaScriptModule, ObjectValue, Regex, module_candidates
from pytest_superteam.scanners.languages.javascript_tree import CLASSES
from pytest_superteam.scanners.languages.python import UNKNOWN


def asked(source: str, path: str = "src/app.js") -> tuple[JavaScriptModule, list]:
    """Return the module and the arguments of its last call of `ask`."""
    module = JavaScriptModule(path, source.encode())
    calls = [call for call in module.calls if module.text(module.callee(call)) == "ask"]
    return module, module.arguments(calls[-1])


def named(source: str, path: str = "src/app.js") -> str:
    module, given = asked(source, path)
    return module.qualname(given[0])


def value(source: str, path: str = "src/app.js"):
    module, given = asked(source, path)
    return module.literal(given[0])


NAMES = {
    # the import statement
    "import jwt from 'jsonwebtoken'; ask(jwt.verify)": "jsonwebtoken.verify",
    "import * as jwt from 'jsonwebtoken'; ask(jwt.verify)": "jsonwebtoken.verify",
    "import {verify} from 'jsonwebtoken'; ask(verify)": "jsonwebtoken.verify",
    "import {verify as v} from 'jsonwebtoken'; ask(v)": "jsonwebtoken.verify",
    "import {default as jwt} from 'jsonwebtoken'; ask(jwt.sign)": "jsonwebtoken.sign",
    "import jwt, {verify} from 'jsonwebtoken'; ask(verify)": "jsonwebtoken.verify",
    "import {'a-b' as c} from 'x'; ask(c)": "x.a-b",
    "import fs from 'node:fs'; ask(fs.readFile)": "fs.readFile",
    "import {a} from './auth.js'; ask(a)": "src/auth.a",
    "import {a} from '../lib/auth'; ask(a)": "lib/auth.a",
    "import {AuthService} from './auth.service'; ask(AuthService)": "src/auth.service.AuthService",
    "ask(verify); import {verify} from 'x'": "x.verify",
    # require
    "const jwt = require('jsonwebtoken'); ask(jwt.verify)": "jsonwebtoken.verify",
    "var jwt = require('jsonwebtoken'); function f() { ask(jwt.verify) }": "jsonwebtoken.verify",
    "const {verify: v} = require('jsonwebtoken'); ask(v)": "jsonwebtoken.verify",
    "const {verify} = require('jsonwebtoken'); ask(verify)": "jsonwebtoken.verify",
    "const {verify = 1} = require('jsonwebtoken'); ask(verify)": "jsonwebtoken.verify",
    "const verify = require('jsonwebtoken').verify; ask(verify)": "jsonwebtoken.verify",
    "const jwt = require('x').default; ask(jwt.sign)": "x.sign",
    "ask(require('jsonwebtoken').verify)": "jsonwebtoken.verify",
    "ask(require('cors'))": "cors",
    "let jwt; jwt = require('jsonwebtoken'); ask(jwt.verify)": "jsonwebtoken.verify",
    "const a = 1, jwt = require(`jsonwebtoken`); ask(jwt.verify)": "jsonwebtoken.verify",
    "const jwt = __importDefault(require('jsonwebtoken')); ask(jwt.default.verify)": "jsonwebtoken.verify",
    "const x = tslib_1.__importStar(require('jsonwebtoken')); ask((0, x.verify))": "jsonwebtoken.verify",
    "const jwt = await import('jsonwebtoken'); ask(jwt.verify)": "jsonwebtoken.verify",
    "const jwt = (await import('jsonwebtoken')).default; ask(jwt.verify)": "jsonwebtoken.verify",
    "const {default: jwt} = await import('jsonwebtoken'); ask(jwt.verify)": "jsonwebtoken.verify",
    "async function f() { const {jwtVerify: j} = await import('jose'); ask(j) }": "jose.jwtVerify",
    # aliases and results
    "const app = require('express')(); ask(app.use)": "express.use",
    "const {log} = console; ask(log)": "console.log",
    "const log = console.log; ask(log)": "console.log",
    "ask(globalThis.console.log)": "console.log",
    "import {L} from 'w'; class A { l = new L(); m() { const {l} = this; ask(l.info) } }": "w.L.info",
    "import {L} from 'w'; class A { l = new L(); m() { const s = this; ask(s.l.info) } }": "w.L.info",
    "import {L} from 'w'; class B { l = new L() } class A extends B { m() { ask(this.l.info) } }": "w.L.info",
    "import jwt from 'jsonwebtoken'; const v = jwt.verify; ask(v)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; const {verify: v} = jwt; ask(v)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; const j = jwt; const k = j; ask(k.verify)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; ask(jwt['verify'])": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; const m = 'verify'; ask(jwt[m])": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; ask(jwt?.verify)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; ask((jwt).verify)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; const v = util.promisify(jwt.verify); ask(v)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; const v = jwt.verify.bind(jwt); ask(v)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; const lib = {jwt}; ask(lib.jwt.verify)": "jsonwebtoken.verify",
    "const lib = {j: require('jsonwebtoken')}; ask(lib.j.verify)": "jsonwebtoken.verify",
    "import express from 'express'; const app = express(); ask(app.use)": "express.use",
    "import {Router} from 'express'; const r = Router(); ask(r.get)": "express.Router.get",
    "import express from 'express'; const r = new express.Router(); ask(r.get)": "express.Router.get",
    "import Koa from 'koa'; ask(new Koa().use)": "koa.use",
    "import pino from 'pino'; ask(pino().child({}).info)": "pino.child.info",
    "import axios from 'axios'; const {get} = axios.create(); ask(get)": "axios.create.get",
    "import {NestFactory} from '@nestjs/core'; async function f() { const app = await NestFactory.create(M); "
    "ask(app.enableCors) }": "@nestjs/core.NestFactory.create.enableCors",
    "ask(process.env.JWT_SECRET)": "process.env.JWT_SECRET",
    "ask(process.env['JWT_SECRET'])": "process.env.JWT_SECRET",
    "const {JWT_SECRET: s} = process.env; ask(s)": "process.env.JWT_SECRET",
    "import {env} from 'node:process'; ask(env.X)": "process.env.X",
    "ask(globalThis.fetch)": "fetch",
    "ask(window.localStorage.getItem)": "localStorage.getItem",
    "ask(import.meta.env.X)": "import.meta.env.X",
    "function f(req) { const {headers} = req; ask(headers.origin) }": "req.headers.origin",
    "ask(a.b)": "a.b",
    "ask(a[0].b)": "a.0.b",
    "ask(a[b].c)": "",
    "ask('x'.length)": "",
    "ask(f())": "",
    "ask(this.x.y)": "this.x.y",
    # scopes
    "import v from 'x'; function f(v) { ask(v) }": "v",
    "import v from 'x'; (v) => { ask(v) }": "v",
    "import v from 'x'; v => ask(v)": "v",
    "import v from 'x'; ({v}) => ask(v)": "v",
    "import v from 'x'; ({a: [v = 1]}) => ask(v)": "v",
    "import v from 'x'; (...v) => ask(v)": "v",
    "import v from 'x'; { let v = 1; } ask(v.y)": "x.y",
    "import v from 'x'; { let v = q; ask(v.y) }": "q.y",
    "import v from 'x'; function f() { if (1) { var v = q } ask(v.y) }": "q.y",
    "import v from 'x'; try {} catch (v) { ask(v.y) }": "v.y",
    "import v from 'x'; for (const v of w) { ask(v.y) }": "v.y",
    "import v from 'x'; for (let v = w;;) { ask(v.y) }": "w.y",
    "import v from 'x'; function f() { function v() {} ask(v.y) }": "v.y",
    "import v from 'x'; switch (1) { case 1: const v = w; ask(v.y) }": "w.y",
    "import v from 'x'; const g = function v() { ask(v.y) }": "v.y",
    "const a = b, b = a; ask(a.c)": "a.c",
    "let a = x; a = y; ask(a.c)": "a.c",
    # classes
    "import {Logger} from 'w'; class A { l = new Logger(); m() { ask(this.l.info) } }": "w.Logger.info",
    "import {Logger} from 'w'; class A { #l = new Logger(); m() { ask(this.#l.info) } }": "w.Logger.info",
    "import {Logger} from 'w'; class A { constructor() { this.l = new Logger() } m() { ask(this.l.info) } }": (
        "w.Logger.info"
    ),
    "import {Logger} from 'w'; class A { l; constructor() { this.l = new Logger() } m() { ask(this.l.info) } }": (
        "w.Logger.info"
    ),
    "import {Logger} from 'w'; class A { static l = new Logger(); m() { ask(A.l.info) } }": "w.Logger.info",
    "import {Logger} from 'w'; class A { constructor(l = new Logger()) { this.l = l } m() { ask(this.l.info) } }": (
        "l.info"
    ),
    "import {Logger} from 'w'; class A { m() { const l = this.l; ask(l.info) } l = new Logger() }": "w.Logger.info",
}

TYPED_NAMES = {
    "import x = require('jsonwebtoken'); ask(x.verify)": "jsonwebtoken.verify",
    "import type {T} from 't'; let a: T; ask(a.b)": "t.T.b",
    "import {type T} from 't'; let a: T; ask(a.b)": "t.T.b",
    "import jwt from 'jsonwebtoken'; ask((jwt as any).verify)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; ask((<any>jwt).verify)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; ask(jwt!.verify)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; ask(jwt.verify<Claims>)": "jsonwebtoken.verify",
    "import jwt from 'jsonwebtoken'; import v = jwt.verify; ask(v)": "jsonwebtoken.verify",
    "import {J} from 'n'; class A { constructor(private readonly j: J) {} m() { ask(this.j.sign) } }": "n.J.sign",
    "import {J} from 'n'; class A { constructor(@Inject() private j: J<X>) {} m() { ask(this.j.sign) } }": "n.J.sign",
    "import * as n from 'n'; class A { constructor(readonly j: n.J) {} m() { ask(this.j.sign) } }": "n.J.sign",
    "import {J} from 'n'; class A { private j: J; constructor(j: J) { this.j = j } m() { ask(this.j.sign) } }": (
        "n.J.sign"
    ),
    "import {J} from 'n'; class A { private j: J; constructor() { this.j = make() } m() { ask(this.j.s) } }": "make.s",
    "import {J} from 'n'; class A { @Inject(X) private j: J; m() { ask(this.j.sign) } }": "n.J.sign",
    "class A { constructor(private readonly j: JwtService) {} m() { ask(this.j.sign) } }": "JwtService.sign",
    "import {Request} from 'express'; function f(req: Request) { ask(req.headers) }": "req.headers",
    "import {Request} from 'express'; function f(req: Request) { const {headers} = req; ask(headers.x) }": (
        "req.headers.x"
    ),
}


@pytest.mark.parametrize(("source", "name"), NAMES.items())
def test_a_name_is_followed_to_where_it_comes_from(source, name):
    """An expression is named by the module it comes from, through imports, aliases, scopes and classes."""
    assert named(source) == name
    assert named(source, "src/app.ts") == name


@pytest.mark.parametrize(("source", "name"), TYPED_NAMES.items())
def test_a_name_of_typescript_is_followed(source, name):
    """TypeScript's own forms are followed too, and injected members are named by their type."""
    assert named(source, "src/app.ts") == name


VALUES = {
    "ask('a')": "a",
    'ask("a\\n\\u0041\\x41\\u{1F600}\\0\\q\\\nb")': "a\nAA\U0001f600\0qb",
    "ask(`a`)": "a",
    "ask(`a${1}b${'c'}${true}${null}`)": "a1bctruenull",
    "ask(`a${x}`)": UNKNOWN,
    "const x = 'y'; ask(`${x}-${x}`)": "y-y",
    "ask('a' + 'b' + 1)": "ab1",
    "const a = 'x'; ask(a + '-' + a)": "x-x",
    "ask(a + 'b')": UNKNOWN,
    "ask(12)": 12,
    "ask(1_000)": 1000,
    "ask(0x1F)": 31,
    "ask(1.5e3)": 1500.0,
    "ask(10n)": 10,
    "ask(60 * 60 * 24)": 86400,
    "ask(-1)": -1,
    "ask(true)": True,
    "ask(!0)": True,
    "ask(!1)": False,
    "ask(null)": None,
    "ask(undefined)": None,
    "ask(void 0)": None,
    "ask(/a.b/gi)": Regex("a.b", "gi"),
    "ask(new RegExp('a', 'g'))": Regex("a", "g"),
    "ask(RegExp(/a/g))": Regex("a"),
    "const p = '.*'; ask(new RegExp(p))": Regex(".*"),
    "ask(['a', , 'b'])": ["a", "b"],
    "const a = ['x']; ask(['w', ...a, ...z])": ["w", "x", UNKNOWN],
    "ask({a: 1, 'b': 2, [\"c\"]: 3, ['d' + 1]: 4, 5: 6})": {"a": 1, "b": 2, "c": 3, "5": 6},
    "const a = 1; ask({a, b() {}, get c() { return 1 }})": {"a": 1, "b": UNKNOWN, "c": UNKNOWN},
    "const d = {x: 1, y: 2}; ask({...d, y: 3})": {"x": 1, "y": 3},
    "const d = {x: 1}; ask({y: 2, ...d, ...z})": {"x": 1, "y": 2},
    "ask({a: f()})": {"a": UNKNOWN},
    "const K = 'k'; ask({[K]: 1})": {"k": 1},
    "ask(process.env.X)": UNKNOWN,
    "ask(process.env.X || 'd')": "d",
    "ask(process.env['X'] ?? 'd')": "d",
    "ask(process.env.X || process.env.Y || 'd')": "d",
    "const s = process.env.X || 'd'; ask(s)": "d",
    "const {X = 'd'} = process.env; ask(X)": "d",
    "const {X: y = 'd'} = process.env; ask(y)": "d",
    "const {env: {X = 'd'}} = process; ask(X)": "d",
    "const {X} = process.env; ask(X)": UNKNOWN,
    "const {env} = process; ask(env.X || 'd')": "d",
    "ask('' || 'd')": "d",
    "ask('a' || 'd')": "a",
    "ask(null ?? 'd')": "d",
    "ask('' ?? 'd')": "",
    "ask(true && 'x')": "x",
    "ask(x && 'x')": UNKNOWN,
    "ask(true ? 'a' : 'b')": "a",
    "ask(x ? 'a' : 'b')": UNKNOWN,
    "ask(Object.freeze(['a']))": ["a"],
    "const o = Object.freeze({a: {b: 1}}); ask(o.a.b)": 1,
    "ask(Object.assign({}, {a: 1}, {b: 2}))": {"a": 1, "b": 2},
    "ask('a,b'.split(','))": ["a", "b"],
    "ask((process.env.X || 'a,b').split(','))": ["a", "b"],
    "ask(Buffer.from('x'))": "x",
    "ask(Buffer.from('x', 'utf8').toString())": "x",
    "ask(new TextEncoder().encode('x'))": "x",
    "const e = new TextEncoder(); ask(e.encode('x'))": "x",
    "import {createSecretKey} from 'crypto'; ask(createSecretKey(Buffer.from('x')))": "x",
    "ask(new Set(['a']))": ["a"],
    "ask(['a', 'b'].join('-'))": "a-b",
    "ask(['a'].concat(['b']))": ["a", "b"],
    "ask(' A '.trim().toLowerCase())": "a",
    "ask(String('x'))": "x",
    "const c = {a: {b: ['x']}}; ask(c.a.b[0])": "x",
    "const c = {a: {b: 'x'}}; ask(c['a']?.b)": "x",
    "const c = {a: 'x'}; const {a} = c; ask(a)": "x",
    "const c = {a: 'x'}; const {a: {b} = {b: 1}} = c; ask(b)": UNKNOWN,
    "const c = {}; const {a = 'd'} = c; ask(a)": "d",
    "const [a, b] = ['x', 'y']; ask(b)": "y",
    "const [, b] = ['x', 'y']; ask(b)": "y",
    "const d = {a: 1}; const c = {...d}; ask(c.a)": 1,
    "let a; a = 'x'; ask(a)": "x",
    "let a = null; function f() { a = 'x' } ask(a)": "x",
    "let a = 'x'; a = 'y'; ask(a)": UNKNOWN,
    "let a = 'x'; a += 'y'; ask(a)": UNKNOWN,
    "let a = 1; a++; ask(a)": UNKNOWN,
    "const a = 'x'; function f(a) { ask(a) }": UNKNOWN,
    "function f(a = 'x') { ask(a) }": "x",
    "function f({a = 'x'} = {}) { ask(a) }": "x",
    "const a = 'x'; function f() { const a = g(); ask(a) }": UNKNOWN,
    "const f = () => 'x'; ask(f())": "x",
    "function f() { return 'x' } ask(f())": "x",
    "function f(a) { return a } ask(f(1))": UNKNOWN,
    "class A { static S = 'x' } ask(A.S)": "x",
    "class A { s = 'x'; m() { ask(this.s) } }": "x",
    "class A { constructor() { this.s = 'x' } m() { ask(this.s) } }": "x",
    "class A { s = 'x' } ask(new A().s)": "x",
    "class A { s = 'x' } const a = new A(); ask(a.s)": "x",
    "class A { static #s = 'x'; static m() { ask(A.#s) } }": "x",
    "const o = {}; o.a = 'x'; ask(o.a)": "x",
    "const o = {}; o['a'] = 'x'; ask(o.a)": "x",
    "const o = {b: 1}; o.a = 'x'; ask(o)": {"a": "x", "b": 1},
    "const o = {a: 1}; o.a = 'x'; ask(o.a)": "x",
    "const o = {}; o.a = 'x'; o.a = 'y'; ask(o.a)": UNKNOWN,
    "const o = {}; o.a = 'x'; function f(o) { ask(o.a) }": UNKNOWN,
    "function f(o) { o.a = 'x'; ask(o.a) }": "x",
    "exports.a = 'x'; ask(exports.a)": "x",
    "const a = a; ask(a)": UNKNOWN,
    "class A extends A { m() { ask(this.x) } }": UNKNOWN,
    "class B { s = 'x' } class A extends B { m() { ask(this.s) } }": "x",
    "class B { s = 'x' } class A extends B { s = 'y'; m() { ask(this.s) } }": "y",
    "class A { s = 'x'; m() { const {s} = this; ask(s) } }": "x",
    "class A { s = 'x'; m() { const self = this; ask(self.s) } }": "x",
    "class A { static get s() { return 'x' } } ask(A.s)": "x",
    "class A { s() { return 'x' } } ask(new A().s)": UNKNOWN,
    "const c = {get s() { return 'x' }}; ask(c.s)": "x",
    "const c = () => ({a: {b: 'x'}}); ask(c().a.b)": "x",
    "const s = (process.env.X ||= 'd'); ask(s)": "d",
    "let s = process.env.X; s ||= 'd'; ask(s)": UNKNOWN,
    "ask(getEnv('X', 'd'))": "d",
    "ask(getEnv('X'))": UNKNOWN,
    "const a = b, b = a; ask(a)": UNKNOWN,
    "const a = {...a}; ask(a)": {},
    "ask((1, 'x'))": "x",
    "ask(NaN === 1)": UNKNOWN,
    "ask(() => 1)": UNKNOWN,
    "ask(await 'x')": "x",
    "ask(y = 'x')": "x",
    "import {ConfigService} from '@nestjs/config'; ask(new ConfigService().get('A', 'd'))": "d",
}

TYPED_VALUES = {
    "ask('x' as const)": "x",
    "ask(<string>'x')": "x",
    "const a = {b: 'x'} as const satisfies T; ask(a.b)": "x",
    "const a = ['x'] as string[]; ask(a!)": ["x"],
    "enum E { A = 'a', B = 'b' } ask(E.B)": "b",
    "enum E { A, B, C = 5, D } ask(E.D)": 6,
    "enum E { A, B } ask(E.B)": 1,
    "const enum E { A = 'x' } ask(E['A'])": "x",
    "export class C { private static readonly S: string = 'x'; m() { ask(C.S) } }": "x",
    "class C { constructor(private readonly s: string = 'x') {} m() { ask(this.s) } }": "x",
    "class C { constructor(private c: ConfigService) {} m() { ask(this.c.get<string>('A', 'd')) } }": "d",
    "ask(process.env.X! || 'd')": "d",
    "ask((process.env.X as string) ?? 'd')": "d",
    "function f(a: string = 'x') { ask(a) }": "x",
}


@pytest.mark.parametrize(("source", "wanted"), VALUES.items())
def test_a_value_fixed_in_the_source_is_read(source, wanted):
    """A literal is read through names, members, templates, sums, defaults and the usual wrappers."""
    for path in ("src/app.js", "src/app.ts", "src/app.tsx"):
        found = value(source, path)
        assert found == wanted
        assert (found is UNKNOWN) == (wanted is UNKNOWN)


@pytest.mark.parametrize(("source", "wanted"), TYPED_VALUES.items())
def test_a_value_of_typescript_is_read(source, wanted):
    """Enums, casts and parameter properties of TypeScript are read too."""
    assert value(source, "src/app.ts") == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [("ask({a: 1})", False), ("ask({...x})", True), ("ask({[x]: 1})", True), ("const o = {...x}; ask({...o})", True)],
)
def test_an_object_says_whether_more_may_be_in_it(source, wanted):
    """An object with an unknown spread or key is open."""
    found = value(source)
    assert isinstance(found, ObjectValue)
    assert found.open is wanted


@pytest.mark.parametrize(
    ("source", "key", "wanted"),
    [
        ("ask({a: b})", "a", "b"),
        ("ask({'a': b})", "a", "b"),
        ("ask({a})", "a", "a"),
        ("ask({['a']: b})", "a", "b"),
        ("const K = 'a'; ask({[K]: b})", "a", "b"),
        ("ask({a() {}})", "a", "a() {}"),
        ("ask({a: 1, a: 2})", "a", "2"),
        ("const o = {a: b}; ask(o)", "a", "b"),
        ("const o = {a: b}; ask({...o})", "a", "b"),
        ("const o = {a: b}; ask({a: c, ...o})", "a", "b"),
        ("const o = {a: b}; ask({...o, a: c})", "a", "c"),
        ("const o = {a: b}; ask({a: c, ...o, ...z})", "a", "b"),
        ("const o = Object.freeze({a: b}); ask(o)", "a", "b"),
        ("const o = {p: {a: b}}; ask(o.p)", "a", "b"),
        ("class A { o = {a: b}; m() { ask(this.o) } }", "a", "b"),
        ("const o = {}; o.a = b; ask(o)", "a", "b"),
        ("ask({a: b})", "c", ""),
        ("ask(x)", "a", ""),
        ("const o = {...o}; ask(o)", "a", ""),
        ("const o = {...p}, p = {...o}; ask(o)", "a", ""),
    ],
)
def test_an_option_is_found_in_an_object(source, key, wanted):
    """The value under a key is found whatever way the key is written and the object is put together."""
    module, given = asked(source)
    assert module.text(module.option(given[0], key)) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("ask(x ? 'a' : 'b')", ["a", "b"]),
        ("ask(process.env.X || 'b')", [UNKNOWN, "b"]),
        ("ask(process.env.X ? process.env.X : 'b')", [UNKNOWN, "b"]),
        ("let a = 'x'; if (y) a = 'z'; ask(a)", ["x", "z"]),
        ("const a = y ? 'b' : z; ask(a)", ["b", UNKNOWN]),
        ("const c = {a: y ? 'b' : 'd'}; ask(c.a)", ["b", "d"]),
        ("function f(a = 'x') { ask(a) }", ["x"]),
        ("const a = a; ask(a)", []),
        ("let s = process.env.X; s ??= 'd'; ask(s)", [UNKNOWN, "d"]),
        ("let s; if (y) { s = 'x' } else { s = process.env.X } ask(s)", ["x", UNKNOWN]),
        ("ask('x')", ["x"]),
    ],
)
def test_all_possible_values_are_told(source, wanted):
    """Where a value depends on something unknown each of its alternatives is told."""
    module, given = asked(source)
    assert module.possible(given[0]) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("export const a = 1", {"a": "1"}),
        ("export function a() {}", {"a": "function a() {}"}),
        ("export default function a() {}", {"a": "function a() {}", "default": "function a() {}"}),
        ("export default class {}", {"default": "class {}"}),
        ("export default a", {"default": "a"}),
        ("export default {a: b}", {"default": "{a: b}", "a": "b"}),
        ("export {a, b as c, d as default}", {"a": "a", "c": "b", "default": "d"}),
        ("exports.a = b", {"a": "b"}),
        ("module.exports.a = b", {"a": "b"}),
        ("module.exports = a", {"default": "a"}),
        ("module.exports = {a, b: c, d() {}}", {"default": "{a, b: c, d() {}}", "a": "a", "b": "c", "d": "d() {}"}),
        ("const o = {a: b}; module.exports = o", {"default": "o", "a": "b"}),
        ("exports = module.exports = a", {"default": "a"}),
        ("export {a} from './b'", {}),
    ],
)
def test_exports_are_told_by_name(source, wanted):
    """What a module exports is told by name, in both module systems."""
    for path in ("a.js", "a.ts"):
        module = JavaScriptModule(path, source.encode())
        assert {name: module.text(node) for name, node in module.exported_names.items()} == wanted


@pytest.mark.parametrize(
    ("source", "path", "wanted"),
    [
        ("export const jwt = {secret: 'x'}", "jwt.secret", "x"),
        ("export default {jwt: {secret: 'x'}}", "jwt.secret", "x"),
        ("export default {jwt: {secret: 'x'}}", "default.jwt.secret", "x"),
        ("const c = {jwt: {secret: 'x'}}; module.exports = c", "jwt.secret", "x"),
        ("exports.secret = 'x'", "secret", "x"),
        ("module.exports = 'x'", "", "x"),
        ("export class C { static s = 'x' }", "C.s", "x"),
        ("export enum E { A = 'x' }", "E.A", "x"),
        ("export default {}", "jwt.secret", UNKNOWN),
        ("", "jwt.secret", UNKNOWN),
    ],
)
def test_what_another_module_gets_is_found(source, path, wanted):
    """An export is found by the dotted path that another module asks for."""
    module = JavaScriptModule("src/config.ts", source.encode())
    assert module.literal(module.exported(path)) == wanted


def test_exports_from_other_modules_are_told_with_their_origin():
    """Names that are handed on are told by where they come from."""
    source = "export {a, b as c, default as d} from './x'; export * from './y'; export * as z from 'z'"
    module = JavaScriptModule("src/index.ts", source.encode())
    assert module.reexports == {"a": "src/x.a", "c": "src/x.b", "d": "src/x", "z": "z"}
    assert module.star_exports == ("src/y",)


def test_imports_are_told_by_their_local_name():
    """All imports of a module are told, those of CommonJS inside functions too."""
    source = """
        import a, {b as c} from 'x'; import * as d from './y/index.js'; import 'z';
        const {e, f: {g}} = require('h'), i = require('../j').k; async function f() { const l = await import('m'); }
    """
    assert JavaScriptModule("src/app.js", source.encode()).imports == {
        "a": "x", "c": "x.b", "d": "src/y/index", "e": "h.e", "g": "h.f.g", "i": "j.k", "l": "m",
    }  # fmt: skip


def test_a_module_path_stands_for_files_and_folders():
    """A path without suffix may be a file of any of the languages or the index of a folder."""
    found = module_candidates("src/auth")
    assert found[0] == "src/auth.ts"
    assert {"src/auth.js", "src/auth/index.js", "src/auth/index.ts"} <= set(found)


CONTROLLER = """
import {Controller, Get, UseGuards as Guards} from '@nestjs/common';
import * as swagger from '@nestjs/swagger';
import {AuthGuard} from './auth.guard';

@Controller('orders')
export class Orders {
  // the database
  @Inject(DB) private db: Db;

  @Get(':id')
  /* guarded */
  @Guards(AuthGuard, new RolesGuard('admin'))
  @swagger.ApiBearerAuth
  async find(@Param('id') id: string, @Body() {name}: Dto, rest = 1, ...more: string[]): Promise<void> {
    this.db.query(id, (row) => row.id);
  }

  plain() {}
}

@Guards() class Inner {}
export default @Guards() class extends Orders {}
"""


def test_decorators_are_named_with_their_calls():
    """Decorators of classes, methods, fields and parameters are found wherever the grammar puts them."""
    module = JavaScriptModule("src/orders.ts", CONTROLLER.encode())

    def names(node):
        return [(name, [module.text(a) for a in module.arguments(call)] if call else None)
                for name, call, _ in module.decorators(node)]  # fmt: skip

    orders, inner, extended = sorted(module.classes, key=lambda node: node.start_byte)
    assert names(orders) == [("@nestjs/common.Controller", ["'orders'"])]
    assert names(inner) == names(extended) == [("@nestjs/common.UseGuards", [])]
    find, plain = (f for f in module.functions if f.type == "method_definition")
    assert names(find) == [
        ("@nestjs/common.Get", ["':id'"]),
        ("@nestjs/common.UseGuards", ["AuthGuard", "new RolesGuard('admin')"]),
        ("@nestjs/swagger.ApiBearerAuth", None),
    ]
    assert names(plain) == []
    assert [names(parameter) for parameter in module.parameters(find)] == [
        [("Param", ["'id'"])], [("Body", [])], [], [],
    ]  # fmt: skip
    (field,) = module.of("public_field_definition")
    assert names(field) == [("Inject", ["DB"])]


def test_decorators_of_javascript_are_named():
    """The grammar of JavaScript keeps decorators in other places than that of TypeScript; both are read."""
    module = JavaScriptModule("a.js", b"@A('x') export class C { @B() m() {} @D f = 1 }")
    nodes = [next(iter(module.classes)), next(module.of("method_definition")), next(module.of("field_definition"))]
    assert [[name for name, _, _ in module.decorators(node)] for node in nodes] == [["A"], ["B"], ["D"]]


def test_the_parts_of_functions_are_told():
    """Parameters, their patterns and defaults, names and the places of functions are told."""
    module = JavaScriptModule("src/orders.ts", CONTROLLER.encode())
    find = next(f for f in module.functions if module.name_of(f) == "find")
    parameters = module.parameters(find)
    assert [module.text(module.pattern(p)) for p in parameters] == ["id", "{name}", "rest", "more"]
    assert [module.text(module.default(p)) for p in parameters] == ["", "", "1", ""]
    (query,) = (c for c in module.calls if module.qualname(module.callee(c)) == "Db.query")
    assert module.function_of(query).id == find.id
    assert module.name_of(module.class_of(query)) == "Orders"
    assert module.function_of(find) is None


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("function f() {}", "f"),
        ("const f = () => 1", "f"),
        ("const f = async function () {}", "f"),
        ("x = {f: () => 1}", "f"),
        ("x = {'f': function () {}}", "f"),
        ("x = {f() {}}", "f"),
        ("exports.f = () => 1", "f"),
        ("f = () => 1", "f"),
        ("class A { f = () => 1 }", "f"),
        ("class A { async f() {} }", "f"),
        ("const f = (() => 1)", "f"),
        ("g(() => 1)", ""),
    ],
)
def test_a_function_is_named_by_what_holds_it(source, wanted):
    """A function has its own name or that of the variable, key or member it is bound to."""
    for path in ("a.js", "a.ts"):
        module = JavaScriptModule(path, source.encode())
        assert module.name_of(module.functions[0]) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "function f() {}",
        "const f = () => 1",
        "export const f = async () => 1",
        "exports.f = function () {}",
        "module.exports = {f() {}}",
        "const g = () => 1; const f = g",
        "const g = () => 1; export {g as f}",
    ],
)
def test_a_function_is_found_by_its_name(source):
    """A function is found by the name that it has at the top of the module or is exported under."""
    module = JavaScriptModule("a.js", source.encode())
    assert module.function_named("f") is not None
    assert module.function_named("other") is None


def test_arguments_leave_out_comments_and_stop_at_spreads():
    """Comments are no arguments, and behind a spread nobody knows which argument is which."""
    module, given = asked("ask(/* a */ b, // c\n ...d, e)")
    call = module.parent(module.parent(given[0]))
    assert [module.text(node) for node in given] == ["b", "...d", "e"]
    assert module.text(module.argument(call, 0)) == "b"
    assert module.argument(call, 1) is None
    assert module.argument(call, 2) is None
    assert module.argument(call, -1) is None
    tagged = JavaScriptModule("a.js", b"sql`select ${x}`; new X")
    assert [[node.type for node in tagged.arguments(call)] for call in tagged.calls] == [["template_string"], []]


def test_places_are_counted_in_characters_from_one():
    """Lines and columns count from one, columns in characters."""
    module = JavaScriptModule("a.js", "a;\n'äö€😀'; ask(1)".encode())
    (call,) = module.calls
    assert (module.line(call), module.column(call)) == (2, 9)


@pytest.mark.parametrize(
    ("path", "source", "wanted"),
    [
        ("a.js", "a;\nb", None),
        ("a.js", "a;\nfunction (", 2),
        ("a.js", "a;\n\nlet x = {a: ;\nask(1)", 3),
        ("a.js", "const a: string = <div>{b}</div>; type A = B<C>", None),  # types in .js
        ("a.jsx", "<div>{b}</div>", None),
        ("a.ts", "const a = <T>b", None),
        ("a.tsx", "const a = <T>b</T> as C", None),
        ("a.ts", "const a = <div>{b}</div>", None),  # JSX in .ts
        ("a.cjs", "#!/usr/bin/env node\nwith (a) {}", None),
    ],
)
def test_the_first_unreadable_place_is_told(path, source, wanted):
    """A module says where it could not be read; grammars beside the one of the suffix are tried."""
    assert JavaScriptModule(path, source.encode()).broken == wanted


def test_a_module_with_errors_is_read_all_the_same():
    """What stands around an error is read."""
    source = "import jwt from 'jsonwebtoken';\nconst x = {;\nask(jwt.verify)\n"
    assert named(source) == "jsonwebtoken.verify"


def ask_everything(module):
    """Put every question to every node of a module."""
    assert module.broken is None or module.broken > 0
    for node in module.inside(module.root):
        module.qualname(node)
        module.literal(node)
        module.possible(node)
        module.resolve(node)
        module.option(node, "a")
        module.bound(node)
        module.function_from(node)
        module.type_name(node)
        module.decorators(node)
        module.name_of(node)
        module.required(node)
        module.declared_type(node)
        assert module.line(node) > 0
        assert module.column(node) > 0
        outer = module.function_of(node)
        assert outer is None or (outer.start_byte <= node.start_byte and outer.end_byte >= node.end_byte)
        assert (module.class_of(node) is None) == (not any(o.type in CLASSES for o in module.ancestors(node)))
    for call in module.calls:
        module.called(call)
        module.arguments(call)
        module.argument(call, 0)
    for function in module.functions:
        for parameter in module.parameters(function):
            module.pattern(parameter)
            module.default(parameter)
    for name in (*module.bindings, *module.exported_names, *module.imports):
        module.function_named(name)
        module.exported(name)
    assert isinstance(module.reexports, dict)
    assert isinstance(module.star_exports, tuple)


EVERYTHING = """
import a, {b as c} from './x'; import * as ns from "y";
const {d: {e = 1}, ...f} = require('z').default, [g,,h] = c;
export default class A extends ns.B { static S = `t${g}`; #p = this.S;
  @Dec(1) async m({x}, y = 2, ...z) { this.q = await c(x)?.y; } }
export const fn = async (o) => { for (const i of o) { try { i++; } catch ({message}) { fn(message) } }
  switch (o) { case 1: break } };
module.exports = {fn, 'a': A, [g]: 1, get s() { return A.S || process.env.T }, ...f};
label: var u = a ? /re/g : (1, b) && !u; export {fn as gn}; export * from './w';
function* gen() { yield new A().m`tag`; } x.y.z = function () { return <div k={f}>{g}</div> };
"""
TYPED = """
import x = require('x'); import type {T} from 't'; enum E { A, B = 'b', 'c' = 1 << 2 }
namespace N { export const z = <any>x; }
@Controller('a') export class A<U> { private readonly s: string = 'a';
  constructor(@Inject(T) private j: x.J, public b?: T) {}
  @Get() m(@Param('id') id: string): Promise<void> {
    return this.j!.sign<T>(E.B as const, {...(id satisfies string)}) } }
export = A;
"""


@st.composite
def mutated(draw, source):
    """Return a piece of valid source with some of its parts moved, doubled, cut or spoilt."""
    data = source.encode()
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        other = draw(st.integers(0, len(data)))
        piece = draw(
            st.sampled_from([b"", data[start:end] * 2, data[other : other + 20], b"{", b")", b"`", b"\0", b"\xff"])
        )
        data = data[:start] + piece + data[end:]
    return data


SUFFIXES = st.sampled_from(["a.js", "a.ts", "a.tsx"])
TEXT = st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))


@settings(deadline=None, max_examples=100)
@drawn(st.one_of(st.binary(max_size=300), TEXT), SUFFIXES)
def test_any_bytes_can_be_read(data, path):
    """No bytes make the questions to a module fail."""
    ask_everything(JavaScriptModule(path, data))


@settings(deadline=None, max_examples=150)
@drawn(st.one_of(mutated(EVERYTHING), mutated(TYPED), mutated(CONTROLLER)), SUFFIXES)
def test_mutated_code_can_be_read(data, path):
    """No damage to valid code makes the questions to a module fail."""
    ask_everything(JavaScriptModule(path, data))


CLOSING = {"(": ")", "[": "]", "{": "}", "x={a:": "1}", "<a>": "</a>", "`${": "}`", "function f(){": "}", "f(": ")"}


@pytest.mark.parametrize("text", [*CLOSING, "1+", "a=>", "a?", "!", "if(a){}else ", "class A{m(){", "`${`", "({a=1}"])
@pytest.mark.parametrize("path", ["a.js", "a.ts", "a.tsx"])
def test_deep_nesting_is_refused_or_read(text, path):
    """Nesting without end is refused or read; it neither crashes nor hangs."""
    source = text * 8_000 + "1" * (text in {"1+", "a=>", "!"}) + CLOSING.get(text, "") * 8_000
    try:
        module = JavaScriptModule(path, source.encode())
    except (RecursionError, ValueError):
        return
    assert module.literal(module.root) is UNKNOWN
    assert module.imports == {}


def test_a_refusal_says_why():
    """What is nested too deeply is refused in words."""
    with pytest.raises(RecursionError, match="levels deep"):
        JavaScriptModule("a.js", b"[" * 100_000 + b"]" * 100_000)


def test_a_sum_of_a_thousand_strings_is_read():
    """What generated code piles up is still within the limits."""
    assert value("ask(" + "'a' + " * 1000 + "'b')") == "a" * 1000 + "b"


def test_a_long_chain_of_calls_has_names_as_far_as_they_stay_short():
    """In a chain of a thousand calls the first are named and none makes the others slow."""
    module = JavaScriptModule("a.js", b"x" + b".use()" * 1000)
    names = [module.called(call) for call in module.calls]
    assert names[-1] == "x.use"
    assert names[-3] == "x.use.use.use"
    assert names[0] == ""


def test_names_that_refer_to_one_another_do_not_hang():
    """A module whose names multiply gives up in time and says so."""
    lines = ["const a0 = ['x']", *(f"const a{i} = [{', '.join([f'...a{i - 1}'] * 40)}]" for i in range(1, 40))]
    module, _ = asked("\n".join([*lines, *["ask(a39)"] * 300]))
    assert not module.exhausted
    for call in module.calls:
        for argument in module.arguments(call):
            module.literal(argument)
    assert module.exhausted
    assert value("const a = ['x']; ask(a)") == ["x"]


def test_odd_bytes_are_read():
    """NUL bytes, a byte order mark, Latin-1 and UTF-16 do not hide the code around them."""
    code = "import jwt from 'jsonwebtoken'; const s = 'ä'; jwt.verify(s)"
    for data in (
        code.encode() + b"\0\0",
        b"\xef\xbb\xbf" + code.encode(),
        code.encode("latin-1"),
        code.encode("utf-16"),
    ):
        module = JavaScriptModule("a.js", data)
        (call,) = module.calls
        assert module.called(call) == "jsonwebtoken.verify"
        assert isinstance(module.literal(module.argument(call, 0)), str)
