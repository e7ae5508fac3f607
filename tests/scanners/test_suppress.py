"""Comments that excuse: where they count, what for, and which of them excuse nothing."""

from __future__ import annotations

import pytest

from pytest_superteam.scanners.source import source_tree
from pytest_superteam.scanners.suppress import suppression, suppressions


def reason(samples, path, text, line, code="SEC-001"):
    """Return what excuses a finding at a line."""
    tree = source_tree(samples.target({path: text}))
    return suppression(tree.file(path), line, code)


@pytest.mark.parametrize(
    ("path", "text", "line", "wanted"),
    [
        ("a.py", "x()  # noqa: SEC-001", 1, "noqa"),
        ("a.py", "x()  # noqa: E501,SEC-001", 1, "noqa"),
        ("a.py", "x()  # noqa: SEC-002", 1, ""),
        ("a.py", "x()  # noqa", 1, ""),
        ("a.py", "x()  # nosec", 1, "nosec"),
        ("a.py", "x()  # nosec SEC-001", 1, "nosec"),
        ("a.py", "x()  # nosec B105", 1, ""),
        ("a.py", "# noqa: SEC-001\nx()", 2, ""),
        ("a.py", '# noqa: SEC-001\nKEY = """-----BEGIN\nx\n"""', 2, "noqa"),
        ("a.js", "x();  // noqa: SEC-001", 1, "noqa"),
        ("a.js", "x();  /* noqa: SEC-001 */", 1, "noqa"),
        ("a.ts", "// noqa: SEC-001\nx();", 2, "noqa"),
        ("a.ts", "y();  // noqa: SEC-001\nx();", 2, ""),
        ("a.tsx", "{/* noqa: SEC-001 */}\n<X/>", 2, "noqa"),
        ("Dockerfile", "# noqa: SEC-001\nFROM x", 2, "noqa"),
        ("compose.yml", "a: b  # noqa: SEC-001", 1, "noqa"),
        ("compose.yml", "# nosec SEC-001\na: b", 2, "nosec"),
        ("a.html", "<!-- noqa: SEC-001 -->\n<p>", 2, "noqa"),
        ("a.sql", "-- noqa: SEC-001\nselect 1", 2, "noqa"),
        ("a.ini", "; noqa: SEC-001\nx=1", 2, "noqa"),
    ],
)
def test_where_a_comment_counts(samples, path, text, line, wanted):
    """A comment counts on its line, and above where a line can't carry one."""
    assert reason(samples, path, text, line) == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("app.py", ("SEC-001", "SEC-SECRET-007")), ("tests/test_a.py", ("SEC-SECRET-007",)), ("docs/guide.md", None)],
)
def test_comments_are_asked_where_a_rule_looks(samples, path, wanted):
    """A comment counts for the codes that read its file; what documents show is an example."""
    tree = source_tree(samples.target({path: "x()  # noqa: SEC-001, SEC-SECRET-007, SEC-001\n"}))
    found = [comment.codes for comment in suppressions(tree.file(path))]
    assert found == ([wanted] if wanted else [])


def test_comments_that_name_codes_of_ours(samples):
    """Only comments with codes of ours are asked whether they excuse anything."""
    text = "a()  # noqa: SEC-001, E501\nb()  # noqa: E501\nc()  # nosec\nd()  # nosec LOG-005 B105\n"
    tree = source_tree(samples.target({"a.py": text}))
    found = [(comment.line, comment.codes) for comment in suppressions(tree.file("a.py"))]
    assert found == [(1, ("SEC-001",)), (4, ("LOG-005",))]
