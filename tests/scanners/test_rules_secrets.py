"""Good, bad and near-miss lines of SEC-SECRET-001 to 012, put together so that no secret stands in this file."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.scanners.rules.secrets import SCANNER

PATHS = ["a.py", "a.js", "a.yml", "a.sh", "a.tf", "a.xml", "a.sql", "a.txt", ".env", "Dockerfile", "a.md"]

AWS = "AKIA" + "Z7QXN3WLKJ5MVTPB"
AWS_SECRET = "kR3x/Vn8pQ2mL5tY7wZ1" + "aB4cD6eF9gH0iJ+KlMnO"
GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"
GITLAB = "glpat-" + "aB3dE6gH9jK2mN5pQ8sT"
STRIPE = "sk_live_" + "aB3dE6gH9jK2mN5pQ8sT1vW4"
SLACK = "xoxb-" + "123456789012-1234567890123-aB3dE6gH9jK2mN5pQ8sT1vW4"
HOOK = "https://hooks.slack.com/" + "services/T0AB1CD2E/B0FG3HI4J/aB3dE6gH9jK2mN5pQ8sT1vW4"
SENDGRID = "SG." + "aB3dE6gH9jK2mN5pQ8sT1v" + "." + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2q"
RANDOM = "q7Jx2Kd9" + "Vb4Tn6Lw8Zr1Ym3Pc5Hs"
BODY = "MIIEowIBAAKCAQEA" + "x7Jq2Kd9Vb4Tn6Lw8Zr1Ym3Pc5HsGf0Ae"


def token(header, payload="e30", signature="c2lnbmF0dXJl"):
    """Return a token with that header."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{head}.{payload}.{signature}"


