"""Turning what the engine's client printed into one clear line: what failed, where, and what to do."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.logs import last_lines, masked
from pytest_superteam.deployment.waiting import NotReadyError
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_superteam.config import DeploymentConfig
    from pytest_superteam.deployment.composed.progress import BuildProgress, BuildStep
    from pytest_superteam.deployment.composed.states import Container

__all__ = ["PortInUseError", "build_problem", "check_dockerfiles", "container_problems", "general_problem"]
__all__ += ["image_problem"]

_DISK = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_PORT = re.compile(
    r"(?::(\d{1,5})(?:/tcp|/udp)?(?: failed)?: (?:port is already allocated|(?:bind: )?address already in use)"
    r"|port is already allocated|bind: address already in use)",
    re.IGNORECASE,
)
_ENDPOINT = re.compile(r"on endpoint (\S{1,200}) \(")
_ADDRESSES = re.compile(r"non-overlapping IPv4 address pool|all predefined address pools", re.IGNORECASE)
_METADATA = re.compile(r"(?:load metadata for|resolve source metadata for|FROM) (\S{1,300}?):?(?: |\Z)")
_UNRESOLVED = re.compile(
    r"pull access denied|manifest unknown|not found: manifest|no such host|failed to do request|i/o timeout"
    r"|failed to resolve|connection refused|unauthorized|toomanyrequests|certificate signed by unknown|denied:",
    re.IGNORECASE,
)
_PARSE_LINE = re.compile(r"(?:dockerfile parse error (?:on )?line|parse error on line) (\d{1,6})", re.IGNORECASE)
_PLACE = re.compile(r"\A\s*(\S{1,300}):(\d{1,6})\s*\Z")
_TARGET = re.compile(r"target (\S{1,120}): ")
_EXIT_CODE = re.compile(r"exit code: (\d{1,3})")
_WRAPPERS = re.compile(
    r"\A(?:target \S{1,120}: )?(?:(?:ERROR|failed to solve(?: with frontend \S{1,60})?|rpc error|code = \w{1,30}"
    r"|failed to create LLB definition|failed to build LLB)(?:: | (?=code|desc)|\Z)|desc = ){1,10}"
)
_PLATFORM = re.compile(
    r"unknown operating system or architecture|is an invalid (?:OS )?component|cannot parse platform specifier"
)
_MOST_BYTES = 1 << 20
_LAST = 10


class PortInUseError(DeploymentError):
    """A port that is to be published is taken on the engine's machine."""


# ---------------------------------------------------------------- as a whole


def general_problem(lines: Iterable[str], project: str = "") -> DeploymentError | None:
    """Return what is wrong with the machine rather than with a service: disk, ports, address space; None otherwise."""
    text = "\n".join(lines)
    if _DISK.search(text):
        return FinalDeploymentError(
            "deploy: compose: the engine's disk is full. `docker system df` shows what takes the room, "
            "`docker builder prune` frees what builds have cached."
        )
    if taken := _PORT.search(text):
        endpoint = _ENDPOINT.search(text)
        who = re.sub(r"-\d{1,4}\Z", "", endpoint[1].removeprefix(f"{project}-")) if endpoint else "a service"
        which = f"port {taken[1]}" if taken[1] else "a port"
        return PortInUseError(
            f"deploy: compose: {who}: {which} of the engine's machine is taken. Free it, or publish another one."
        )
    if _ADDRESSES.search(text):
        return FinalDeploymentError(
            "deploy: compose: the engine has no address range left for a network. Remove unused ones: "
            "`docker network prune`."
        )
    return None


# ---------------------------------------------------------------- images


def image_problem(image: str, reason: str, settings: DeploymentConfig) -> FinalDeploymentError:
    """Return that `image` can't be had, and which setting names another."""
    shown = image.removeprefix("docker.io/").removeprefix("library/")
    known = {str(getattr(settings.images, f.name)): f.name for f in fields(settings.images)}
    if shown in known:
        setting = f"`deployment.images.{known[shown]}`"
    else:
        setting = f"`deployment.replace_images: {{'{shown}': ...}}`"
    why = " ".join(reason.split())[:300].rstrip(".")
    which = f"{shown} for {settings.platform}" if settings.platform else shown
    return FinalDeploymentError(
        f"deploy: compose: the image {which} can't be pulled: {why}. Name one that can by {setting}."
    )


def check_dockerfiles(config: Mapping[str, Any], shown: Callable[[Path], str]) -> None:
    """Check that what is to be built can be read.

    Args:
        config: what Compose made of its files.
        shown: how a path is shown.

    Raises:
        FinalDeploymentError: a service's Dockerfile or its folder is not there.
    """
    for service, (context, dockerfile) in builds_of(config).items():
        if context is not None and not context.is_dir():
            raise FinalDeploymentError(f"deploy: compose: {service}: its build context {shown(context)} is no folder.")
        if dockerfile is not None and not dockerfile.is_file():
            raise FinalDeploymentError(f"deploy: compose: {service}: its Dockerfile {shown(dockerfile)} is not there.")


def builds_of(config: Mapping[str, Any]) -> dict[str, tuple[Path | None, Path | None]]:
    """Return service -> (context, Dockerfile) of what is built; None for what is no path of this machine."""
    found: dict[str, tuple[Path | None, Path | None]] = {}
    for name, service in (config.get("services") or {}).items():
        build = service.get("build")
        if build is None:
            continue
        context = Path(str(build.get("context", "")))
        if not context.is_absolute():  # a repository's address
            found[name] = (None, None)
        elif build.get("dockerfile_inline"):
            found[name] = (context, None)
        else:
            found[name] = (context, context / str(build.get("dockerfile") or "Dockerfile"))
    return found


