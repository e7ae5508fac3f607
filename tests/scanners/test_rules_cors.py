"""Good, bad and near-miss lines of CORS-001 to CORS-003 in Python."""
# ruff: noqa: E501  # samples are lines as people write them

from __future__ import annotations

import pytest


def cases(text: str) -> list[str]:
    """Return the samples of a table, which stand between lines of three dashes."""
    return [case.strip("\n") for case in text.split("\n---\n")]


CODES = ("CORS-001", "CORS-002", "CORS-003")
FASTAPI = (
    "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\nimport os\napp = FastAPI()\n"
)
STARLETTE = cases(r'''
app.add_middleware(CORSMiddleware, allow_origins=["*"])  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origins=('*',), allow_credentials=True)  #! CORS-001, CORS-002
---
app.add_middleware(  #! CORS-001, CORS-002
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
)
---
app.add_middleware(middleware_class=CORSMiddleware, allow_origins=["*"])  #! CORS-001
---
origins = ["https://a.example", "*"]
app.add_middleware(CORSMiddleware, allow_origins=origins)  #! CORS-001
---
origins = []
origins.append("*")
app.add_middleware(CORSMiddleware, allow_origins=origins)  #! CORS-001
---
origins = ["https://a.example"]
origins += ["*"]
app.add_middleware(CORSMiddleware, allow_origins=origins)  #! CORS-001
---
if os.getenv("DEV"):
    origins = ["*"]
else:
    origins = ["https://a.example"]
app.add_middleware(CORSMiddleware, allow_origins=origins)  #! CORS-001
---
class S:
    cors = ["*"]
s = S()
app.add_middleware(CORSMiddleware, allow_origins=s.cors)  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origins=os.getenv("CORS", "*").split(","))  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origins=[os.environ.get("CORS", "*")])  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origins=[o.strip() for o in os.getenv("C", "*").split(",")])  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origins=os.environ.get("CORS") or ["*"])  #! CORS-001
---
import json
app.add_middleware(CORSMiddleware, allow_origins=json.loads(os.getenv("C", '["*"]')))  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origin_regex=".*")  #! CORS-003
---
app.add_middleware(CORSMiddleware, allow_origin_regex=r"https?://.*", allow_credentials=True)  #! CORS-003
---
app.add_middleware(CORSMiddleware, allow_origin_regex=r"^https?://[^/]+(:\d+)?$")  #! CORS-003
---
app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], allow_origin_regex="http.*")  #! CORS-003
---
RE = "https://.*"
app.add_middleware(CORSMiddleware, allow_origin_regex=RE)  #! CORS-003
---
cfg = dict(allow_origins=["*"])
app.add_middleware(CORSMiddleware, **cfg)  #! CORS-001
---
cfg = {"allow_origins": ["*"], "allow_credentials": True}
app.add_middleware(CORSMiddleware, **cfg)  #! CORS-001, CORS-002
---
app.add_middleware(CORSMiddleware, **{"allow_origins": ["*"]})  #! CORS-001
---
app.add_middleware(CORSMiddleware, allow_origins=["*"] if DEBUG else ORIGINS)  #! CORS-001
---
app = CORSMiddleware(app, ["*"])  #! CORS-001
---
app = CORSMiddleware(app=app, allow_origins=["*"], allow_credentials=True)  #! CORS-001, CORS-002
---
from functools import partial
C = partial(CORSMiddleware, allow_origins=["*"])  #! CORS-001
---
from starlette.middleware import Middleware as M
from starlette.middleware import cors
m = [
    M(  #! CORS-001
        cors.CORSMiddleware, allow_origins=["*"]
    ),
]
---
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as C
m = [Middleware(C, allow_origins=("*",), allow_credentials=True)]  #! CORS-001, CORS-002
---
class Mine(CORSMiddleware):
    def __init__(self, app):
        super().__init__(app, allow_origins=["*"])  #! CORS-001
---
def setup(app, origins=('*',)):
    app.add_middleware(CORSMiddleware, allow_origins=origins)  #! CORS-001
---
CREDS = True
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=CREDS)  #! CORS-001, CORS-002
---
app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], allow_credentials=True)
---
app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], allow_methods=["*"], allow_headers=["*"])
---
app.add_middleware(CORSMiddleware, allow_origins=settings.origins)
---
app.add_middleware(CORSMiddleware, allow_origins=[])
---
app.add_middleware(CORSMiddleware)
---
app.add_middleware(CORSMiddleware, allow_methods=["*"], allow_credentials=True)
---
app.add_middleware(CORSMiddleware, allow_origins=os.environ["ORIGINS"].split(","), allow_credentials=True)
---
app.add_middleware(CORSMiddleware, allow_origins=os.getenv("O", "http://localhost:3000").split(","))
---
app.add_middleware(CORSMiddleware, allow_origin_regex=r"https://.*\.example\.com")
---
app.add_middleware(CORSMiddleware, allow_origin_regex=r"https://(shop|www)\.example\.com(:\d+)?")
---
app.add_middleware(CORSMiddleware, allow_origin_regex=r"http://localhost:.*")
---
# app.add_middleware(CORSMiddleware, allow_origins=["*"])
---
"""app.add_middleware(CORSMiddleware, allow_origins=["*"])"""
---
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["*"])
---
app.add_middleware(CORSMiddleware, allow_origins=["https://*.example.com"])
---
app.add_middleware(CORSMiddleware, **options)
---
app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], expose_headers=["*"])
---
methods = ["*"]
origins = ["https://a.example"]
app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=methods)
''')
FLASK = cases(r"""
CORS(app)  #! CORS-001
---
CORS(app=app)  #! CORS-001
---
cors = CORS()
cors.init_app(app)  #! CORS-001
---
CORS().init_app(app)  #! CORS-001
---
CORS(app, supports_credentials=True)  #! CORS-001, CORS-002
---
CORS(app, origins="*")  #! CORS-001
---
CORS(app, origins=["*"], supports_credentials=True)  #! CORS-001, CORS-002
---
CORS(app, origins="*", send_wildcard=True)  #! CORS-001
---
CORS(app, origins="https://a.example, *")  #! CORS-001
---
CORS(app, resources={r"/api/*": {"origins": "*"}})  #! CORS-001
---
CORS(app, resources={r"/api/*": {"origins": ["*"], "supports_credentials": True}})  #! CORS-001, CORS-002
---
CORS(app, resources={r"/api/*": {"origins": "*"}}, supports_credentials=True)  #! CORS-001, CORS-002
---
CORS(app, resources=r"/api/*")  #! CORS-001
---
CORS(app, resources=[r"/api/*", r"/v2/*"])  #! CORS-001
---
CORS(app, resources={r"/api/*": {}})  #! CORS-001
---
R = {r"/*": {"origins": "*"}}
CORS(app, resources=R)  #! CORS-001
---
CORS(app, max_age=600)  #! CORS-001
---
CORS(blueprint)  #! CORS-001
---
@cross_origin()  #! CORS-001
def f(): ...
---
@cross_origin(supports_credentials=True)  #! CORS-001, CORS-002
def f(): ...
---
@app.route("/x")
@cross_origin(origins="*")  #! CORS-001
def f(): ...
---
@cross_origin(origin="*", headers=["Content-Type"])  #! CORS-001
def f(): ...
---
app.config["CORS_ORIGINS"] = "*"
CORS(app)  #! CORS-001
---
app.config["CORS_SUPPORTS_CREDENTIALS"] = True
CORS(app)  #! CORS-001, CORS-002
---
CORS(app, origins=r".*")  #! CORS-003
---
CORS(app, origins=[r"https?://.*"], supports_credentials=True)  #! CORS-003
---
import re
CORS(app, origins=re.compile(".*"))  #! CORS-003
---
import os
CORS(app, origins=os.getenv("ORIGINS", "*"))  #! CORS-001
---
CORS(app, origins=["https://a.example"])
---
CORS(app, origins="https://a.example", supports_credentials=True)
---
cors = CORS()
cors.init_app(app, origins=ORIGINS)
---
cors = CORS(origins=["https://a.example"])
cors.init_app(app)
---
CORS(app, resources={r"/api/*": {"origins": ["https://a.example"]}})
---
CORS(app, resources={r"/*": {"origins": r"https://.*\.example\.com"}})
---
CORS(app, resources=r"/api/*", origins=["https://a.example"])
---
app.config["CORS_ORIGINS"] = ["https://a.example"]
CORS(app)
---
app.config.update(CORS_ORIGINS=["https://a.example"])
CORS(app, supports_credentials=True)
---
CORS(app, **options)
---
CORS(app, origins=settings.ORIGINS)
---
import os
CORS(app, origins=os.environ["ORIGINS"].split(","))
---
@cross_origin(origins=["https://a.example"])
def f(): ...
---
CORS(app, resources={r"/static/*": {"origins": "*"}})
---
# CORS(app)
---
CORS(app, origins=["https://a.example"], methods=["*"], allow_headers="*")
---
db.init_app(app)
---
CORS(app)  # public fonts, no credentials
""")
DJANGO = cases(r"""
CORS_ALLOW_ALL_ORIGINS = True  #! CORS-001
---
CORS_ORIGIN_ALLOW_ALL = True  #! CORS-001
---
CORS_ALLOW_ALL_ORIGINS = True  #! CORS-001, CORS-002
CORS_ALLOW_CREDENTIALS = True
---
CORS_ALLOWED_ORIGINS = ["*"]  #! CORS-001
---
CORS_ORIGIN_WHITELIST = ("*",)  #! CORS-001
---
CORS_ALLOWED_ORIGIN_REGEXES = [r".*"]  #! CORS-003
---
CORS_ALLOWED_ORIGIN_REGEXES = [  #! CORS-003
    r"^https?://.*$",
]
---
import re
CORS_ORIGIN_REGEX_WHITELIST = (re.compile(r"^https?://"),)  #! CORS-003
---
import os
CORS_ALLOW_ALL_ORIGINS = os.getenv("CORS_ALL", "True") == "True"  #! CORS-001
---
CORS_ALLOW_ALL_ORIGINS = env.bool("CORS_ALL", default=True)  #! CORS-001
---
CORS_ALLOW_ALL_ORIGINS = config("CORS_ALL", default=True, cast=bool)  #! CORS-001
---
DEBUG = True
CORS_ORIGIN_ALLOW_ALL = DEBUG  #! CORS-001
---
class Dev(Base):
    CORS_ALLOW_ALL_ORIGINS = True  #! CORS-001, CORS-002
    CORS_ALLOW_CREDENTIALS = True
---
CORS_ALLOW_ALL_ORIGINS: bool = True  #! CORS-001
---
CORS_ALLOW_ALL_ORIGINS = False
CORS_ALLOW_CREDENTIALS = True
---
CORS_ALLOWED_ORIGINS = ["https://a.example"]
CORS_ALLOW_CREDENTIALS = True
---
CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.example\.com$"]
---
CORS_ALLOW_ALL_ORIGINS = env.bool("CORS_ALL", default=False)
---
CORS_ALLOW_ALL_ORIGINS = os.environ.get("CORS_ALL", "false").lower() == "true"
---
CORS_URLS_REGEX = r"^.*$"
CORS_ALLOW_HEADERS = ["*"]
---
ALLOWED_HOSTS = ['*']
---
# CORS_ORIGIN_ALLOW_ALL = True
---
CORS_ALLOW_CREDENTIALS = True
""")
OTHERS = cases(r"""
import aiohttp_cors
c = aiohttp_cors.setup(app, defaults={
    "*": aiohttp_cors.ResourceOptions(allow_credentials=True),  #! CORS-001, CORS-002
})
---
from aiohttp_cors import ResourceOptions as R
cors.add(route, {"*": R()})  #! CORS-001
---
import aiohttp_cors
aiohttp_cors.setup(app, defaults={"https://a.example": aiohttp_cors.ResourceOptions()})
---
import falcon
app = falcon.App(middleware=falcon.CORSMiddleware(allow_origins="*"))  #! CORS-001
---
import falcon
m = falcon.CORSMiddleware(allow_origins="*", allow_credentials="*")  #! CORS-001, CORS-002
---
import falcon
app = falcon.App(middleware=[falcon.CORSMiddleware()])  #! CORS-001
---
import falcon
app = falcon.App(cors_enable=True)  #! CORS-001
---
import falcon
m = falcon.CORSMiddleware(allow_origins="https://a.example", allow_credentials="*")
---
from litestar.config.cors import CORSConfig
c = CORSConfig()  #! CORS-001
---
from litestar.config.cors import CORSConfig
c = CORSConfig(allow_origins=["*"], allow_credentials=True)  #! CORS-001, CORS-002
---
from litestar.config.cors import CORSConfig
c = CORSConfig(allow_origins=["https://a.example"])
---
from quart_cors import cors
app = cors(app, allow_origin="*")  #! CORS-001
---
from quart_cors import cors
app = cors(app, allow_origin="https://a.example")
---
import socketio
sio = socketio.AsyncServer(cors_allowed_origins='*')  #! CORS-001
---
from flask_socketio import SocketIO
s = SocketIO(app, cors_allowed_origins="*")  #! CORS-001
---
from flask_socketio import SocketIO
s = SocketIO(app, cors_allowed_origins=["https://a.example"])
---
from flask_socketio import SocketIO
s = SocketIO(app)
---
from sanic_cors import CORS
CORS(app, automatic_options=True)  #! CORS-001
---
app.config.CORS_ORIGINS = "*"  #! CORS-001
---
app.config.CORS_ORIGINS = "https://a.example"
---
from chalice import Chalice
app = Chalice(app_name="x")
@app.route("/x", cors=True)  #! CORS-001
def f(): ...
---
from chalice import CORSConfig
c = CORSConfig(allow_origin="https://a.example", allow_credentials=True)
---
from aws_lambda_powertools.event_handler import CORSConfig
c = CORSConfig()  #! CORS-001
---
from aws_lambda_powertools.event_handler import CORSConfig
c = CORSConfig(allow_origin="https://a.example")
---
from aiohttp_middlewares import cors_middleware
m = cors_middleware(allow_all=True)  #! CORS-001
---
app.use_cors(allow_methods="*", allow_origins="*")  #! CORS-001
---
from cornice import Service
s = Service(name="x", path="/x", cors_origins=("*",))  #! CORS-001
""")
HEADERS = cases(r"""
def f(r):
    r.headers["Access-Control-Allow-Origin"] = "*"  #! CORS-001
---
def f():
    return Response(headers={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"})  #! CORS-001, CORS-002
---
def f(r):
    r.headers["Access-Control-Allow-Origin"] = "*"  #! CORS-001
    r.headers["Access-Control-Allow-Credentials"] = "false"
---
def f(r):
    r.headers['access-control-allow-origin'] = '*'  #! CORS-001
---
def f():
    return Response(headers={"Access-Control-Allow-Origin": "*"})  #! CORS-001
---
def f(r):
    r.headers.add("Access-Control-Allow-Origin", "*")  #! CORS-001
---
def f(r):
    r.headers.setdefault("Access-Control-Allow-Origin", "*")  #! CORS-001
---
def f(r):
    r.headers.update({"Access-Control-Allow-Origin": "*"})  #! CORS-001
---
def f(r):
    r["Access-Control-Allow-Origin"] = "*"  #! CORS-001
    return r
---
class H(RequestHandler):
    def set_default_headers(self):
        self.set_header("Access-Control-Allow-Origin", "*")  #! CORS-001, CORS-002
        self.set_header("Access-Control-Allow-Credentials", "true")
---
class H(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_header("Access-Control-Allow-Origin", "*")  #! CORS-001
---
def f(resp):
    resp.set_header("Access-Control-Allow-Origin", "*")  #! CORS-001
---
from bottle import response
@hook("after_request")
def f():
    response.headers["Access-Control-Allow-Origin"] = "*"  #! CORS-001
---
def lambda_handler(event, context):
    return {
        "statusCode": 200,
        "headers": {
            "Access-Control-Allow-Origin": "*",  #! CORS-001
        },
    }
---
def lambda_handler(event, context):
    return {"statusCode": 200, "headers": {
        "Access-Control-Allow-Origin": "*",  #! CORS-001, CORS-002
        "Access-Control-Allow-Credentials": True}}
---
HEADERS = {"Access-Control-Allow-Origin": "*"}  #! CORS-001
---
H = "Access-Control-Allow-Origin"
def f(r):
    r.headers[H] = "*"  #! CORS-001
---
ANY = "*"
def f(r):
    r.headers["Access-Control-Allow-Origin"] = ANY  #! CORS-001
---
def app(environ, start_response):
    start_response("200 OK", [("Access-Control-Allow-Origin", "*")])  #! CORS-001
---
async def send(m):
    m["headers"].append((b"access-control-allow-origin", b"*"))  #! CORS-001
---
def f(r):
    r.access_control_allow_origin = '*'  #! CORS-001
---
from aiohttp import hdrs
def f(r):
    r.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = '*'  #! CORS-001
---
def f():
    return 'ok', 200, {'Access-Control-Allow-Origin': '*'}  #! CORS-001
---
import os
def f(r):
    r.headers["Access-Control-Allow-Origin"] = os.getenv("ORIGIN", "*")  #! CORS-001
---
def f(r):
    r.headers["access-control-allow-origin"] = "*"  #! CORS-001, CORS-002
    r.headers["access-control-allow-credentials"] = "true"
---
def f(request, r):
    o = request.headers.get("origin")
    allow = o if o in ALLOWED else "*"
    r.headers["Access-Control-Allow-Origin"] = allow  #! CORS-001
---
HELP = "set Access-Control-Allow-Origin: *"
---
def f(r):
    r.headers["Access-Control-Allow-Origin"] = "https://a.example"
---
def f(r):
    r.headers["Access-Control-Allow-Origin"] = settings.ORIGIN
---
def f(r):
    r.headers["Access-Control-Allow-Methods"] = "*"
---
def f(r):
    r.headers["Access-Control-Allow-Headers"] = "*"
    r.headers["Access-Control-Expose-Headers"] = "*"
---
import requests
requests.get(URL, headers={"Access-Control-Allow-Origin": "*"})
---
import requests
def f():
    h = {"Access-Control-Allow-Origin": "*"}
    return requests.post(URL, headers=h)
---
def f(r):
    if r.headers["Access-Control-Allow-Origin"] == "*":
        raise ValueError
---
def f(r):
    assert r.headers.get("Access-Control-Allow-Origin") != "*"
---
def f(r):
    del r.headers["Access-Control-Allow-Origin"]
---
def f(r):
    # r.headers["Access-Control-Allow-Origin"] = "*"
    return r
---
def f(r):
    # public, static fonts
    r.headers["Access-Control-Allow-Origin"] = "*"
---
def f(r):
    r.headers["Access-Control-Allow-Origin"] = ALLOWED[0]
---
def f(r):
    r.headers["Vary"] = "*"
""")
ECHOES = cases(r"""
def f(request, r):
    r.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]  #! CORS-003
---
def f(request, r):
    o = request.headers.get("Origin", "")
    host = urlparse(o).hostname
    if host.endswith(".example.com"):
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    r.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")  #! CORS-003
---
def f(request, r):
    r.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin") or "*"  #! CORS-003
---
def f(request, r):
    o = request.headers.get("origin")
    r.headers["Access-Control-Allow-Origin"] = o  #! CORS-003
---
def f(request, r):
    o = request.headers.get("origin")
    if o:
        r.headers["Access-Control-Allow-Origin"] = o  #! CORS-003
---
def f(request, r):
    o = request.headers.get("origin")
    if o is not None and request.method == "OPTIONS":
        r.headers["Access-Control-Allow-Origin"] = o  #! CORS-003
---
def f(request, r):
    if "Origin" in request.headers:
        r.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]  #! CORS-003
---
def f(request):
    r = HttpResponse()
    r["Access-Control-Allow-Origin"] = request.META["HTTP_ORIGIN"]  #! CORS-003
---
def f(request):
    r = HttpResponse()
    r["Access-Control-Allow-Origin"] = request.META.get("HTTP_ORIGIN", "*")  #! CORS-003
---
from flask import request
@app.after_request
def f(r):
    r.headers.add("Access-Control-Allow-Origin", request.origin)  #! CORS-003
    return r
---
class H(RequestHandler):
    def get(self):
        self.set_header("Access-Control-Allow-Origin", self.request.headers.get("Origin"))  #! CORS-003
---
class H(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin"))  #! CORS-003
---
def on_get(self, req, resp):
    resp.set_header("Access-Control-Allow-Origin", req.get_header("Origin"))  #! CORS-003
---
def handler(event, context):
    origin = event["headers"]["origin"]
    return {"headers": {"Access-Control-Allow-Origin": origin}}  #! CORS-003
---
def handler(event, context):
    origin = event.get("headers", {}).get("Origin", "*")
    return {"headers": {"Access-Control-Allow-Origin": origin}}  #! CORS-003
---
def app(environ, start):
    h = [("Access-Control-Allow-Origin", environ.get("HTTP_ORIGIN"))]  #! CORS-003
---
def f(request):
    return JSONResponse({}, headers={"Access-Control-Allow-Origin": request.headers.get("origin", "")})  #! CORS-003
---
def f(request, r):
    r.headers["Access-Control-Allow-Origin"] = f"{request.headers['origin']}"  #! CORS-003
---
from fastapi import Header
def f(r, origin: str = Header(None)):
    r.headers["Access-Control-Allow-Origin"] = origin  #! CORS-003
---
def f(request, r):
    o = request.headers.get("Origin")
    if o in ALLOWED:
        log("known")
    r.headers["Access-Control-Allow-Origin"] = o  #! CORS-003
---
def f(request, r):
    if (o := request.headers.get("Origin")):
        r.headers["Access-Control-Allow-Origin"] = o  #! CORS-003
---
def f(request, r):
    o = request.headers.get("origin")
    if o in ALLOWED:
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin")
    if o not in ALLOWED:
        return r
    r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin", "")
    if not o.endswith(".example.com"):
        abort(403)
    r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin")
    if is_allowed(o):
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin")
    if PATTERN.fullmatch(o):
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin")
    if any(o == a for a in ALLOWED):
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin")
    r.headers["Access-Control-Allow-Origin"] = o if o in ALLOWED else "https://a.example"
---
def f(request, r):
    o = request.headers.get("origin")
    ok = o in ALLOWED
    if ok:
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin")
    if o not in ALLOWED:
        o = ALLOWED[0]
    r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    if request.headers.get("Origin") in ALLOWED:
        r.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
---
def f(request, r):
    for a in ALLOWED:
        if a == request.headers.get("Origin"):
            r.headers["Access-Control-Allow-Origin"] = a
---
def f(request, r):
    if request.headers.get("origin") == "https://a.example":
        r.headers["Access-Control-Allow-Origin"] = request.headers.get("origin")
---
def f(request, r):
    o = request.headers.get("origin")
    if o and self.origins.allows(o):
        r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    assert request.headers["Origin"] in ALLOWED
    r.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
---
def f(request, r):
    log.info(request.headers["Origin"])
    r.headers["Access-Control-Allow-Origin"] = SITE
---
def f(request, r):
    r.headers["X-Origin"] = request.headers["Origin"]
---
def f(request, r):
    r.headers["Access-Control-Allow-Origin"] = ALLOWED.get(request.headers["Origin"], SITE)
---
def f(request, r):
    r.headers["Access-Control-Allow-Headers"] = request.headers["Access-Control-Request-Headers"]
---
def f(request, r):
    o = next((a for a in ALLOWED if a == request.headers.get("Origin")), None)
    r.headers["Access-Control-Allow-Origin"] = o
---
def f(request, r):
    o = request.headers.get("origin", "*")
    if o in ALLOWED:
        r.headers["Access-Control-Allow-Origin"] = o
""")


