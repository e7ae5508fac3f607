"""Tests of services in JavaScript and TypeScript: the `test` script of package.json, with what its lock file names."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.own_tests.place import Found, Kind, last_line, line_with
from pytest_superteam.checks.own_tests.process import Ran, run_guarded
from pytest_superteam.checks.own_tests.trees import files_of, read_text
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_superteam.checks.own_tests.place import Place

__all__ = ["NODE"]

_LOCKS = {
    "pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "package-lock.json": "npm", "npm-shrinkwrap.json": "npm",
    "bun.lock": "bun", "bun.lockb": "bun",
}  # fmt: skip
_NO_TESTS = re.compile(
    r"no tests? (?:specified|yet|defined|found)|^\s*(?:echo\b[^&|;]*|true|:|exit [01])\s*$", re.IGNORECASE
)
_BEFORE = r"^(?:(?:npx|cross-env|env|node_modules/\.bin/|[A-Za-z_]\w{0,60}=\S{0,200})\s*){0,8}"
_JEST = re.compile(_BEFORE + r"(?:jest|react-scripts test)\b[^&|;]{0,500}$")
_VITEST = re.compile(_BEFORE + r"vitest\b[^&|;]{0,500}$")
_RUNNERS = re.compile(
    r"\b(?:jest|vitest|mocha|react-scripts test|ava|jasmine|node (?:[-\w=/.]+ )*--test|tsx --test|tap|ng test)\b"
)
_TEST_FILE = re.compile(
    r"(?:^|[._-])(?:test|tests|spec|specs)(?:[._-][\w-]+)*\.[cm]?[jt]sx?$|^test[-_.].*\.[cm]?[jt]sx?$"
)
_CODE = re.compile(r"\.[cm]?[jt]sx?$")
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "e2e"})
_OFFLINE = re.compile(
    r"EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ENETUNREACH|getaddrinfo|network request failed", re.IGNORECASE
)


def _manifest(folder: Path) -> dict[str, Any]:
    """Return package.json.

    Raises:
        CheckError: it is no JSON object.
    """
    try:
        data = json.loads(read_text(folder / "package.json") or "{}")
    except (ValueError, RecursionError) as error:
        raise CheckError(f"package.json is no JSON: {error}. Mend it.") from None
    if not isinstance(data, dict):
        raise CheckError("package.json holds no object. Mend it.")
    return data


def _find(folder: Path, inner: Sequence[str]) -> Found:
    manifest = _manifest(folder)
    scripts = manifest.get("scripts")
    script = str(scripts.get("test") or "") if isinstance(scripts, dict) else ""
    files = _has_test_files(folder, inner)
    if not script:
        return _without_script(manifest, folder, files=files)
    if _NO_TESTS.search(script):
        return Found(reason=f"has no tests: the `test` script of its package.json is `{script[:80]}`.")
    if _RUNNERS.search(script) and not files:
        return Found(reason=f"has no tests: `{script[:80]}` would find no file that is called like a test.")
    return Found(("npm", "test"))


def _without_script(manifest: dict[str, Any], folder: Path, *, files: bool) -> Found:
    """Return what runs tests that package.json has no script for, as far as its dependencies say it."""
    if not files:
        return Found(reason="has no tests: no `test` script in package.json, and no file that is called like a test.")
    development = manifest.get("devDependencies")
    known = development if isinstance(development, dict) else {}
    for runner, command in (("vitest", ("vitest", "run")), ("jest", ("jest",)), ("mocha", ("mocha", "--recursive"))):
        if runner in known:
            return Found(("npx", "--no-install", *command))
    if any("node:test" in read_text(path) for path in list(files_of(folder, lambda n: bool(_CODE.search(n))))[:400]):
        return Found(("node", "--test"))
    return Found(reason="has test files, but no `test` script in package.json that runs them.")


def _has_test_files(folder: Path, inner: Sequence[str]) -> bool:
    def is_test(path: Path) -> bool:
        parts = path.relative_to(folder).parts[:-1]
        return _TEST_FILE.search(path.name) is not None or not _TEST_FOLDERS.isdisjoint(parts)

    return any(is_test(path) for path in files_of(folder, lambda name: _CODE.search(name) is not None, inner))


# ---- installing -----------------------------------------------------------------------------------------------------


def _root(place: Place) -> Path:
    """Return the folder to install in: the service's own, or the workspace above it that locks its versions."""
    folder = place.folder
    while True:
        if any((folder / name).is_file() for name in (*_LOCKS, "pnpm-workspace.yaml")):
            return folder
        if folder == place.top:
            return place.folder
        folder = folder.parent


def _manager(root: Path) -> str:
    named = str(_manifest(root).get("packageManager") or "").partition("@")[0]
    by_lock = next((manager for name, manager in _LOCKS.items() if (root / name).is_file()), "npm")
    return named if named in {"npm", "pnpm", "yarn", "bun"} else by_lock


def _inputs(place: Place) -> list[Path]:
    names = {"package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", *_LOCKS}
    root = _root(place)
    return [
        *files_of(root, names.__contains__),
        *(root / n for n in sorted(names) if n[0] == "." and (root / n).is_file()),
    ]


def _tools(place: Place) -> str:
    if shutil.which("node") is None:
        raise CheckError("'node' is not on PATH. Install Node.js, or set its `test` below `system.correct`.")
    version = run_guarded(("node", "--version"), place.work, place.given.testing(), 30).output.strip()
    return f"{_manager(_root(place))} {version}"


