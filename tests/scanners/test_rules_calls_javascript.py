"""Good, bad and near-miss samples of TRACE-001 in JavaScript and TypeScript."""

from __future__ import annotations

import pytest
from sample_text import split_samples, split_systems

API = "const { context, propagation } = require('@opentelemetry/api');\n"

BAD = split_samples(r"""
const axios = require('axios');
app.get('/x', async (req, res) => {
  const r = await axios.get('http://stock/items');  //! TRACE-001
  res.json(r.data);
});
----
import axios from 'axios';
export const f = () => axios({ method: 'post', url });  //! TRACE-001
----
import axios from 'axios';
const r = axios.request({ url });  //! TRACE-001
----
import axios from 'axios';
const api = axios.create({ baseURL: u, timeout: 3 });
export const f = (id) => api.get(`/items/${id}`);  //! TRACE-001
----
import { default as http } from 'axios';
http.put(u, {});  //! TRACE-001
----
const { post } = require('axios');
post(u, {});  //! TRACE-001
----
import axios from 'axios';
const api = axios.create();
const go = () => api({ url: u });  //! TRACE-001
----
import axios from 'axios';
class C {
  constructor() { this.http = axios.create({ baseURL: u }); }
  get(id) { return this.http.get('/' + id); }  //! TRACE-001
}
----
import axios, { AxiosInstance } from 'axios';
export class C {
  private readonly client: AxiosInstance;
  constructor() { this.client = axios.create({ baseURL: u }); }
  async f() { return this.client.post('/x', {}); }  //! TRACE-001
}
----
import type { AxiosInstance } from 'axios';
export const f = (client: AxiosInstance) => client.delete('/x');  //! TRACE-001
----
async function f() {
  const r = await fetch('http://inventory:8080/items');  //! TRACE-001
  return r.json();
}
----
const fetch = require('node-fetch');
fetch(`${base}/x`, { method: 'POST', headers: { 'Content-Type': 'application/json' } });  //! TRACE-001
----
import fetch from 'node-fetch';
const r = await fetch(u);  //! TRACE-001
----
import { request } from 'undici';
const { body } = await request(u);  //! TRACE-001
----
const undici = require('undici');
undici.fetch(u);  //! TRACE-001
----
import { Pool } from 'undici';
const pool = new Pool(u);
pool.request({ path: '/x', method: 'GET' });  //! TRACE-001
----
import got from 'got';
const data = await got(u).json();  //! TRACE-001
----
import got from 'got';
const api = got.extend({ prefixUrl: u });
api.get('x').json();  //! TRACE-001
----
import got from 'got';
got.post(u, { json: {} });  //! TRACE-001
----
const request = require('superagent');
request.get(u).set('Accept', 'json').end(done);  //! TRACE-001
----
const needle = require('needle');
needle('get', u);  //! TRACE-001
----
const needle = require('needle');
needle.post(u, {}, cb);  //! TRACE-001
----
import ky from 'ky';
await ky.get(u).json();  //! TRACE-001
----
import ky from 'ky';
const api = ky.create({ prefixUrl: u });
api.post('x');  //! TRACE-001
----
const http = require('http');
const req = http.request({ host: 'stock' }, cb);  //! TRACE-001
req.end();
----
import * as https from 'node:https';
https.get('https://stock/x', (r) => {});  //! TRACE-001
----
import { HttpService } from '@nestjs/axios';
@Injectable()
export class S {
  constructor(private readonly http: HttpService) {}
  find() { return firstValueFrom(this.http.get('http://stock/x')); }  //! TRACE-001
}
----
import { HttpService } from '@nestjs/axios';
class S {
  constructor(private http: HttpService) {}
  f() { return this.http.axiosRef.get(u); }  //! TRACE-001
}
----
const request = require('request-promise');
request(u);  //! TRACE-001
----
import axios from 'axios';
const r = await axios  //! TRACE-001
  .get(u)
  .then((x) => x.data);
----
const r = await globalThis.fetch('http://a/b');  //! TRACE-001
----
import axios from 'axios';
axios.get(u, { headers: { 'X-Request-Id': id } });  //! TRACE-001
----
import axios from 'axios';
axios.get(u, { headers: { b3: span, 'x-b3-traceid': t } });  //! TRACE-001
----
import axios from 'axios';
axios.get(u, { headers: { authorization: req.headers.authorization } });  //! TRACE-001
----
import axios from 'axios';
// headers: { traceparent }
axios.get(u);  //! TRACE-001
----
import axios from 'axios';
const a = axios.create();
const b = axios.create();
a.interceptors.request.use((c) => { c.headers.traceparent = tp(); return c; });
a.get(u);
b.get(u);  //! TRACE-001
----
import axios from 'axios';
axios.interceptors.request.use((c) => { c.headers['x-id'] = id; return c; });
axios.get(u);  //! TRACE-001
----
import axios from 'axios';
const a = axios.create();
a.interceptors.response.use((r) => { r.headers.traceparent = 1; return r; });
a.get(u);  //! TRACE-001
----
const { context, propagation } = require('@opentelemetry/api');
async function f() {
  const h = {};
  propagation.inject(context.active(), h);
  await fetch(a, { headers: h });
  await fetch(b);  //! TRACE-001
}
----
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
await fetch('http://a/b');  //! TRACE-001
----
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import axios from 'axios';
registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
axios.get(u);  //! TRACE-001
----
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import axios from 'axios';
axios.get(u);  //! TRACE-001
----
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import axios from 'axios';
new NodeSDK({ instrumentations: [new ExpressInstrumentation()] }).start();
axios.get(u);  //! TRACE-001
----
const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const axios = require('axios');
const off = { '@opentelemetry/instrumentation-http': { enabled: false } };
new NodeSDK({ instrumentations: [getNodeAutoInstrumentations(off)] }).start();
axios.get(u);  //! TRACE-001
----
import { B3Propagator } from '@opentelemetry/propagator-b3';
import axios from 'axios';
new NodeSDK({ textMapPropagator: new B3Propagator(), instrumentations: [getNodeAutoInstrumentations()] }).start();
axios.get(u);  //! TRACE-001
----
import * as Sentry from '@sentry/node';
import axios from 'axios';
Sentry.init({ dsn });
axios.get(u);  //! TRACE-001
----
const superagent = require('superagent');
superagent.post(u).set('X-B3-TraceId', id).send({});  //! TRACE-001
----
import got from 'got';
const api = got.extend({ hooks: { beforeRequest: [(o) => { o.headers['x-id'] = id; }] } });
api.get(u);  //! TRACE-001
""")

