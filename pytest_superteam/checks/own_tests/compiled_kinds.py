"""Tests of services in Go, Rust, Java, Kotlin and C#: their tools install, build and test by themselves."""

from __future__ import annotations

import re
import shutil
from functools import partial
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.place import Found, Kind, last_line, line_with
from pytest_superteam.checks.own_tests.process import run_guarded
from pytest_superteam.checks.own_tests.trees import files_of, read_text
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_superteam.checks.own_tests.place import Place

__all__ = ["CARGO", "DOTNET", "GO", "GRADLE", "MAVEN", "unresolved"]

_OFFLINE = re.compile(
    r"no such host|could not resolve host|dial tcp|Temporary failure in name resolution|Unknown host|NU1301"
    r"|Network is unreachable|UnknownHostException|spurious network error|Could not transfer artifact",
    re.IGNORECASE,
)


def _inputs(names: Sequence[str], place: Place) -> list[Path]:
    return list(files_of(place.top, lambda name: name.endswith(tuple(names))))


def _tools(program: str, arguments: Sequence[str], place: Place) -> str:
    """Return the version of a tool.

    Raises:
        CheckError: it is not there.
    """
    if shutil.which(program) is None:
        raise CheckError(f"'{program}' is not on PATH. Install it, or set its `test` below `system.correct`.")
    return run_guarded((program, *arguments), place.work, place.given.testing(), 60).output.strip()


def _make(command: Sequence[str], place: Place) -> None:
    """Download what the service depends on.

    Raises:
        CheckError: that failed.
    """
    ran = place.install(command, place.folder)
    if ran.status == 0:
        return
    offline, by = line_with(ran.output, _OFFLINE), " ".join(command[:3])
    if offline:
        raise CheckError(f"its dependencies can't be installed without a network: {offline}.")
    raise CheckError(f"its dependencies can't be installed by `{by}`: {last_line(ran.output).rstrip('.')}.")


def _nothing(_place: Place) -> None:
    """Do nothing: the tool keeps no environment, or downloads while it tests."""


def _as_is(_place: Place, command: tuple[str, ...]) -> tuple[str, ...]:
    return command


# ---- Go, Rust -------------------------------------------------------------------------------------------------------


def _find_go(folder: Path, inner: Sequence[str]) -> Found:
    files = files_of(folder, lambda name: name.endswith("_test.go"), inner)
    if any(re.search(r"^func (?:Test|Fuzz|Example)", read_text(path), re.MULTILINE) for path in files):
        return Found(("go", "test", "-json", "./..."))
    return Found(reason="has no tests: no _test.go file with a test in it.")


def _find_cargo(folder: Path, inner: Sequence[str]) -> Found:
    files = files_of(folder, lambda name: name.endswith(".rs"), inner)
    if any(re.search(r"#\[(?:\w{1,30}::)?(?:test|rstest)\b", read_text(path)) for path in files):
        return Found(("cargo", "test", "--no-fail-fast"))
    return Found(reason="has no tests: no #[test] in its source.")


# ---- Java, Kotlin ---------------------------------------------------------------------------------------------------


def _has_java_tests(folder: Path, inner: Sequence[str]) -> bool:
    files = files_of(folder, lambda name: name.endswith((".java", ".kt", ".groovy", ".scala")), inner)
    return any("test" in path.relative_to(folder).parts[:-1] or "Test" in path.parent.name for path in files)


def _find_java(command: tuple[str, ...], folder: Path, inner: Sequence[str]) -> Found:
    if _has_java_tests(folder, inner):
        return Found(command)
    return Found(reason="has no tests: nothing in src/test.")


