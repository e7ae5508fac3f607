"""ADV-005 in JavaScript and TypeScript: empty catches, requests that nothing handles, promises nobody awaits."""

from __future__ import annotations

import pytest

SWALLOWED = [
    "try { f() } catch {}  //! ADV-005",
    "try { f() } catch (e) {}  //! ADV-005",
    "try {\n  f();\n} catch (e) {  //! ADV-005\n}",
    "try {\n  f();\n} catch (e) {  //! ADV-005\n  // ignore\n}",
    "try {\n  f();\n} catch (e) {  //! ADV-005\n  /* TODO: handle this */\n}",
    "try {\n  f();\n} catch (e) {  //! ADV-005\n  // eslint-disable-next-line no-empty\n}",
    "try { f() } catch (e) { ; }  //! ADV-005",
    "async function g() {\n  try {\n    await f();\n  } catch (e) {  //! ADV-005\n    return null;\n  }\n}",
    "async function g() {\n  try {\n    await f();\n  } catch (e) {  //! ADV-005\n    return;\n  }\n}",
    "for (const x of y) {\n  try {\n    await f(x);\n  } catch {  //! ADV-005\n    continue;\n  }\n}",
    "f().catch(() => {});  //! ADV-005",
    "f().catch(function () {});  //! ADV-005",
    "f().catch(e => {});  //! ADV-005",
    "await f().catch(() => {});  //! ADV-005",
    "f().catch(() => null);  //! ADV-005",
    "f().catch(() => undefined);  //! ADV-005",
    "f().catch(() => void 0);  //! ADV-005",
    "f()\n  .then(g)\n  .catch(() => {});  //! ADV-005",
    "f().then(g, () => {});  //! ADV-005",
    "const noop = () => {};\nf().catch(noop);  //! ADV-005",
    "const _ = require('lodash');\nf().catch(_.noop);  //! ADV-005",
    "process.on('uncaughtException', () => {});  //! ADV-005",
    "process.on('unhandledRejection', function (e) {});  //! ADV-005",
    "redis.on('error', () => {});  //! ADV-005",
    "function g() {\n  try {\n    f();\n  } finally {\n    return 1;  //! ADV-005\n  }\n}",
    # near misses
    "try { f() } catch (e) { logger.error(e) }",
    "try { f() } catch (e) { throw new Bad(e) }",
    "try { f() } catch (e) { next(e) }",
    "try { f() } finally { close() }",
    "try {\n  fs.unlinkSync(p);\n} catch {\n  // the file may never have been written\n}",
    "try { g() } catch (e) { /* older browsers have no such event */ }",
    "function g(s) {\n  try {\n    return JSON.parse(s);\n  } catch (e) {\n    return null;\n  }\n}",
    "function g(s) {\n  try {\n    return new URL(s);\n  } catch {\n    return undefined;\n  }\n}",
    "async function g() {\n  try {\n    await f();\n    return true;\n  } catch {\n    return false;\n  }\n}",
    "const user = await f().catch(() => null);",
    "const n = await f().catch(() => 0);",
    "f().catch((e) => logger.warn(e));",
    "f().catch(next);",
    "f().catch((e) => { throw new Bad(e); });",
    "f().catch(console.error);",
    "f().catch(() => { /* the audit trail is not worth failing for */ });",
    "process.on('uncaughtException', (e) => { logger.fatal(e); process.exit(1); });",
    "// try { f() } catch (e) {}\nconst s = 'catch (e) {}';",
    "schema.catch('default');",
    "const f = () => {};",
]


@pytest.mark.parametrize("path", ["app.js", "app.ts"])
@pytest.mark.parametrize("text", SWALLOWED)
def test_swallowed_failures(samples, text, path):
    """ADV-005 finds an empty catch and callbacks that do nothing, and leaves reasons and answers alone."""
    samples.check(text, "ADV-005", path=path)