GOOD = split_samples(r"""
const { context, propagation } = require('@opentelemetry/api');
app.get('/x', async (req, res) => {
  const headers = {};
  propagation.inject(context.active(), headers);
  await axios.get(u, { headers });
});
----
import { context, propagation } from '@opentelemetry/api';
import axios from 'axios';
const h: Record<string, string> = {};
propagation.inject(context.active(), h);
axios.post(u, {}, { headers: { ...h, a: 'b' } });
----
import * as otel from '@opentelemetry/api';
const carrier = {};
otel.propagation.inject(otel.context.active(), carrier);
await fetch('http://a/b', { headers: carrier });
----
import { W3CTraceContextPropagator } from '@opentelemetry/core';
const p = new W3CTraceContextPropagator();
const h = {};
p.inject(ctx, h, defaultTextMapSetter);
fetch('http://a/b', { headers: h });
----
app.get('/x', async (req, res) => {
  await fetch('http://a/b', { headers: { traceparent: req.headers.traceparent } });
});
----
app.get('/x', async (req, res) => {
  const { traceparent } = req.headers;
  await axios.get('http://a/b', { headers: { traceparent } });
});
----
import axios from 'axios';
axios.get(u, { headers: { 'traceparent': tp, 'tracestate': ts } });
----
import axios from 'axios';
const H = 'traceparent';
axios.get(u, { headers: { [H]: tp } });
----
import axios from 'axios';
app.use((req, res) => axios.get(u, { headers: req.headers }));
----
const headers = new Headers();
headers.set('traceparent', tp);
await fetch('http://a/b', { headers });
----
await fetch('http://a/b', { headers: new Headers([['traceparent', tp]]) });
----
const headers = {};
headers['traceparent'] = tp;
await fetch('http://a/b', { method: 'POST', headers });
----
const { context, propagation } = require('@opentelemetry/api');
function traceHeaders() {
  const h = {};
  propagation.inject(context.active(), h);
  return h;
}
async function f() {
  await fetch('http://a/b', { headers: { a: 'b', ...traceHeaders() } });
}
----
const { context, propagation } = require('@opentelemetry/api');
const withTrace = (h = {}) => {
  propagation.inject(context.active(), h);
  return h;
};
const f = () => fetch('http://a/b', { headers: withTrace({ a: 'b' }) });
----
const { context, propagation } = require('@opentelemetry/api');
class C {
  headers() { const h = {}; propagation.inject(context.active(), h); return h; }
  f() { return axios.get(u, { headers: this.headers() }); }
}
----
import axios from 'axios';
axios.interceptors.request.use((config) => {
  propagation.inject(context.active(), config.headers);
  return config;
});
axios.get(u);
----
import axios from 'axios';
const api = axios.create({ baseURL: u });
api.interceptors.request.use(addTrace);
function addTrace(config) {
  config.headers.traceparent = tp();
  return config;
}
api.get('/x');
----
import axios from 'axios';
class C {
  constructor() {
    this.http = axios.create();
    this.http.interceptors.request.use((c) => { c.headers.set('traceparent', tp()); return c; });
  }
  f() { return this.http.get(u); }
}
----
import axios from 'axios';
function traced(instance) {
  instance.interceptors.request.use((c) => { c.headers['traceparent'] = tp(); return c; });
  return instance;
}
const api = traced(axios.create());
api.get('/x');
----
import axios from 'axios';
const api = axios.create({ headers: { traceparent: tp } });
api.get('/x');
----
import got from 'got';
const api = got.extend({ hooks: { beforeRequest: [(o) => { o.headers.traceparent = tp(); }] } });
api.get('x');
----
import ky from 'ky';
const api = ky.create({ hooks: { beforeRequest: [(r) => { r.headers.set('traceparent', tp()); }] } });
api.get('x');
----
const superagent = require('superagent');
superagent.get(u).set('traceparent', tp).end(cb);
----
const { context, propagation } = require('@opentelemetry/api');
const superagent = require('superagent');
const h = {};
propagation.inject(context.active(), h);
superagent.post(u).set(h).send({});
----
const http = require('http');
const req = http.request({ host: 'a' });
req.setHeader('traceparent', tp);
req.end();
----
const http = require('http');
const options = { host: 'a', headers: { traceparent: tp } };
http.get(options, cb);
----
const needle = require('needle');
needle.get(u, { headers: { traceparent: tp } }, cb);
----
const { context, propagation } = require('@opentelemetry/api');
import { request } from 'undici';
const headers = {};
propagation.inject(context.active(), headers);
await request(u, { headers });
----
import { HttpService } from '@nestjs/axios';
@Module({})
export class M implements OnModuleInit {
  constructor(private readonly http: HttpService) {}
  onModuleInit() {
    this.http.axiosRef.interceptors.request.use((c) => { propagation.inject(context.active(), c.headers); return c; });
  }
  f() { return this.http.get(u); }
}
----
const tracer = require('dd-trace');
const h = {};
tracer.inject(span, 'http_headers', h);
fetch('http://a/b', { headers: h });
----
const { context, propagation } = require('@opentelemetry/api');
async function call(url, headers) {
  return fetch(url, { headers });
}
async function f() {
  const h = {};
  propagation.inject(context.active(), h);
  return call(u, h);
}
----
const { context, propagation } = require('@opentelemetry/api');
const call = async (url, opts = {}) => {
  const headers = { ...opts.headers };
  propagation.inject(context.active(), headers);
  return fetch(url, { ...opts, headers });
};
----
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
import axios from 'axios';
axios.get(u);
----
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
new NodeSDK({ instrumentations: [new UndiciInstrumentation()] }).start();
await fetch('http://a/b');
----
const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const sdk = new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] });
sdk.start();
fetch('http://a/b');
require('axios').get(u);
----
import '@opentelemetry/auto-instrumentations-node/register';
import got from 'got';
got(u);
----
require('dd-trace').init();
const axios = require('axios');
axios.get(u);
----
import tracer from 'dd-trace';
tracer.init();
await fetch('http://a/b');
----
require('newrelic');
const axios = require('axios');
axios.get(u);
----
const apm = require('elastic-apm-node').start();
const axios = require('axios');
axios.get(u);
----
import { useAzureMonitor } from '@azure/monitor-opentelemetry';
useAzureMonitor();
import axios from 'axios';
axios.get(u);
----
app.get('/x', (req, res) => res.json({}));
router.post('/y', f);
cache.get('k');
map.delete('x');
----
const http = require('http');
http.createServer(app).listen(80);
----
function f(fetch) {
  return fetch('http://a/b');
}
----
import { fetch } from './db';
fetch('key');
----
import React from 'react';
export const A = () => { fetch('http://a/b'); return null; };
----
await fetch('/api/items');
----
import axios from 'axios';
const e = axios.isAxiosError(err);
axios.defaults.timeout = 3;
const t = axios.CancelToken.source();
----
const s = "axios.get(u)";
// axios.get(u)
/* fetch('http://a/b') */
----
import { HttpException } from '@nestjs/common';
class S { constructor(private readonly config: ConfigService) {}
  f() { return this.config.get('X'); } }
----
#!/usr/bin/env node
fetch('http://a/b');
""")


