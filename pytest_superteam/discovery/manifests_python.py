"""Python: requirements in any encoding, pyproject.toml, setup.py and setup.cfg, Pipfile; and what starts it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.frameworks import framework_of
from pytest_superteam.discovery.manifest import Manifest
from pytest_superteam.discovery.tree import below
from pytest_superteam.discovery.words import line_of, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.discovery.tree import Tree

__all__ = ["python_libraries", "read_python", "read_toml"]

_REQUIREMENTS = re.compile(r"requirements?(?:[-_.]\w{1,30})*\.(?:txt|in)")
_NAME = re.compile(r"^[ \t]*([A-Za-z0-9][A-Za-z0-9._-]{0,100})[ \t]*(?:\[|[<>=!~;@#]|$)", re.MULTILINE)
_QUOTED = re.compile(
    r"[\"']([A-Za-z0-9][A-Za-z0-9._-]{0,100})[ \t]{0,4}(?:\[[^\]\n]{0,100}\])?[ \t]{0,4}"
    r"(?:[<>=!~;@][^\"'\n]{0,200})?[\"']"
)
_ENTRIES = (
    "main.py", "app.py", "manage.py", "server.py", "wsgi.py", "asgi.py", "run.py", "worker.py", "consumer.py",
    "application.py", "__main__.py", "start.py", "api.py", "bot.py",
)  # fmt: skip
_INNER = ("app", "src", "src/app", "api", "server", "backend")
_APP = re.compile(
    r"\b(?:FastAPI|Flask|Quart|Sanic|Litestar|Starlette|Celery|Bottle|create_app|get_wsgi_application|uvicorn\.run|"
    r"execute_from_command_line|grpc\.server|grpc\.aio\.server|web\.Application|run_app|serve_forever|HTTPServer|"
    r"FastMCP|KafkaConsumer|AIOKafkaConsumer|start_consuming|connexion|streamlit|gradio)\b"
)
_LOOP = re.compile(r"^if __name__ == [\"']__main__[\"']|^while True:", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]{0,4}(?:from|import)[ \t]+(\w{1,60})", re.MULTILINE)


def read_toml(text: str) -> dict[str, Any]:
    """Return a TOML document; of what is none, or nested beyond reason, nothing."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def python_libraries(tree: Tree, folder: str) -> Iterator[tuple[str, str, int]]:
    """Yield name, file and line of what the manifests of a folder ask for."""
    at = below(folder)
    names = tree.names.get(folder, frozenset())
    plain = [name for name in sorted(names) if _REQUIREMENTS.fullmatch(name)]
    plain += [
        f"requirements/{name}" for name in sorted(tree.names.get(f"{at}requirements", ())) if name.endswith(".txt")
    ]
    for name in plain:
        text = tree.text(at + name)
        yield from ((_normal(m[1]), at + name, line_of(text, m.start(1))) for m in matches(_NAME, text[:200_000]))
    for name in ("setup.py", "setup.cfg"):
        text = tree.text(at + name)[:200_000] if name in names else ""
        pattern = _QUOTED if name == "setup.py" else _NAME
        yield from ((_normal(m[1]), at + name, line_of(text, m.start(1))) for m in matches(pattern, text))
    for name in ("pyproject.toml", "Pipfile"):
        text = tree.text(at + name) if name in names else ""
        for library in _asked(read_toml(text)):
            yield _normal(library), at + name, _line(text, library)


def _asked(document: dict[str, Any]) -> Iterator[str]:
    """Yield the libraries of a pyproject.toml or Pipfile, in any of the forms that tools have."""
    project, tool = _table(document, "project"), _table(document, "tool")
    lists: list[Any] = [project.get("dependencies"), *_table(document, "dependency-groups").values()]
    lists += _table(project, "optional-dependencies").values()
    for entries in lists:
        for entry in entries if isinstance(entries, list) else ():
            match = _NAME.match(entry) if isinstance(entry, str) else None
            yield from [match[1]] if match else []
    poetry = _table(tool, "poetry")
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    tables += [_table(document, "packages"), _table(document, "dev-packages")]
    yield from (name for table in tables for name in table if name != "python")


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _line(text: str, name: str) -> int:
    match = re.search(rf"^[ \t\"']*{re.escape(name)}\b", text, re.MULTILINE) or re.search(re.escape(name), text)
    return line_of(text, match.start()) if match else 1


