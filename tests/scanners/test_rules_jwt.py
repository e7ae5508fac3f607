"""Good, bad and near-miss lines of SEC-002 to SEC-006."""

# ruff: noqa: E501 -- samples keep the layout of their language

from __future__ import annotations

import pytest

NONE = [
    'import jwt\nfrom enum import Enum\nclass A(Enum):\n    NO = "none"\njwt.encode(p, None, algorithm=A.NO.value)  #! SEC-002',
    'import jwt\njwt.decode(t, k, algorithms=["none"])  #! SEC-002',
    'import jwt\njwt.decode(t, k, algorithms=["HS256", "NONE"])  #! SEC-002',
    'import jwt\njwt.encode(p, "", algorithm="None")  #! SEC-002',
    "import jwt\njwt.encode(p, None, algorithm=None)  #! SEC-002",
    'from jwt import decode as d\nALGS = ["none"]\nd(t, k, algorithms=ALGS)  #! SEC-002',
    'from jose import jwt\njwt.decode(t, k, algorithms="none")  #! SEC-002',
    'from authlib.jose import jwt\njwt.encode({"alg": "none"}, payload, key)  #! SEC-002',
    'from authlib.jose import JsonWebToken\nj = JsonWebToken(["HS256", "none"])  #! SEC-002',
    'import jwt\njwt.encode(p, k, "HS256", headers={"alg": "none"})  #! SEC-002',
    'JWT_ALGORITHM = "none"  #! SEC-002',
    # near misses
    'import jwt\njwt.decode(t, k, algorithms=["HS256"])',
    'import jwt\nif header["alg"] == "none":\n    raise ValueError\n',
    'import jwt\n# jwt.decode(t, k, algorithms=["none"])\n',
    'import jwt\ndef f():\n    """Never jwt.decode(t, k, algorithms=["none"])."""\n',
    'import jwt\nmessage = "jwt.decode(t, k, algorithms=[none])"',
    'import other\nother.decode(t, k, algorithms=["none"])',
    'import jwt\nif x:\n    ALGS = ["none"]\nelse:\n    ALGS = ["HS256"]\njwt.decode(t, k, algorithms=ALGS)',
]

UNVERIFIED = [
    'import jwt\njwt.decode(t, options={"verify_signature": False})  #! SEC-003',
    "import jwt\njwt.decode(t, k, verify=False)  #! SEC-003",
    "import jwt\njwt.decode(t, options=dict(verify_signature=False))  #! SEC-003",
    'import jwt as j\nOPTS = {"verify_signature": False}\nj.decode(t, k, ["HS256"], OPTS)  #! SEC-003',
    'import jwt\nVERIFY = False\njwt.decode(t, k, options={"verify_signature": VERIFY})  #! SEC-003',
    "from jose import jwt\nclaims = jwt.get_unverified_claims(token)  #! SEC-003",
    'from jose.jwt import decode\ndecode(t, k, options={"verify_signature": False})  #! SEC-003',
    'import jwt\njwt.decode_complete(t, options={"verify_signature": False})  #! SEC-003',
    # near misses
    'import jwt\njwt.decode(t, k, algorithms=["HS256"])',
    'import jwt\njwt.decode(t, k, algorithms=["HS256"], options={"verify_signature": True})',
    "import jwt\nheader = jwt.get_unverified_header(t)",
    """\
    import jwt
    def claims(t):
        issuer = jwt.decode(t, options={"verify_signature": False})["iss"]
        return jwt.decode(t, KEYS[issuer], algorithms=["RS256"])
    """,
    """\
    import jwt
    def claims(t, other):
        issuer = jwt.decode(t, options={"verify_signature": False})["iss"]  #! SEC-003
        return jwt.decode(other, KEYS[issuer], algorithms=["RS256"])
    """,
    "import requests\nrequests.get(url, verify=False)",
]

ENDLESS = [
    'import jwt\njwt.decode(t, k, algorithms=["HS256"], verify_exp=False)  #! SEC-004',
    'import jwt\npayload = {"sub": user}\nadd_expiry(payload)\njwt.encode(payload, k)',
    'import jwt\npayload = {"sub": user}\nlogger.info("for", payload)\njwt.encode(payload, k)  #! SEC-004',
    'import jwt\njwt.decode(t, k, algorithms=["HS256"], options={"verify_exp": False})  #! SEC-004',
    'import jwt\njwt.encode({"sub": user}, k, algorithm="HS256")  #! SEC-004',
    'import jwt\npayload = {"sub": user, "iat": now}\njwt.encode(payload, k)  #! SEC-004',
    "import jwt\njwt.encode(dict(sub=user), k)  #! SEC-004",
    'from jose import jwt\njwt.decode(t, k, "HS256", options={"verify_exp": False})  #! SEC-004',
    'app.config["JWT_ACCESS_TOKEN_EXPIRES"] = False  #! SEC-004',
    "from flask_jwt_extended import create_access_token as c\nc(identity=u, expires_delta=False)  #! SEC-004",
    # near misses
    'import jwt\njwt.encode({"sub": user, "exp": end}, k)',
    'import jwt\npayload = {"sub": user}\npayload["exp"] = end\njwt.encode(payload, k)',
    'import jwt\npayload = {"sub": user}\npayload.update(more)\njwt.encode(payload, k)',
    'import jwt\njwt.encode({**claims, "iat": now}, k)',
    "import jwt\njwt.encode(claims, k)",
    'import jwt\njwt.decode(t, k, algorithms=["HS256"], options={"verify_exp": True})',
    'import jwt\njwt.encode({"sub": user, **({"exp": end})}, k)',
]