def _dress_maven(place: Place, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command for one module of a reactor, with a local repository of our own."""
    repository = f"-Dmaven.repo.local={place.given.caches / 'm2'}"
    above = place.folder
    while above != place.top:
        above = above.parent
        if "<modules>" in read_text(above / "pom.xml"):
            module = place.folder.relative_to(above).as_posix()
            return (*command[:-1], repository, "-f", str(above / "pom.xml"), "-pl", module, "-am", command[-1])
    return (*command[:-1], repository, command[-1])


_UNRESOLVED = re.compile(
    r"(?:Plugin|Dependency)ResolutionException|Could not (?:resolve|find) (?!symbol)\S"
    r"|could not be resolved: |Could not GET"
)


def unresolved(kind: Kind | None, output: str) -> str:
    """Return why a tool that downloads while it tests could not; empty where it could, or does not."""
    if kind not in (MAVEN, GRADLE):
        return ""
    if offline := line_with(output, _OFFLINE):
        return f"its dependencies can't be installed without a network: {offline}."
    reason = line_with(output, _UNRESOLVED)
    return f"its dependencies can't be installed by {kind.name}: {reason}." if kind and reason else ""


def _gradle_tools(place: Place) -> str:
    if _wrapper(place) or shutil.which("gradle"):
        return ""
    raise CheckError("'gradle' is not on PATH, and there is no gradlew. Install it, or set its `test`.")


def _wrapper(place: Place) -> str:
    """Return the project's own Gradle, which downloads the version that it names; empty where there is none."""
    folder = place.folder
    while True:
        if (folder / "gradlew").is_file():
            (folder / "gradlew").chmod(0o755)
            return str(folder / "gradlew")
        if folder == place.top:
            return ""
        folder = folder.parent


def _dress_gradle(place: Place, command: tuple[str, ...]) -> tuple[str, ...]:
    program = "gradle" if shutil.which("gradle") else _wrapper(place)
    return (program, *command[1:])


# ---- C# -------------------------------------------------------------------------------------------------------------

_PROJECTS = (".csproj", ".fsproj", ".vbproj")


def _is_dotnet(folder: Path) -> bool:
    return any(next(folder.glob(f"*{end}"), None) is not None for end in (*_PROJECTS, ".sln", ".slnx"))


def _find_dotnet(folder: Path, inner: Sequence[str]) -> Found:
    files = files_of(folder, lambda name: name.endswith(_PROJECTS), inner)
    if any(
        re.search(r"Microsoft\.NET\.Test\.Sdk|xunit|nunit|mstest", read_text(path), re.IGNORECASE) for path in files
    ):
        return Found(("dotnet", "test"))
    return Found(reason="has no tests: no project of it refers to a test framework.")


def _dress_dotnet(place: Place, command: tuple[str, ...]) -> tuple[str, ...]:
    return (*command, "--logger", "trx", "--results-directory", str(place.results))


GO = Kind(
    name="go",
    languages=frozenset({"go"}),
    is_here=lambda folder: (folder / "go.mod").is_file(),
    find=_find_go,
    inputs=partial(_inputs, ("go.mod", "go.sum", "go.work")),
    tools=partial(_tools, "go", ("version",)),
    make=partial(_make, ("go", "mod", "download")),
    enter=_nothing,
    dress=_as_is,
)
"""Services in Go."""
CARGO = Kind(
    name="cargo",
    languages=frozenset({"rust"}),
    is_here=lambda folder: (folder / "Cargo.toml").is_file(),
    find=_find_cargo,
    inputs=partial(_inputs, ("Cargo.toml", "Cargo.lock")),
    tools=partial(_tools, "cargo", ("--version",)),
    make=partial(_make, ("cargo", "fetch")),
    enter=_nothing,
    dress=_as_is,
)
"""Services in Rust."""
MAVEN = Kind(
    name="maven",
    languages=frozenset({"java", "kotlin", "scala"}),
    is_here=lambda folder: (folder / "pom.xml").is_file(),
    find=partial(_find_java, ("mvn", "-B", "-ntp", "-fae", "test")),
    inputs=partial(_inputs, ("pom.xml",)),
    tools=partial(_tools, "mvn", ("--version",)),
    make=_nothing,
    enter=_nothing,
    dress=_dress_maven,
)
"""Services that Maven builds."""
GRADLE = Kind(
    name="gradle",
    languages=frozenset({"java", "kotlin", "groovy", "scala"}),
    is_here=lambda folder: any((folder / name).is_file() for name in ("build.gradle", "build.gradle.kts")),
    find=partial(_find_java, ("gradle", "--no-daemon", "--console=plain", "--continue", "test")),
    inputs=partial(_inputs, (".gradle", ".gradle.kts", "gradle.properties")),
    tools=_gradle_tools,
    make=_nothing,
    enter=_nothing,
    dress=_dress_gradle,
)
"""Services that Gradle builds."""
DOTNET = Kind(
    name="dotnet",
    languages=frozenset({"csharp", "fsharp"}),
    is_here=_is_dotnet,
    find=_find_dotnet,
    inputs=partial(_inputs, (*_PROJECTS, "packages.lock.json", "global.json", "Directory.Packages.props")),
    tools=partial(_tools, "dotnet", ("--version",)),
    make=partial(_make, ("dotnet", "restore")),
    enter=_nothing,
    dress=_dress_dotnet,
)
"""Services in C# and F#."""
