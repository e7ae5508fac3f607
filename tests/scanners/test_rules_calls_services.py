"""TRACE-001 over services of several files, as they are written."""

from __future__ import annotations

import pytest
from sample_text import marked, split_systems

SERVICES = split_systems(r"""
== app/clients/base.py
import httpx

class BaseClient:
    def __init__(self, base_url: str):
        self._client = httpx.AsyncClient(base_url=base_url)

    async def get(self, path):
        response = await self._client.get(path)  #! TRACE-001
        response.raise_for_status()
        return response.json()
== app/clients/orders.py
from app.clients.base import BaseClient

class OrdersClient(BaseClient):
    async def one(self, id):
        return await self.get(f"/orders/{id}")
    async def two(self, id):
        return await self._client.get(f"/orders/{id}")  #! TRACE-001
----
== app.py
from requests.adapters import HTTPAdapter
from requests import Session
from urllib3.util.retry import Retry

def make_session() -> Session:
    s = Session()
    s.mount("http://", HTTPAdapter(max_retries=Retry(3)))
    return s

session = make_session()

def call():
    return session.get("http://billing/api")  #! TRACE-001
----
== app.py
import requests
from flask import Flask, request, jsonify
app = Flask(__name__)

@app.route("/proxy")
def proxy():
    hdrs = {k: v for k, v in request.headers.items() if k.lower() != "host"}
    r = requests.request(method=request.method, url="http://b" + request.path, headers=hdrs)
    return r.content
----
== app.py
import requests
from flask import Flask, request
app = Flask(__name__)
FORWARD = ["x-request-id", "x-b3-traceid", "x-b3-spanid"]

def fwd():
    return {h: request.headers[h] for h in FORWARD if h in request.headers}

@app.route("/x")
def x():
    return requests.get("http://b/x", headers=fwd()).text  #! TRACE-001
----
== app.py
import requests
from flask import Flask, request
app = Flask(__name__)
FORWARD = ["x-request-id", "traceparent", "tracestate"]

def fwd():
    headers = {}
    for h in FORWARD:
        v = request.headers.get(h)
        if v:
            headers[h] = v
    return headers

@app.route("/x")
def x():
    return requests.get("http://b/x", headers=fwd()).text
----
== app.py
import httpx
from opentelemetry import trace
from opentelemetry.propagate import inject

class Client:
    def __init__(self):
        self.http = httpx.Client()

    def _request(self, method, url, **kwargs):
        headers = kwargs.pop("headers", None) or {}
        inject(headers)
        return self.http.request(method, url, headers=headers, **kwargs)

    def get(self, url):
        return self._request("GET", url)

    def raw(self, url):
        return self.http.get(url)  #! TRACE-001
----
== app.py
import asyncio
import aiohttp

async def fetch(session, url):
    async with session.get(url) as response:  #! TRACE-001
        return await response.text()

async def main(urls):
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(fetch(session, u) for u in urls))
----
== app.py
import aiohttp
from opentelemetry.propagate import inject

async def on_request_start(session, ctx, params):
    inject(params.headers)

def config():
    tc = aiohttp.TraceConfig()
    tc.on_request_start.append(on_request_start)
    return tc

async def main(u):
    async with aiohttp.ClientSession(trace_configs=[config()]) as session:
        async with session.get(u) as r:
            return r.status
----
== app.py
import aiohttp

async def log_start(session, ctx, params):
    print("start")

async def main(u):
    tc = aiohttp.TraceConfig()
    tc.on_request_start.append(log_start)
    async with aiohttp.ClientSession(trace_configs=[tc]) as session:
        async with session.get(u) as r:  #! TRACE-001
            return r.status
----
== app.py
import aiohttp
from opentelemetry.propagate import inject

async def start(session, ctx, params):
    inject(params.headers)

async def main(u):
    tc = aiohttp.TraceConfig()
    tc.on_request_start.append(start)
    async with aiohttp.ClientSession(trace_configs=[tc]) as session:
        async with session.get(u) as r:
            return r.status
----
== app.py
import requests
class TraceAuth(requests.auth.AuthBase):
    def __call__(self, r):
        r.headers["traceparent"] = current_traceparent()
        return r
def f(u):
    return requests.get(u, auth=TraceAuth())
----
== app.py
import requests
def f(u, token):
    return requests.get(u, auth=BearerAuth(token))  #! TRACE-001
class BearerAuth(requests.auth.AuthBase):
    def __call__(self, r):
        r.headers["authorization"] = "x"
        return r
----
== app.py
import urllib.request
import json
def f(u, d):
    req = urllib.request.Request(u, data=json.dumps(d).encode(), headers={"A": "b"}, method="POST")
    with urllib.request.urlopen(req, timeout=5) as resp:  #! TRACE-001
        return json.load(resp)
----
== app.py
import urllib.request
def f(u, tp):
    req = urllib.request.Request(u, headers={"A": "b", "traceparent": tp}, method="POST")
    with urllib.request.urlopen(req, timeout=5) as resp:
        return resp.read()
----
== app.py
from django.conf import settings
import requests
class Gateway:
    session = requests.Session()
    @classmethod
    def call(cls, path):
        return cls.session.get(settings.BASE + path, timeout=3)  #! TRACE-001
----
== app.py
import requests
from opentelemetry.instrumentation.requests import RequestsInstrumentor
def setup():
    RequestsInstrumentor().instrument()
def f():
    return requests.get("http://a")
----
== app.py
import httpx
from opentelemetry.instrumentation.requests import RequestsInstrumentor
RequestsInstrumentor().instrument()
async def f():
    async with httpx.AsyncClient() as c:
        return await c.get("http://a")  #! TRACE-001
----
== app.py
import requests
from opentelemetry.instrumentation import requests as otel_requests
otel_requests.RequestsInstrumentor().instrument()
def f():
    return requests.get("http://a")
----
== app.py
import opentelemetry.instrumentation.httpx
import httpx
opentelemetry.instrumentation.httpx.HTTPXClientInstrumentor().instrument()
def f():
    return httpx.get("http://a")
----
== app.py
import httpx
INSTRUMENT = False
def f():
    'Call with traceparent.'
    headers = {"x-correlation-id": cid}
    return httpx.put("http://a", headers=headers)  #! TRACE-001
----
== app.py
import httpx
from opentelemetry import propagate
def make_headers(extra=None):
    carrier = dict(extra or {})
    propagate.inject(carrier)
    return carrier
async def f():
    async with httpx.AsyncClient(headers=make_headers()) as c:
        return await c.get("http://a")
----
== app.py
import httpx
from opentelemetry import propagate
class TracingTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner): self.inner = inner
    async def handle_async_request(self, request):
        propagate.inject(request.headers)
        return await self.inner.handle_async_request(request)
c = httpx.AsyncClient(transport=TracingTransport(httpx.AsyncHTTPTransport()))
async def f():
    return await c.get("http://a")
----
== app.py
import httpx
class RetryTransport(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        return await self.inner.handle_async_request(request)
c = httpx.AsyncClient(transport=RetryTransport())
async def f():
    return await c.get("http://a")  #! TRACE-001
----
== app.py
import httpx
async def f(requests_list):
    async with httpx.AsyncClient() as client:
        tasks = [client.get(u) for u in requests_list]  #! TRACE-001
----
== app.py
import requests
from concurrent.futures import ThreadPoolExecutor
def f(urls):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(requests.get, urls))  #! TRACE-001
----
== app.py
import requests
def f(u):
    try:
        resp = requests.get(  #! TRACE-001
            u,
            params={"q": 1},
            timeout=5,
        )
    except requests.exceptions.Timeout:
        resp = None
    return resp
----
== app.py
import requests, os
HEALTH = os.environ.get("X_URL", "http://x/health")
def ready():
    return requests.get(HEALTH, timeout=1).ok  #! TRACE-001
----
== app.py
from app import http
def f():
    http.get("x")
----
== app.py
import requests
from opentelemetry.propagate import inject
def f(u):
    requests.get(u, headers=(h := {}))  #! TRACE-001
----
== app.py
import requests
from opentelemetry.propagate import inject
class Api:
    def __init__(self):
        self.session = requests.Session()
        self.headers = {"Accept": "x"}
    def call(self, u):
        headers = self.headers.copy()
        inject(headers)
        return self.session.post(u, headers=headers)
    def call2(self, u):
        return self.session.post(u, headers=self.headers)  #! TRACE-001
----
== app.py
import requests
from opentelemetry.trace import get_current_span
def tp():
    ctx = get_current_span().get_span_context()
    return f"00-{ctx.trace_id:032x}-{ctx.span_id:016x}-01"
def f(u):
    h = {"Traceparent": tp()}
    return requests.get(u, headers=h)
----
== app.py
import requests
def f(u, span):
    h = {"uber-trace-id": "x", "X-Amzn-Trace-Id": "y"}
    return requests.get(u, headers=h)  #! TRACE-001
----
== app.py
import requests
from starlette.requests import Request
async def f(request: Request):
    headers = {}
    tp = request.headers.get("traceparent")
    if tp:
        headers["traceparent"] = tp
    return requests.get("http://a", headers=headers)
----
== app.py
import httpx
client: httpx.AsyncClient | None = None
async def startup():
    global client
    client = httpx.AsyncClient()
async def f():
    assert client
    return await client.get("http://x")  #! TRACE-001
----
== app.py
from fastapi import FastAPI, Request
from contextlib import asynccontextmanager
import httpx
@asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient() as client:
        yield {"client": client}
app = FastAPI(lifespan=lifespan)
@app.get("/x")
async def x(request: Request):
    return await request.state.client.get("http://y")
----
== app.py
import tornado.httpclient
async def f():
    c = tornado.httpclient.AsyncHTTPClient()
    return await c.fetch("http://x")  #! TRACE-001
----
== app.ts
import express from 'express';
import axios, { AxiosError } from 'axios';

const app = express();
const INVENTORY = process.env.INVENTORY_URL ?? 'http://inventory';

app.post('/orders', async (req, res, next) => {
  try {
    const { data } = await axios.post(`${INVENTORY}/reserve`, req.body, { timeout: 2000 });  //! TRACE-001
    res.json(data);
  } catch (e) {
    next(e as AxiosError);
  }
});
----
== app.js
const axios = require('axios').default;
module.exports.get = (id) => axios.get('/u/' + id, { baseURL: 'http://users' });  //! TRACE-001
----
== app.js
const { default: axios } = require('axios');
axios.get('http://a');  //! TRACE-001
----
== src/http.ts
import axios, { type AxiosInstance } from 'axios';
export class HttpClient {
  protected readonly instance: AxiosInstance;
  constructor(baseURL: string) {
    this.instance = axios.create({ baseURL });
    this._init();
  }
  private _init = () => {
    this.instance.interceptors.response.use((r) => r);
  };
}
== src/orders.ts
import { HttpClient } from './http';
export class Orders extends HttpClient {
  find = (id: string) => this.instance.get(`/orders/${id}`);  //! TRACE-001
}
----
== src/http.ts
import axios from 'axios';
import { context, propagation } from '@opentelemetry/api';
export function createClient(baseURL: string) {
  const client = axios.create({ baseURL });
  client.interceptors.request.use((config) => {
    const carrier: Record<string, string> = {};
    propagation.inject(context.active(), carrier);
    Object.assign(config.headers, carrier);
    return config;
  });
  return client;
}
== src/orders.ts
import { createClient } from './http';
const client = createClient('http://orders');
export const find = (id: string) => client.get(`/orders/${id}`);
----
== src/a.js
import { trace, context, propagation } from '@opentelemetry/api';
export async function call(url, init = {}) {
  const headers = new Headers(init.headers);
  propagation.inject(context.active(), headers, { set: (h, k, v) => h.set(k, v) });
  return fetch(url, { ...init, headers });
}
----
== src/a.js
const fetch = (...args) => import('node-fetch').then(({ default: fetch }) => fetch(...args));  //! TRACE-001
----
== src/a.js
import { fetch as undiciFetch } from 'undici';
const r = await undiciFetch('http://a');  //! TRACE-001
----
== a.js
const https = require('https');
function call(host, path) {
  return new Promise((resolve, reject) => {
    https.get({ host, path }, (res) => {  //! TRACE-001
      res.on('data', () => {});
      res.on('end', resolve);
    }).on('error', reject);
  });
}
----
== a.js
const https = require('https');
const agent = new https.Agent({ keepAlive: true });
const server = https.createServer({}, app);
----
== a.js
const req = require('http').request('http://a', { method: 'POST' });  //! TRACE-001
----
== a.ts
import * as http from 'http';
const options: http.RequestOptions = { hostname: 'a', headers: {} };
options.headers['traceparent'] = tp;
const req = http.request(options, (res) => {});
----
== a.js
const superagent = require('superagent');
const agent = superagent.agent();
agent.post('http://a').send({});  //! TRACE-001
----
== a.js
const superagent = require('superagent');
superagent
  .post('http://a')
  .set('Content-Type', 'application/json')
  .set({ traceparent: tp, tracestate: ts })
  .send({});
----
== a.js
import got from 'got';
const client = got.extend({
  prefixUrl: 'http://a',
  hooks: {
    beforeRequest: [
      (options) => {
        propagation.inject(context.active(), options.headers);
      },
    ],
  },
});
await client('x').json();
await client.post('x', { json: {} });
----
== a.js
import got from 'got';
await got.stream('http://a');  //! TRACE-001
await got(`http://b/${id}`, { responseType: 'json', headers: { 'x-request-id': id } });  //! TRACE-001
----
== a.ts
import ky from 'ky';
const api = ky.extend({ prefixUrl: 'http://a', headers: { authorization: t } });
const x = await api('items').json();  //! TRACE-001
----
== tracing.ts
import { NodeSDK } from '@opentelemetry/sdk-node';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] });
sdk.start();
== a.ts
import axios from 'axios';
await axios.get('http://a');
await fetch('http://b');  //! TRACE-001
----
== tracing.js
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const http = require('@opentelemetry/instrumentation-http');
const one = new http.HttpInstrumentation({ disableOutgoingRequestInstrumentation: true });
registerInstrumentations({ instrumentations: [one] });
== a.js
require('axios').get('http://a');  //! TRACE-001
----
== a.js
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
// const sdk = new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] });
import axios from 'axios';
axios.head('http://a');  //! TRACE-001
----
== orders.service.ts
import { Injectable } from '@nestjs/common';
import { HttpService } from '@nestjs/axios';
import { lastValueFrom, map } from 'rxjs';
@Injectable()
export class OrdersService {
  private readonly base = 'http://stock';
  constructor(private readonly httpService: HttpService, private readonly cfg: ConfigService) {}
  async stock(id: string) {
    const r$ = this.httpService.get(`${this.base}/${id}`).pipe(map((r) => r.data));  //! TRACE-001
    return lastValueFrom(r$);
  }
  async post(dto: Dto) {
    return this.httpService.axiosRef.post(this.base, dto, { headers: { traceparent: this.tp() } });
  }
}
----
== orders.service.ts
import { Inject } from '@nestjs/common';
import { HttpService } from '@nestjs/axios';
export class S {
  @Inject(HttpService) private readonly http: HttpService;
  f() { return this.http.request({ url: 'http://a', method: 'GET' }); }  //! TRACE-001
}
----
== a.js
const api = require('axios').create({ baseURL: 'http://a' });
exports.list = async () => (await api.get('/items')).data;  //! TRACE-001
----
== clients/index.js
const axios = require('axios');
const stock = axios.create({ baseURL: 'http://stock' });
const users = axios.create({ baseURL: 'http://users' });
users.interceptors.request.use((c) => ({ ...c, headers: { ...c.headers, traceparent: tp() } }));
module.exports = { stock, users };
== a.js
const { stock, users } = require('./clients');
const clients = require('./clients');
stock.get('/x');  //! TRACE-001
users.get('/x');
clients.stock.get('/y');  //! TRACE-001
----
== a.js
const fetch = require('cross-fetch');
async function f() {
  const opts = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
  opts.headers.traceparent = tp;
  await fetch('http://a', opts);
}
----
== a.js
const tracedFetch = (url, opts = {}) => fetch(url, { ...opts, headers: { ...opts.headers, ...getTraceHeaders() } });
function getTraceHeaders() {
  const out = {};
  propagation.inject(context.active(), out);
  return out;
}
tracedFetch('http://a');
----
== a.js
app.get('/x', async (req, res) => {
  const headers = { 'x-request-id': req.headers['x-request-id'], authorization: req.headers.authorization };
  const r = await fetch('http://a', { headers });  //! TRACE-001
  res.send(await r.text());
});
----
== a.js
app.get('/x', async (req, res) => {
  const forward = ['traceparent', 'tracestate'];
  const headers = {};
  for (const name of forward) if (req.headers[name]) headers[name] = req.headers[name];
  const r = await fetch('http://a', { headers });
  res.send(await r.text());
});
----
== a.js
const needle = require('needle');
const opts = { headers: { b3: 'x' } };
needle('post', 'http://a', {}, opts).then(f);  //! TRACE-001
----
== a.ts
const response = await fetch(new URL('/x', process.env.API_URL), { signal: AbortSignal.timeout(3) });  //! TRACE-001
----
== a.ts
const request = new Request('http://a', { headers: { traceparent } });
await fetch(request);
----
== a.js
axios.get = jest.fn();
const x = { axios: 1 }.axios;
class Repo { async get(id) { return this.db.get(id); } fetch(id) { return this.get(id); } }
new Repo().fetch('http://x');
cache.fetch('key');
----
== a.js
const axios = require('axios');
const axiosRetry = require('axios-retry');
const client = axios.create();
axiosRetry(client, { retries: 3 });
Promise.all(ids.map((id) => client.get(`http://a/${id}`)));  //! TRACE-001
----
== a.js
const request = require('request');
request({ uri: 'http://a', headers: { traceparent: tp } }, cb);
request.post('http://b', cb);  //! TRACE-001
""")


@pytest.mark.parametrize("files", SERVICES)
def test_trace_in_services(samples, files):
    """TRACE-001 follows clients and headers through classes, helpers and modules of a service."""
    assert [(v.file, v.line) for v in samples.violations(files, "TRACE-001")] == marked(files, "TRACE-001")
