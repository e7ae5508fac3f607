"""Secrets in the requirements document: said once, masked everywhere else."""

from __future__ import annotations

import json

SECRET = "sk-live-9f8e7d6c5b4a39281706"
TEXT = f"""
- REQ-003: The shop calls the payment API with the key {SECRET}.
- REQ-004: The first admin signs in with password = Sup3rS3cret!pw.

Example: `curl -H "Authorization: Bearer abcdef0123456789abcdef01" /items`, or `API_KEY=your-api-key`.
"""


def add(project):
    """Append secrets to the PRD, and return the lines that hold them."""
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text() + TEXT)
    lines = prd.read_text().splitlines()
    return [n for n, line in enumerate(lines, 1) if any(w in line for w in (SECRET, "Sup3r", "Bearer"))]


def test_they_are_nowhere(project):
    """No file of the run and no line of the terminal holds more than the first characters of a secret."""
    add(project)
    shown = project.runpytest("--prd", "PRD.md", "--until", "architect").stdout.str()
    shown += project.runpytest("--prd", "PRD.md", "-m", "layer1", "-v").stdout.str()
    files = [p for p in (project.path / ".superteam").rglob("*") if p.is_file()]
    assert any(p.name == "gate-report.json" for p in files)
    texts = {p.name: p.read_bytes().decode("utf-8", "replace") for p in files} | {"terminal": shown}
    for secret in (SECRET, "Sup3rS3cret", "abcdef0123456789abcdef01"):
        assert [name for name, text in texts.items() if secret in text] == []
    assert "sk-l****" in texts["service-map.yaml"]


def test_the_lines_are_named(project):
    """The header and the tree name the lines that hold a secret; a placeholder is none."""
    lines = add(project)
    result = project.runpytest("--prd", "PRD.md", "--until", "architect")
    places = ", ".join(f"line {line}" for line in lines)
    result.stdout.fnmatch_lines(
        [
            f"superteam: the PRD holds what looks like a secret at {places}; it is masked",
            f"*secrets in the PRD (3), masked in all that is made of it; take them out: {places}",
        ]
    )


def test_lines_keep_their_numbers(project):
    """The kept copy of the document has each line where it was, a private key of several lines included."""
    prd = project.path / "PRD.md"
    key = (
        "-----BEGIN RSA PRIVATE KEY-----\n"
        + "MIIEpAIBAAKCAQEA1234567890abcdefghijKLMNOP\n" * 3
        + "-----END RSA PRIVATE KEY-----\n"
    )
    prd.write_text(prd.read_text() + key + "\nLast line.\n")
    project.runpytest("--prd", "PRD.md", "--until", "architect")
    copy = (project.path / ".superteam/PRD.md").read_text()
    assert "KLMNOP" not in copy
    assert copy.splitlines().index("Last line.") == prd.read_text().splitlines().index("Last line.")


def test_requirements_of_the_report(project):
    """The requirements in the report are masked."""
    add(project)
    project.runpytest("--prd", "PRD.md", "-m", "layer1")
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
    [text] = [r["text"] for r in report["requirements"] if r["id"] == "REQ-003"]
    assert "sk-l****" in text


def test_a_reason_of_a_reviewer_is_masked(project):
    """A secret in the reason of --reject reaches neither the terminal nor the state."""
    project.runpytest("--prd", "PRD.md", "--review")
    result = project.runpytest("--prd", "PRD.md", "--reject", f"the key {SECRET} is missing")
    result.stdout.fnmatch_lines(["rejected (1): the key sk-l[*][*][*][*] is missing"])
    assert SECRET.encode() not in (project.path / ".superteam/state.db").read_bytes()
