"""SEC-001: which routes anybody may call, over files, frameworks and contracts."""

from __future__ import annotations

import pytest

HEAD = """\
from typing import Annotated
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Security
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
import jwt
app = FastAPI()
bearer = HTTPBearer()
def get_db():
    yield 1
def current_user(token = Depends(bearer)):
    return jwt.decode(token.credentials, KEY, algorithms=["HS256"])
def maybe_user(token = Depends(HTTPBearer(auto_error=False))):
    return None if token is None else token
def require(role):
    def inner(user = Depends(current_user)):
        if user["role"] != role:
            raise HTTPException(status_code=403)
    return inner
User = Annotated[dict, Depends(current_user)]
"""
FASTAPI = [
    '@app.get("/orders")  #! SEC-001\ndef f(): ...',
    '@app.get("/orders")  #! SEC-001\ndef f(db = Depends(get_db)): ...',
    '@app.get("/orders")  #! SEC-001\ndef f(db: Annotated[int, Depends(get_db)]): ...',
    '@app.get("/orders")  #! SEC-001\ndef f(user = Depends(maybe_user)): ...',
    '@app.post("/hooks/pay")  #! SEC-001\ndef f(request: Request): ...',
    (
        'router = APIRouter(prefix="/v1")\n@router.delete("/orders/{id}")  #! SEC-001\ndef f(id): ...\n'
        "app.include_router(router)"
    ),
    'def f(): ...\napp.add_api_route("/orders", f, methods=["POST"])  #! SEC-001',
    '@app.api_route("/orders", methods=["GET"])  #! SEC-001\ndef f(): ...',
    '@app.get("/")  #! SEC-001\ndef f(): ...',
    'opt = HTTPBearer(auto_error=False)\n@app.get("/orders")  #! SEC-001\ndef f(t = Depends(opt)): ...',
    (
        "def soft(t = Depends(HTTPBearer(auto_error=False))):\n    try:\n"
        '        return jwt.decode(t, K, algorithms=["HS256"])\n'
        '    except Exception:\n        return None\n@app.get("/orders")  #! SEC-001\ndef f(u = Depends(soft)): ...'
    ),
    # near misses
    '@app.get("/orders")\ndef f(user = Depends(current_user)): ...',
    '@app.get("/orders")\ndef f(user: User): ...',
    '@app.get("/orders")\ndef f(user: Annotated[dict, Depends(current_user)]): ...',
    '@app.get("/orders")\ndef f(user = Security(current_user, scopes=["a"])): ...',
    '@app.get("/orders")\ndef f(token = Depends(bearer)): ...',
    '@app.get("/orders")\ndef f(token = Depends(OAuth2PasswordBearer(tokenUrl="t"))): ...',
    '@app.get("/orders", dependencies=[Depends(require("admin"))])\ndef f(): ...',
    (
        'router = APIRouter(dependencies=[Depends(current_user)])\n@router.get("/x")\ndef f(): ...\n'
        "app.include_router(router)"
    ),
    (
        'router = APIRouter()\n@router.get("/x")\ndef f(): ...\n'
        "app.include_router(router, dependencies=[Depends(current_user)])"
    ),
    (
        'GUARDS = [Depends(current_user)]\nrouter = APIRouter(dependencies=GUARDS)\n@router.get("/x")\n'
        "def f(): ...\napp.include_router(router)"
    ),
    'safe = FastAPI(dependencies=[Depends(current_user)])\n@safe.get("/x")\ndef f(): ...',
    '@app.get("/health")\ndef f(): ...',
    '@app.post("/auth/login")\ndef f(): ...',
    '@app.post("/users/register")\ndef f(): ...',
    '@app.post("/token")\ndef f(): ...',
    '@app.get("/metrics")\ndef f(): ...',
    '@app.post("/webhooks/pay")\ndef f(request: Request):\n    hmac.compare_digest(a, b)',
    (
        'def check(request):\n    hmac.compare_digest(a, b)\n@app.post("/webhooks/pay")\ndef f(request: Request):\n'
        "    check(request)"
    ),
    (
        "class Role:\n    def __init__(self, name): ...\n    def __call__(self, user = Depends(current_user)): ...\n"
        '@app.get("/x")\ndef f(u = Depends(Role("admin"))): ...'
    ),
    (
        "def key(x_api_key: str = Header()):\n    if x_api_key != K:\n        raise HTTPException(401)\n"
        '@app.get("/x")\ndef f(k = Depends(key)): ...'
    ),
    (
        '@app.middleware("http")\nasync def guard(request, call_next):\n'
        '    if not request.headers.get("authorization"):\n'
        '        return JSONResponse({}, status_code=401)\n    return await call_next(request)\n@app.get("/x")\n'
        "def f(): ..."
    ),
    'from auth_lib import get_current_user\n@app.get("/x")\ndef f(u = Depends(get_current_user)): ...',
    '"""@app.get("/orders") def f(): ..."""',
]
FLASK_HEAD = """\
from flask import Flask, Blueprint, abort, request
from flask_jwt_extended import jwt_required, verify_jwt_in_request
from flask_login import login_required
from functools import wraps
app = Flask(__name__)
def guarded(view):
    @wraps(view)
    def inner(*a):
        if "x" not in request.headers:
            abort(401)
        return view(*a)
    return inner
def timed(view):
    return view
"""
FLASK = [
    'class V(MethodView):\n    def get(self): ...\napp.add_url_rule("/x", view_func=V.as_view("v"))  #! SEC-001',
    (
        "class V(MethodView):\n    decorators = [login_required]\n    def get(self): ...\n"
        'app.add_url_rule("/x", view_func=V.as_view("v"))'
    ),
    '@app.route("/orders")  #! SEC-001\ndef f(): ...',
    '@app.post("/orders")  #! SEC-001\n@timed\ndef f(): ...',
    '@app.route("/orders", methods=["POST"])  #! SEC-001\n@jwt_required(optional=True)\ndef f(): ...',
    (
        'bp = Blueprint("b", __name__, url_prefix="/b")\n@bp.route("/x")  #! SEC-001\ndef f(): ...\n'
        "app.register_blueprint(bp)"
    ),
    'def f(): ...\napp.add_url_rule("/x", view_func=f)  #! SEC-001',
    '@app.before_request\ndef log():\n    print("x")\n@app.get("/x")  #! SEC-001\ndef f(): ...',
    # near misses
    '@app.route("/orders")\n@jwt_required()\ndef f(): ...',
    '@app.route("/orders")\n@login_required\ndef f(): ...',
    '@app.route("/orders")\n@guarded\ndef f(): ...',
    '@app.before_request\ndef guard():\n    verify_jwt_in_request()\n@app.get("/x")\ndef f(): ...',
    (
        '@app.before_request\ndef guard():\n    if not request.headers.get("x"):\n        abort(401)\n'
        '@app.get("/x")\ndef f(): ...'
    ),
    'bp = Blueprint("b", __name__)\n@bp.before_request\ndef guard():\n    abort(403)\n@bp.get("/x")\ndef f(): ...',
    '@app.get("/healthz")\ndef f(): ...',
]


