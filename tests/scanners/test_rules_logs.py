"""Good, bad and near-miss lines of LOG-001 and LOG-005 in Python."""
# samples are lines as people write them

from __future__ import annotations

import pytest


def cases(text: str) -> list[str]:
    """Return the samples of a table, which stand between lines of three dashes."""
    return [case.strip("\n") for case in text.split("\n---\n")]


LOG = "import logging\nlogger = logging.getLogger(__name__)\n"
PRINTS = [
    ('def f():\n    print("x")  #! LOG-001', "app.py"),
    ('import sys\nprint("x", file=sys.stderr)  #! LOG-001', "app/main.py"),
    ('from sys import stdout\nprint("x", file=stdout)  #! LOG-001', "app/main.py"),
    ("class A:\n    def f(self):\n        return print(self)  #! LOG-001", "app.py"),
    ("async def f():\n    x = 1; print(x)  #! LOG-001", "app.py"),
    ("f = lambda x: print(x)  #! LOG-001", "app.py"),
    ("[print(x) for x in y]  #! LOG-001", "app.py"),
    ('import builtins\nbuiltins.print("x")  #! LOG-001', "app.py"),
    ('def f():\n    print(  #! LOG-001\n        "x",\n    )', "app.py"),
    ('debug and print("x")  #! LOG-001', "app.py"),
    ("def f():\n    print ('x')  #! LOG-001", "app.py"),
    ("print()  #! LOG-001", "app.py"),
    ("def f(print):\n    print('x')", "app.py"),
    (
        (
            'import argparse\nfrom flask import Flask\napp = Flask(__name__)\n@app.get("/")\ndef f():\n    print("x")'
            '  #! LOG-001\nif __name__ == "__main__":\n    print("start")\n    app.run()'
        ),
        "app.py",
    ),
    (
        (
            'import click\nfrom flask import Flask\n@app.cli.command("seed")\ndef seed():\n    print("x")\n'
            'def view():\n    print("x")  #! LOG-001'
        ),
        "app.py",
    ),
    # near misses
    ('from rich import print\nprint("x")', "app.py"),
    ('import click\ndef f():\n    print("x")', "app.py"),
    ('import typer\nprint("x")', "app.py"),
    ('print("x")', "tests/test_app.py"),
    ('print("x")', "scripts/seed.py"),
    ('print("x")', "manage.py"),
    ('print("x")', "app/management/commands/seed.py"),
    ('# print("x")\nTEXT = "print(1)"', "app.py"),
    ('if __name__ == "__main__":\n    print("x")', "app.py"),
    ('def main():\n    print("x")\n\nif __name__ == "__main__":\n    main()', "report.py"),
    ('console.print("x")', "app.py"),
    ('from pprint import pprint\npprint("x")', "app.py"),
    ('#!/usr/bin/env python\nprint("x")', "tool.py"),
    ('#!/usr/bin/env python\nfrom flask import Flask\ndef f():\n    print("x")  #! LOG-001', "server.py"),
    ('with open("x") as f:\n    print("x", file=f)', "app.py"),
    ('def print(x): ...\nprint("x")', "app.py"),
    ('def f():\n    """Example:\n\n    print("x")\n    """', "app.py"),
    ('fingerprint("x")\nself.print("x")', "app.py"),
    ('sys.stdout.write("x")', "app.py"),
    ("handler = print", "app.py"),
]
SENSITIVE = cases(r"""
logger.info(f"login {user} {password}")  #! LOG-005
---
logger.info("card %s", payment.card.number)  #! LOG-005
---
logger.info("card %s", card["number"])  #! LOG-005
---
import jwt
logger.info("payload %s", jwt.decode(token, KEY))
---
logger.info("scheme %s", request.headers["Authorization"].split(" ")[0])
---
logger.info("connected %s", tokens.get("connected", False))
---
def stem(text):
    return [self.one(token) for token in text.split()]
def one(token):
    logger.debug("stem of %s", token)
---
logger.info("saved %s", save_password)
---
logger.info("label %s", labels.password)
---
logger.info("login %s", password)  #! LOG-005
---
logger.info("login %s" % password)  #! LOG-005
---
logger.info("%s:%s" % (user, password))  #! LOG-005
---
logger.info("%(p)s" % {"p": password})  #! LOG-005
---
logger.debug("token: " + token)  #! LOG-005
---
logger.debug("token: " + str(token))  #! LOG-005
---
logger.info("user %s", user.password)  #! LOG-005
---
logger.info("body %s", body["password"])  #! LOG-005
---
logger.info("body %s", body.get("password"))  #! LOG-005
---
logger.info("auth %s", request.headers["Authorization"])  #! LOG-005
---
logger.info("auth %s", request.headers.get("authorization"))  #! LOG-005
---
logger.info("auth %s", request.META["HTTP_AUTHORIZATION"])  #! LOG-005
---
logger.info("headers %s", request.headers)  #! LOG-005
---
logger.info("headers %s", dict(request.headers))  #! LOG-005
---
logger.info("headers: {}".format(request.headers))  #! LOG-005
---
logger.info(f"{self.request.headers}")  #! LOG-005
---
headers = {"Authorization": f"Bearer {t}"}
logger.debug("sending %s", headers)  #! LOG-005
---
def f(t):
    headers = {}
    headers["Authorization"] = "Bearer " + t
    logger.debug(headers)  #! LOG-005
---
logger.info("login", extra={"password": password})  #! LOG-005
---
logger.info("login", extra={"user": user, "api_key": key})  #! LOG-005
---
h = request.headers["Authorization"]
logger.info("got %s", h)  #! LOG-005
---
def f():
    value = os.environ["DB_PASSWORD"]
    logger.info("db %s", value)  #! LOG-005
---
value = os.getenv("API_TOKEN")
logger.info(f"using {value}")  #! LOG-005
---
msg = f"password is {password}"
logger.info(msg)  #! LOG-005
---
payload = {"user": u, "password": p}
logger.info("sending %s", payload)  #! LOG-005
---
import json
logger.info(json.dumps({"user": u, "password": p}))  #! LOG-005
---
logger.info("key {}".format(api_key))  #! LOG-005
---
logger.info("key {k}".format(k=api_key))  #! LOG-005
---
logging.warning("secret=%s", client_secret)  #! LOG-005
---
logging.log(logging.INFO, "secret=%s", client_secret)  #! LOG-005
---
logging.getLogger("x").info(secret_key)  #! LOG-005
---
from logging import info
info("token %s", access_token)  #! LOG-005
---
logger.info("card %s", order.card_number)  #! LOG-005
---
logger.info("cvv %s", cvv)  #! LOG-005
---
logger.info("session %s", request.cookies["session"])  #! LOG-005
---
logger.info("session %s", request.cookies.get("sessionid"))  #! LOG-005
---
logger.info("cookies %s", request.COOKIES)  #! LOG-005
---
import structlog
log = structlog.get_logger()
log.info('x', password=pw_value)  #! LOG-005
---
import structlog
events = structlog.get_logger()
events.info("login", password=pw_value)  #! LOG-005
---
logger.info("names %s", sorted(request.cookies))
---
import structlog
log = structlog.get_logger()
log = log.bind(token=user.auth)  #! LOG-005
---
from loguru import logger as l
l.info('x {}', access_token)  #! LOG-005
---
from loguru import logger as l
l.opt(lazy=True).debug('x {}', refresh_token)  #! LOG-005
---
class A:
    def f(self, password):
        self.logger.error('bad %s', password)  #! LOG-005
---
class A:
    def f(self, password):
        self._log.error('bad %s', password)  #! LOG-005
---
app.logger.info('token %s', token)  #! LOG-005
---
from flask import current_app
current_app.logger.info(f'{token=}')  #! LOG-005
---
print("password", password)  #! LOG-005
---
print(f"token: {jwt_token}")  #! LOG-005
---
import sys
sys.stderr.write(f'{password}')  #! LOG-005
---
logger.info("token %s", create_access_token(user))  #! LOG-005
---
import jwt
t = jwt.encode(claims, KEY)
logger.info("issued %s", t)  #! LOG-005
---
from getpass import getpass
p = getpass()
logger.info("read %s", p)  #! LOG-005
---
logger.info(  #! LOG-005
    "login %s",
    password,
)
---
logger.info("secret %s", settings.password.get_secret_value())  #! LOG-005
---
logger.info("config %s", settings.SECRET_KEY)  #! LOG-005
---
logger.info("token %s", token[7:])  #! LOG-005
---
logger.info("token %s", auth.split(" ")[1] if False else token)  #! LOG-005
---
@app.post("/login")
def login():
    logger.info("body %s", request.get_json())  #! LOG-005
---
@app.post("/login")
def handler():
    data = request.json
    logger.info("body %s", data)  #! LOG-005
---
password = "hunter2"
logger.info("pw %s", password)  #! LOG-005
---
logger.info("found %s", [u.password for u in users])  #! LOG-005
---
logger.info("form %s", form.password.data)  #! LOG-005
---
def f(user, password):
    logger.debug("called with %s", locals())  #! LOG-005
---
logger.info("token", token or "none")  #! LOG-005
---
logger.info("drf %s", token.key)  #! LOG-005
---
logger.info("ssn %s", person.ssn)  #! LOG-005
---
logger.info("tokens %s", tokens["access"])  #! LOG-005
---
logger.info("pk %s", private_key)  #! LOG-005
---
logger.info("password changed")
---
logger.info("password: hunter2")
---
logger.info("password changed for %s", user.id)
---
logger.info("token type %s", token_type)
---
logger.info("tokens used: %d", token_count)
---
logger.info("tokens used: %d", total_tokens)
---
logger.info("prompt %d", usage.prompt_tokens)
---
logger.info("length %d", len(password))
---
logger.info("token %s", mask(token))
---
logger.info("token %s", mask_token(token))
---
logger.info("token %s", redact(request.headers))
---
logger.info("token %s...", token[:4])
---
logger.info("card ending %s", card_number[-4:])
---
logger.info("has token: %s", token is not None)
---
logger.info("has token: %s", bool(token))
---
logger.info("has token: %s", "yes" if token else "no")
---
logger.info("has token: %s", not token)
---
logger.info("has token: %s", token and "set")
---
logger.info("reset url %s", password_reset_url)
---
logger.info("key file %s", private_key_path)
---
logger.info("partition %s", message.key)
---
logger.info("partition key %s", partition_key)
---
logger.info("public %s", public_key)
---
logger.info("key id %s", key_id)
---
logger.info("answer %s", response.headers["content-type"])
---
logger.info("agent %s", request.headers.get("User-Agent"))
---
import math
math.log(token)
# logger.info(password)
---
from math import log
log(secret)
---
logger.info("login", extra={"password": "***"})
---
logger.info("login", extra={"password": "[REDACTED]"})
---
import structlog
log = structlog.get_logger()
log.info('x', token_present=bool(token))
---
import structlog
log = structlog.get_logger()
log.info('x', password=len(p), token=mask(t))
---
logger.info("created %s", create_user(name, password).id)
---
logger.info("valid: %s", verify_password(password, user.password_hash))
---
logger.info("valid: %s", user.check_password(password))
---
import hashlib
logger.info("digest %s", hashlib.sha256(token.encode()).hexdigest())
---
logger.info("claims %s", decode_token(token))
---
token = mask(raw)
logger.info("t %s", token)
---
logger.info("hash %s", password_hash)
---
logger.info("hash %s", hashed_password)
---
try:
    check(password)
except ValueError as e:
    logger.error("bad password: %s", e)
---
logger.info("grant %s", GrantType.PASSWORD)
---
def f(tokens):
    for token in tokens:
        logger.debug("parsed %s", token)
---
logger.info("next %s", next_page_token)
---
from pydantic import SecretStr
def f(password: SecretStr):
    logger.info("got %s", password)
---
logger.info(f"{token:.4}...")
---
logger.info("%s", "*" * len(password))
---
logger.info("user %s", token.user_id)
---
logger.info("user %s", claims["sub"])
---
password = request.form["password"]
logger.info("login of %s", request.form["user"])
---
def list_orders():
    logger.info("query %s", request.args)
---
logger.info("names %s", [u.name for u in users if u.password])
---
import click
click.echo(token)
print(token)
---
self.token_store.info(password)
catalog.error(password)
---
logger.setLevel(token)
logger.addFilter(password)
---
logger.info("fields %s", ["password", "token"])
---
logger.info("filtered %s", {k: v for k, v in data.items() if k != "password"})
---
send(password)
logger.info("sent")
---
logger.info("password %s", "set" if password else "unset")
---
logger.info("expires %s", token_expires_at)
---
logger.info("count %s", token_count, extra={"tokens_used": n})
""")


@pytest.mark.parametrize(("text", "path"), PRINTS)
def test_print(samples, text, path):
    """LOG-001 finds print in service code, and leaves command-line tools and scripts their output."""
    samples.check(text, "LOG-001", path=path)


@pytest.mark.parametrize("text", SENSITIVE)
def test_sensitive_data(samples, text):
    """LOG-005 finds secrets among what a log call is given, not the words of its message."""
    samples.check(LOG + text, "LOG-005")


def test_random_literals_are_masked(samples):
    """The line that is shown as evidence has its random-looking literals masked."""
    (found,) = samples.violations({"a.py": 'print("q7Jx2Kd9Vb4Tn6Lw8Zr1", "ready to serve")\n'}, "LOG-001")
    assert found.evidence == 'print("q7Jx***", "ready to serve")'