@pytest.mark.parametrize("text", STARLETTE)
def test_starlette(samples, text):
    """CORSMiddleware is read in each of its spellings, with the values that its options may take."""
    samples.check(FASTAPI + text, *CODES)


@pytest.mark.parametrize("text", FLASK)
def test_flask(samples, text):
    """Flask-CORS allows every origin unless it is told which; the application's configuration counts."""
    samples.check("from flask_cors import CORS, cross_origin\n" + text, *CODES)


@pytest.mark.parametrize("text", DJANGO)
def test_django(samples, text):
    """The settings of django-cors-headers are read by their old and new names."""
    samples.check(text, *CODES)


@pytest.mark.parametrize("text", OTHERS)
def test_other_libraries(samples, text):
    """Other frameworks' CORS options are read with their own defaults."""
    samples.check(text, *CODES)


@pytest.mark.parametrize("text", HEADERS)
def test_headers_set_by_hand(samples, text):
    """A header of an answer set to `*` is found in each form; one of a request is none."""
    samples.check(text, *CODES)


@pytest.mark.parametrize("text", ECHOES)
def test_origin_echoed(samples, text):
    """The request's Origin sent back is found unless something on the way compares it."""
    samples.check(text, *CODES)


@pytest.mark.parametrize(
    "setting",
    [
        'class Settings(BaseSettings):\n    origins: list[str] = ["*"]\nsettings = Settings()\n',
        'class Settings(BaseSettings):\n    origins: list[str] = Field(default_factory=lambda: ["*"])\nsettings = Settings()\n',
        (
            'class Settings(BaseSettings):\n    raw: str = "*"\n    @property\n    def origins(self):\n'
            '        return self.raw.split(",")\nsettings = Settings()\n'
        ),
        (
            'class Settings(BaseSettings):\n    origins: list[str] = ["*"]\n@lru_cache\ndef get():\n    return Settings()\n'
            "settings = get()\n"
        ),
        (
            'class Settings:\n    def __init__(self):\n        self.origins = os.getenv("ORIGINS", "*").split(",")\n'
            "settings = Settings()\n"
        ),
    ],
)
def test_settings_of_another_module(samples, setting):
    """A wildcard default of a settings class counts where the middleware reads it from another file."""
    files = {
        "app/config.py": setting,
        "app/main.py": FASTAPI
        + "from app.config import settings\napp.add_middleware(CORSMiddleware, allow_origins=settings.origins)\n",
    }
    assert [(v.code, v.file, v.line) for v in samples.violations(files, *CODES)] == [("CORS-001", "app/main.py", 6)]


def test_flask_configuration_of_another_module(samples):
    """Origins named in the configuration of another file are those of `CORS(app)`."""
    files = {
        "config.py": 'class Config:\n    CORS_ORIGINS = ["https://a.example"]\n',
        "app.py": "from flask_cors import CORS\nCORS(app)\n",
    }
    assert samples.violations(files, *CODES) == []