AXIOS = "import axios from 'axios';\n"
EXPRESS = "const express = require('express');\nconst axios = require('axios');\nconst app = express();\n"
CALLS = [
    AXIOS + "async function f() {\n  return (await axios.get(url)).data;  //! ADV-005\n}",
    AXIOS + "async function f() {\n  const { data } = await axios({ url });  //! ADV-005\n  return data;\n}",
    "async function f() {\n  const r = await fetch(url);  //! ADV-005\n  return r.json();\n}",
    "const f = async () => (await fetch(url)).json();  //! ADV-005",
    "import fetch from 'node-fetch';\nexport const f = () => fetch(url).then((r) => r.json());  //! ADV-005",
    "const got = require('got');\nasync function f() {\n  return got.post(url).json();  //! ADV-005\n}",
    "import { request } from 'undici';\nasync function f() {\n  await request(url);  //! ADV-005\n}",
    (
        "import axios from 'axios';\nconst http = axios.create({ baseURL });\n"
        "async function f() {\n  await http.post('/x');  //! ADV-005\n}"
    ),
    EXPRESS
    + "app.get('/x', async (req, res) => {\n  const r = await axios.get(url);  //! ADV-005\n  res.json(r.data);\n});",
    EXPRESS + "app.get('/x', (req, res) => {\n  axios.get(url).then((r) => res.json(r.data));  //! ADV-005\n});",
    AXIOS + "async function f() {\n  try {\n    axios.post(url, x);  //! ADV-005\n  } catch (e) {\n    log(e);\n  }\n}",
    AXIOS + "function f() {\n  try {\n    return axios.get(url);  //! ADV-005\n  } catch (e) {\n    log(e);\n  }\n}",
    AXIOS
    + "async function f() {\n  try {\n    g();\n  } catch (e) {\n    await axios.post(alarm);  //! ADV-005\n  }\n}",
    (
        AXIOS
        + "async function f(ids) {\n  try {\n    ids.forEach((id) => {\n      axios.delete(url + id);  //! ADV-005\n"
        "    });\n  } catch (e) {\n    log(e);\n  }\n}"
    ),
    "const https = require('https');\nfunction f() {\n  https.get(url, (r) => r.pipe(out));  //! ADV-005\n}",
    (
        "import { HttpService } from '@nestjs/axios';\nclass S {\n"
        "  constructor(private readonly http: HttpService) {}\n  async f() {\n"
        "    return firstValueFrom(this.http.get(url));  //! ADV-005\n  }\n}"
    ),
    (
        EXPRESS + "app.use((err, req, res, next) => res.status(502).end());\n"
        "app.get('/x', async (req, res) => {\n  await axios.get(url);  //! ADV-005\n});"
    ),
    # near misses
    AXIOS
    + (
        "async function f() {\n  try {\n    return (await axios.get(url)).data;\n"
        "  } catch (e) {\n    throw new Bad(e);\n  }\n}"
    ),
    AXIOS
    + (
        "async function f() {\n  try {\n    const p = axios.get(url);\n    await g(p);\n"
        "  } catch (e) {\n    throw new Bad(e);\n  }\n}"
    ),
    "fetch(url).then((r) => r.json()).catch((e) => log(e));",
    "fetch(url).then(ok, failed);",
    "async function f() {\n  const r = await fetch(url).catch(() => null);\n  return r;\n}",
    (
        AXIOS
        + "async function f(ids) {\n  try {\n    return await Promise.all(ids.map((id) => axios.get(url + id)));\n"
        "  } catch (e) {\n    throw new Bad(e);\n  }\n}"
    ),
    AXIOS + "async function f(ids) {\n  return Promise.allSettled(ids.map((id) => axios.get(url + id)));\n}",
    EXPRESS + "app.get('/x', (req, res, next) => {\n  axios.get(url).then((r) => res.json(r.data)).catch(next);\n});",
    EXPRESS
    + (
        "const wrap = require('express-async-handler');\n"
        "app.get('/x', wrap(async (req, res) => {\n  await axios.get(url);\n}));"
    ),
    (
        EXPRESS + "const guarded = (fn) => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);\n"
        "app.get('/x', guarded(async (req, res) => {\n  await axios.get(url);\n}));"
    ),
    (
        EXPRESS + "require('express-async-errors');\napp.use((err, req, res, next) => res.status(502).end());\n"
        "app.get('/x', async (req, res) => {\n  await axios.get(url);\n});"
    ),
    (
        "import Fastify from 'fastify';\nconst app = Fastify();\n"
        "app.setErrorHandler((e, q, r) => r.code(502).send());\n"
        "app.get('/x', async () => {\n  return (await fetch(url)).json();\n});"
    ),
    (
        "const Koa = require('koa');\nconst app = new Koa();\n"
        "app.use(async (ctx, next) => {\n  try {\n    await next();\n"
        "  } catch (e) {\n    ctx.status = 502;\n  }\n});\napp.use(async (ctx) => {\n"
        "  ctx.body = await (await fetch(url)).json();\n});"
    ),
    (
        "import { Hono } from 'hono';\nconst app = new Hono();\napp.onError((e, c) => c.text('bad', 502));\n"
        "app.get('/x', async (c) => c.json(await (await fetch(url)).json()));"
    ),
    (
        "@Catch()\nexport class All {\n  catch(e, host) {}\n}\nexport class S {\n  async f() {\n"
        "    return (await fetch(url)).json();\n  }\n}"
    ),
    (
        AXIOS
        + "async function call() {\n  return axios.get(url);\n}\nasync function f() {\n  try {\n    await call();\n"
        "  } catch (e) {\n    throw new Bad(e);\n  }\n}"
    ),
    (
        "import { HttpService } from '@nestjs/axios';\nclass S {\n"
        "  constructor(private readonly http: HttpService) {}\n"
        "  f() {\n    return this.http.get(url).pipe(catchError((e) => throwError(() => new Bad(e))));\n  }\n}"
    ),
    "const https = require('https');\nfunction f() {\n  https.get(url, (r) => r.pipe(out)).on('error', log);\n}",
    (
        "const https = require('https');\nfunction f() {\n  const q = https.request(url);\n"
        "  q.on('error', log);\n  q.end();\n}"
    ),
    "import React from 'react';\nexport async function f() {\n  return (await fetch(url)).json();\n}",
    "const cache = new Map();\nconst f = () => cache.get(key);\nfunction fetch() {}\nfetch(url);",
]