SECRET = [
    'import jwt\njwt.encode(p, "s3cr3t-key", algorithm="HS256")  #! SEC-005',
    'import jwt\njwt.decode(t, b"s3cr3t-key", algorithms=["HS256"])  #! SEC-005',
    'from jwt import encode\nKEY = "s3cr3t-key"\nencode(p, KEY)  #! SEC-005',
    'import os\nimport jwt\njwt.encode(p, os.getenv("JWT_SECRET", "changeme"))  #! SEC-005',
    'import os\nJWT_SECRET = os.environ.get("JWT_SECRET", "changeme")  #! SEC-005',
    'class Settings:\n    jwt_secret: str = "changeme"  #! SEC-005',
    'import jwt\nclass S:\n    key = "abc123"\ns = S()\njwt.encode(p, s.key)  #! SEC-005',
    'from jose import jwt\nSECRET_KEY = "a-long-secret"  #! SEC-005',
    'app.config["JWT_SECRET_KEY"] = "super-secret"  #! SEC-005',
    'import jwt\nprefix = "abc"\njwt.encode(p, f"{prefix}-def")  #! SEC-005',
    'import jwt\nJWT_SECRET = "one"\njwt.encode(p, JWT_SECRET)  #! SEC-005\njwt.decode(t, JWT_SECRET, ["HS256"])  #! SEC-005',
    'SIMPLE_JWT = {\n    "SIGNING_KEY": "abcdef",  #! SEC-005\n}',
    # near misses
    'import jwt\nimport os\njwt.encode(p, os.environ["JWT_SECRET"])',
    'import jwt\nimport os\njwt.encode(p, os.getenv("JWT_SECRET", ""))',
    "import jwt\njwt.encode(p, settings.jwt_secret)",
    "class Settings:\n    jwt_secret: str",
    'SECRET_KEY = "of sessions, no JWT here"',
    'import jwt\njwt.decode(t, "-----BEGIN PUBLIC KEY-----\\nMII", algorithms=["RS256"])',
    'JWT_SECRET_KEY = "JWT_SECRET"',
    'JWT_ALGORITHM = "HS256"',
    'import jwt\njwt.encode(p, open("key.pem").read())',
]

CONFUSED = [
    'from jwt import PyJWT\nPyJWT(options={"verify_signature": False}).decode(t)',
    'from jwt import PyJWT\nd = PyJWT(options={"verify_signature": False})\nd.decode(t)',
    "from jwt import PyJWT\nPyJWT().decode(t, k)  #! SEC-006",
    'import jwt\njwt.decode(t, k, algorithms=["HS256", "RS256"])  #! SEC-006',
    'import jwt\njwt.decode(t, public_key, algorithms=["HS256"])  #! SEC-006',
    'import jwt\nh = jwt.get_unverified_header(t)\njwt.decode(t, k, algorithms=[h["alg"]])  #! SEC-006',
    'import jwt\njwt.decode(t, k, algorithms=[jwt.get_unverified_header(t)["alg"]])  #! SEC-006',
    "from jose import jwt\njwt.decode(t, k)  #! SEC-006",
    # near misses
    'import jwt\njwt.decode(t, public_key, algorithms=["RS256"])',
    'import jwt\njwt.decode(t, k, algorithms=["HS256", "HS512"])',
    'import jwt\njwt.decode(t, k, algorithms=["RS256", "ES256"])',
    'from jose import jwt\njwt.decode(t, k, algorithms="HS256")',
]

