"""What a system's own compose files may not ask for, and what Compose says of those that it does not accept.

A service of a system under test is a stranger's program. Its container must stay one: nothing of the machine outside of
the system's folder is mounted, read or built, and no key opens the container. What merely looks dangerous is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.sources import ALLOW, REMOTE, Sources, is_inside
from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["located", "refuse_config"]

Found = Iterator[tuple[tuple[str, ...], str, str]]
"""Keys within the part that is looked at, the text that the line has, and what is wrong with it."""

_CAPABILITIES = frozenset({
    "ALL", "AUDIT_CONTROL", "AUDIT_READ", "BPF", "DAC_READ_SEARCH", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE",
    "PERFMON", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME",
})  # fmt: skip
"""Those by which a process gets out of its container, or at the machine's kernel, clock or log (capabilities(7))."""
_PLAIN_CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
"""Those that a container has anyway."""
_HOST_KEYS = ("network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup")
_OPENING = {
    "cgroup_parent": "puts itself into a control group of the machine",
    "credential_spec": "reads credentials of the machine",
    "device_cgroup_rules": "opens devices of the machine",
    "devices": "opens devices of the machine",
    "external_links": "is linked to containers outside of the system",
    "provider": "is started by a program of the machine",
    "use_api_socket": "gets the engine's socket",
}
_SAFE_OPTIONS = ("no-new-privileges", "label:user", "label:role", "label:type", "label:level")
_NETWORK_MODES = frozenset({"", "bridge", "default", "host", "none"})
_LAYOUT = "oci-layout://"
_NETWORK_DRIVERS = frozenset({"", "bridge", "overlay", "none"})


def refuse_config(config: Mapping[str, Any], sources: Sources, *, ours: Path | None = None) -> tuple[str, ...]:
    """Refuse what leads out of the system; return notes, a line each, on what only looks as if it did.

    Args:
        config: what `docker compose config --format json` says of the system's files.
        sources: those files, for line numbers; its `allow_outside` allows all of this.
        ours: our own folder, which lies in the system and is nobody else's to mount.

    Raises:
        FinalDeploymentError: one line with file and line of the first thing that is refused.
    """
    parts: tuple[tuple[str, Callable[[str, Mapping[str, Any], _Guard], Found]], ...] = (
        ("services", _service),
        ("volumes", _volume),
        ("networks", _network),
        ("secrets", _file_of),
        ("configs", _file_of),
    )
    guard = _Guard(sources, ours)
    for kind, look in parts:
        for name, value in _items(config.get(kind)):
            for keys, naming, problem in look(name, value, guard):
                if sources.allow_outside:
                    break
                place = sources.place(kind, name, *keys, naming=naming)
                raise FinalDeploymentError(f"{place}: {problem}. {ALLOW}")
    return tuple(note for name, value in _items(config.get("services")) for note in _notes(name, value, sources))


class _Guard:
    """Says which paths a system may use: its own, ours excepted."""

    def __init__(self, sources: Sources, ours: Path | None) -> None:
        self._root, self._directory, self._ours = sources.root, sources.directory, ours

    def wrong(self, path: str) -> str:
        """Return where a path leads that may not be used; empty for one that may."""
        whole = self._directory / path
        if self._ours is not None and is_inside(whole, self._ours):
            return "which is ours"
        return "" if is_inside(whole, self._root) else "which lies outside of the system"