def read_python(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's Python manifests say; None where it has none."""
    at = below(folder)
    names = tree.names.get(folder, frozenset())
    found: list[str] = [n for n in ("pyproject.toml", "Pipfile", "setup.py", "setup.cfg") if n in names]
    found = sorted(n for n in names if re.fullmatch(r"requirements(?:[-_.]?\w{1,20})?\.txt", n))[:1] + found
    found += ["manage.py"] if not found and "DJANGO_SETTINGS_MODULE" in tree.text(at + "manage.py") else []
    if not found or (found == ["pyproject.toml"] and _only_tools(read_toml(tree.text(at + found[0])))):
        return None
    libraries = tuple(dict.fromkeys(python_libraries(tree, folder)))
    starts, file, line = _starts(tree, folder)
    framework = _framework(libraries, tree.text(file) if file else "")
    if "locustfile.py" in names:
        framework, starts, file, line = "locust", "drives load", at + "locustfile.py", 1
    where = next(
        ((f, n) for name, f, n in libraries if framework and framework_of("python", [name]) == framework), ("", 0)
    )
    return Manifest(
        path=at + found[0], language="python", framework=framework, framework_file=where[0] or file,
        framework_line=where[1] or line, libraries=libraries, starts=starts, starts_file=file, starts_line=line,
        is_test=folder.rpartition("/")[2] in {"tests", "test", "e2e"},
        members="workspace" in _table(_table(read_toml(tree.text(at + "pyproject.toml")), "tool"), "uv"),
    )  # fmt: skip


def _only_tools(document: dict[str, Any]) -> bool:
    """Return whether a pyproject.toml has no package, only the settings of tools."""
    return "project" not in document and "poetry" not in _table(document, "tool")


def _framework(libraries: Iterable[tuple[str, str, int]], entry: str) -> str:
    """Return the framework: one that the entry imports before one that is merely asked for."""
    imported = [_normal(m[1]) for m in matches(_IMPORT, entry)]
    known = {name for name, _, _ in libraries}
    return framework_of("python", [n for n in imported if n in known or not known]) or framework_of("python", known)


def _starts(tree: Tree, folder: str) -> tuple[str, str, int]:
    """Return what shows that a folder starts something, the file and line that do."""
    at = below(folder)
    package = folder.rpartition("/")[2].replace("-", "_")
    weak = ("", "", 0)
    sources = sorted(
        f.removeprefix(at) for f in tree.names if f.startswith(f"{at}src/") and f.count("/") == at.count("/") + 1
    )
    for inner in dict.fromkeys(("", *_INNER, package, *sources[:20])):
        for name in (*_ENTRIES, "__init__.py"):
            path = f"{at}{inner}/{name}" if inner else at + name
            text = tree.text(path)
            match = _APP.search(text)
            if match or (name == "manage.py" and "DJANGO_SETTINGS_MODULE" in text):
                return "makes an application", path, line_of(text, match.start()) if match else 1
            loop = _LOOP.search(text)
            if loop and not weak[1] and name != "__main__.py":
                weak = ("is started as a program", path, line_of(text, loop.start()))
    for name in sorted(tree.names.get(folder, ())) if not weak[1] else ():
        text = tree.text(at + name) if name.endswith(".py") and not name.startswith(("test_", "conftest")) else ""
        match = _APP.search(text) if name != "setup.py" else None
        if match:
            return "makes an application", at + name, line_of(text, match.start())
    return weak