NONE += [
    """\
    from jwt import PyJWT
    codec = PyJWT()
    codec.decode(t, k, algorithms=["none"])  #! SEC-002
    """,
    """\
    from joserfc import jwt
    jwt.encode({"alg": "none"}, claims, key)  #! SEC-002
    jwt.decode(t, key, algorithms=["none", "HS256"])  #! SEC-002
    """,
    """\
    from jwcrypto import jwt
    tok = jwt.JWT(header={"alg": "none"}, claims={"exp": 1})  #! SEC-002
    """,
    """\
    import python_jwt as jwt
    jwt.generate_jwt(payload, None, "none", delta)  #! SEC-002
    jwt.verify_jwt(t, None, ["none"])  #! SEC-002
    """,
    """\
    SIMPLE_JWT = {
        "ALGORITHM": "none",  #! SEC-002
    }
    """,
    """\
    app.config["JWT_ALGORITHM"] = "none"  #! SEC-002
    app.config.update(JWT_DECODE_ALGORITHMS=["HS256", "none"])  #! SEC-002
    """,
    """\
    import jwt
    class Auth:
        ALGORITHMS = ["none"]
        def f(self, t):
            return jwt.decode(t, self.key, algorithms=self.ALGORITHMS)  #! SEC-002
    """,
    """\
    import jwt
    kwargs = {"algorithms": ["none"]}
    jwt.decode(t, k, **kwargs)  #! SEC-002
    """,
    """\
    import jwt
    jwt.decode(  #! SEC-002
        t,
        k,
        algorithms=("HS256", "nOnE"),
    )
    """,
    """\
    import os, jwt
    ALG = os.getenv("ALG", "none")
    jwt.encode(p, k, ALG)  #! SEC-002
    """,
    """\
    from fastapi_jwt_auth import AuthJWT
    class Settings(BaseModel):
        authjwt_algorithm: str = "none"  #! SEC-002
    """,
    """\
    import jwt
    jws = jwt.PyJWS(algorithms=["none"])  #! SEC-002
    from jose import jws as j
    j.sign(p, k, algorithm="none")  #! SEC-002
    """,
    """\
    from authlib.jose import JsonWebSignature
    JsonWebSignature().serialize_compact({"alg": "none"}, b"x", b"")  #! SEC-002
    """,
]

UNVERIFIED += [
    """\
    import jwt
    def f(token):
        options = {}
        options["verify_signature"] = False
        return jwt.decode(token, key, options=options)  #! SEC-003
    """,
    """\
    import jwt
    jwt.decode(t, "k", False)  #! SEC-003
    jwt.decode(t, k, True, ["HS256"])
    jwt.decode(t, k, options={**BASE, "verify_signature": False})  #! SEC-003
    jwt.decode(t, options={"verify_signature": 0})  #! SEC-003
    """,
    """\
    from jose import jws
    jws.verify(t, k, "HS256", verify=False)  #! SEC-003
    jws.get_unverified_claims(t)  #! SEC-003
    """,
    """\
    import python_jwt
    header, claims = python_jwt.process_jwt(t)  #! SEC-003
    """,
    """\
    from rest_framework_simplejwt.tokens import AccessToken, UntypedToken
    AccessToken(raw, verify=False)  #! SEC-003
    UntypedToken(raw)
    """,
    """\
    JWT_AUTH = {
        "JWT_VERIFY": False,  #! SEC-003
    }
    """,
    """\
    import jwt
    def f(token):
        if settings.DEBUG:
            return jwt.decode(token, options={"verify_signature": False})  #! SEC-003
        return jwt.decode(token, KEY, algorithms=["HS256"])
    def g(token):
        try:
            return jwt.decode(token, KEY, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            return jwt.decode(token, options={"verify_signature": False})  #! SEC-003
    """,
    """\
    import jwt
    def f(token):
        claims = jwt.decode(token, options={"verify_signature": False})
        key = keys[claims["iss"]]
        try:
            jwt.decode(token, key, algorithms=["RS256"])
        except jwt.PyJWTError:
            raise Unauthorized
    """,
    """\
    import jwt
    def f(token):
        verify_token(token)
        return jwt.decode(token, options={"verify_signature": False})
    async def g(jwt):
        return jwt.decode("utf-8")
    """,
    """\
    import jwt
    opts = dict(verify_signature=False)
    jwt.decode(token, **{"options": opts})  #! SEC-003
    """,
    """\
    from jwt import JWT
    JWT().decode(t, k, do_verify=False)  #! SEC-003
    """,
    """\
    class A:
        def __init__(self):
            self.coder = jwt.PyJWT()
        def f(self, t):
            return self.coder.decode(t, options={"verify_signature": False})  #! SEC-003
    import jwt
    """,
]

