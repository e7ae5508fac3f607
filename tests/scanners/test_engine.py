"""Discovery, the scan of a target, suppression, and what happens when a scanner breaks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity, Violation
from pytest_superteam.scanners import registry
from pytest_superteam.scanners.base import Rule, Scanner, ScanTarget
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner, SystemCheck, TreeCheck
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import rules_of, scan_target

SEVERITIES = {
    "SEC-001": "error", "SEC-002": "critical", "SEC-003": "critical", "SEC-004": "high", "SEC-005": "critical",
    "SEC-006": "high",
    "CORS-001": "error", "CORS-002": "critical", "CORS-003": "high", "LOG-001": "warning", "LOG-004": "warning",
    "LOG-005": "error", "TRACE-001": "warning", "SEC-SECRET-001": "critical", "SEC-SECRET-002": "critical",
    "SEC-SECRET-003": "critical", "SEC-SECRET-004": "high", "SEC-SECRET-005": "critical", "SEC-SECRET-006": "high",
    "SEC-SECRET-007": "high", "SEC-SECRET-008": "critical", "SEC-SECRET-009": "critical", "SEC-SECRET-010": "high",
    "SEC-SECRET-011": "high", "SEC-SECRET-012": "critical", "DOCKER-001": "error", "DOCKER-002": "critical",
    "DOCKER-003": "warning", "DOCKER-004": "warning", "DOCKER-005": "warning", "DOCKER-006": "critical",
    "DOCKER-007": "warning", "DOCKER-008": "high", "HEALTH-001": "warning", "ADV-001": "warning", "ADV-002": "warning",
    "ADV-003": "warning", "ADV-004": "info", "ADV-005": "warning", "ADV-006": "warning",
}  # fmt: skip


def rule(code="X-001", **options):
    """Return a rule for tests."""
    return Rule(code, "x", Severity.ERROR, "x", 3, "Do x.", **options)


class Foreign:
    """A scanner as a project would write it."""

    def __init__(self, *violations, codes=(), error=None):
        self.codes = codes or (rule(),)
        self.violations = violations
        self.error = error

    def scan(self, service):
        """Yield what it was made with, or raise it."""
        if self.error:
            raise self.error
        yield from self.violations


def test_all_codes_are_declared():
    """The forty codes are there with their severities, layers and help."""
    rules = rules_of(builtin_scanners())
    assert {code: r.severity.value for code, r in rules.items()} == SEVERITIES
    assert {code for code, r in rules.items() if r.layer == 4} == {f"ADV-00{n}" for n in range(1, 7)}
    assert all(r.help.endswith(".") for r in rules.values())


def test_pending_codes():
    """Only the codes that nothing looks for are pending, each with a reason."""
    pending = {code for code, r in rules_of(builtin_scanners()).items() if r.pending}
    assert pending == set()


def test_builtin_scanners_are_scanners():
    """Each built-in scanner fits the protocol that projects implement."""
    assert all(isinstance(scanner, Scanner) for scanner in builtin_scanners())


def test_discovery_refuses_bad_rules():
    """A code that is declared twice, and a rule without help, fail at discovery."""
    with pytest.raises(TypeError, match=r"X-001 is declared in a and again in b\."):
        registry._check(rule(), "b", {"X-001": "a"})
    with pytest.raises(TypeError, match="no name or no help"):
        registry._check(Rule("X-001", "x", Severity.INFO, "x", 3, " "), "b", {})


def test_discovery_loads_nothing_heavy():
    """Finding the scanners imports neither detect-secrets nor YAML nor pytest."""
    code = (
        "import sys\nfrom pytest_superteam.scanners.registry import builtin_scanners\nbuiltin_scanners()\n"
        "print([m for m in ('detect_secrets', 'yaml', 'pytest', 'requests', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_keys_of_a_scan(samples):
    """A scan has a key for each code that was looked for, and none for other scopes and pending codes."""
    target = samples.target({"a.py": "print(1)\n"})
    found = scan_target(target, builtin_scanners())
    rules = rules_of(builtin_scanners())
    assert set(found) == {c for c, r in rules.items() if r.scope == "service" and not r.pending}
    assert [v.line for v in found["LOG-001"]] == [1]
    assert set(scan_target(target, builtin_scanners(), ["LOG-001"])) == {"LOG-001"}
    system = ScanTarget("s", samples.root, members=(target,))
    assert set(scan_target(system, builtin_scanners())) == {"ADV-001", "ADV-003", "ADV-004"}


def test_findings_are_sorted(samples):
    """Findings come by file and line, whatever the order of the syntax tree."""
    files = {"b.py": "print(1)\n", "a.py": "def f():\n    print(2)\nprint(1)\n"}
    assert [(v.file, v.line) for v in samples.violations(files, "LOG-001")] == [("a.py", 2), ("a.py", 3), ("b.py", 1)]


def test_foreign_scanner(samples):
    """A project's scanner runs beside the built-in ones."""
    violation = Violation("X-001", Severity.ERROR, "api", "Do x.", "a.py", 1)
    target = samples.target({"a.py": ""})
    assert scan_target(target, (*builtin_scanners(), Foreign(violation)))["X-001"] == [violation]


