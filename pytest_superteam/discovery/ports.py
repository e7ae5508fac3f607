"""The port that a service listens on inside its container: what starts it first, the framework's own last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.compose_reading import environment_file
from pytest_superteam.discovery.frameworks import FRONTENDS, default_port
from pytest_superteam.discovery.sources import settings_of, sources_of
from pytest_superteam.discovery.words import line_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.tree import Tree

__all__ = ["port_in", "settle_default_port", "settle_port"]

_DEBUG = frozenset({9229, 5678, 5005, 2345, 40000, 9222, 5858, 6006, 24678, 35729, 9090, 10000, 443, 8443})
"""Ports of debuggers, reloaders, metrics and TLS, which are taken only where there is no other."""
_FLAG = re.compile(
    r"(?:^|[\s\"'])(?:--port|-p|--http-port|--server\.port|--bind-port)[= \"',]{1,4}(\d{2,5})\b|"
    r"(?:-b|--bind|--http|--http-socket|--listen|-l|--address)[= ]+[\"']?[\w.\[\]:]{0,40}?:(\d{2,5})\b|"
    r"runserver[ \"',]+(?:[\w.]{0,40}:)?(\d{2,5})\b|-Dserver\.port=(\d{2,5})\b|(?:^|\s)PORT=(\d{2,5})\b|"
    r"-S\s+[\w.]{1,40}:(\d{2,5})\b"
)
_VARIABLES = (
    "PORT", "APP_PORT", "SERVER_PORT", "HTTP_PORT", "API_PORT", "SERVICE_PORT", "LISTEN_PORT", "UVICORN_PORT",
    "NODE_PORT", "WEB_PORT", "GRPC_PORT", "FLASK_RUN_PORT", "GUNICORN_PORT", "BACKEND_PORT", "BIND_PORT",
)  # fmt: skip
_URLS = re.compile(r"https?://[^:;/\s]{1,80}:(\d{2,5})|^(\d{2,5})$")
_OWN = re.compile(r"^[A-Z][A-Z0-9_]{0,60}_PORT$")
_OF_OTHERS = re.compile(
    r"DB|DATABASE|POSTGRES|PG|MYSQL|MARIADB|MONGO|REDIS|RABBIT|AMQP|KAFKA|SMTP|MAIL|ELASTIC|NATS|MINIO|OTEL|JAEGER|DEBUG|"
    r"METRICS|PROMETHEUS|ADMIN|CLIENT|EMAIL|CACHE|VALKEY|SSH|SSL|HTTPS"
)
_GENERIC = frozenset(
    {"service", "api", "app", "server", "http", "grpc", "web", "backend", "listen", "bind", "container"}
)
_SOURCE = (
    re.compile(r"uvicorn\.run\([^)]{0,300}?port\s*=\s*(?:int\()?[^)\d\n]{0,80}?(\d{2,5})", re.DOTALL),
    re.compile(r"\.run\([^)\n]{0,200}?port\s*=\s*(?:int\()?[^)\d\n]{0,80}?(\d{2,5})"),
    re.compile(r"\.listen\(\s*(?:\{[^}\n]{0,60}port:\s*)?[^)\n\d]{0,80}?(\d{4,5})"),
    re.compile(r"(?:\bport|PORT)\b[\"']?\s*[:=]{1,2}\s*[^\n;]{0,60}?(?:PORT|port)\b[^\n;]{0,20}?(?:\|\||\?\?|,|\?:)\s*[\"']?(\d{4,5})\b"),
    re.compile(r"(?:getenv|environ\.get|get|getEnv|os\.Getenv|GetEnv\w{0,20})[\(\[][\"'](?:\w{1,30}_)?PORT[\"'][^\n]{0,40}?(\d{4,5})\b"),
    re.compile(r"(?:const|let|var|static)\s+(?:PORT|port)\b[^\n=]{0,20}=\s*[\"':]?(\d{4,5})\b"),
    re.compile(r"(?:ListenAndServe|\.Run|\.Start|\.Listen|net\.Listen)\([^)\n]{0,40}?:(\d{2,5})\""),
    re.compile(r"(?:bind|serve|bind_addr|SocketAddr|add_insecure_port)\w{0,10}\(?[^\n]{0,60}?:(\d{4,5})\b"),
    re.compile(r"SocketAddr::from\(\(\[[\d, ]{1,30}\],\s*(\d{2,5})\)"),
    re.compile(r"web\.run_app\([^)\n]{0,100}port\s*=\s*(\d{2,5})"),
    re.compile(r"(?:^|[\s.])(?:PORT|port|(?:app|server|http|api|service|web|listen|bind|default)_port|defaultPort)\s*(?::\s*\w{1,10}\s*)?(?:=|:=)\s*"
               r"[\"':]{0,2}(\d{4,5})\b", re.MULTILINE),
    re.compile(r"port\(\s*(\d{4,5})\s*\)"),
)  # fmt: skip
_ADDRESS = re.compile(r"(?<![/@\d.])(?:\d{1,3}(?:\.\d{1,3}){3}|\[::\]|localhost):(\d{4,5})[\"'`]")
"""An address as Go, Rust and the like bind to it; elsewhere such a text is mostly one that is called or allowed."""
_PROPERTY = re.compile(r"^[ \t]*server\.port[ \t]*[=:][ \t]*(?:\$\{[^:}]{1,60}:)?(\d{2,5})", re.MULTILINE)
_YAML_PORT = re.compile(
    r"^server:[ \t]*(?:#[^\n]{0,200})?\n(?:[ \t][^\n]{0,300}\n){0,12}?"
    r"[ \t]{1,20}port:[ \t]*[\"']?(?:\$\{[^:}\n]{1,60}:)?(\d{2,5})",
    re.MULTILINE,
)
_VITE_PORT = re.compile(r"\bport\s*:\s*(\d{2,5})\b")
_LAUNCH = re.compile(r"\"applicationUrl\"\s*:\s*\"[^\"]{0,200}?http://[^:\"]{1,60}:(\d{2,5})")
_KESTREL = re.compile(r"\"Url\"\s*:\s*\"http://[^:\"]{1,60}:(\d{2,5})")
_INI = re.compile(r"^[ \t]*(?:http|http-socket|bind|port)\s*=\s*[\"']?[\w.]{0,40}:?(\d{2,5})", re.MULTILINE)


def port_in(command: str) -> int:
    """Return the port that a command line names; 0 where it names none."""
    match = _FLAG.search(command)
    return next((int(g) for g in match.groups() if g), 0) if match else 0


def settle_port(tree: Tree, draft: Draft) -> None:
    """Say the port of a service."""
    if draft.role == "worker":  # what its source or image says is about those that share them
        for port, file, line, reason in (*_of_command(tree, draft), *_of_compose(tree, draft)):
            draft.say_port(port, file, line, reason)
        return
    for witness in (_of_command, _of_compose, _of_dockerfile, _of_settings, _of_script, _of_source):
        if draft.port:
            return
        for port, file, line, reason in witness(tree, draft):
            draft.say_port(port, file, line, reason)


def settle_default_port(draft: Draft) -> None:
    """Say the port that the framework takes by itself, where nothing else is known."""
    if draft.port or draft.role == "worker":
        return
    manifest = draft.manifest
    port = default_port(draft.framework)
    if manifest is not None and draft.framework in FRONTENDS:
        port = _front_port(draft) or port
    if draft.built and draft.built.static and not port_in(draft.built.command):
        draft.say_port(80, draft.built.path, draft.built.base_line, "what its web server takes by itself")
    draft.say_port(port, manifest.path if manifest else "", 1, f"what {draft.framework} takes by itself")


def _front_port(draft: Draft) -> int:
    """Return the port of the program that serves a front end's pages."""
    manifest = draft.manifest
    if manifest is None:
        return 0
    named = (("react-scripts", 3000), ("@vue/cli-service", 8080), ("vite", 5173), ("webpack-dev-server", 8080))
    return (
        next((port for name, port in named if manifest.has(name)), 0)
        if draft.framework in {"react", "vue", "svelte", "preact", "solid", "vite"}
        else 0
    )


