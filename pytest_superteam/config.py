"""Settings: superteam.yaml, the environment and options become one validated, frozen `Config`.

Precedence: option > environment (`SUPERTEAM_*`) > superteam.yaml > depth preset > default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from pytest_superteam.config_entries import (
    AgentConfig,
    AuthConfig,
    AuthUser,
    BudgetConfig,
    OAuth2Config,
    PlatformConfig,
    PriceConfig,
    RetryConfig,
    ServiceConfig,
    ServicePath,
    check_auth,
)
from pytest_superteam.config_entries.converting import convert, convert_text, nearest
from pytest_superteam.config_entries.running import OnFailure
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity

__all__ = ["DEPTHS", "OPTION_NAMES", "UNTIL", "AuthConfig", "AuthUser", "Config", "ContractsConfig", "GateConfig"]
__all__ += ["BudgetConfig", "DeploymentConfig", "ImagesConfig", "PlatformConfig", "PriceConfig", "RetryConfig"]
__all__ += ["FROM", "ServiceConfig"]
__all__ += ["OAuth2Config", "PactsConfig", "ScanConfig", "ServicePath", "SystemConfig", "Timeouts", "load_config"]

Until = Literal["architect", "builders", "deployment"]
Depth = Literal["quick", "standard", "thorough", "exhaustive"]
UNTIL: tuple[str, ...] = get_args(Until)
From = Literal["architect", "builders"]
FROM: tuple[str, ...] = get_args(From)
CONFIG_NAME = "superteam.yaml"
MAX_CONFIG_BYTES = 1 << 20
ENVIRONMENT_PREFIX = "SUPERTEAM_"


@dataclass(frozen=True)
class Timeouts:
    """Limits in seconds."""

    architect: float = 900.0
    """One try of an architect by agent."""
    build: float = 1800.0
    """One builder, one service, one try."""
    builders: float | None = None
    """The whole phase; unset: an hour, or as long as every service may take once in `parallel` lanes."""
    tests: float = 120.0
    """A service's own tests."""
    ready: float = 30.0
    """From the start of a service until it is ready."""
    images: float = 1800.0
    """Building and pulling the images of a composed system, all together."""
    request: float = 10.0
    """One HTTP request of the gate."""


@dataclass(frozen=True)
class GateConfig:
    """What the gate demands."""

    blocking_severity: Severity = Severity.ERROR
    """Layer 3 blocks from this severity up."""
    promotion: Literal["strict", "all"] = "strict"
    """`strict`: a service that fails layer 1 or 2 is not tried on the layers above; `all`: everything runs."""
    test_pass_ratio: float = 0.9
    """Share of a service's own tests that must pass."""
    convergence_ratio: float = 0.9
    """Share of a service's contracted operations that must be there."""
    examples: int = 100
    """Generated requests per operation (100 is also what Schemathesis makes by default)."""
    response_time: float = 5.0
    """Slowest acceptable answer, in seconds."""
    seed: int = 1
    """Seed of the generated requests."""
    require_traced: bool = False
    """Whether a requirement of the highest priority (Must, P0) that no executed check proves blocks."""


@dataclass(frozen=True)
class ScanConfig:
    """What the scanners read."""

    exclude: tuple[str, ...] | None = None
    """Globs of what is no service code, instead of the built-in list; an empty list excludes nothing."""
    strict_analysis: bool | None = None
    """Whether a file that can't be analysed makes its items errors: by default for built services, not for adopted."""
    cache: bool = True
    """Keep results by content in `.superteam/cache`."""


@dataclass(frozen=True)
class ContractsConfig:
    """What the contracts are held against."""

    baseline: str | None = None
    """Folder of the last released contracts (`<service>.openapi.yaml`, .yml or .json), relative to the project."""
    external_references: bool = False
    """Whether references to other documents are followed, over the network too."""


@dataclass(frozen=True)
class PactsConfig:
    """Where consumers' own pacts come from, besides `pacts/` of each service and those made from the service map."""

    sources: tuple[str, ...] = ()
    """Pact files, folders of them, or the URL of a Pact broker."""
    token: str = ""
    """Name of the environment variable that holds the broker's bearer token."""
    state_path: str = ""
    """Path at which providers take provider states themselves (POST), such as `/_pact/states`."""


@dataclass(frozen=True)
class CalibrationConfig:
    """How the gate is tried on itself (`--calibrate`)."""

    minimum: float = 0.95
    """Share of the seeded faults of layers 1 to 3 that has to be caught."""
    items: Literal["first", "all"] = "first"
    """`first`: a layer is asked about a fault until one of its items catches it; `all`: every item is asked."""


@dataclass(frozen=True)
class SystemConfig:
    """The system that `--system` gates."""

    services: tuple[ServicePath, ...] = ()
    """The services there are, as folders relative to the system; empty: they are found."""
    correct: Mapping[str, ServicePath] = field(default_factory=dict)
    """What is said of services that were found, by their names; everything else stays as it was found."""
    compose_files: tuple[str, ...] = ()
    """The compose files that start it, relative to the system, in the order in which they overlay each other."""


