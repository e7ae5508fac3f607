"""Good, bad and near-miss samples of TRACE-001 in Python."""

from __future__ import annotations

import pytest
from sample_text import split_samples, split_systems

OTEL = "from opentelemetry.propagate import inject\n"

BAD = split_samples(r"""
import requests
requests.request('GET', url)  #! TRACE-001
----
import requests as rq
def f():
    return rq.put(url, json=x)  #! TRACE-001
----
from requests import Session
def f():
    with Session() as s:
        s.delete(url)  #! TRACE-001
----
import requests
s = requests.session()
def f():
    return s.request(  #! TRACE-001
        'GET',
        url,
    )
----
import requests
session = requests.Session()
def f():
    req = requests.Request('GET', url).prepare()
    session.send(req)  #! TRACE-001
----
import httpx
def f():
    with httpx.stream('GET', url) as r:  #! TRACE-001
        pass
----
from httpx import AsyncClient
async def f():
    async with AsyncClient(base_url=u, timeout=3) as c:
        r = await c.post('/x', json={})  #! TRACE-001
----
import httpx
async def f(c: 'httpx.AsyncClient'):
    await c.patch(u)  #! TRACE-001
----
import httpx
from fastapi import Depends
def client():
    yield httpx.Client()
def f(c=Depends(client)):
    c.get(u)  #! TRACE-001
----
import httpx
from typing import Annotated
from fastapi import Depends
async def client() -> httpx.AsyncClient:
    ...
Http = Annotated[httpx.AsyncClient, Depends(client)]
async def f(c: Http):
    await c.get(u)  #! TRACE-001
----
import aiohttp
async def f():
    async with aiohttp.request('GET', u) as r:  #! TRACE-001
        return r
----
import aiohttp
class A:
    session: aiohttp.ClientSession
    async def f(self):
        async with self.session.post(u, json={}) as r:  #! TRACE-001
            return await r.json()
----
import aiohttp
async def f():
    session = aiohttp.ClientSession()
    r = await session.get(u)  #! TRACE-001
    await session.close()
----
import urllib3
http = urllib3.PoolManager()
def f():
    return http.request('GET', u)  #! TRACE-001
----
import urllib3
def f():
    return urllib3.request('GET', u)  #! TRACE-001
----
from urllib.request import urlopen, Request
def f():
    return urlopen(Request(u, headers={'A': 'b'}))  #! TRACE-001
----
import http.client
def f():
    c = http.client.HTTPConnection('stock')
    c.request('GET', '/x')  #! TRACE-001
----
import asyncio, requests
async def f():
    await asyncio.to_thread(requests.get, u)  #! TRACE-001
----
import requests
async def f(loop):
    await loop.run_in_executor(None, requests.post, u)  #! TRACE-001
----
import requests
def f(m):
    return getattr(requests, m)(u)  #! TRACE-001
----
import functools, requests
get = functools.partial(requests.get, timeout=3)
def f():
    get(u)  #! TRACE-001
----
import requests
class Api(requests.Session):
    def items(self):
        return self.get('/items')  #! TRACE-001
----
import requests
session = None
def start():
    global session
    session = requests.Session()
def f():
    session.get(u)  #! TRACE-001
----
import httpx
def f(c: httpx.Client | None = None):
    c = c or httpx.Client()
    c.get(u)  #! TRACE-001
----
import httpx
async def life(app):
    app.state.http = httpx.AsyncClient()
async def f(request):
    await request.app.state.http.get(u)  #! TRACE-001
----
import requests
def f():
    return requests.get(u, headers={'X-Request-ID': rid})  #! TRACE-001
----
import requests
def f(request):
    return requests.get(u, headers={'X-Trace': request.headers.get('traceparent')})  #! TRACE-001
----
import requests
def f():
    return requests.get(u, headers={'b3': v, 'X-B3-SpanId': s})  #! TRACE-001
----
from opentelemetry.propagate import inject
import requests
def f():
    h = {}
    inject(h)
    requests.get(a, headers=h)
    requests.get(b)  #! TRACE-001
----
from opentelemetry.propagate import inject
import requests
def f():
    return requests.get(u)  #! TRACE-001
----
import requests
# inject(headers) would add traceparent
def f():
    '''Sends traceparent.'''
    return requests.get(u)  #! TRACE-001
----
import requests
from opentelemetry.propagators.b3 import B3MultiFormat
def f():
    h = {}
    B3MultiFormat().inject(h)
    requests.get(u, headers=h)  #! TRACE-001
----
import requests
from opentelemetry.propagate import inject, set_global_textmap
from opentelemetry.propagators.b3 import B3MultiFormat
set_global_textmap(B3MultiFormat())
def f():
    h = {}
    inject(h)
    requests.get(u, headers=h)  #! TRACE-001
----
import requests
from opentelemetry.instrumentation.requests import RequestsInstrumentor
def f():
    return requests.get(u)  #! TRACE-001
----
import aiohttp, requests
from opentelemetry.instrumentation.requests import RequestsInstrumentor
RequestsInstrumentor().instrument()
async def f():
    requests.get(u)
    async with aiohttp.ClientSession() as s:
        await s.get(u)  #! TRACE-001
----
import httpx
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
a = httpx.Client()
b = httpx.Client()
HTTPXClientInstrumentor.instrument_client(a)
def f():
    a.get(u)
    b.get(u)  #! TRACE-001
----
import requests
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
FastAPIInstrumentor.instrument_app(app)
requests.get(u)  #! TRACE-001
----
import requests
from opentelemetry import trace
tracer = trace.get_tracer(__name__)
def f():
    with tracer.start_as_current_span('x'):
        requests.get(u)  #! TRACE-001
----
import sentry_sdk, requests
sentry_sdk.init(dsn)
def f():
    requests.get(u)  #! TRACE-001
----
import requests
from aws_xray_sdk.core import patch_all
patch_all()
def f():
    requests.get(u)  #! TRACE-001
----
import httpx
def log(request):
    request.headers['X-Request-ID'] = i
c = httpx.Client(event_hooks={'request': [log]})
def f():
    c.get(u)  #! TRACE-001
""")