def _of_command(_tree: Tree, draft: Draft) -> Iterator[tuple[int, str, int, str]]:
    command = draft.compose.command if draft.compose else None
    if command and port_in(command.text):
        yield port_in(command.text), command.file, command.line, "its command"


def _of_compose(_tree: Tree, draft: Draft) -> Iterator[tuple[int, str, int, str]]:
    if draft.compose is None:
        return
    ports = [(n, v) for n, v, protocol in draft.compose.ports() if protocol == "tcp"]
    exposed = list(draft.compose.exposed())
    declared = {n for n, _ in draft.built.exposed} if draft.built else set()
    started = port_in(draft.built.command) if draft.built else 0
    for wanted in (ports, exposed):
        best = min(wanted, key=lambda e: (e[0] != started, e[0] not in declared, e[0] in _DEBUG), default=None)
        if best:
            yield (
                best[0],
                best[1].file,
                best[1].line,
                "published by the compose file" if wanted is ports else "`expose`",
            )
    environment = draft.compose.environment
    for name in _VARIABLES:
        value = environment.get(name)
        if value and plain(value.text).isdigit():
            yield int(plain(value.text)), value.file, value.line, f"{name} of its environment"
    for name in ("ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "URLS"):
        value = environment.get(name)
        match = _URLS.search(value.text) if value else None
        if value and match:
            yield int(match[1] or match[2]), value.file, value.line, f"{name} of its environment"
    for name, value in environment.items():
        if _is_own(draft, name) and plain(value.text).isdigit():
            yield int(plain(value.text)), value.file, value.line, f"{name} of its environment"


def _is_own(draft: Draft, variable: str) -> bool:
    """Return whether a variable, such as `MENU_SERVICE_PORT`, names the port of this very service."""
    if not _OWN.match(variable) or _OF_OTHERS.search(variable):
        return False
    words = {word.lower() for word in variable.split("_")[:-1]} - _GENERIC
    known = set(re.split(r"[^a-z0-9]+", f"{draft.name} {draft.folder.rpartition('/')[2]}".lower()))
    return not words or bool(words & known)


def _of_dockerfile(_tree: Tree, draft: Draft) -> Iterator[tuple[int, str, int, str]]:
    built = draft.built
    if built is None:
        return
    if port_in(built.command):
        yield port_in(built.command), built.path, built.command_line, "what its Dockerfile starts"
    usual = [(port, line) for port, line in built.exposed if port not in _DEBUG] or list(built.exposed)
    named = {name: (value, line) for name, value, line in built.variables}
    for name in (*_VARIABLES, "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS"):
        value, line = named.get(name, ("", 0))
        match = _URLS.search(value)
        if match and (not usual or int(match[1] or match[2]) in dict(usual)):
            yield int(match[1] or match[2]), built.path, line, f"{name} of its Dockerfile"
    for port, line in usual[:1]:
        yield port, built.path, line, "EXPOSE"


def _of_settings(tree: Tree, draft: Draft) -> Iterator[tuple[int, str, int, str]]:
    """Yield what settings files say: Spring's, .NET's, Vite's, environment files."""
    for path in settings_of(tree, draft):
        text, name = tree.text(path)[:200_000], path.rpartition("/")[2]
        patterns: tuple[re.Pattern[str], ...] = ()
        if name.startswith(("application", "bootstrap")):
            patterns = (_PROPERTY, _YAML_PORT)
        elif name.startswith("vite.config") and draft.framework in FRONTENDS and "server" in text:
            patterns = (_VITE_PORT,)
        elif name.endswith("Settings.json") or name.startswith("appsettings"):
            patterns = (_KESTREL, _LAUNCH) if draft.built is None else (_KESTREL,)
        elif name.endswith(".ini") and ("uwsgi" in text or "server:" in text):
            patterns = (_INI,)
        start = max(text.find('"profiles"'), 0)  # of launchSettings.json; what stands before is of another server
        for match in filter(None, (pattern.search(text, start) for pattern in patterns)):
            yield int(match[1]), path, line_of(text, match.start(1)), "its settings"
        if name.startswith((".env", "env.")):
            values = environment_file(tree, path)
            own = [name for name in values if _is_own(draft, name)]
            for key in (*_VARIABLES, *own):
                if values.get(key, "").isdigit():
                    yield int(values[key]), path, line_of(text, max(text.find(key), 0)), f"{key} of its settings"


def _of_script(_tree: Tree, draft: Draft) -> Iterator[tuple[int, str, int, str]]:
    manifest = draft.manifest
    if manifest is not None and manifest.port:
        yield manifest.port, manifest.port_file, manifest.port_line, "its start script"


def _of_source(tree: Tree, draft: Draft) -> Iterator[tuple[int, str, int, str]]:
    if draft.framework in FRONTENDS:
        return
    paths = sources_of(tree, draft)[:60]
    scripting = draft.language in {"python", "javascript", "typescript", "php", "ruby"}
    for pattern in _SOURCE if scripting else (*_SOURCE, _ADDRESS):
        for path in paths:
            text = tree.text(path)[:200_000]
            for match in pattern.finditer(text):
                if int(match[1]) not in _FOREIGN and not _commented(text, match.start()):
                    yield int(match[1]), path, line_of(text, match.start(1)), "where it listens"
                    return


_FOREIGN = frozenset(
    {5432, 3306, 27017, 6379, 5672, 9092, 2181, 9200, 4222, 1433, 11211, 587, 465, 2525, 1025, 4317, 4318, 8500}
)


def _commented(text: str, offset: int) -> bool:
    start = text.rfind("\n", 0, offset) + 1
    return text[start:offset].lstrip().startswith(("#", "//", "*"))