@pytest.mark.parametrize("path", ["app.js", "app.ts"])
@pytest.mark.parametrize("text", [*BAD, *GOOD])
def test_trace_of_javascript_calls(samples, text, path):
    """TRACE-001 finds the JavaScript calls that no `traceparent` goes with, and none that it does."""
    if path == "app.ts" or not any(word in text for word in ("private ", ": AxiosInstance", ": Record", "import type")):
        samples.check(text, "TRACE-001", path=path)


STARTED = split_systems(r"""
== package.json
{"scripts": {"start": "node --require @opentelemetry/auto-instrumentations-node/register dist/main.js"}}
----
== package.json
{"scripts": {"start": "node -r dd-trace/init index.js"}}
----
== Dockerfile
FROM node:20
CMD ["node", "--import", "@opentelemetry/auto-instrumentations-node/register", "app.js"]
----
== Dockerfile
FROM node:20
ENV NODE_OPTIONS=--require=@opentelemetry/auto-instrumentations-node/register
----
== docker-compose.yml
services:
  a:
    environment:
      NODE_OPTIONS: '--require newrelic'
----
== k8s.yaml
instrumentation.opentelemetry.io/inject-nodejs: "true"
----
== tracing.js
new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] }).start();
// @opentelemetry/auto-instrumentations-node
""")
NOT_STARTED = split_systems(r"""
== package.json
{"dependencies": {"@opentelemetry/auto-instrumentations-node": "^0.50.0"}}
----
== package.json
{"scripts": {"start": "node -r dotenv/config index.js"}}
----
== Dockerfile
FROM node:20
# CMD node --require @opentelemetry/auto-instrumentations-node/register app.js
----
== Dockerfile
FROM node:20
ENV OTEL_PROPAGATORS=b3
CMD node --require @opentelemetry/auto-instrumentations-node/register app.js
""")