GOOD = split_samples(r"""
import requests
def f():
    headers = {'A': 'b'}
    inject(headers)
    return requests.post(u, json={}, headers=headers)
----
from opentelemetry.propagate import inject
import requests
def f():
    headers = {'A': 'b'}
    inject(headers)
    return requests.post(u, json={}, headers=headers)
----
from opentelemetry.propagate import inject
import requests
def f():
    h = {}
    inject(carrier=h)
    requests.get(u, headers={**h, 'A': 'b'})
----
from opentelemetry import propagate
import httpx
async def f():
    h = {}
    propagate.inject(h)
    async with httpx.AsyncClient() as c:
        await c.get(u, headers=h)
----
from opentelemetry.propagate import inject as put
import httpx
def f():
    h = {}
    put(h)
    httpx.get(u, headers=h)
----
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
import requests
def f():
    c = {}
    TraceContextTextMapPropagator().inject(c)
    requests.get(u, headers=c)
----
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
import requests
PROP = TraceContextTextMapPropagator()
def f():
    c = {}
    PROP.inject(carrier=c)
    requests.get(u, headers=c)
----
from opentelemetry.propagate import get_global_textmap
import requests
def f():
    c = {}
    get_global_textmap().inject(c)
    requests.get(u, headers=c)
----
import requests
def f(request):
    requests.get(u, headers={'traceparent': request.headers.get('traceparent', '')})
----
import requests
H = 'traceparent'
def f():
    h = {}
    h[H] = tp
    requests.get(u, headers=h)
----
import requests
def f():
    requests.get(u, headers=dict(Traceparent=tp, traceparent=tp))
----
import requests
def f(request):
    requests.get(u, headers=dict(request.headers))
----
import requests
def f(request):
    names = ['traceparent', 'tracestate']
    h = {n: request.headers[n] for n in ('traceparent', 'tracestate') if n in request.headers}
    requests.get(u, headers=h)
----
from opentelemetry.propagate import inject
import requests
s = requests.Session()
def f():
    inject(s.headers)
    s.get(u)
----
import requests
def f():
    s = requests.Session()
    s.headers.update({'traceparent': tp})
    return s.get(u)
----
import requests
def f():
    s = requests.Session()
    s.headers['traceparent'] = tp
    return s.get(u)
----
from opentelemetry.propagate import inject
import requests
class A(requests.adapters.HTTPAdapter):
    def send(self, r, **k):
        inject(r.headers)
        return super().send(r, **k)
s = requests.Session()
s.mount('http://', A())
def f():
    s.get(u)
----
from opentelemetry.propagate import inject
import requests
class S(requests.Session):
    def request(self, m, u, **k):
        h = k.setdefault('headers', {})
        inject(h)
        return super().request(m, u, **k)
def f():
    S().get(u)
----
from opentelemetry.propagate import inject
import httpx
async def hook(request):
    inject(request.headers)
class C:
    def __init__(self):
        self.c = httpx.AsyncClient(event_hooks={'request': [hook]})
    async def f(self):
        await self.c.get(u)
----
from opentelemetry.propagate import inject
import httpx
def hook(request):
    inject(request.headers)
c = httpx.Client()
c.event_hooks['request'].append(hook)
def f():
    c.get(u)
----
from opentelemetry.propagate import inject
import httpx
class Auth(httpx.Auth):
    def auth_flow(self, request):
        inject(request.headers)
        yield request
c = httpx.Client(auth=Auth())
def f():
    c.get(u)
----
import httpx
from opentelemetry.instrumentation.httpx import AsyncOpenTelemetryTransport
c = httpx.AsyncClient(transport=AsyncOpenTelemetryTransport(httpx.AsyncHTTPTransport()))
async def f():
    await c.get(u)
----
import aiohttp
from opentelemetry.instrumentation.aiohttp_client import create_trace_config
async def f():
    async with aiohttp.ClientSession(trace_configs=[create_trace_config()]) as s:
        await s.get(u)
----
from opentelemetry.propagate import inject
import aiohttp
async def f():
    async with aiohttp.ClientSession() as s:
        h = {}
        inject(h)
        async with s.get(u, headers=h) as r:
            pass
----
from opentelemetry.propagate import inject
from urllib.request import Request, urlopen
def f():
    r = Request(u)
    inject(r.headers)
    urlopen(r)
----
from urllib.request import Request, urlopen
def f():
    r = Request(u)
    r.add_header('traceparent', tp)
    urlopen(r)
----
from opentelemetry.propagate import inject
import requests
def call(m, u, **kw):
    headers = kw.pop('headers', {})
    inject(headers)
    return requests.request(m, u, headers=headers, **kw)
----
from opentelemetry.propagate import inject
import requests
def call(u, **kw):
    inject(kw.setdefault('headers', {}))
    return requests.get(u, **kw)
----
from opentelemetry.propagate import inject
import requests
def with_trace(h):
    inject(h)
    return h
def f():
    requests.get(u, headers=with_trace({'A': 'b'}))
----
from opentelemetry.propagate import inject
import httpx
class A:
    def _headers(self):
        h = {}
        inject(h)
        return h
    def f(self):
        return httpx.get(u, headers=self._headers())
----
from opentelemetry.propagate import inject
import httpx
def get(u, headers):
    return httpx.get(u, headers=headers)
def f():
    h = {}
    inject(h)
    return get(u, h)
----
from app.obs import trace_headers
import httpx
def f():
    return httpx.get(u, headers=trace_headers())
----
import requests
from opentelemetry.instrumentation.requests import RequestsInstrumentor
RequestsInstrumentor().instrument()
def f():
    requests.get(u)
    requests.Session().get(u)
----
import requests
from opentelemetry.instrumentation.requests import RequestsInstrumentor as R
r = R()
r.instrument(tracer_provider=p)
requests.get(u)
----
import requests
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
URLLib3Instrumentor().instrument()
requests.get(u)
----
import aiohttp
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
AioHttpClientInstrumentor().instrument()
async def f():
    async with aiohttp.ClientSession() as s:
        await s.get(u)
----
import httpx, requests
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
for i in (HTTPXClientInstrumentor, RequestsInstrumentor):
    i().instrument()
httpx.get(u)
requests.get(u)
----
import httpx
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
class A:
    def __init__(self):
        self.c = httpx.Client()
        HTTPXClientInstrumentor.instrument_client(self.c)
    def f(self):
        self.c.get(u)
----
import ddtrace.auto
import requests
requests.get(u)
----
from ddtrace import patch_all
patch_all()
import requests
requests.get(u)
----
from ddtrace import patch
patch(requests=True)
import requests
requests.get(u)
----
import newrelic.agent
newrelic.agent.initialize('newrelic.ini')
import requests
requests.get(u)
----
from elasticapm.contrib.flask import ElasticAPM
apm = ElasticAPM(app)
import requests
requests.get(u)
----
import logfire
logfire.instrument_httpx()
import httpx
httpx.get(u)
----
import httpx
def f(app):
    with httpx.Client(transport=httpx.ASGITransport(app=app)) as c:
        c.get('/x')
----
import requests
if __name__ == '__main__':
    requests.get(u)
----
#!/usr/bin/env python3
import requests
requests.get(u)
----
import requests
def f(session, cache, request):
    session.get(Model, 1)
    cache.get('k')
    request.session.get('x')
    request.headers.get('y')
----
import httpx
import redis
client = redis.Redis()
def f():
    return client.get('k')
----
from sqlalchemy.orm import Session
import requests
def f(session: Session):
    return session.get(User, 1)
----
import requests
def f():
    try:
        g()
    except requests.RequestException:
        raise
    requests.Request('GET', u)
----
import requests
class Repo:
    def get(self, k): ...
def f(repo: Repo):
    repo.get(1)
    requests.utils.quote('x')
----
import httpx
import pytest
def test_x():
    httpx.get(u)
""")