ENDLESS += [
    """\
    import jwt
    def make(user):
        payload = dict(sub=user.id)
        payload["role"] = "x"
        return jwt.encode(payload, key)  #! SEC-004
    def ok(data: dict):
        to_encode = data.copy()
        to_encode.update({"exp": 1})
        return jwt.encode(to_encode, key)
    def ok2(data: dict):
        to_encode = data.copy()
        return jwt.encode(to_encode, key)
    def ok3(user):
        payload = {"sub": user}
        payload.update(exp=1)
        return jwt.encode(payload, key)
    def ok4(user):
        payload = {"sub": user} | {"exp": 1}
        return jwt.encode(payload, key)
    def bad4(user):
        payload = {"sub": user} | {"a": 1}
        return jwt.encode(payload, key)  #! SEC-004
    def bad5(user, expires_delta=None):
        payload = {"sub": user}
        payload.update({"iat": 1})
        return jwt.encode(payload, key)  #! SEC-004
    def cond(user, delta=None):
        payload = {"sub": user}
        if delta:
            payload["exp"] = delta
        return jwt.encode(payload, key)
    def base(user):
        return {"sub": user}
    def viafunc(user):
        return jwt.encode(base(user), key)  #! SEC-004
    """,
    """\
    from joserfc import jwt
    jwt.encode({"alg": "HS256"}, {"sub": 1}, key)  #! SEC-004
    from authlib.jose import jwt as j
    j.encode({"alg": "HS256"}, {"iss": "x"}, key)  #! SEC-004
    j.encode({"alg": "HS256"}, {"iss": "x", "exp": 1}, key)
    """,
    """\
    import python_jwt as jwt
    jwt.generate_jwt({"a": 1}, key, "HS256")  #! SEC-004
    jwt.generate_jwt({"a": 1}, key, "HS256", timedelta(minutes=5))
    jwt.generate_jwt({"a": 1}, key, "PS256", lifetime=timedelta(minutes=5))
    """,
    """\
    from flask_jwt_extended import decode_token, create_access_token
    decode_token(t, allow_expired=True)  #! SEC-004
    create_access_token(identity=u)
    create_access_token(identity=u, expires_delta=timedelta(days=1))
    app.config["JWT_REFRESH_TOKEN_EXPIRES"] = False  #! SEC-004
    """,
    """\
    from fastapi_users.authentication import JWTStrategy
    def get():
        return JWTStrategy(secret=SECRET_FROM_ENV, lifetime_seconds=None)  #! SEC-004
    def get2():
        return JWTStrategy(secret=SECRET_FROM_ENV, lifetime_seconds=3600)
    """,
    """\
    JWT_AUTH = {"JWT_VERIFY_EXPIRATION": False}  #! SEC-004
    class Config:
        JWT_ACCESS_TOKEN_EXPIRES = False  #! SEC-004
        JWT_REFRESH_TOKEN_EXPIRES = timedelta(days=30)
    """,
    """\
    import jwt
    jwt.decode(t, k, algorithms=["HS256"], options={"verify_exp": False, "verify_aud": False})  #! SEC-004
    jwt.decode(t, k, algorithms=["HS256"], options={"verify_aud": False})
    from jwcrypto import jwt as jc
    jc.JWT(key=k, jwt=t, check_claims=False)  #! SEC-004
    jc.JWT(header={"alg": "HS256"}, claims={"a": 1})  #! SEC-004
    jc.JWT(header={"alg": "HS256"}, claims={"a": 1}, default_claims={"exp": None})
    """,
]

SECRET += [
    """\
    import jwt
    def bad(p):
        secret_const = "this-is-secret"
        return jwt.encode(p, secret_const, algorithm="HS256")  #! SEC-005
    def bad2(p, key="x1"):
        return jwt.encode(p, key)  #! SEC-005
    def bad3(p):
        return jwt.encode(p, key=base64.b64decode("c2VjcmV0"))  #! SEC-005
    def bad4(p):
        return jwt.encode(p, getattr(settings, "K", "dflt"))  #! SEC-005
    def bad5(p):
        return jwt.encode(p, CONFIG["secret"])  #! SEC-005
    CONFIG = {"secret": "abc"}
    def bad6(p):
        return jwt.encode(p, os.environ.get("A") or "abcd")  #! SEC-005
    def bad7(p):
        return jwt.encode(p, "x" * 32)  #! SEC-005
    def bad8(p):
        k = current_app.config.get("SECRET", "abc")
        return jwt.encode(p, k)  #! SEC-005
    def bad9(p):
        return jwt.encode(p, "secret".encode("utf-8"))  #! SEC-005
    def bad10(p):
        return jwt.encode(p, bytes("secret", "utf-8"))  #! SEC-005
    def good(p):
        return jwt.encode(p, os.environ["X"])
    def good2(p, key):
        return jwt.encode(p, key)
    def good3(p):
        return jwt.encode(p, Path("k.pem").read_text())
    def good4(p):
        return jwt.encode(p, secrets.token_hex(32))
    def good5(p):
        return jwt.encode(p, settings.SECRET_KEY)
    def good6(p):
        return jwt.decode(p, "jwks-not-secret", algorithms=["RS256"])
    """,
    """\
    from flask import Flask
    import jwt
    app = Flask(__name__)
    app.config['SECRET_KEY'] = 'thisissecret'
    def f():
        return jwt.encode(p, app.config['SECRET_KEY'])  #! SEC-005
    """,
    """\
    from flask_jwt_extended import JWTManager
    app.config["JWT_SECRET_KEY"] = "super-secret"  #! SEC-005
    jwt = JWTManager(app)
    """,
    """\
    from flask_jwt import JWT
    app.config['SECRET_KEY'] = 'super-secret'  #! SEC-005
    jwt = JWT(app, authenticate, identity)
    """,
    """\
    SIMPLE_JWT = {
        "ACCESS_TOKEN_LIFETIME": 5,
        "SIGNING_KEY": "django-insecure-abc",  #! SEC-005
        "AUTH_HEADER_TYPES": ("Bearer",),
    }
    """,
    """\
    JWT_AUTH = {
        'JWT_SECRET_KEY': 'abc',  #! SEC-005
        'JWT_ALGORITHM': 'HS256',
    }
    """,
    """\
    class Settings(BaseSettings):
        authjwt_secret_key: str = "secret"  #! SEC-005
        jwt_secret: SecretStr = SecretStr("x")  #! SEC-005
        jwt_private_key: str = Field(default="abc")  #! SEC-005
        jwt_public_key: str = "abc"
        jwt_algorithm: str = "HS256"
        jwt_secret_key: str
        jwt_secret_file: str = "/run/secrets/jwt"
    """,
    """\
    from fastapi_users.authentication import JWTStrategy
    SECRET = "SECRET"
    def get_jwt_strategy():
        return JWTStrategy(secret=SECRET, lifetime_seconds=3600)  #! SEC-005
    """,
    """\
    from jose import jwt
    SECRET_KEY = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"
    ALGORITHM = "HS256"
    def create(data):
        return jwt.encode(data, SECRET_KEY, algorithm=ALGORITHM)  #! SEC-005
    def read(t):
        return jwt.decode(t, SECRET_KEY, algorithms=[ALGORITHM])  #! SEC-005
    """,
    """\
    from joserfc import jwt
    from joserfc.jwk import OctKey
    key = OctKey.import_key("secret")
    jwt.encode({"alg": "HS256"}, claims, key)  #! SEC-005
    from jwcrypto import jwt as jc, jwk
    k = jwk.JWK(kty="oct", k="abcdef")
    tok = jc.JWT(header={"alg": "HS256"}, claims=claims)
    tok.make_signed_token(k)  #! SEC-005
    """,
    """\
    import os
    import jwt
    JWT_SECRET = os.environ.get("JWT_SECRET")
    if not JWT_SECRET:
        JWT_SECRET = "dev-secret"
    jwt.encode(p, JWT_SECRET)  #! SEC-005
    """,
    """\
    os.environ.setdefault("JWT_SECRET", "abc")  #! SEC-005
    os.environ["JWT_SECRET_KEY"] = "abc"  #! SEC-005
    def create_app(jwt_secret="abc"): pass  #! SEC-005
    x = create(jwt_secret="abc")  #! SEC-005
    jwt_secret = config("JWT_SECRET", default="abc")  #! SEC-005
    """,
    """\
    import jwt
    from starlette.middleware.sessions import SessionMiddleware
    app.add_middleware(SessionMiddleware, secret_key="abc")
    app.secret_key = "flask-session"
    jwt.encode(p, settings.JWT_SECRET)
    API_KEY = "abc"
    """,
]