def test_foreign_scanner_of_the_other_scope_is_not_called(samples):
    """A scanner with system rules only is not asked about a service."""
    scanner = Foreign(codes=(rule(scope="system"),), error=RuntimeError("called"))
    assert scan_target(samples.target({}), [scanner]) == {}


@pytest.mark.parametrize(
    ("scanner", "text"),
    [
        (Foreign(error=RuntimeError("boom")), "Foreign broke on api: RuntimeError: boom (test_engine.py:"),
        (Foreign("x"), "Foreign yielded 'x', which is no Violation with a Severity."),
        (Foreign(Violation("X-001", "error", "api", "x")), "which is no Violation with a Severity."),
        (Foreign(Violation("Y-001", Severity.ERROR, "api", "x")), "Foreign reported Y-001, which it does not declare."),
        (
            RuleScanner((PythonCheck(rule(), (b"x",), lambda *_: 1 / 0),)),
            "a.py: X-001 broke on it: ZeroDivisionError",
        ),
        (RuleScanner((TreeCheck(rule(), lambda *_: 1 / 0),)), "api: X-001 broke on it: ZeroDivisionError"),
    ],
)
def test_broken_scanner_is_an_error(samples, scanner, text):
    """A scanner that raises, or reports what it does not declare, is an error that names it and the file."""
    with pytest.raises(CheckError) as caught:
        scan_target(samples.target({"a.py": "x = 1\n"}), [scanner])
    assert text in str(caught.value)


def test_duplicate_code_is_an_error(samples):
    """Two scanners with one code can't run together."""
    with pytest.raises(CheckError, match="X-001 is declared twice"):
        scan_target(samples.target({}), [Foreign(), Foreign()])


SUPPRESSED = [
    ("print(1)  # noqa: LOG-001", "noqa"),
    ("print(1)  # noqa: T201, LOG-001", "noqa"),
    ("print(1)  # NOQA: log-001", "noqa"),
    ("print(1)  # nosec", "nosec"),
    ("print(1)  # nosec LOG-001", "nosec"),
    ("print(1)  # noqa", ""),
    ("print(1)  # noqa: T201", ""),
    ("print(1)  # noqa: LOG-0011", ""),
    ("print(1)  # nosec B101", ""),
    ("# noqa: LOG-001\nprint(1)", ""),
    ("print(1)  # nosecurity here", ""),
]


@pytest.mark.parametrize(("text", "reason"), SUPPRESSED)
def test_suppression(samples, text, reason):
    """A comment on the line excuses a finding by its code; the finding stays, marked."""
    (found,) = samples.violations({"a.py": text + "\n"}, "LOG-001")
    assert found.suppressed_by == reason