@pytest.mark.parametrize("text", FASTAPI)
def test_fastapi(samples, text):
    """A FastAPI route needs a dependency that authenticates, on itself, its router, an inclusion or the application."""
    samples.check(HEAD + text, "SEC-001")


@pytest.mark.parametrize("text", FLASK)
def test_flask(samples, text):
    """A Flask route needs a decorator or a before_request that refuses unknown callers."""
    samples.check(FLASK_HEAD + text, "SEC-001")


PACKAGE = {
    "app/__init__.py": "",
    "app/auth.py": """\
        from typing import Annotated
        from fastapi import Depends
        from fastapi.security import HTTPBearer
        from .tokens import decode
        def current_user(token=Depends(HTTPBearer())):
            return decode(token)
        CurrentUser = Annotated[dict, Depends(current_user)]
        """,
    "app/tokens.py": "import jwt\ndef decode(token):\n    return jwt.decode(token, KEY, algorithms=['HS256'])\n",
    "app/routers/__init__.py": "",
    "app/routers/orders.py": """\
        from fastapi import APIRouter
        from app.auth import CurrentUser
        router = APIRouter(prefix="/orders")
        @router.get("/{id}")
        def read(id, user: CurrentUser): ...
        @router.delete("/{id}")
        def remove(id): ...
        """,
    "app/routers/admin.py": """\
        from fastapi import APIRouter
        router = APIRouter()
        @router.get("/stats")
        def stats(): ...
        """,
    "app/main.py": """\
        from fastapi import Depends, FastAPI
        from .auth import current_user
        from .routers import admin, orders
        def create_app():
            app = FastAPI()
            app.include_router(orders.router, prefix="/v1")
            app.include_router(admin.router, prefix="/admin", dependencies=[Depends(current_user)])
            return app
        """,
}