CONFUSED += [
    """\
    from jose import jwt
    jwt.decode(t, k, audience="x")  #! SEC-006
    jwt.decode(t, k, algorithms=None)  #! SEC-006
    jwt.decode(t, k, options={"verify_aud": False})  #! SEC-006
    jwt.decode(t, k, algorithms=["HS256"], audience="x")
    jwt.decode(t, k, ["HS256"])
    from jose.constants import ALGORITHMS
    jwt.decode(t, k, algorithms=ALGORITHMS.ALL)  #! SEC-006
    jwt.decode(t, k, algorithms=[ALGORITHMS.HS256, ALGORITHMS.RS256])  #! SEC-006
    jwt.decode(t, k, algorithms=ALGORITHMS.RS256)
    """,
    """\
    import jwt
    from jwt import PyJWKClient
    sk = PyJWKClient(url).get_signing_key_from_jwt(t)
    jwt.decode(t, sk.key, algorithms=["RS256"])
    jwt.decode(t, sk.key, algorithms=["RS256", "HS256"])  #! SEC-006
    jwt.decode(t, sk)
    jwt.decode(t, k)  #! SEC-006
    jwt.decode(t, k, **opts)
    h = jwt.get_unverified_header(t)
    alg = h["alg"]
    jwt.decode(t, k, algorithms=alg)  #! SEC-006
    jwt.decode(t, k, algorithms=[h.get("alg", "HS256")])  #! SEC-006
    key = find(h["kid"])
    jwt.decode(t, key, algorithms=[key["alg"]])
    jwt.decode(t, open("public.pem").read(), algorithms=["HS256"])  #! SEC-006
    jwt.decode(t, os.environ["JWT_PUBLIC_KEY"], "HS512")  #! SEC-006
    jwt.decode(t, rsa.public_key(), algorithms=["HS256"])  #! SEC-006
    jwt.decode(t, k, algorithms=["HS256"] if sym else ["RS256"])
    jwt.decode(t, k, algorithms=["EdDSA", "HS256"])  #! SEC-006
    jwt.decode(t, k, algorithms=list(jwt.algorithms.get_default_algorithms()))  #! SEC-006
    """,
    """\
    from authlib.jose import JsonWebToken, jwt
    j = JsonWebToken(["RS256", "HS256"])  #! SEC-006
    jwt.decode(t, key).validate()
    jwt.decode(t, public_key).validate()  #! SEC-006
    app.config["JWT_DECODE_ALGORITHMS"] = ["HS256", "RS256"]  #! SEC-006
    """,
]