@pytest.mark.parametrize("path", ["app.js", "app.ts"])
@pytest.mark.parametrize("text", CALLS)
def test_unhandled_calls(samples, text, path):
    """ADV-005 finds requests to other services whose failure meets no handler."""
    samples.check(text, "ADV-005", path=path)


PROMISES = [
    EXPRESS
    + (
        "app.get('/x', async (req, res) => {\n  const u = await User.find();  //! ADV-005\n"
        "  res.json(await u.all());\n});"
    ),
    (
        "const express = require('express');\nconst router = express.Router();\n"
        "router.post('/x', auth, async (req, res) => {\n"
        "  res.json(await db.save(req.body));  //! ADV-005\n});"
    ),
    "exports.list = async (req, res) => {\n  const all = await Order.find();  //! ADV-005\n  res.json(all);\n};",
    (
        "import { Request, Response } from 'express';\n"
        "export const list = async (req: Request, res: Response) => {\n"
        "  res.json(await Order.find());  //! ADV-005\n};"
    ),
    (
        "const http = require('http');\nhttp.createServer(async (req, res) => {\n"
        "  res.end(await page());  //! ADV-005\n});"
    ),
    "async function mail(u) {\n  await send(u);\n}\nasync function f() {\n  mail(u);  //! ADV-005\n}",
    "const mail = async (u) => {\n  await send(u);\n};\nfunction f() {\n  mail(u);  //! ADV-005\n}",
    "class S {\n  async mail() {\n    await send();\n  }\n  async f() {\n    this.mail();  //! ADV-005\n  }\n}",
    "async function f(all) {\n  all.forEach(async (x) => {  //! ADV-005\n    await save(x);\n  });\n}",
    "function f() {\n  setTimeout(async () => {  //! ADV-005\n    await save();\n  }, 10);\n}",
    "function f() {\n  (async () => {  //! ADV-005\n    await save();\n  })();\n}",
    # near misses
    EXPRESS
    + (
        "app.get('/x', async (req, res, next) => {\n  try {\n"
        "    res.json(await User.find());\n  } catch (e) {\n    next(e);\n  }\n});"
    ),
    EXPRESS + "app.get('/x', catchAsync(async (req, res) => {\n  res.json(await User.find());\n}));",
    EXPRESS
    + "require('express-async-errors');\napp.get('/x', async (req, res) => {\n  res.json(await User.find());\n});",
    (
        "const list = async (req, res) => {\n  res.json(await Order.find());\n};\n"
        "module.exports = { list: asyncHandler(list) };"
    ),
    "async function mail(u) {\n  await send(u);\n}\nasync function f() {\n  await mail(u);\n}",
    "async function mail(u) {\n  await send(u);\n}\nfunction f() {\n  return mail(u);\n}",
    "async function mail(u) {\n  await send(u);\n}\nfunction f() {\n  mail(u).catch(log);\n}",
    (
        "async function mail(u) {\n  try {\n    await send(u);\n  } catch (e) {\n    log(e);\n"
        "  }\n}\nfunction f() {\n  mail(u);\n}"
    ),
    "async function main() {\n  await start();\n}\nmain();",
    "function mail(u) {\n  send(u);\n}\nasync function f() {\n  mail(u);\n}",
    (
        "import Fastify from 'fastify';\nconst app = Fastify();\n"
        "app.get('/x', async (req, res) => {\n  return User.find();\n});"
    ),
    "function f() {\n  setTimeout(() => {\n    save();\n  }, 10);\n}",
    "async function f(all) {\n  await Promise.all(all.map(async (x) => {\n    await save(x);\n  }));\n}",
]