def _items(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield name and mapping of each entry of a mapping."""
    for name, entry in value.items() if isinstance(value, Mapping) else ():
        yield name, entry if isinstance(entry, Mapping) else {}


def _service(name: str, service: Mapping[str, Any], guard: _Guard) -> Found:
    for key, does in _OPENING.items():
        if service.get(key):
            yield (key,), "", f"{name} {does} (`{key}`)"
    for key in _HOST_KEYS:
        value = str(service.get(key) or "")
        if value == "host" or value.startswith("container:"):
            yield (key,), "", f"{name} shares what is the {_owner(value)}'s (`{key}: {value}`)"
    mode = str(service.get("network_mode") or "")
    if mode not in _NETWORK_MODES and not mode.startswith(("service:", "container:")):
        yield ("network_mode",), "", f"{name} joins the network {mode}, which is not the system's own"
    yield from _privileges(name, service)
    yield from _mounts(name, service, guard)
    yield from _build(name, service.get("build"), guard)


def _owner(value: str) -> str:
    return "machine" if value == "host" else "another container"


def _privileges(name: str, service: Mapping[str, Any]) -> Found:
    if service.get("privileged"):
        yield ("privileged",), "", f"{name} is privileged: it could do anything on this machine"
    for capability in service.get("cap_add") or ():
        if str(capability).upper().removeprefix("CAP_") in _CAPABILITIES:
            yield ("cap_add",), str(capability), f"{name} asks for the capability {capability}, which opens its sandbox"
    for option in map(str, service.get("security_opt") or ()):
        if not option.replace("=", ":", 1).startswith(_SAFE_OPTIONS):
            yield ("security_opt",), option, f"{name} switches a protection off or replaces it ({option!r})"
    for key in ("post_start", "pre_stop"):
        if any(isinstance(hook, Mapping) and hook.get("privileged") for hook in service.get(key) or ()):
            yield (key,), "", f"{name} runs a privileged command (`{key}`)"
    for other in map(str, service.get("volumes_from") or ()):
        if other.startswith("container:"):
            yield ("volumes_from",), other, f"{name} takes the volumes of a container outside of the system"


def _mounts(name: str, service: Mapping[str, Any], guard: _Guard) -> Found:
    for volume in service.get("volumes") or ():
        kind, source = volume.get("type"), str(volume.get("source") or "")
        target = str(volume.get("target") or "")
        if kind in {"npipe", "cluster"}:
            yield ("volumes",), target, f"{name} mounts {source}, which is no file"
        elif kind == "bind" and (wrong := guard.wrong(source)):
            yield ("volumes",), target, f"{name} mounts {source}, {wrong}"


def _build(name: str, build: Any, guard: _Guard) -> Found:
    if not isinstance(build, Mapping):
        return
    context = str(build.get("context") or "")
    if context and not REMOTE.match(context):
        if wrong := guard.wrong(context):
            yield ("build", "context"), "", f"{name} is built in {context}, {wrong}"
        dockerfile = Path(context, str(build.get("dockerfile") or "Dockerfile"))
        if not build.get("dockerfile_inline") and (wrong := guard.wrong(str(dockerfile))):
            yield ("build", "dockerfile"), "", f"{name} is built from {dockerfile}, {wrong}"
    for other in _values(build.get("additional_contexts")):
        elsewhere = other.startswith("service:") or (REMOTE.match(other) and not other.startswith(_LAYOUT))
        if not elsewhere and (wrong := guard.wrong(other.removeprefix(_LAYOUT).partition("@")[0])):
            yield ("build", "additional_contexts"), "", f"{name} is built with {other}, {wrong}"
    if str(build.get("network") or "") == "host":
        yield ("build", "network"), "", f"{name} is built in the machine's network (`network: host`)"
    for key in ("privileged", "ssh", "entitlements"):
        if build.get(key):
            yield ("build", key), "", f"{name} is built with what is the machine's (`{key}`)"


def _values(value: Any) -> Iterator[str]:
    """Yield the values of a mapping, or of a list of `name=value`."""
    if isinstance(value, Mapping):
        yield from map(str, value.values())
    else:
        yield from (str(item).partition("=")[2] for item in value or ())


def _volume(name: str, volume: Mapping[str, Any], guard: _Guard) -> Found:
    options = volume.get("driver_opts") or {}
    device = str(options.get("device") or "")
    if volume.get("external"):
        yield ("external",), "", f"the volume {name} is not the system's own (`external`)"
    if device.startswith("/") and (wrong := guard.wrong(device)):
        yield ("driver_opts",), "", f"the volume {name} is the folder {device}, {wrong}"
    elif device and not device.startswith("/") and str(options.get("type") or "") != "tmpfs":
        yield ("driver_opts",), "", f"the volume {name} lies on another machine ({device})"
    if str(volume.get("driver") or "local") != "local":
        yield ("driver",), "", f"the volume {name} is kept by the plugin {volume.get('driver')!r}"


def _network(name: str, network: Mapping[str, Any], _guard: _Guard) -> Found:
    if network.get("external"):
        yield ("external",), "", f"the network {name} is not the system's own (`external`)"
    elif str(network.get("driver") or "") not in _NETWORK_DRIVERS:
        yield ("driver",), "", f"the network {name} is the machine's (`driver: {network.get('driver')}`)"


def _file_of(name: str, entry: Mapping[str, Any], guard: _Guard) -> Found:
    file = str(entry.get("file") or "")
    if file and (wrong := guard.wrong(file)):
        yield ("file",), "", f"{name} is the file {file}, {wrong}"


def _notes(name: str, service: Mapping[str, Any], sources: Sources) -> Iterator[str]:
    """Yield what a reader may want to know: it reaches beyond the container, by ways that every container has."""
    build = service.get("build")
    if isinstance(build, Mapping) and REMOTE.match(str(build.get("context") or "")):
        yield f"{sources.place('services', name, 'build')}: {name} is built from {build['context']}, not from here."
    if any("host-gateway" in str(host) for host in _pairs(service.get("extra_hosts"))):
        yield f"{sources.place('services', name, 'extra_hosts')}: {name} can reach what listens on this machine."
    for capability in map(str, service.get("cap_add") or ()):
        plain = capability.upper().removeprefix("CAP_")
        if plain not in _CAPABILITIES | _PLAIN_CAPABILITIES:
            yield f"{sources.place('services', name, 'cap_add')}: {name} asks for the capability {capability}."


def _pairs(value: Any) -> Iterator[str]:
    return iter(map(str, value.values())) if isinstance(value, Mapping) else iter(map(str, value or ()))


_SAID: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), keys, text)
    for pattern, keys, text in (
        (r"services\.(?P<a>\S+) Additional property (?P<b>\S+) is not allowed",
         "services {a} {b}", "Compose knows no key {b!r} of a service"),
        (r"services\.(?P<a>[^.\s]+)\.(?P<c>\S+) Additional property (?P<b>\S+) is not allowed",
         "services {a} {c} {b}", "Compose knows no key {b!r} here"),
        (r"services Additional property (?P<a>.+) is not allowed",
         "services {a}", "{a!r} can't be the name of a service"),
        (r"\(root\) Additional property (?P<a>\S+) is not allowed", "{a}", "Compose knows no key {a!r} here"),
        (r"services\.(?P<a>[^.\s]+)\.(?P<b>[\w.-]+) (?P<c>(?:must|contains|array|is) .+)",
         "services {a} {b}", "{b} {c}"),
        (r"dependency cycle detected: (?P<a>\S+)(?P<b>.*)",
         "services {a} depends_on", "the services wait for each other: {a}{b}"),
        (r"env file (?P<a>.+?) not found", "{env} {a}", "there is no env file {file}"),
        (r"while interpolating (?P<c>\S+): required variable (?P<a>\S+) is missing a value(?P<b>:.*)?",
         "{c}", "the variable {a} must be set{b}"),
        (r"service \"(?P<a>[^\"]+)\" depends on undefined service \"?(?P<b>[^\":\s]+)",
         "services {a} depends_on", "{a} waits for {b}, which is no service"),
        (r"service \"(?P<a>[^\"]+)\" refers to undefined (?P<b>\w+) \"?(?P<c>[^\":\s]+)",
         "services {a} {b}s", "{a} names the {b} {c}, which is not defined"),
        (r"service \"(?P<a>[^\"]+)\" has neither an image nor a build context",
         "services {a}", "{a} has neither `image` nor `build`"),
    )
)  # fmt: skip
"""What Compose says (2.20 to 2.39), where that is in the files, and how we say it."""


def located(said: str, sources: Sources) -> str:
    """Return what Compose says of the files in one line, with the file and the line that it is about if that is known.

    `said` may be its whole output or the last line of it, with anything before.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip() and "level=warning" not in line]
    text = " ".join(lines)[:2000]
    for pattern, keys, message in _SAID:
        match = pattern.search(text)
        if match is not None:
            words = {name: value or "" for name, value in match.groupdict().items()}
            place, words = _placed(keys, words, sources)
            return f"{place}: {message.format(**words).rstrip('. ')}."
    names = ", ".join(map(sources.label, sources.files)) or "compose file"
    return f"{names}: {(lines or ['Compose gives no reason'])[-1].rstrip('.')}."