@pytest.mark.parametrize("files", STARTED)
def test_node_with_an_agent(samples, files):
    """A package that Node loads first and that instruments its clients makes up for code."""
    files = {**files, "app.js": "const axios = require('axios');\naxios.get(u);\nfetch('http://a/b');\n"}
    assert samples.violations(files, "TRACE-001") == []


@pytest.mark.parametrize("files", NOT_STARTED)
def test_node_without_an_agent(samples, files):
    """What only mentions an agent makes up for nothing."""
    files = {**files, "app.js": "const axios = require('axios');\naxios.get(u);\nfetch('http://a/b');\n"}
    assert [v.line for v in samples.violations(files, "TRACE-001")] == [2, 3]


def test_javascript_client_of_another_module(samples):
    """A client that another module makes is known where it is used, and so are its interceptors."""
    files = {
        "src/plain.js": "const axios = require('axios');\nmodule.exports = axios.create({ baseURL: u });\n",
        "src/traced.ts": "import axios from 'axios';\nexport const api = axios.create();\n"
        "api.interceptors.request.use((c) => { c.headers.traceparent = tp(); return c; });\n",
        "src/headers.ts": "export function outgoing() { return { traceparent: tp() }; }\n",
        "src/a.js": "const api = require('./plain');\nexports.f = () => api.get('/x');\n",
        "src/b.ts": "import { api } from './traced';\nexport const f = () => api.get('/x');\n",
        "src/c.ts": "import { outgoing } from '@/headers';\nfetch(u, { headers: outgoing() });\n",
    }
    assert [(v.file, v.line) for v in samples.violations(files, "TRACE-001")] == [("src/a.js", 2)]
