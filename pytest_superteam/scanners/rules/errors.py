"""ADV-005: failures that vanish where they are caught, and failures that nobody catches on the way to the caller.

What: a bare `except:`, a handler of everything (or of all that a library raises) that does nothing, an empty `catch`,
an outgoing HTTP call or an awaited promise that meets no handler up to the request, a task that is forgotten.
Why: the first kind hides a fault until the data are wrong; the second answers the caller with whatever the framework
makes of an exception of the HTTP client, or, in Node, with nothing, or ends the process.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, JavaScriptCheck, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.failures.covered_python import is_covered
from pytest_superteam.scanners.facts.failures.framework_python import covers_client, framework_handlers
from pytest_superteam.scanners.facts.failures.swallowed_javascript import swallowed as swallowed_javascript
from pytest_superteam.scanners.facts.failures.swallowed_python import (
    bare_handlers,
    forgotten_tasks,
    left_in_finally,
    suppressed,
    swallowed,
)
from pytest_superteam.scanners.facts.failures.unhandled_javascript import unhandled
from pytest_superteam.scanners.facts.outgoing import TRIGGERS, outgoing_calls
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-005",
    "Missing error handling",
    Severity.WARNING,
    "adversarial",
    4,
    "Catch what can happen, log it and answer for it: `except httpx.HTTPError as error:` with a 502.",
    languages=("python", "javascript", "typescript"),
    applies_to=CODE_LANGUAGES,
    cwe=703,
    what=(
        "A bare `except:`; a handler of everything, or of all that a library raises, that does nothing and gives no "
        "reason in a comment; an empty `catch`; an outgoing HTTP call with no handler on the way to the request, be it "
        "a `try` there, in every caller, or a handler of the framework; a task or promise that is started and "
        "forgotten. "
        "None: the expected exception by its name (`except KeyError: pass`), a logged one, one that is raised again."
    ),
    why=(
        "A swallowed failure is found by its consequences, much later and elsewhere. One that nobody handles shows the "
        "caller an error 500 for what is another service's fault, and in Node may leave the request open or end "
        "the process."
    ),
    bad={
        "app/prices.py": (
            "import httpx\n\n\ndef price(sku: str) -> dict | None:\n    try:\n"
            '        return httpx.get(f"https://prices.internal/{sku}").json()\n'
            "    except Exception:\n        return None\n"
        )
    },
    good={
        "app/prices.py": (
            "import logging\n\nimport httpx\n\nlogger = logging.getLogger(__name__)\n\n\n"
            "def price(sku: str) -> dict | None:\n    try:\n"
            '        return httpx.get(f"https://prices.internal/{sku}").json()\n    except httpx.HTTPError:\n'
            '        logger.exception("no price for %s", sku)\n        return None\n'
        )
    },
)

_BARE = re.compile(rb"\bexcept[ \t]*:")
_BROAD = re.compile(
    rb"except[^:\w][^:]{0,200}?\b(?:(?:Base)?Exception|(?:Request|SMTP)Exception|(?:HTTP|Request|Transport"
    rb"|Client|URL)Error"
    rb"|(?:SQLAlchemy|DBAPI|Operational|Database|Redis|Connection|PyMongo|BotoCore|Kafka|AMQP|Stripe)Error"
    rb"|(?:psycopg2?|db)\.Error|[A-Z][A-Z_]{2,})\b"
    rb"[^:]{0,200}:[ \t]*(?:#[^\n]{0,200})?\s{0,200}(?:#[^\n]{0,200}\s{1,200}){0,8}"
    rb"(?:pass\b|\.\.\.|continue\b|break\b|return[ \t]*(?:None[ \t]*)?(?:#|;|\r?\n|\Z)|[\"'])"
)
_SUPPRESS = re.compile(rb"suppress\([^)]{0,200}Exception\b")
_FINALLY = re.compile(
    rb"^([ \t]*)finally[ \t]*:[^\n]{0,200}\n(?:\1[ \t][^\n]{0,300}\n|\s{0,40}\n){0,12}?"
    rb"\1[ \t]+(?:return|break|continue)\b",
    re.MULTILINE,
)
_TASKS = re.compile(
    rb"^[ \t]*(?:\w+[ \t]*=[ \t]*)?[\w.()]{0,80}"
    rb"\b(?:create_task|ensure_future|run_in_executor|run_coroutine_threadsafe)\(",
    re.MULTILINE,
)
_CLIENTS = re.compile(
    rb"^[ \t]*(?:import|from)[ \t]+[^\n#]{0,80}\b(?:requests|httpx|aiohttp|urllib3|urllib\.request|urllib"
    rb"|http\.client|httplib2"
    rb"|tornado\.httpclient|authlib)\b",
    re.MULTILINE,
)
_UNHANDLED = "Nothing handles a failure of this call: wrap it in `try`/`except` and answer 502 or 503."


def _bare(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find handlers that name nothing."""
    return (Hit.at(file, node, message) for node, message in bare_handlers(module))


def _swallowed(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find the handlers in which a failure vanishes."""
    return (Hit.at(file, node, message) for node, message in swallowed(file, module))


def _suppressed(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find `suppress` of everything."""
    return (Hit.at(file, node, message) for node, message in suppressed(file, module))


def _left(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find the `finally` that drops a failure."""
    return (Hit.at(file, node, message) for node, message in left_in_finally(module))


def _forgotten(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find the tasks that nobody watches."""
    return (Hit.at(file, node, message) for node, message in forgotten_tasks(module))


def _is_client_itself(call: ast.Call) -> bool:
    """Return whether a call is `super().request(...)` in a client of the service, whose callers have the failure."""
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(holder, ast.Call) and isinstance(holder.func, ast.Name) and holder.func.id == "super"


def _outgoing(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find the outgoing calls whose failure nothing handles up to the request."""
    for call in outgoing_calls(tree, module):
        if _is_client_itself(call.node):
            continue
        if not covers_client(framework_handlers(tree), call.client) and not is_covered(tree, module, call.node):
            yield Hit.at(file, call.node, _UNHANDLED)


def _javascript(file: SourceFile, module: JavaScriptModule, tree: SourceTree) -> Iterator[Hit]:
    """Find the empty `catch`, and the promises that nobody awaits or whose failure nobody handles."""
    for node, message in swallowed_javascript(module):
        yield Hit.at(file, node, message)
    for node, message in unhandled(tree, module):
        yield Hit.at(file, node, message)


SCANNER = RuleScanner(
    (
        PythonCheck(RULE, (b"except:", b"except :"), _bare, _BARE),
        PythonCheck(RULE, (b"except",), _swallowed, _BROAD),
        PythonCheck(RULE, (b"suppress(",), _suppressed, _SUPPRESS),
        PythonCheck(RULE, (b"finally",), _left, _FINALLY),
        PythonCheck(
            RULE,
            (b"create_task", b"ensure_future", b"run_in_executor", b"run_coroutine_threadsafe"),
            _forgotten,
            _TASKS,
        ),
        PythonCheck(RULE, TRIGGERS, _outgoing, _CLIENTS),
        JavaScriptCheck(
            RULE,
            (
                b"catch",
                b"finally",
                b"async",
                b"fetch",
                b"axios",
                b"got",
                b"undici",
                b"superagent",
                b"http",
                b".then(",
                b".on(",
            ),
            _javascript,
        ),
    )
)
