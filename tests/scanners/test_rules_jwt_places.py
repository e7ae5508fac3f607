"""SEC-005 in settings files that are no code, and where one file signs with what another one holds."""

from __future__ import annotations

import pytest

FILES = [
    (
        {
            ".env": "PORT=3000\nJWT_SECRET=supersecret\nJWT_EXPIRES_IN=1d\nJWT_PUBLIC_KEY=abc\n"
            'export JWT_REFRESH_SECRET="abc"\nJWT_SECRET_KEY=${X}\n# JWT_SECRET=abc\nJWT_SECRET=\n'
        },
        [(".env", 2), (".env", 5)],
    ),
    (
        {".env.example": "JWT_SECRET=changeme\nJWT_SECRET=your-secret-here\nJWT_SECRET=9f8a7sd6f98a7sdf\n"},
        [(".env.example", 3)],
    ),
    (
        {"application.yml": "app:\n  jwt:\n    secret: abcdef\n    expiration: 100\njwt:\n  secret: ${JWT_SECRET}\n"},
        [("application.yml", 3)],
    ),
    (
        {"k8s.yaml": "env:\n  - name: JWT_SECRET\n    value: abcdef\n  - name: JWT_ISSUER\n    value: me\n"},
        [("k8s.yaml", 3)],
    ),
    (
        {"values.yaml": "jwtSecret: ${{ secrets.JWT }}\njwtKey: ${JWT_KEY:changeme}\njwtKeyB: '${X:}'\n"},
        [("values.yaml", 2)],
    ),
    (
        {"application.properties": "jwt.secret=abcdef\njwt.expiration=100\napp.jwtSecret=hello\n"},
        [("application.properties", 1), ("application.properties", 3)],
    ),
    (
        {"default.json": '{\n "jwtSecret": "abc",\n "jwtPrivateKey": "",\n "jwt": {\n  "secret": "abc"\n }\n}'},
        [("default.json", 2), ("default.json", 5)],
    ),
    ({"settings.toml": '[jwt]\nsecret = "abc"\nissuer = "me"\n'}, [("settings.toml", 2)]),
    (
        {
            "config.py": "SECRET = 'abc'\nOTHER = 'x'\n",
            "auth.py": "import jwt\nfrom config import SECRET\njwt.encode(p, SECRET)\n",
        },
        [("config.py", 1)],
    ),
    (
        {
            "core/config.py": "class Settings(BaseSettings):\n    secret_key: str = 'abc'\n    secret: str = 'x'\n",
            "auth.py": "from jose import jwt\nfrom core.config import settings\njwt.encode(p, settings.secret_key)\n",
        },
        [("core/config.py", 2)],
    ),
    (
        {
            "settings.py": "SECRET_KEY = 'django-insecure-x'\nINSTALLED_APPS = ['rest_framework']\n",
            "urls.py": "from rest_framework_simplejwt.views import TokenObtainPairView\n",
        },
        [("settings.py", 1)],
    ),
    (
        {
            "settings.py": "SECRET_KEY = 'django-insecure-x'\nSIMPLE_JWT = {'SIGNING_KEY': os.environ['X']}\n",
            "urls.py": "from rest_framework_simplejwt.views import TokenObtainPairView\n",
        },
        [],
    ),
    ({"settings.py": "SECRET_KEY = 'django-insecure-x'\n", "urls.py": "from django.urls import path\n"}, []),
    (
        {
            "config.js": "module.exports = { secret: 'abc', port: 1 };\n",
            "other.js": "app.use(session({ secret: 'abc' }));\n",
            "auth.js": "const jwt = require('jsonwebtoken');\nconst config = require('./config');\n"
            "jwt.sign(p, config.secret);\n",
        },
        [("config.js", 1)],
    ),
]


@pytest.mark.parametrize(("files", "wanted"), FILES)
def test_places(samples, files, wanted):
    """A key is found where it is set, if the service signs tokens with it."""
    assert sorted((v.file, v.line) for v in samples.violations(files, "SEC-005")) == wanted