def test_suppression_above_in_a_dockerfile(samples):
    """A Dockerfile can't have a comment on the line, so the one above counts."""
    text = "# noqa: DOCKER-003\nFROM a\nUSER x\n# nosec DOCKER-002\nENV DB_PASSWORD=hunter2\n"
    found = samples.violations({"Dockerfile": text}, "DOCKER-002", "DOCKER-003", "DOCKER-005")
    assert [(v.code, v.suppressed_by) for v in found] == [
        ("DOCKER-002", "nosec"),
        ("DOCKER-003", "noqa"),
        ("DOCKER-005", ""),
    ]


def test_suppression_in_other_languages(samples):
    """`//` and `/* */` comments count too."""
    line = 'const password = "hunter2-x"; '
    files = {
        "a.ts": line + "// noqa: SEC-SECRET-007\n",
        "b.ts": line + "/* noqa: SEC-SECRET-007 */\n",
        "c.ts": line + "\n",
    }
    assert [v.suppressed_by for v in samples.violations(files, "SEC-SECRET-007")] == ["noqa", "noqa", ""]


def test_a_hit_is_reported_once(samples):
    """Two ways to the same finding at one place are one finding."""
    scanner = RuleScanner((PythonCheck(rule(), (b"x",), lambda f, *_: [Hit(f.path, 1), Hit(f.path, 1)]),))
    assert len(scan_target(samples.target({"a.py": "x"}), [scanner])["X-001"]) == 1


SNIPPETS = [
    ("import jwt\n"
    "jwt.decode(t, k, algorithms=ALGS)\n"), ("from fastapi import *\n"
                                                       "app = FastAPI()\n"), "@app.get('/x')\ndef f(): ...\n",
    "logger.info(f'{password}')\n", ("import httpx\n"
                                    "httpx.get(u)\n"), "CORS(app, origins='*')\n", "x = x.x\n", "a = b\nb = a\n",
    "class A(A): a = A.a\n", "publish(s, 'E')\n", ("try:\n  f()\n"
                                                  "except: pass\n"), "app.include_router(app)\n", "from . import a\n",
    "password = 'hunter2'\n", "def f(): return f()\n", "f = f\n", "settings = Settings()\nSettings = settings\n",
]  # fmt: skip


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(st.lists(st.sampled_from(SNIPPETS), max_size=8), st.text(max_size=60))
def test_no_rule_breaks(tmp_path_factory, snippets, noise):
    """No rule breaks or runs in circles on code put together at random, or on a name that is its own origin."""
    root = tmp_path_factory.mktemp("any")
    (root / "a.py").write_text("".join(snippets))
    (root / "b.py").write_bytes((noise + "\nfrom a import *\njwt = print(1)\n").encode("utf-8", "surrogatepass"))
    (root / "Dockerfile").write_bytes(noise.encode("utf-8", "surrogatepass"))
    (root / "compose.yml").write_bytes(("services: " + noise).encode("utf-8", "surrogatepass"))
    target = ScanTarget("api", root)
    found = scan_target(target, builtin_scanners())
    assert all(v.code == code for code, items in found.items() for v in items)
    scan_target(ScanTarget("s", root, members=(target, ScanTarget("b", root))), builtin_scanners())


def test_a_scanner_keeps_to_the_scope_of_its_target(samples):
    """A built-in scanner that is asked about a service leaves its system rules alone, and the other way round."""
    service = samples.target({"a.py": "x = 1\n"})
    checks = (
        PythonCheck(rule("X-001"), (b"x",), lambda file, *_: [Hit(file.path, 1)]),
        SystemCheck(rule("X-002", scope="system"), lambda _: [Hit("", 0)]),
    )
    system = ScanTarget("s", samples.root, members=(service,))
    assert [v.code for v in RuleScanner(checks).scan(service)] == ["X-001"]
    assert [v.code for v in RuleScanner(checks).scan(system)] == ["X-002"]