def _placed(keys: str, words: dict[str, str], sources: Sources) -> tuple[str, dict[str, str]]:
    """Return the place that `keys` mean, and the words with what was found out about it."""
    if keys.startswith("{env}"):
        file = Path(words["a"])
        words["file"] = sources.label(file)
        return _env_place(file, sources), words
    if keys == "{c}":
        return sources.place(*words["c"].split(".")), words
    return sources.place(*(part for key in keys.split(" ") for part in key.format(**words).split("."))), words


def _env_place(file: Path, sources: Sources) -> str:
    """Return where the env file is named."""
    for text in sources.files.values():
        for document in text.documents:
            services = document.entries.get("services", (0, document))[1].entries
            for name in services:
                place = sources.place("services", name, "env_file", naming=file.name)
                if _names(services[name][1], file.name, sources, file):
                    return place
    return sources.place("services")


def _names(service: Any, name: str, sources: Sources, file: Path) -> bool:
    """Return whether a service's `env_file` names the file."""
    entry = service.entries.get("env_file")
    if entry is None:
        return False
    node = entry[1]
    items = [node, *node.items, *(value for item in node.items for _, value in item.entries.values())]
    bases = set(sources.bases.values())
    return any(sources.path(item.value, base) == file for item in items if item.value.endswith(name) for base in bases)