CODES = ("SEC-002", "SEC-003", "SEC-004", "SEC-005", "SEC-006")

HANDLERS = [
    """\
    import jwt as pyjwt
    from fastapi import HTTPException
    SECRET = "x"
    class TokenService:
        algorithm = "HS256"
        def __init__(self, secret: str = "change-me"):
            self._secret = secret
        def issue(self, user_id: int) -> str:
            now = datetime.now(tz=timezone.utc)
            return pyjwt.encode({"sub": str(user_id), "iat": now, "exp": now + timedelta(hours=1)}, self._secret, algorithm=self.algorithm)  #! SEC-005
        def read(self, token: str):
            return pyjwt.decode(token, self._secret, algorithms=[self.algorithm])  #! SEC-005
        def peek(self, token):
            return pyjwt.decode(token, options={"verify_signature": False, "verify_exp": False})  #! SEC-003, SEC-004
    """,
    """\
    from datetime import datetime
    import jwt
    def login():
        token = jwt.encode(
            {"user": "x", "exp": datetime.utcnow()},
            app.config["SECRET_KEY"],
        )
        other = jwt.encode(  #! SEC-004
            payload={"user": "x"},
            key=app.config["SECRET_KEY"],
            algorithm="HS256",
        )
        payload = {
            "user": "x",
        }
        payload["exp"] = datetime.utcnow()
        third = jwt.encode(payload=payload, key=settings.KEY, algorithm="HS256")
        return token
    def check(f):
        @wraps(f)
        def decorated(*args, **kwargs):
            token = request.args.get("token")
            try:
                data = jwt.decode(token, app.config["SECRET_KEY"])  #! SEC-006
            except Exception:
                return 403
            return f(*args, **kwargs)
        return decorated
    """,
    """\
    import jwt
    from jwt import PyJWKClient, decode, get_unverified_header
    from jwt.algorithms import RSAAlgorithm
    def a(token):
        header = get_unverified_header(token)
        key = RSAAlgorithm.from_jwk(keys[header["kid"]])
        return decode(token, key=key, algorithms=[header["alg"]])  #! SEC-006
    def b(token):
        unverified = jwt.decode(token, options={"verify_signature": False})
        tenant = unverified.get("tid")
        key = PyJWKClient(url(tenant)).get_signing_key_from_jwt(token)
        return jwt.decode(token, key.key, algorithms=["RS256"], audience="x")
    def c(token, public_key):
        return decode(token, public_key, algorithms=("RS256", "RS512"))
    def d(token, public_key):
        return decode(token, public_key, ["HS256"])  #! SEC-006
    def e(token):
        return decode(token, verify=False, algorithms=["HS256"])  #! SEC-003
    def g(token):
        return decode(token, "", options={"verify_signature": False, "verify_aud": False})  #! SEC-003
    """,
    """\
    from jose import jwt, jws, JWTError
    from jose.exceptions import ExpiredSignatureError
    def a(token):
        return jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
    def b(token):
        claims = jwt.get_unverified_claims(token)  #! SEC-003
        header = jwt.get_unverified_header(token)
        return claims["sub"]
    def c(data: dict, expires_delta=None):
        to_encode = data.copy()
        if expires_delta:
            expire = datetime.utcnow() + expires_delta
        else:
            expire = datetime.utcnow() + timedelta(minutes=15)
        to_encode.update({"exp": expire})
        return jwt.encode(to_encode, settings.SECRET_KEY, algorithm="HS256")
    def d(token):
        return jwt.decode(token, settings.KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_signature": True})  #! SEC-004
    def e(token):
        return jwt.decode(token, None, options={"verify_signature": False})  #! SEC-003
    """,
    """\
    import os
    from datetime import timedelta
    SECRET_KEY = "django-insecure-abc"
    SIMPLE_JWT = {
        "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
        "ALGORITHM": "HS256",
        "SIGNING_KEY": SECRET_KEY,  #! SEC-005
        "VERIFYING_KEY": None,
        "JTI_CLAIM": "jti",
    }
    """,
    """\
    SECRET_KEY = os.environ["SECRET_KEY"]
    SIMPLE_JWT = {"SIGNING_KEY": SECRET_KEY, "ALGORITHM": "RS256", "VERIFYING_KEY": open("pub.pem").read()}
    JWT_AUTH = {
        "JWT_SECRET_KEY": os.environ.get("JWT_SECRET", SECRET_KEY),
        "JWT_VERIFY": True,
        "JWT_VERIFY_EXPIRATION": True,
        "JWT_AUTH_HEADER_PREFIX": "JWT",
    }
    """,
    """\
    class Config:
        SECRET_KEY = os.environ.get("SECRET_KEY") or "you-will-never-guess"
        JWT_SECRET_KEY = os.environ.get("JWT_SECRET_KEY") or "jwt-secret-string"  #! SEC-005
        JWT_TOKEN_LOCATION = ["headers"]
        JWT_ACCESS_TOKEN_EXPIRES = timedelta(hours=1)
    class Dev(Config):
        JWT_SECRET_KEY = "dev"  #! SEC-005
        JWT_ACCESS_TOKEN_EXPIRES = False  #! SEC-004
    """,
    """\
    import functools, json, base64
    import jwt
    peek = functools.partial(jwt.decode, options={"verify_signature": False})  #! SEC-003
    decode = functools.partial(jwt.decode, key=KEY, algorithms=["HS256"])
    def f(token):
        return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))  #! SEC-003
    def g(token):
        header, payload, sig = token.split(".")
        h = json.loads(base64.b64decode(token.split(".")[0]))
        return jwt.decode(token, K, algorithms=[h["alg"]])  #! SEC-006
    def k(token):
        return jwt.decode(token, K, algorithms=["HS256"], options={"require": ["exp"], "verify_exp": not False})
    sign = lambda p: jwt.encode(p, "abc")  #! SEC-005
    dec = jwt.decode
    dec(t, options={"verify_signature": False})  #! SEC-003
    """,
    """\
    from jwt import encode as jwt_encode, decode as jwt_decode
    class T:
        OPTIONS = {"verify_signature": False}
        KEY = b"abc"
        def f(self, token):
            return jwt_decode(token, options=self.OPTIONS)  #! SEC-003
        def g(self):
            return jwt_encode({"a": 1, "exp": 1}, T.KEY)  #! SEC-005
        def h(self, token, opts={"verify_exp": False}):
            return jwt_decode(token, key(), ["HS256"], opts)  #! SEC-004
        def i(self):
            p = {}
            p["sub"] = 1
            return jwt_encode(p, key())  #! SEC-004
        def j(self):
            p = {}
            p["exp"] = 1
            return jwt_encode(p, key())
        def k(self, p):
            p["sub"] = 1
            return jwt_encode(p, key())
        def l(self, extra):
            return jwt_encode({**extra, "sub": 1}, key())
        def m(self):
            return jwt_encode({"sub": 1, **{"exp": 2}}, key())
        def n(self):
            claims = {"sub": 1}
            for k, v in self.items():
                claims[k] = v
            return jwt_encode(claims, key())
    """,
    """\
    from flask import Flask
    from flask_jwt_extended import JWTManager, create_access_token, decode_token
    app = Flask(__name__)
    app.config.update(  #! SEC-004, SEC-005
        JWT_SECRET_KEY="abc",
        JWT_ACCESS_TOKEN_EXPIRES=False,
    )
    app.config.from_mapping({"JWT_SECRET_KEY": "abc"})  #! SEC-005
    app.config["JWT_PRIVATE_KEY"] = open("k.pem").read()
    app.config["JWT_PUBLIC_KEY"] = "abc"
    app.config["JWT_IDENTITY_CLAIM"] = "sub"
    app.config["JWT_QUERY_STRING_NAME"] = "jwt"
    app.config["JWT_COOKIE_CSRF_PROTECT"] = False
    create_access_token("u", expires_delta=False)  #! SEC-004
    create_access_token("u", False, False)  #! SEC-004
    """,
    """\
    from authlib.jose import jwt, JsonWebToken
    def bad(token):
        claims = jwt.decode(token, key)  #! SEC-004
        return claims["sub"]
    """,
    """\
    from authlib.jose import jwt, JsonWebToken
    jwt_only = JsonWebToken(["RS256"])
    def good(token):
        claims = jwt_only.decode(token, key)
        claims.validate()
        return claims["sub"]
    def sign(user):
        return jwt.encode({"alg": "HS256"}, {"sub": user, "exp": 1}, "secret")  #! SEC-005
    """,
    """\
    import jwt
    import base64
    def f(email):
        return email.decode("utf-8")
    def g(data):
        return base64.b64decode(data)
    class Codec:
        def decode(self, t, verify=True): ...
    Codec().decode(t, verify=False)
    requests.get(u, verify=False)
    codecs.decode(x, "none")
    def h(jwt):
        jwt.decode("x")
        return jwt.encode("y", "secret")
    """,
    """\
    import jwt
    payload = {
        "sub": 1,
        # "exp": 1,
    }
    jwt.encode(payload, k)  #! SEC-004
    KEY = os.environ.get("KEY")
    jwt.encode({"exp": e}, KEY)
    jwt.encode({"exp": e}, KEY or "fallback")  #! SEC-005
    jwt.encode({"exp": e}, f"{KEY}-x")
    jwt.encode({"exp": e}, "%s-x" % KEY)
    jwt.encode({"exp": e}, str(KEY))
    jwt.encode({"exp": None}, KEY)  #! SEC-004
    """,
    """\
    from rest_framework_simplejwt.backends import TokenBackend
    backend = TokenBackend("HS256", "abc")  #! SEC-005
    valid = TokenBackend(algorithm="HS256", signing_key=settings.SECRET_KEY).decode(token, verify=False)  #! SEC-003
    ok = TokenBackend(algorithm="HS256").decode(token, verify=True)
    """,
    """\
    import jwt
    try:
        data = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_signature": True, "verify_exp": True, "verify_aud": False})
    except jwt.ExpiredSignatureError:
        data = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})  #! SEC-004
    """,
    """\
    import jwt
    from django.conf import settings
    class JWTAuthentication(BaseAuthentication):
        def authenticate(self, request):
            token = request.META["HTTP_AUTHORIZATION"].split()[1]
            try:
                payload = jwt.decode(token, settings.SECRET_KEY, algorithms="HS256")
            except jwt.DecodeError:
                raise AuthenticationFailed
            user = User.objects.get(pk=payload["id"])
            return user, token
    class User(AbstractBaseUser):
        def _generate(self):
            dt = datetime.now() + timedelta(days=60)
            token = jwt.encode({"id": self.pk, "exp": int(dt.strftime("%s"))}, settings.SECRET_KEY, algorithm="HS256")
            return token.decode("utf-8")
        def bad(self):
            return jwt.encode({"id": self.pk}, settings.SECRET_KEY, algorithm="HS256").decode()  #! SEC-004
    """,
    """\
    import jwt
    ISSUER = "me"
    def create_access_token(*, data: dict, expires_delta: timedelta | None = None) -> str:
        payload: dict[str, Any] = {"iss": ISSUER, "sub": data["sub"]}
        if expires_delta is not None:
            payload.update({"exp": datetime.now(UTC) + expires_delta})
        return jwt.encode(payload, get_settings().jwt_secret, algorithm=get_settings().jwt_algorithm)
    def verify_token(token: str) -> dict:
        return jwt.decode(token, get_settings().jwt_secret, algorithms=[get_settings().jwt_algorithm], issuer=ISSUER)
    def inspect(token):
        "Reads claims for logging only."
        return jwt.decode(token, options=dict(verify_signature=False, verify_exp=False))  #! SEC-003, SEC-004
    def old(token):
        return jwt.decode(token, "", verify=False)  #! SEC-003
    def prod(token, key, debug=False):
        return jwt.decode(token, key, algorithms=["HS256"], options={"verify_signature": not debug})
    """,
    """\
    from jose import jws, jwk, jwt
    from jose.utils import base64url_decode
    def a(token):
        return jws.verify(token, "secret", algorithms=["HS256"])  #! SEC-005
    def b(payload):
        return jws.sign({"a": "b"}, "secret", algorithm="HS256")  #! SEC-004, SEC-005
    def c(token):
        header = jws.get_unverified_header(token)
        return jws.verify(token, key, header["alg"])  #! SEC-006
    def d(token, keys):
        return jwt.decode(token, keys, algorithms=["RS256", "RS384", "ES256"], audience="a")
    """,
    """\
    from flask_jwt_extended import create_access_token, JWTManager, jwt_required
    def create_app():
        app = Flask(__name__)
        app.config["SECRET_KEY"] = "abc123"
        app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]
        app.config["JWT_ALGORITHM"] = "HS256"
        app.config["JWT_TOKEN_LOCATION"] = ["cookies"]
        app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(minutes=15)
        JWTManager(app)
        return app
    """,
]


