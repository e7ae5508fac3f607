"""The command that runs a service's own tests, where it has any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.languages import own_files
from pytest_superteam.discovery.tree import below

if TYPE_CHECKING:
    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.tree import Tree

__all__ = ["settle_test"]

_PYTHON = re.compile(r"(?:^|/)(?:test_[\w-]{1,100}|[\w-]{1,100}_test|tests)\.py$")
_NODE = re.compile(r"(?:[._-](?:test|spec|e2e-spec)|(?:^|/)(?:__tests__|tests?)/[\w./-]{1,150})\.(?:[cm]?[jt]sx?)$")
_JVM = re.compile(r"src/(?:test|integrationTest|testFixtures)/.{1,300}\.(?:java|kt|groovy|scala)$")
_RUST = re.compile(r"^[ \t]*#\[(?:tokio::|actix_web::|actix_rt::)?test\]", re.MULTILINE)
_DOTNET_TESTS = ("tests.csproj", "test.csproj", "tests.fsproj", "test.fsproj")
_NO_SCRIPT = re.compile(r"no test specified|^\s*(?:exit|echo)\b|^\s*true\s*$")
_UNITTEST = re.compile(r"^(?:from|import) unittest|^class \w{1,80}\((?:unittest\.)?TestCase\)", re.MULTILINE)


def settle_test(tree: Tree, draft: Draft) -> None:
    """Say the argument vector that runs the tests of a service; none where it has no tests."""
    if not draft.folder:
        return
    files = own_files(tree, draft)
    reader = {
        "python": _python, "javascript": _node, "typescript": _node, "go": _go, "java": _jvm, "kotlin": _jvm,
        "scala": _jvm, "groovy": _jvm, "rust": _rust, "csharp": _dotnet, "fsharp": _dotnet, "ruby": _ruby, "php": _php,
        "elixir": _elixir,
    }.get(draft.language)  # fmt: skip
    found = reader(tree, draft, files) if reader is not None else None
    if found is not None:
        draft.test, file, reason = found
        draft.note("test", " ".join(draft.test), file, 1, reason)


_Found = tuple[tuple[str, ...], str, str] | None


def _at(draft: Draft, name: str) -> str:
    return below(draft.folder) + name


def _python(tree: Tree, draft: Draft, files: list[str]) -> _Found:
    tests = [path for path in files if _PYTHON.search(path)]
    if not tests:
        return None
    manage = _at(draft, "manage.py")
    asked = draft.manifest is not None and draft.manifest.has("pytest", "pytest-django")
    settings = any(tree.is_file(_at(draft, name)) for name in ("pytest.ini", "conftest.py", "tox.ini"))
    settings = settings or "[tool.pytest" in tree.text(_at(draft, "pyproject.toml"))
    if draft.framework == "django" and tree.is_file(manage) and not asked and not settings:
        return ("python", "manage.py", "test"), manage, "a Django project without pytest"
    return ("python", "-m", "pytest"), tests[0], "tests for pytest"


def _node(tree: Tree, draft: Draft, files: list[str]) -> _Found:
    manifest = draft.manifest
    scripts = dict(manifest.scripts) if manifest else {}
    script = scripts.get("test", "")
    if manifest is None or not script or _NO_SCRIPT.search(script):
        return None
    if not any(_NODE.search(path) for path in files):
        return None
    if manifest.folder != draft.folder and draft.folder:
        return None
    return (_manager(tree, draft.folder), "test"), manifest.path, "script 'test'"


def _manager(tree: Tree, folder: str) -> str:
    """Return the package manager whose lock file is nearest."""
    parts = [] if folder == "." else folder.split("/")
    for count in range(len(parts), -1, -1):
        where = "/".join(parts[:count]) or "."
        for name, manager in (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("package-lock.json", "npm")):
            if tree.has(where, name):
                return manager
    return "npm"


def _go(_tree: Tree, _draft: Draft, files: list[str]) -> _Found:
    test = next((path for path in files if path.endswith("_test.go")), "")
    return (("go", "test", "./..."), test, "tests of Go") if test else None


def _jvm(tree: Tree, draft: Draft, files: list[str]) -> _Found:
    test = next((path for path in files if _JVM.search(path)), "")
    if not test:
        return None
    if draft.manifest is not None and draft.manifest.path.endswith("pom.xml"):
        program = "./mvnw" if tree.is_file(_at(draft, "mvnw")) else "mvn"
        return (program, "-q", "test"), test, "tests of Maven"
    program = "./gradlew" if tree.is_file(_at(draft, "gradlew")) else "gradle"
    return (program, "test"), test, "tests of Gradle"


def _rust(tree: Tree, _draft: Draft, files: list[str]) -> _Found:
    sources = [path for path in files if path.endswith(".rs")][:200]
    test = next((p for p in sources if "/tests/" in p or _RUST.search(tree.text(p))), "")
    return (("cargo", "test"), test, "tests of Cargo") if test else None


def _dotnet(_tree: Tree, _draft: Draft, files: list[str]) -> _Found:
    test = next((path for path in files if path.lower().endswith(_DOTNET_TESTS)), "")
    return (("dotnet", "test"), test, "a project of tests") if test else None


def _ruby(_tree: Tree, draft: Draft, files: list[str]) -> _Found:
    spec = next((path for path in files if path.endswith("_spec.rb")), "")
    test = next((path for path in files if path.endswith("_test.rb")), "")
    if spec:
        return ("bundle", "exec", "rspec"), spec, "tests of RSpec"
    command = ("bundle", "exec", "rails", "test") if draft.framework == "rails" else ("bundle", "exec", "rake", "test")
    return (command, test, "tests of Minitest") if test else None


def _php(tree: Tree, draft: Draft, files: list[str]) -> _Found:
    test = next((path for path in files if path.endswith("Test.php")), "")
    configured = any(tree.is_file(_at(draft, name)) for name in ("phpunit.xml", "phpunit.xml.dist"))
    return (("vendor/bin/phpunit",), test, "tests of PHPUnit") if test and configured else None


def _elixir(_tree: Tree, _draft: Draft, files: list[str]) -> _Found:
    test = next((path for path in files if path.endswith("_test.exs")), "")
    return (("mix", "test"), test, "tests of ExUnit") if test else None