@pytest.mark.parametrize("text", [*BAD, *GOOD])
def test_trace_of_python_calls(samples, text):
    """TRACE-001 finds the Python calls that no `traceparent` goes with, and none that it does."""
    samples.check(text, "TRACE-001")


STARTED = split_systems(r"""
== Dockerfile
FROM a:1
ENTRYPOINT ["/venv/bin/opentelemetry-instrument", "uvicorn", "app:app"]
----
== Dockerfile
FROM a:1
CMD opentelemetry-instrument \
    uvicorn app:app
----
== Dockerfile
FROM a:1
CMD ["ddtrace-run", "python", "app.py"]
----
== docker-compose.yml
services:
  a:
    build: .
    command: opentelemetry-instrument python app.py
----
== docker-compose.yml
services:
  a:
    command:
      - newrelic-admin
      - run-program
      - python
----
== Procfile
web: opentelemetry-instrument gunicorn app:app
----
== entrypoint.sh
#!/bin/sh
exec opentelemetry-instrument python app.py
----
== k8s/deploy.yaml
metadata:
  annotations:
    instrumentation.opentelemetry.io/inject-python: "true"
""")
NOT_STARTED = split_systems(r"""
== requirements.txt
opentelemetry-instrumentation-httpx
----
== Dockerfile
FROM a:1
# CMD opentelemetry-instrument python app.py
CMD python app.py
----
== README.md
Start with opentelemetry-instrument.
----
== Dockerfile
FROM a:1
ENV OTEL_PROPAGATORS=b3multi
CMD opentelemetry-instrument python app.py
----
== Dockerfile
FROM a:1
ENV OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=httpx,redis
CMD opentelemetry-instrument python app.py
----
== Dockerfile
FROM a:1
RUN pip install opentelemetry-instrumentation-httpx
----
== tests/conftest.py
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
HTTPXClientInstrumentor().instrument()
""")