@pytest.mark.parametrize("text", HANDLERS)
def test_handlers(samples, text):
    """Whole handlers give these findings and no other of the family."""
    samples.check(text, *CODES, path="app.py")


@pytest.mark.parametrize("text", NONE)
def test_algorithm_none(samples, text):
    """SEC-002 finds the algorithm none in calls, headers and settings, and no mention of it."""
    samples.check(text, "SEC-002")


@pytest.mark.parametrize("text", UNVERIFIED)
def test_signature_not_verified(samples, text):
    """SEC-003 finds claims that are read unverified, unless the same token is verified afterwards."""
    samples.check(text, "SEC-003")


@pytest.mark.parametrize("text", ENDLESS)
def test_expiration(samples, text):
    """SEC-004 finds tokens without an end where the code shows the whole payload."""
    samples.check(text, "SEC-004")


@pytest.mark.parametrize("text", SECRET)
def test_hardcoded_jwt_secret(samples, text):
    """SEC-005 finds literal keys and literal defaults, each secret once."""
    samples.check(text, "SEC-005")


@pytest.mark.parametrize("text", CONFUSED)
def test_algorithm_confusion(samples, text):
    """SEC-006 finds mixed families, public keys with HS*, the token's own choice and missing lists."""
    samples.check(text, "SEC-006")


def test_secret_is_masked(samples):
    """The evidence of SEC-005 shows no more than the first characters of the key."""
    (found,) = samples.violations({"a.py": 'import jwt\njwt.encode(p, "hunter2-and-more")\n'}, "SEC-005")
    assert "hunt" in found.evidence
    assert "hunter2" not in found.evidence


def test_keys_are_masked_in_other_findings(samples):
    """A finding about the algorithm shows the algorithm and not the literal key beside it."""
    text = 'import jwt\njwt.decode(t, "hunter2-key", algorithms=["none"])\n'
    (found,) = samples.violations({"a.py": text}, "SEC-002")
    assert found.evidence == 'jwt.decode(t, "hun***", algorithms=["none"])'
