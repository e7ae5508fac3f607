"""Good, bad and near-miss lines of LOG-001 and LOG-005."""

from __future__ import annotations

import pytest

LOG = "import logging\nlogger = logging.getLogger(__name__)\n"
PRINTS = [
    ('def f():\n    print("x")  #! LOG-001', "app.py"),
    ('import sys\nprint("x", file=sys.stderr)  #! LOG-001', "app/main.py"),
    ("class A:\n    def f(self):\n        return print(self)  #! LOG-001", "app.py"),
    # near misses
    ('from rich import print\nprint("x")', "app.py"),
    ('import click\ndef f():\n    print("x")', "app.py"),
    ('print("x")', "tests/test_app.py"),
    ('print("x")', "scripts/seed.py"),
    ('print("x")', "manage.py"),
    ('# print("x")\nTEXT = "print(1)"', "app.py"),
    ('if __name__ == "__main__":\n    print("x")', "app.py"),
    ('console.print("x")', "app.py"),
    ('from pprint import pprint\npprint("x")', "app.py"),
    ('#!/usr/bin/env python\nprint("x")', "tool.py"),
]
SENSITIVE = [
    'logger.info(f"login {user} {password}")  #! LOG-005',
    'logger.info("login %s", password)  #! LOG-005',
    'logger.debug("token: " + token)  #! LOG-005',
    'logger.info("user %s", user.password)  #! LOG-005',
    'logger.info("body %s", body["password"])  #! LOG-005',
    'logger.info("auth %s", request.headers["Authorization"])  #! LOG-005',
    'logger.info("auth %s", request.headers.get("authorization"))  #! LOG-005',
    'logger.info("headers %s", request.headers)  #! LOG-005',
    'logger.info("headers %s", dict(request.headers))  #! LOG-005',
    'logger.info("login", extra={"password": password})  #! LOG-005',
    'h = request.headers["Authorization"]\nlogger.info("got %s", h)  #! LOG-005',
    'logger.info("key {}".format(api_key))  #! LOG-005',
    'logging.warning("secret=%s", client_secret)  #! LOG-005',
    'logger.info("card %s", order.card_number)  #! LOG-005',
    'logger.info("session %s", request.cookies["session"])  #! LOG-005',
    "import structlog\nlog = structlog.get_logger()\nlog.info('x', password=pw_value)  #! LOG-005",
    "from loguru import logger as l\nl.info('x {}', access_token)  #! LOG-005",
    # near misses
    'logger.info("password changed")',
    'logger.info("password changed for %s", user.id)',
    'logger.info("token type %s", token_type)',
    'logger.info("tokens used: %d", token_count)',
    'logger.info("length %d", len(password))',
    'logger.info("token %s", mask(token))',
    'logger.info("has token: %s", token is not None)',
    'logger.info("reset url %s", password_reset_url)',
    'logger.info("key file %s", private_key_path)',
    'logger.info("partition %s", message.key)',
    'logger.info("public %s", public_key)',
    'logger.info("answer %s", response.headers["content-type"])',
    "math.log(token)\n# logger.info(password)",
    'logger.info("login", extra={"password": "***"})',
    'logger.info("created %s", create_user(name, password).id)',
]


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