@pytest.mark.parametrize("files", STARTED)
def test_started_by_an_agent(samples, files):
    """A program that instruments the service before it starts makes up for code."""
    assert samples.violations({**files, "app.py": "import httpx\nhttpx.get(u)\n"}, "TRACE-001") == []


@pytest.mark.parametrize("files", NOT_STARTED)
def test_not_started_by_an_agent(samples, files):
    """What only mentions an agent, or turns the client's part of it off, makes up for nothing."""
    assert len(samples.violations({**files, "app.py": "import httpx\nhttpx.get(u)\n"}, "TRACE-001")) == 1


def test_client_of_another_module(samples):
    """A client that another module makes, with or without hooks, is known where it is used."""
    files = {
        "app/plain.py": "import requests\nsession = requests.Session()\n",
        "app/traced.py": "import requests\nsession = requests.Session()\nsession.headers['traceparent'] = tp\n",
        "app/a.py": "import requests\nfrom app.plain import session\ndef f():\n    session.get(u)\n",
        "app/b.py": "import requests\nfrom .traced import session\ndef f():\n    session.get(u)\n",
        "app/c.py": "from app import plain\ndef f():\n    plain.session.get(u)\n",
    }
    assert [v.file for v in samples.violations(files, "TRACE-001")] == ["app/a.py", "app/c.py"]
