"""CORS-001 to 003: pages of any origin that may read a service's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import GoCheck, Hit, JavaCheck, JavaScriptCheck, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.cors.go import go_policies
from pytest_superteam.scanners.facts.cors.java import java_policies
from pytest_superteam.scanners.facts.cors.javascript import javascript_policies
from pytest_superteam.scanners.facts.cors.policies import is_marked_public
from pytest_superteam.scanners.facts.cors.python import python_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.scanners.engine import Check
    from pytest_superteam.scanners.facts.cors.policies import CorsPolicy
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_LANGUAGES = ("python", "javascript", "typescript", "go", "java")

WILDCARD = Rule(
    "CORS-001",
    "Wildcard origin",
    Severity.ERROR,
    "cors",
    3,
    'Name the origins that may read answers: `allow_origins=["https://shop.example.com"]`, from the settings.',
    languages=_LANGUAGES,
    cwe=942,
    what="`*` among the allowed origins: given to a framework's CORS middleware, left to a default that means it "
    "(`CORS(app)` of Flask-CORS, `cors()` of Express), or set as `Access-Control-Allow-Origin` by hand. A public asset "
    "route without credentials, by its path or a comment that says so, is none, nor is one in a request that is sent.",
    why="Every web page that a user opens may call the service and read its answers, inside the user's network too.",
    bad={"app.py": "from flask_cors import CORS\n\nCORS(app)\n", "app.ts": "app.use(cors({ origin: '*' }));\n"},
    good={
        "app.py": 'from flask_cors import CORS\n\nCORS(app, origins=["https://shop.example.com"])\n',
        "app.ts": "app.use(cors({ origin: ['https://shop.example.com'] }));\n",
    },
)
CREDENTIALS = Rule(
    "CORS-002",
    "Credentials with wildcard",
    Severity.CRITICAL,
    "cors",
    3,
    'Name the origins, or leave credentials out: `allow_origins=["https://shop.example.com"], allow_credentials=True`.',
    languages=_LANGUAGES,
    cwe=942,
    what="A wildcard origin (CORS-001) in a policy that allows credentials as well.",
    why="Several libraries answer this combination with the origin of the request, so that any page acts and reads "
    "with the cookies of the signed-in user; the others break every browser client.",
    bad={
        "app.py": "from flask_cors import CORS\n\nCORS(app, supports_credentials=True)\n",
        "app.ts": "app.use(cors({ origin: '*', credentials: true }));\n",
    },
    good={
        "app.py": "from flask_cors import CORS\n\n"
        'CORS(app, origins=["https://shop.example.com"], supports_credentials=True)\n',
        "app.ts": "app.use(cors({ origin: 'https://shop.example.com', credentials: true }));\n",
    },
)
REFLECTED = Rule(
    "CORS-003",
    "Origin reflected",
    Severity.HIGH,
    "cors",
    3,
    "Compare the Origin with a list of those you trust before you send it back: `if origin in ALLOWED_ORIGINS:`.",
    languages=_LANGUAGES,
    cwe=346,
    what="The request's Origin sent back without a comparison, a pattern that matches every origin, `origin: true`, or "
    "a callback that always allows. An origin compared with a list, a pattern of one's own domains or by a function "
    "that decides is none.",
    why="It allows every origin as `*` does, and unlike `*` browsers accept it together with cookies.",
    bad={
        "app.py": 'response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]\n',
        "app.ts": "app.use(cors({ origin: true }));\n",
    },
    good={
        "app.py": 'if request.headers["Origin"] in ALLOWED_ORIGINS:\n'
        '    response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]\n',
        "app.ts": "app.use(cors({ origin: ALLOWED_ORIGINS }));\n",
    },
)


def _policies(
    file: SourceFile, module: Any, tree: SourceTree, read: Callable[[Any, SourceTree], list[CorsPolicy]]
) -> list[CorsPolicy]:
    """Return the policies of a file, read once for the three rules; those of marked public assets are left out."""
    key = f"cors {file.path}"
    if key not in tree.facts:
        tree.facts[key] = [policy for policy in read(module, tree) if not _is_excused(file, policy)]
    return tree.facts[key]  # type: ignore[return-value]  # the key holds nothing else


def _is_excused(file: SourceFile, policy: CorsPolicy) -> bool:
    if not policy.wildcard or policy.credentials:
        return False
    return policy.public or is_marked_public(file.lines, Hit.at(file, policy.node).line)


def _checks(
    triggers: tuple[bytes, ...], check: Any, read: Callable[[Any, SourceTree], list[CorsPolicy]]
) -> Iterator[Check]:
    """Yield the checks of the three rules in one language."""

    def finder(wanted: Callable[[CorsPolicy], bool]) -> Callable[..., Iterator[Hit]]:
        def find(file: SourceFile, module: Any, tree: SourceTree) -> Iterator[Hit]:
            yield from (Hit.at(file, policy.node) for policy in _policies(file, module, tree, read) if wanted(policy))

        return find

    yield check(WILDCARD, triggers, finder(lambda policy: policy.wildcard))
    yield check(CREDENTIALS, triggers, finder(lambda policy: policy.wildcard and policy.credentials))
    yield check(REFLECTED, triggers, finder(lambda policy: policy.reflected and not policy.wildcard))


_HEADER = (b"llow-Origin", b"llow-origin", b"LLOW-ORIGIN", b"LLOW_ORIGIN", b"llow_origin")
_PYTHON = (*_HEADER, b"CORS", b"cors", b"cross_origin", b"X_DOMAINS")
_JAVASCRIPT = (*_HEADER, b"cors", b"Cors", b"origins(")
_GO = (*_HEADER, b"cors", b"CORS", b"AllowedOrigins")
_JAVA = (*_HEADER, b"CrossOrigin", b"llowedOrigin", b"AllowOrigin", b"addMapping")

SCANNER = RuleScanner(
    (
        *_checks(_PYTHON, PythonCheck, python_policies),
        *_checks(_JAVASCRIPT, JavaScriptCheck, javascript_policies),
        *_checks(_GO, GoCheck, go_policies),
        *_checks(_JAVA, JavaCheck, java_policies),
    )
)