def build_problem(
    progress: BuildProgress,
    config: Mapping[str, Any],
    settings: DeploymentConfig,
    *,
    shown: Callable[[Path], str],
    hide: Iterable[str] = (),
) -> DeploymentError:
    """Return why the images could not be built: which service, which instruction, its last lines."""
    step, said = progress.failed, [*progress.others]
    reasons = [step.error, *said] if step else said
    general = general_problem([*reasons, *(step.lines if step else ())])
    if general:
        return general
    image = _image_of(step)
    last = _WRAPPERS.sub("", said[-1]) if said else "no reason was given"
    if _PLATFORM.search(last):
        return FinalDeploymentError(
            f"deploy: compose: deployment.platform: {last[:200].rstrip('.')}. Name one such as linux/amd64."
        )
    if step and image and (_UNRESOLVED.search(step.error) or not step.lines):
        return image_problem(image, step.error, settings)
    builds = builds_of(config)
    if step is None or step.service not in builds:
        service = _service_said(said, builds)
        return _not_built(service, builds, _parse_line(last), masked(last, hide), shown)
    lines = last_lines(step.lines, hide, _LAST)
    text = "".join(f"\n    {line}" for line in lines)
    line = _line_said(said) or _line_of(builds[step.service][1], step.instruction)
    code = _EXIT_CODE.search(step.error)
    reason = f"{step.short}: exit code {code[1]}" if code else f"{step.short}: {_WRAPPERS.sub('', step.error)[:300]}"
    end = f" Its last lines:{text}" if text else ""
    return _not_built(step.service, builds, line, f"{masked(reason, hide)}.{end}", shown)


def _not_built(
    service: str,
    builds: Mapping[str, tuple[Path | None, Path | None]],
    line: int,
    reason: str,
    shown: Callable[[Path], str],
) -> FinalDeploymentError:
    dockerfile = builds.get(service, (None, None))[1]
    place = f"{shown(dockerfile)}{f':{line}' if line else ''}: " if dockerfile else ""
    who = f"{service}: its image" if service else "an image"
    end = "" if reason.endswith((".", "\n")) or "\n" in reason else "."
    return FinalDeploymentError(f"deploy: compose: {who} could not be built: {place}{reason}{end}")


def _image_of(step: BuildStep | None) -> str:
    if step is None:
        return ""
    for text in (step.instruction, step.error):
        found = _METADATA.search(text)
        if found and (text is step.error or "load metadata" in text or step.instruction.upper().startswith("FROM")):
            return found[1]
    return ""


def _service_said(said: list[str], builds: Mapping[str, tuple[Path | None, Path | None]]) -> str:
    """Return whose Dockerfile an error is about that names no step; empty where that can't be told."""
    named = [found[1] for line in said if (found := _TARGET.search(line)) and found[1] in builds]
    if named or len(builds) == 1:
        return named[0] if named else next(iter(builds))
    reason = said[-1] if said else ""
    number = _parse_line(reason)
    fitting = [
        name for name, (_, file) in builds.items() if file and number and _first_word(file, number) in reason.split()
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _first_word(dockerfile: Path, number: int) -> str:
    lines = _read(dockerfile).splitlines()
    words = lines[number - 1].split() if number <= len(lines) else []
    return words[0].upper() if words else ""


def _read(dockerfile: Path) -> str:
    try:
        with dockerfile.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _parse_line(reason: str) -> int:
    found = _PARSE_LINE.search(reason)
    return int(found[1]) if found else 0


def _line_said(said: list[str]) -> int:
    """Return the line that newer BuildKits name: `Dockerfile:7`, above the lines around it."""
    for line, below in itertools.pairwise(said):
        found = _PLACE.match(line)
        if found and set(below.strip()) == {"-"}:
            return int(found[2])
    return 0


def _line_of(dockerfile: Path | None, instruction: str) -> int:
    """Return on which line of the Dockerfile `instruction` begins; 0 where it is not found, or found twice."""
    if dockerfile is None:
        return 0
    wanted = _plain(instruction)
    found = [line for line, said in _instructions(_read(dockerfile)) if wanted and _plain(said) == wanted]
    return found[0] if len(found) == 1 else 0


def _instructions(text: str) -> list[tuple[int, str]]:
    """Return (line, instruction) of a Dockerfile, continued lines joined and comments left out."""
    found: list[tuple[int, str]] = []
    continued = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        goes_on = line.endswith("\\")
        part = line[:-1] if goes_on else line
        if continued:
            found[-1] = (found[-1][0], f"{found[-1][1]} {part}")
        else:
            found.append((number, part))
        continued = goes_on
    return found


def _plain(instruction: str) -> str:
    word, _, rest = " ".join(instruction.split()).partition(" ")
    return f"{word.upper()} {rest}".replace('"', "").strip()


# ---------------------------------------------------------------- containers


def container_problems(
    containers: Iterable[Container],
    logs: Callable[[Container], tuple[str, ...]],
    *,
    late: str = "",
    names: Mapping[str, str] | None = None,
) -> DeploymentError | None:
    """Return what is wrong with containers, each with its last log lines; None when nothing is.

    Args:
        containers: what the engine says of them.
        logs: gives the last lines of one.
        late: where the time is over, how long it was; what is only not ready yet is a problem then.
        names: what a container's service is called for people, where not like its service.
    """
    found = []
    for container in containers:
        cause = container.problem or (late and container.delay and f"not ready after {late}: {container.delay}")
        if cause:
            name = (names or {}).get(container.service, container.service)
            found.append(NotReadyError(name, cause.rstrip("."), logs(container)))
    if len(found) > 1:
        return DeploymentError("\n".join(map(str, found)))
    return found[0] if found else None