@pytest.mark.parametrize("path", ["app.js", "app.ts"])
@pytest.mark.parametrize("text", PROMISES)
def test_unhandled_promises(samples, text, path):
    """ADV-005 finds awaits that leave a request of Express open, and promises that nobody awaits."""
    samples.check(text, "ADV-005", path=path)


def test_express_5_passes_rejections_on(samples):
    """From Express 5 on an error middleware has the rejections of handlers."""
    files = {
        "package.json": '{"dependencies": {"express": "^5.0.1"}}',
        "app.js": EXPRESS + "app.use((err, req, res, next) => res.status(502).end());\n",
        "routes.js": (
            "const axios = require('axios');\nexports.f = async (req, res) => {\n  await axios.get(url);\n};\n"
        ),
    }
    assert samples.violations(files, "ADV-005") == []
    files["package.json"] = '{"dependencies": {"express": "~4.19.2"}}'
    assert [(v.file, v.line) for v in samples.violations(files, "ADV-005")] == [("routes.js", 3)]


def test_client_of_another_module(samples):
    """An axios instance of another module is known, and so are callers there."""
    files = {
        "src/http.ts": "import axios from 'axios';\nexport const api = axios.create();\n",
        "src/users.ts": (
            "import { api } from './http';\nexport async function users() {\n  return api.get('/users');\n}\n"
        ),
    }
    assert [(v.file, v.line) for v in samples.violations(files, "ADV-005")] == [("src/users.ts", 3)]
    files["src/page.ts"] = (
        "import { users } from './users';\nexport async function page() {\n  try {\n    return await users();\n"
        "  } catch (e) {\n    throw new Bad(e);\n  }\n}\n"
    )
    assert samples.violations(files, "ADV-005") == []