@dataclass(frozen=True)
class ImagesConfig:
    """The images of a composed system; name another registry's here."""

    python: str = "python:3.13-slim"
    """What generated services and our collector start from."""
    postgres: str = "postgres:17"
    redis: str = "redis:8"
    caddy: str = "caddy:2"
    traefik: str = "traefik:v3.6"


@dataclass(frozen=True)
class DeploymentConfig:
    """How `--deploy compose` runs the system."""

    gateway: Literal["caddy", "traefik", "none"] = "caddy"
    """What answers in front of the services, by path prefix (`/api/<service>`), with the prefix stripped."""
    images: ImagesConfig = field(default_factory=ImagesConfig)
    repository: str = ""
    """What the names of built images begin with, such as `registry.example/team`; unset: the project's name."""
    platform: str = ""
    """Platform of the images, such as `linux/amd64`; unset: the engine's own."""
    build_args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments of every service, such as `PIP_INDEX_URL`."""
    replace_images: Mapping[str, str] = field(default_factory=dict)
    """Images that a Dockerfile starts from or a compose file names, and what is taken instead."""
    compose_files: tuple[str, ...] = ()
    """Compose files laid over the generated one, relative to the project."""
    ca_bundle: str = ""
    """File of CA certificates that builds and services trust, relative to the project."""
    keep_up: bool = False
    """Leave the composed system running at the end; the next run with the same inputs takes it over."""
    allow_outside: bool = False
    """Whether a system's own compose file may mount folders outside of the system."""
    profiles: tuple[str, ...] = ()
    """Profiles of a system's own compose files that are started as well."""


@dataclass(frozen=True)
class Config:
    """Everything that can be set. Nested keys are written `gate.examples` here and nested in the file."""

    depth: Depth = "standard"
    architect: Literal["builtin", "command"] = "builtin"
    """What designs the system; `command` runs `architect_command`."""
    architect_command: tuple[str, ...] = ()
    """Argument vector of the architect by agent; `{prd}`, `{prompt}`, `{output}` and `{project}` are replaced."""
    architect_environment: tuple[str, ...] = ()
    """Names of the variables that the architect by agent gets to see."""
    architect_fallback: bool = True
    """Design with the built-in architect where the one by agent fails."""
    review: bool = False
    """Stop after the architecture until somebody approves it."""
    output: str = "services"
    """Folder of the built services, relative to the project."""
    builder: str = "builtin"
    builders: tuple[str, ...] = ()
    """Builders to choose from for each service, the cheapest with room first, instead of `builder`."""
    services: Mapping[str, ServiceConfig] = field(default_factory=dict)
    """What is said about building single services, by their names."""
    agents: Mapping[str, AgentConfig] = field(default_factory=dict)
    """Coding agents that build services, by the names that `builder` calls them."""
    on_failure: OnFailure = "skip"
    """What follows where a service can't be built."""
    fix: int | None = None
    """How often the builders may mend what blocks; unset: 3 where an agent builds, else 0."""
    platforms: Mapping[str, PlatformConfig] = field(default_factory=dict)
    """Limits and tiers of the platforms that builders use, by their names."""
    prices: Mapping[str, PriceConfig] = field(default_factory=dict)
    """Prices by model, instead of the known ones."""
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    retry: RetryConfig = field(default_factory=RetryConfig)
    state_url: str | None = None
    """Database of the runs, such as `postgresql+psycopg://user@host/name`; unset: `.superteam/state.db`."""
    deploy: str | None = None
    """`process`, `compose`, `none`, or `auto`: `compose` where an engine answers. By default `process` for what is
    built, and for a system that is there `auto` with its own compose file."""
    until: Until | None = None
    start: From | None = None
    """Do again what is done already, from this phase on."""
    fresh: bool = False
    """Build again what is already built."""
    parallel: int = 3
    """Builders at the same time."""
    retries: int = 1
    """Further attempts to deploy when a service does not come up."""
    deployment: DeploymentConfig = field(default_factory=DeploymentConfig)
    gate: GateConfig = field(default_factory=GateConfig)
    scan: ScanConfig = field(default_factory=ScanConfig)
    contracts: ContractsConfig = field(default_factory=ContractsConfig)
    pacts: PactsConfig = field(default_factory=PactsConfig)
    system: SystemConfig = field(default_factory=SystemConfig)
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)
    auth: AuthConfig = field(default_factory=AuthConfig)
    baseline: str | None = None
    """File of findings that are known and accepted, relative to the project."""
    timeouts: Timeouts = field(default_factory=Timeouts)