def test_protection_in_other_files(samples):
    """Aliases, routers and inclusions count wherever in the service they stand."""
    found = samples.violations(PACKAGE, "SEC-001")
    assert [(v.file, v.line, v.evidence) for v in found] == [("app/routers/orders.py", 6, "DELETE /v1/orders/{id}")]


def test_routers_in_a_loop(samples):
    """Routers that are included in a loop over a tuple get the prefix of that inclusion."""
    text = (
        "from fastapi import APIRouter, FastAPI\na = APIRouter()\nb = APIRouter()\n@a.get('/x')\ndef f(): ...\n"
        "@b.get('/y')\ndef g(): ...\napp = FastAPI()\nfor r in (a, b):\n    app.include_router(r, prefix='/api')\n"
    )
    assert [v.evidence for v in samples.violations({"app.py": text}, "SEC-001")] == ["GET /api/x", "GET /api/y"]


STARLETTE = """\
from starlette.applications import Starlette
from starlette.routing import Route, Mount
from starlette.authentication import requires
def home(request): ...
@requires("authenticated")
def safe(request): ...
app = Starlette(routes=[
    Route("/home", home),
    Mount("/api", routes=[Route("/safe", safe), Route("/open", home, methods=["POST"])]),
])
"""


def test_starlette(samples):
    """Starlette's routes are read from their list, with the paths of the mounts around them."""
    found = samples.violations({"app.py": STARLETTE}, "SEC-001")
    assert [(v.line, v.evidence) for v in found] == [(8, "GET /home"), (9, "POST /api/open")]


def test_optional_login_of_a_library(samples):
    """A dependency of a library counts by its name, unless it is asked to let anonymous callers in."""
    text = (
        "from fastapi import FastAPI, Depends\nfrom fastapi_users import FastAPIUsers\nusers = FastAPIUsers(a, b)\n"
        "app = FastAPI()\n@app.get('/me')\ndef f(u=Depends(users.current_user())): ...\n"
        "@app.get('/any')\ndef g(u=Depends(users.current_user(optional=True))): ...\n"
    )
    assert [v.evidence for v in samples.violations({"app.py": text}, "SEC-001")] == ["GET /any"]


def test_contract_decides(samples):
    """With a contract, `security: []` makes an operation public, and no path is public by convention alone."""
    text = (
        HEAD + "@app.get('/offers')\ndef f(): ...\n@app.post('/login')\ndef g(): ...\n"
        "@app.get('/orders/{order_id}')\ndef h(): ...\n"
    )
    contract = {
        "security": [{"bearerAuth": []}],
        "paths": {
            "/offers": {"get": {"security": []}},
            "/login": {"post": {}},
            "/orders/{id}": {"get": {}},
        },
    }
    found = samples.violations({"app.py": text}, "SEC-001", contract=contract)
    assert [v.evidence for v in found] == ["POST /login", "GET /orders/{order_id}"]


def test_optional_security_is_public(samples):
    """An alternative that asks for nothing makes an operation public in the contract."""
    contract = {"paths": {"/offers": {"get": {"security": [{}, {"bearerAuth": []}]}}}}
    text = HEAD + "@app.get('/offers')\ndef f(): ...\n"
    assert samples.violations({"app.py": text}, "SEC-001", contract=contract) == []


def test_router_that_nobody_includes(samples):
    """A router that no application includes serves nothing, unless an inclusion is not understood."""
    text = "from fastapi import APIRouter, FastAPI\na = APIRouter()\n@a.get('/x')\ndef f(): ...\napp = FastAPI()\n"
    assert samples.violations({"app.py": text}, "SEC-001") == []
    found = samples.violations({"app.py": text + "for name in names:\n    app.include_router(load(name))\n"}, "SEC-001")
    assert [v.evidence for v in found] == ["GET /x"]


def test_routes(samples):
    """A route says method, full path, place, handler and protection."""
    from pytest_superteam.scanners.facts.routes import Route, routes
    from pytest_superteam.scanners.source import source_tree

    tree = source_tree(samples.target(PACKAGE))
    assert routes(tree) == (
        Route("GET", "/admin/stats", "app/routers/admin.py", 3, "stats", protected=True),
        Route("GET", "/v1/orders/{id}", "app/routers/orders.py", 4, "read", protected=True),
        Route("DELETE", "/v1/orders/{id}", "app/routers/orders.py", 6, "remove", protected=False),
    )