def _needs_nothing(root: Path) -> bool:
    manifest = _manifest(root)
    return not any(
        manifest.get(key) for key in ("dependencies", "devDependencies", "optionalDependencies", "workspaces")
    )


def _make(place: Place) -> None:
    """Install by the lock file, without the packages' own scripts; these run later, and see no registry's secrets."""
    root = _root(place)
    if _needs_nothing(root) and _needs_nothing(place.folder):
        return
    manager, program = _program(_manager(root), root, place)
    store = {"npm_config_store_dir": str(place.given.caches / "pnpm")} if manager == "pnpm" else {}
    ran = place.install((*program, *_arguments(manager, root)), root, store)
    if ran.status != 0:
        ran = _again(place, manager, program, root, ran)
    if ran.status != 0:
        _give_up(manager, ran)
    if manager in {"npm", "pnpm"} and _has_scripts(root):
        rebuilt = place.build((*program, "rebuild"), root)
        if rebuilt.status != 0:
            place.notes.append(f"an install script of a dependency failed: {last_line(rebuilt.output)}")


def _program(manager: str, root: Path, place: Place) -> tuple[str, tuple[str, ...]]:
    """Return the manager and the command that starts it; npm reads the lock file of Yarn 1 too."""
    if shutil.which(manager):
        return manager, (manager,)
    if manager == "yarn" and not (root / ".yarnrc.yml").is_file() and shutil.which("npm"):
        place.notes.append("installed by npm from yarn.lock, since yarn is not on PATH")
        return "npm", ("npm",)
    if manager in {"yarn", "pnpm"} and shutil.which("corepack"):
        return manager, ("corepack", manager)
    raise CheckError(f"'{manager}' is not on PATH. Install it, or set its `test` below `system.correct`.")


def _arguments(manager: str, root: Path) -> tuple[str, ...]:
    if manager == "pnpm":
        return ("install", "--frozen-lockfile", "--ignore-scripts")
    if manager == "yarn" and (root / ".yarnrc.yml").is_file():
        return ("install", "--immutable", "--mode=skip-build")
    if manager == "yarn":
        return ("install", "--frozen-lockfile", "--ignore-scripts", "--non-interactive")
    if manager == "bun":
        return ("install", "--frozen-lockfile", "--ignore-scripts")
    locked = any((root / name).is_file() for name in ("package-lock.json", "npm-shrinkwrap.json"))
    return ("ci" if locked else "install", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev")


def _again(place: Place, manager: str, program: tuple[str, ...], root: Path, ran: Ran) -> Ran:
    """Install without the lock file where npm says that it does not fit, and with old rules for peers where it must."""
    said = ran.output
    if manager != "npm" or not ("in sync" in said or "ERESOLVE" in said):
        return ran
    place.notes.append("package-lock.json does not fit package.json" if "in sync" in said else "with conflicting peers")
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--include=dev", "--legacy-peer-deps")
    return place.install((*program, "install", *options), root)


def _give_up(manager: str, ran: Ran) -> None:
    if _OFFLINE.search(ran.output):
        raise CheckError(f"its dependencies can't be installed without a network: {line_with(ran.output, _OFFLINE)}.")
    raise CheckError(f"its dependencies can't be installed by {manager}: {last_line(ran.output)}.")


def _has_scripts(root: Path) -> bool:
    """Return whether a dependency brings install scripts; npm's lock file says so, of others it is not known."""
    lock = root / "node_modules" / ".package-lock.json"
    return "hasInstallScript" in read_text(lock) if lock.is_file() else (root / "pnpm-lock.yaml").is_file()


def _enter(place: Place) -> None:
    for name in ("JEST_JUNIT_OUTPUT_DIR", "MOCHA_FILE"):
        place.extra[name] = str(place.results / ("mocha.xml" if name == "MOCHA_FILE" else ""))
    place.extra["JEST_JUNIT_OUTPUT_NAME"] = "jest.xml"


def _dress(place: Place, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command with the options by which Jest and Vitest write a report, where they are all it runs."""
    if command != ("npm", "test"):
        return command
    scripts = _manifest(place.folder).get("scripts")
    script = str(scripts.get("test") or "").strip() if isinstance(scripts, dict) else ""
    manager = _manager(_root(place))
    program = (manager,) if manager in {"pnpm", "yarn", "bun"} and shutil.which(manager) else ("npm",)
    start = (*program, "run", "test") if program == ("bun",) else (*program, "test")
    between = ("--",) if program == ("npm",) else ()
    if _JEST.match(script):
        once = ("--watchAll=false",) if "--watch" in script else ()
        return (*start, *between, *once, "--json", f"--outputFile={place.results / 'jest.json'}")
    if _VITEST.match(script):
        report = f"--outputFile.junit={place.results / 'vitest.xml'}"
        return (*start, *between, "--run", "--reporter=default", "--reporter=junit", report)
    return start


NODE = Kind(
    name="node",
    languages=frozenset({"javascript", "typescript"}),
    is_here=lambda folder: (folder / "package.json").is_file(),
    find=_find,
    inputs=_inputs,
    tools=_tools,
    make=_make,
    enter=_enter,
    dress=_dress,
)
"""Services in JavaScript and TypeScript."""
