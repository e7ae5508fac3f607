"""What a file is to the gate, by its path."""

from __future__ import annotations

import re

__all__ = ["is_code", "is_document", "is_setting", "is_test"]

_TEST_FOLDER = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|testdata|test_data|e2e|__snapshots__|__mocks__|cypress|integration[-_]tests?)/",
    re.IGNORECASE,
)
_TEST_FILE = re.compile(
    r"(?:^|/)(?:test_[^/]{0,200}\.py|[^/]{1,200}_tests?\.py|tests?\.py|[^/]{1,200}_test\.(?:go|exs|rb|dart|cpp|cc)"
    r"|[^/]{1,200}_spec\.rb|[^/]{1,200}[._-](?:test|spec|e2e-spec)\.(?:[cm]?[jt]sx?)|[^/]{1,200}\.snap"
    r"|[^/]{0,200}(?:Tests?|TestCase|Spec|IT)\.(?:java|kt|kts|cs|fs|php|scala|groovy|swift))$"
)
_SETTING = re.compile(
    r"(?:^|/)(?:conftest\.py|\.?pytest\.(?:ini|toml)|noxfile\.py|\.coveragerc(?:\.toml)?|jest\.(?:config|setup)\.\w{1,5}"
    r"|vitest\.(?:config|workspace|setup)\.\w{1,5}|\.mocharc(?:\.\w{1,5})?|karma\.conf\.\w{1,5}|ava\.config\.\w{1,5}"
    r"|\.nycrc(?:\.\w{1,5})?|\.c8rc(?:\.\w{1,5})?|\.taprc|(?:playwright|cypress)\.config\.\w{1,5}"
    r"|phpunit\.xml(?:\.dist)?|\.rspec|testng\.xml|junit-platform\.properties|\.stestr\.conf"
    r"|\.eslintrc(?:\.\w{1,5})?|eslint\.config\.\w{1,5}|\.eslintignore|biome\.jsonc?|\.flake8|\.?ruff\.toml|\.?mypy\.ini"
    r"|pyrightconfig\.json|\.?pylintrc(?:\.toml)?|\.bandit(?:\.ya?ml)?|bandit\.(?:ya?ml|toml)|\.golangci\.\w{1,5}"
    r"|\.semgrepignore|\.?semgrep\.ya?ml|\.trivyignore(?:\.ya?ml)?|trivy\.ya?ml|\.snyk|\.?hadolint\.ya?ml"
    r"|\.?checkov\.ya?ml|\.?gitleaks\.toml|\.gitleaksignore|\.?superteam\.ya?ml|schemathesis\.toml|\.rubocop(?:_todo)?\.yml"
    r"|phpcs\.xml(?:\.dist)?|phpstan\.neon(?:\.dist)?|psalm\.xml|\.?codecov\.ya?ml|sonar-project\.properties"
    r"|\.?clippy\.toml|\.shellcheckrc|\.?detect-secrets[\w.-]{0,40}|[\w.-]{0,80}baseline\.(?:json|ya?ml|toml|xml)"
    r"|\.secrets\.baseline)$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\.(?:py|pyi|pyx|[cm]?[jt]sx?|vue|svelte|go|java|kts?|scala|groovy|cs|fs|vb|rb|php|rs|swift|exs?|erl|clj|cpp|cc|c|h"
    r"|dart|pl|lua|sh|bash)$",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\.(?:md|markdown|mdx|rst|txt|adoc|ipynb|html|css|svg|log|csv)$", re.IGNORECASE)


def is_test(path: str) -> bool:
    """Return whether the file is a test, or belongs to tests: their data, their helpers, what they expect."""
    return _TEST_FOLDER.search(path) is not None or _TEST_FILE.search(path) is not None


def is_setting(path: str) -> bool:
    """Return whether all of the file is settings of tests or scanners, or a baseline."""
    return _SETTING.search(path) is not None


def is_code(path: str) -> bool:
    """Return whether the file is source of some language."""
    return _CODE.search(path) is not None


def is_document(path: str) -> bool:
    """Return whether the file is text for people, in which such words act on nothing."""
    return _DOCUMENT.search(path) is not None
