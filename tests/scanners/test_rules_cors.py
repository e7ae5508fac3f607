"""Good, bad and near-miss lines of CORS-001 to CORS-003."""

from __future__ import annotations

import pytest

FASTAPI = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI()\n"
CASES = [
    FASTAPI + 'app.add_middleware(CORSMiddleware, allow_origins=["*"])  #! CORS-001',
    FASTAPI + 'app.add_middleware(\n    CORSMiddleware,\n    allow_origins=["*"],  #! CORS-001, CORS-002\n'
    "    allow_credentials=True,\n)",
    FASTAPI
    + 'origins = ["https://a.example", "*"]\napp.add_middleware(CORSMiddleware, allow_origins=origins)  #! CORS-001',
    FASTAPI
    + 'class S:\n    cors = ["*"]\ns = S()\napp.add_middleware(CORSMiddleware, allow_origins=s.cors)  #! CORS-001',
    FASTAPI
    + 'import os\napp.add_middleware(CORSMiddleware, allow_origins=os.getenv("CORS", "*").split(","))  #! CORS-001',
    FASTAPI + 'app.add_middleware(CORSMiddleware, allow_origin_regex=".*")  #! CORS-003',
    (
        "from starlette.middleware import Middleware\nfrom starlette.middleware.cors import CORSMiddleware as C\n"
        'm = [Middleware(C, allow_origins=("*",), allow_credentials=True)]  #! CORS-001, CORS-002'
    ),
    FASTAPI + 'cfg = dict(allow_origins=["*"])  #! CORS-001\napp.add_middleware(CORSMiddleware, **cfg)',
    FASTAPI + 'cfg = {"allow_origins": ["*"]}  #! CORS-001\napp.add_middleware(CORSMiddleware, **cfg)',
    FASTAPI + 'app.add_middleware(CORSMiddleware, allow_origins=["*"] if DEBUG else ORIGINS)  #! CORS-001',
    "from flask_cors import CORS\nCORS(app)  #! CORS-001",
    "from flask_cors import CORS\nCORS(app, supports_credentials=True)  #! CORS-001, CORS-002",
    'from flask_cors import CORS\nCORS(app, origins="*")  #! CORS-001',
    'from flask_cors import CORS\nCORS(app, resources={r"/api/*": {"origins": "*"}})  #! CORS-001',
    "from flask_cors import cross_origin\n@cross_origin()  #! CORS-001\ndef f(): ...",
    "CORS_ALLOW_ALL_ORIGINS = True  #! CORS-001, CORS-002\nCORS_ALLOW_CREDENTIALS = True",
    'def f(r):\n    r.headers["Access-Control-Allow-Origin"] = "*"  #! CORS-001',
    'def f():\n    return Response(headers={"Access-Control-Allow-Origin": "*"})  #! CORS-001',
    'def f(r):\n    r.headers.add("Access-Control-Allow-Origin", "*")  #! CORS-001',
    (
        'def f(r):\n    r.headers["access-control-allow-origin"] = "*"  #! CORS-001, CORS-002\n'
        '    r.headers["access-control-allow-credentials"] = "true"'
    ),
    'def f(request, r):\n    r.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]  #! CORS-003',
    (
        'def f(request, r):\n    o = request.headers.get("origin")\n'
        '    r.headers["Access-Control-Allow-Origin"] = o  #! CORS-003'
    ),
    # near misses
    FASTAPI + 'app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], allow_credentials=True)',
    FASTAPI + 'app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], allow_methods=["*"])',
    FASTAPI + "app.add_middleware(CORSMiddleware, allow_origins=settings.origins)",
    FASTAPI + 'app.add_middleware(CORSMiddleware, allow_origin_regex=r"https://.*\\.example\\.com")',
    FASTAPI + '# app.add_middleware(CORSMiddleware, allow_origins=["*"])',
    'from flask_cors import CORS\nCORS(app, origins=["https://a.example"])',
    "from flask_cors import CORS\ncors = CORS()\ncors.init_app(app, origins=ORIGINS)",
    'from flask_cors import CORS\nCORS(app, resources={r"/api/*": {"origins": ["https://a.example"]}})',
    "CORS_ALLOW_ALL_ORIGINS = False\nCORS_ALLOW_CREDENTIALS = True",
    (
        'def f(request, r):\n    o = request.headers.get("origin")\n    if o in ALLOWED:\n'
        '        r.headers["Access-Control-Allow-Origin"] = o'
    ),
    'HELP = "set Access-Control-Allow-Origin: *"',
]


@pytest.mark.parametrize("text", CASES)
def test_cors(samples, text):
    """CORS-001 to 003 find wildcards, wildcards with credentials, and origins echoed unchecked."""
    samples.check(text, "CORS-001", "CORS-002", "CORS-003")


def test_settings_of_another_module(samples):
    """A wildcard default of a settings class counts where the middleware reads it from another file."""
    files = {
        "app/config.py": "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n"
        '    origins: list[str] = ["*"]\nsettings = Settings()\n',
        "app/main.py": FASTAPI
        + "from app.config import settings\napp.add_middleware(CORSMiddleware, allow_origins=settings.origins)\n",
    }
    assert [(v.code, v.file, v.line) for v in samples.violations(files, "CORS-001", "CORS-002")] == [
        ("CORS-001", "app/main.py", 5)
    ]