JWT = token({"alg": "HS256", "typ": "JWT"}, "eyJzdWIiOiJhYmMifQ")
CASES = [
    (f'key = "{AWS}"', [1]),
    (f"aws_access_key_id = {AWS}", [1]),
    (f"# {AWS}", [1]),
    ('key = "AKIAIOSFODNN7EXAMPLE"', []),
    (f'x = "{AWS}{AWS}"', []),
    (f'aws_secret_access_key = "{AWS_SECRET}"', [2]),
    (f"AWS_SECRET_ACCESS_KEY={AWS_SECRET}", [2]),
    ('aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"', []),
    (f'KEY = """-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"""', [3]),
    (f'KEY = "-----BEGIN PRIVATE KEY-----\\n{BODY}\\n"', [3]),
    (f"-----BEGIN PUBLIC KEY-----\n{BODY}\n", []),
    (f"-----BEGIN CERTIFICATE-----\n{BODY}\n", []),
    ('if "-----BEGIN PRIVATE KEY-----" in text:\n    raise ValueError\n', []),
    ('BEGIN = "-----BEGIN PRIVATE KEY-----"\nclass AuthenticationMiddleware:\n    pass', []),
    (f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,1\n\n{BODY}\n", [3]),
    (f'API_KEY = "{RANDOM}"', [4]),
    (f'{{"client_secret": "{RANDOM}"}}', [4]),
    (f'connect(access_token="{RANDOM}")', [4]),
    ('API_KEY = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"', []),
    ('API_KEY = "your-api-key-goes-here-123"', []),
    ('API_KEY = os.environ["API_KEY"]', []),
    (f'checksum = "{RANDOM}"', []),
    (f'API_KEY_URL = "https://x.example/{RANDOM}"', []),
    (f'public_key = "{RANDOM}"', []),
    ('url = "postgresql://app:hunter2@db:5432/x"', [5]),
    ('url = "postgresql+psycopg://app:hunter2@db/x"', [5]),
    ('url = "redis://:hunter2@cache:6379/0"', [5]),
    ('url = "amqp://guest:guest@localhost:5672/"', [5]),
    ('url = "mongodb+srv://u:hunter2@cluster.example.net/x"', [5]),
    ('url = "postgresql://app:${DB_PASSWORD}@db/x"', []),
    ('url = f"postgresql://app:{password}@db/x"', []),
    ('url = "postgresql://app@db/x"', []),
    ('url = "postgresql://app:%s@db/x" % pw', []),
    ('def f():\n    """Use postgresql://scott:tiger@host/db."""\n', []),
    ('url = "https://user:hunter2@example.com"', []),
    (f'headers = {{"Authorization": "Bearer {RANDOM}"}}', [6]),
    (f"curl -H 'Authorization: Bearer {RANDOM}' x", [6]),
    ('headers = {"Authorization": f"Bearer {token}"}', []),
    ('headers = {"Authorization": "Bearer <token>"}', []),
    ('text = "Bearer authentication-is-required"', []),
    ('password = "hunter2"', [7]),
    ('PASSWORD: str = "hunter2"', [7]),
    ('connect(user="a", password="hunter2")', [7]),
    ('config["db_password"] = "hunter2"', [7]),
    ('pw = os.getenv("DB_PASSWORD", "hunter2")', [7]),
    ('{"password": "hunter2"}', [7]),
    ('password = "supersecret"', [7]),
    ('password = "pa$word#1"', [7]),
    ('password = "$DB_PASSWORD"', []),
    ('password: SecretStr = SecretStr("hunter2")', [7]),
    ('password = entity("User").field("password")', []),
    ('password = ""', []),
    ('password = "changeme"', []),
    ('password = "<your password>"', []),
    ('password = input("Enter your password: ")', []),
    ('PASSWORD_FIELD = "password"', []),
    ('password = "password"', []),
    ('password = "$2b$12$abcdefghijklmnopqrstuv"', []),
    ('password = os.environ["DB_PASSWORD"]', []),
    ('password_reset_url = "/reset"', []),
    ('# password = "hunter2"', []),
    ('def f():\n    """Set password = "hunter2"."""\n', []),
    ('password = "{{ db_password }}"', []),
    (f'x = "{GITHUB}"', [8]),
    (f'x = "{GITLAB}"', [8]),
    (f'x = "github_pat_{GITHUB[4:]}"', [8]),
    ('x = "ghp_' + "x" * 36 + '"', []),
    (f'x = "{STRIPE}"', [9]),
    (f'x = "{STRIPE.replace("sk_", "pk_")}"', [9]),
    (f'stripe_key = "{STRIPE.replace("live", "test")}"', []),
    (f'x = "{JWT}"', [10]),
    (f'x = "Bearer {JWT}"', [10]),
    (f'x = "{token({"alg": "none"}, "eyJzdWIiOiJhYmMifQ", "")}"', [10]),
    ('x = "eyJhYmMiOjF9.eyJkZWYiOjF9.abc"', []),
    (f'x = "{SLACK}"', [11]),
    (f'x = "{HOOK}"', [11]),
    (f'x = "{SENDGRID}"', [12]),
    (f'SENDGRID_API_KEY = "{SENDGRID}"', [12]),
    (f'API_KEY = "{GITHUB}"', [8]),
    ('x = "SG.short.key"', []),
]
CODES = tuple(f"SEC-SECRET-{n:03}" for n in range(1, 13))


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_secrets(samples, text, wanted):
    """Each secret is one finding under its most specific code; placeholders, examples and references are none."""
    assert samples.lines(text, *CODES, path="app.py") == [(f"SEC-SECRET-{n:03}", 1) for n in wanted]


FILES = [
    (".env", "DB_PASSWORD=hunter2\n", [(7, 1)]),
    (".env", "# DB_PASSWORD=hunter2\nDB_PASSWORD=${OTHER}\n", []),
    (".env.example", "DB_PASSWORD=hunter2\n", []),
    ("config.yaml", "db:\n  password: hunter2\n  api_key: {{ key }}\n", [(7, 2)]),
    ("deploy.sh", "export API_TOKEN=" + RANDOM + "\n", [(4, 1)]),
    ("main.tf", f'password = "hunter2"\nkey = "{AWS}"\n', [(7, 1), (1, 2)]),
    ("src/app.ts", f'const apiKey = "{RANDOM}";\nconst pw = process.env.DB_PASSWORD || "hunter2";\n', [(4, 1), (7, 2)]),
    ("tests/test_app.py", f'x = "{AWS}"\n', [(1, 1)]),
    ("id_rsa", f"-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\n-----END OPENSSH PRIVATE KEY-----\n", [(3, 1)]),
    ("key.py", f'KEY = (\n    "-----BEGIN PRIVATE KEY-----\\n"\n    "{BODY}\\n"\n)\n', [(3, 2)]),
    ("yarn.lock", f'token "{RANDOM}"\napi_key: {RANDOM}\n', []),
    ("a.ini", "[db]\r\npassword = hunter2\r\n", [(7, 2)]),
    ("settings.xml", "<password>hunter2</password>\n", [(7, 1)]),
]


@pytest.mark.parametrize(("path", "text", "wanted"), FILES)
def test_files(samples, path, text, wanted):
    """Secrets are found in every text file: settings, scripts, infrastructure code, keys, tests."""
    assert samples.lines(text, *CODES, path=path) == sorted((f"SEC-SECRET-{n:03}", line) for n, line in wanted)


def test_encodings(samples):
    """A file in UTF-16, with a BOM or in Latin-1 is searched like any other."""
    line = f'key = "{AWS}"\n'
    files = {
        "a.env": line.encode("utf-16"),
        "b.env": b"\xef\xbb\xbf" + line.encode(),
        "c.env": "# naïve\n".encode("latin-1") + line.encode(),
    }
    assert [(v.file, v.line) for v in samples.violations(files, "SEC-SECRET-001")] == [
        ("a.env", 1),
        ("b.env", 1),
        ("c.env", 2),
    ]


def test_evidence_is_masked(samples):
    """No evidence holds more than the first four characters of a secret."""
    text = f'a = "{AWS}"\npassword = "hunter2-long"\nu = "postgresql://app:hunter2@db/x"\n'
    evidence = [v.evidence for v in samples.violations({"a.py": text}, *CODES)]
    assert evidence == ["AKIA***", "postgresql://***", "hunt***"]


def test_settings_of_detect_secrets_are_left_alone(samples):
    """Scanning does not change what detect-secrets itself is configured to use."""
    from detect_secrets.settings import get_settings

    before = get_settings().json()
    samples.violations({"a.py": f'a = "{AWS}"\n'}, "SEC-SECRET-001")
    assert get_settings().json() == before


RULES = [check.rule for check in SCANNER.checks]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples(samples, rule):
    """The bad example of each rule is found, once and under no other code of the family, the good one is not."""
    assert [v.code for v in samples.violations(dict(rule.bad), *CODES)] == [rule.id]
    for path in rule.bad:
        (samples.root / path).unlink()
    assert samples.violations(dict(rule.good), *CODES, name="good") == []


@given(
    st.text(st.sampled_from("password=':\"\\n\\\\{}()<>[]$#/*-;,. akSEC_AKIAeyJ0@|&?"), max_size=300),
    st.sampled_from(PATHS),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(samples, text, path):
    """No text of any language breaks the search, and every finding lies in it."""
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for _, line in samples.lines(text, *CODES, path=path))