DEPTHS: Mapping[str, Mapping[str, Any]] = {
    "quick": {"gate.examples": 10, "timeouts.tests": 60.0, "retries": 0},
    "standard": {},
    "thorough": {"gate.examples": 300, "timeouts.tests": 300.0, "timeouts.ready": 60.0, "retries": 2},
    "exhaustive": {"gate.examples": 1000, "timeouts.tests": 900.0, "timeouts.ready": 120.0, "retries": 3},
}
"""What a depth sets: examples, timeouts and retries, and only keys that nobody set explicitly."""


def load_config(file: Path | None, *, environment: Mapping[str, str], options: Mapping[str, Any]) -> Config:
    """Merge all sources into a `Config`.

    Args:
        file: superteam.yaml, or None where there is none.
        environment: variables; those named `SUPERTEAM_*` count.
        options: dotted key to value, for the options that were given.

    Raises:
        ConfigError: an unknown key or a wrong type, in one line that names the place and the nearest valid key.
    """
    keys = _keys(Config)
    explicit: dict[str, Any] = {}
    for source in (_from_file(file, keys), _from_environment(environment, keys), _from_options(options, keys)):
        explicit.update(source)
    depth = explicit.get("depth", Config.depth)
    check_auth(explicit)
    config: Config = _build(Config, "", {**DEPTHS[depth], **explicit})
    if config.fix is not None and config.fix < 0:
        raise ConfigError(f"fix: '{config.fix}' is no number of attempts. Write 0, which mends nothing, or more.")
    if config.architect == "command" and not config.architect_command:
        raise ConfigError("architect: 'command' needs `architect_command`. Write `architect_command: [program, ...]`.")
    return config


def _keys(cls: type, prefix: str = "") -> dict[str, Any]:
    """Return dotted key -> type of every setting of `cls`."""
    hints = get_type_hints(cls)
    found: dict[str, Any] = {}
    for item in fields(cls):
        hint = hints[item.name]
        if is_dataclass(hint):
            found.update(_keys(hint, f"{prefix}{item.name}."))  # type: ignore[arg-type]  # a class, not an instance
        else:
            found[prefix + item.name] = hint
    return found


def _build(cls: type[Any], prefix: str, values: Mapping[str, Any]) -> Any:
    hints = get_type_hints(cls)
    chosen = {}
    for item in fields(cls):
        key = prefix + item.name
        if is_dataclass(hints[item.name]):
            chosen[item.name] = _build(hints[item.name], f"{key}.", values)
        elif key in values:
            chosen[item.name] = values[key]
    return cls(**chosen)


def _from_file(file: Path | None, keys: Mapping[str, Any]) -> dict[str, Any]:
    if file is None:
        return {}
    import yaml  # only where there is a file to read

    try:
        if file.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{file}: larger than {MAX_CONFIG_BYTES} bytes. Is that a superteam.yaml?")
        root = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigError(f"{file}: can't be read ({error.strerror}). Name a readable file.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigError(f"{file}{place}: is no YAML: {problem}.") from None
    found: dict[str, Any] = {}
    if root is not None:
        _walk(root, "", file, keys, found)
    return found


def _walk(node: Any, prefix: str, file: Path, keys: Mapping[str, Any], found: dict[str, Any]) -> None:
    """Collect the settings below a YAML mapping node, each checked, with its line for messages."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        what = f"'{prefix.rstrip('.')}' " if prefix else ""
        raise ConfigError(f"{file}:{node.start_mark.line + 1}: {what}must hold `key: value` lines.")
    for key_node, value_node in node.value:
        key = f"{prefix}{key_node.value}"
        place = f"{file}:{key_node.start_mark.line + 1}"
        if any(known.startswith(f"{key}.") for known in keys):
            _walk(value_node, f"{key}.", file, keys, found)
            continue
        if key not in keys:
            raise ConfigError(f"{place}: '{key}' is no setting.{nearest(key, _with_groups(keys))}")
        value = yaml.SafeLoader("").construct_object(value_node, deep=True)
        found[key] = convert(value, keys[key], f"{place}: {key}")


def _from_environment(environment: Mapping[str, str], keys: Mapping[str, Any]) -> dict[str, Any]:
    names = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper(): key for key in keys}
    found = {}
    for name, text in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        if name not in names:
            raise ConfigError(f"{name}: no such environment setting.{nearest(name, names)}")
        found[names[name]] = convert_text(text, keys[names[name]], name)
    return found


def _from_options(options: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in options.items():
        name = f"--{OPTION_NAMES.get(key, key)}"
        found[key] = convert_text(value, keys[key], name) if isinstance(value, str) else value
    return found


OPTION_NAMES = {
    "output": "superteam-output",
    "budget.total": "budget",
    "start": "from",
    "state_url": "state-url",
    "deployment.keep_up": "keep-up",
    "gate.blocking_severity": "blocking-severity",
    "gate.promotion": "promotion",
}
"""Settings whose option is not called like them."""


def _with_groups(keys: Mapping[str, Any]) -> list[str]:
    return [*keys, *{key.split(".")[0] for key in keys if "." in key}]
