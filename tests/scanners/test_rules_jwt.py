"""Good, bad and near-miss lines of SEC-002 to SEC-006."""

from __future__ import annotations

import pytest

NONE = [
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
    'import jwt\nJWT_SECRET = "one"\njwt.encode(p, JWT_SECRET)  #! SEC-005\njwt.decode(t, JWT_SECRET, ["HS256"])',
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
