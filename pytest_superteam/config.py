"""Settings: superteam.yaml, the environment and options become one validated, frozen `Config`.

Precedence: option > environment (`SUPERTEAM_*`) > superteam.yaml > depth preset > default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

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
from pytest_superteam.config_entries.limits import Range, Ratio, Seconds
from pytest_superteam.config_entries.running import OnFailure
from pytest_superteam.config_entries.sources import (
    ENVIRONMENT_PREFIX,
    Given,
    from_environment,
    from_file,
    from_options,
)
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity

__all__ = ["DEPTHS", "UNTIL", "AuthConfig", "AuthUser", "Config", "ContractsConfig", "GateConfig"]
__all__ += ["BudgetConfig", "DeploymentConfig", "ImagesConfig", "PlatformConfig", "PriceConfig", "RetryConfig"]
__all__ += ["ENVIRONMENT_PREFIX", "FROM", "ServiceConfig", "effective_config"]
__all__ += ["OAuth2Config", "PactsConfig", "ScanConfig", "ServicePath", "SystemConfig", "Timeouts", "load_config"]

Until = Literal["architect", "builders", "deployment"]
Depth = Literal["quick", "standard", "thorough", "exhaustive"]
UNTIL: tuple[str, ...] = get_args(Until)
From = Literal["architect", "builders"]
FROM: tuple[str, ...] = get_args(From)
CONFIG_NAME = "superteam.yaml"


@dataclass(frozen=True)
class Timeouts:
    """Limits in seconds."""

    architect: Seconds = 900.0
    """One try of an architect by agent."""
    build: Seconds = 1800.0
    """One try of a builder at one service; with `--system`, installing what a service's own tests need."""
    builders: float | None = None
    """The whole phase of building; unset: an hour, or as long as every service may take once in `parallel` lanes."""
    tests: Seconds = 120.0
    """A service's own tests."""
    ready: Annotated[float, Range(0.1, 3600)] = 30.0
    """From the start of a service until it is ready."""
    images: Seconds = 1800.0
    """Building all images of a composed system, and as long for pulling them."""
    request: Annotated[float, Range(0.1, 3600)] = 10.0
    """One HTTP request of the gate."""


@dataclass(frozen=True)
class GateConfig:
    """What the gate demands."""

    blocking_severity: Severity = Severity.ERROR
    """Layer 3 blocks from this severity up."""
    promotion: Literal["strict", "all"] = "strict"
    """`strict`: a service that fails layer 1 or 2 is not tried on the layers above; `all`: everything runs."""
    test_pass_ratio: Ratio = 0.9
    """Share of a service's own tests that must pass."""
    convergence_ratio: Ratio = 0.9
    """Share of a service's contracted operations and requirements that must be there."""
    examples: Annotated[int, Range(1, 100_000)] = 100
    """Generated requests per operation (100 is also what Schemathesis makes by default)."""
    response_time: Annotated[float, Range(0.001, 3600)] = 5.0
    """Slowest acceptable answer, in seconds."""
    seed: int = 1
    """Seed of the generated requests."""
    require_traced: bool = False
    """Whether a requirement of the highest priority (Must, P0) that no executed check proves blocks."""


@dataclass(frozen=True)
class ScanConfig:
    """What the scanners read."""

    exclude: tuple[str, ...] | None = None
    """Globs of what is no service code, instead of the built-in list; one that ends in a slash names folders. An
    empty list excludes nothing."""
    strict_analysis: bool | None = None
    """Whether a file that can't be analysed makes its items errors; unset: for built services, not with `--system`."""
    cache: bool = True
    """Keep results by content in `.superteam/cache`."""


@dataclass(frozen=True)
class ContractsConfig:
    """What the contracts are held against."""

    baseline: str | None = None
    """Folder of the last released contracts, which the new ones must not break (`<service>.openapi.yaml`, .yml or
    .json), relative to the project."""
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

    minimum: Ratio = 0.95
    """Share of the seeded faults of layers 1 to 3 that has to be caught."""
    items: Literal["first", "all"] = "first"
    """`first`: a layer is asked about a fault until one of its items catches it; `all`: every item is asked."""


@dataclass(frozen=True)
class SystemConfig:
    """The system that `--system` gates."""

    services: tuple[ServicePath, ...] = ()
    """The services there are, and no others, as folders, globs or mappings, relative to its folder; unset: they are
    found."""
    correct: Mapping[str, ServicePath] = field(default_factory=dict)
    """What is said of services that were found, by their names: `{vote: {port: 80}}`; all else stays as it was
    found."""
    compose_files: tuple[str, ...] = ()
    """The system's own compose files, relative to its folder, in the order in which they overlay each other; unset:
    they are found."""


@dataclass(frozen=True)
class ImagesConfig:
    """The images of a composed system; name another registry's here."""

    python: str = "python:3.13-slim"
    """Image that generated services and the collector of traces start from."""
    postgres: str = "postgres:17"
    """Image of the database."""
    redis: str = "redis:8"
    """Image of the cache."""
    caddy: str = "caddy:2"
    """Image of that gateway."""
    traefik: str = "traefik:v3.6"
    """Image of that gateway."""


@dataclass(frozen=True)
class DeploymentConfig:
    """How `--deploy compose` runs the system."""

    gateway: Literal["caddy", "traefik", "none"] = "caddy"
    """What answers in front of the composed services, by the path prefix `/api/<service>`, which is taken off."""
    images: ImagesConfig = field(default_factory=ImagesConfig)
    repository: str = ""
    """What the names of built images begin with, such as `registry.example/team`; unset: the project's name."""
    platform: str = ""
    """Platform of the images, such as `linux/amd64`; unset: the engine's own."""
    build_args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments of every service: `{PIP_INDEX_URL: "https://..."}`."""
    replace_images: Mapping[str, str] = field(default_factory=dict)
    """Images that a Dockerfile or a compose file names, and what is taken instead: `{"node:22":
    "registry.example/node:22"}`."""
    compose_files: tuple[str, ...] = ()
    """Compose files laid over the generated one, or over the system's own, relative to the project."""
    ca_bundle: str = ""
    """File of CA certificates that builds and services trust, relative to the project."""
    keep_up: bool = False
    """Leave the composed system running at the end; the next run with the same inputs takes it over."""
    allow_outside: bool = False
    """Whether a system's own compose files may have what leads out of the system: folders outside of it, devices,
    the host's network."""
    profiles: tuple[str, ...] = ()
    """Profiles of a system's own compose files that are started as well."""


@dataclass(frozen=True)
class Config:
    """Everything that can be set. Nested keys are written `gate.examples` here and nested in the file."""

    depth: Depth = "standard"
    """How thorough the gate is: it sets examples, timeouts and retries, where nobody sets them otherwise."""
    architect: Literal["builtin", "command"] = "builtin"
    """What designs the system: `builtin` (or the project's hook), or `command`, which runs `architect_command`."""
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
    """Name of what builds the services: `builtin`, an agent, or a project's own."""
    builders: tuple[str, ...] = ()
    """Builders to choose from for each service instead of `builder`, the cheapest with room first."""
    services: Mapping[str, ServiceConfig] = field(default_factory=dict)
    """What is said about building single services, by name: `{orders: {builder: careful, budget: 3}}`."""
    agents: Mapping[str, AgentConfig] = field(default_factory=dict)
    """Coding agents that build services, by the names that `builder` calls them."""
    on_failure: OnFailure = "skip"
    """What follows where a service can't be built: `skip` (the others go on), `builtin` (that builder takes over)
    or `stop` (the session ends with exit code 2)."""
    fix: int | None = None
    """How often the builders may mend what blocks; unset: 3 where an agent builds, else 0."""
    platforms: Mapping[str, PlatformConfig] = field(default_factory=dict)
    """Limits and tiers of the platforms that builders use, by their names."""
    prices: Mapping[str, PriceConfig] = field(default_factory=dict)
    """Prices of models, by name, instead of the known ones."""
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    retry: RetryConfig = field(default_factory=RetryConfig)
    state_url: str | None = None
    """Database of the runs, such as `postgresql+psycopg://user@host/name`; unset: `.superteam/state.db`."""
    deploy: str | None = None
    """Where the services run: `process`, `compose`, `auto` (`compose` where an engine answers), `none`, or the name
    of a project's own; unset: `process` for what is built, and with `--system` `auto`, by its own compose file."""
    until: Until | None = None
    """Stop after this phase, with its output on disk."""
    start: From | None = None
    """Do again what is done already, from this phase on."""
    fresh: bool = False
    """Design and build again what is there already, in a new run with a budget of its own."""
    parallel: Annotated[int, Range(1, 64)] = 3
    """Builders at the same time."""
    retries: Annotated[int, Range(0, 10)] = 1
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
    return effective_config(file, environment=environment, options=options)[0]


def effective_config(
    file: Path | None, *, environment: Mapping[str, str], options: Mapping[str, Any]
) -> tuple[Config, Mapping[str, str]]:
    """Merge all sources as `load_config` does; return also where each value comes from, by dotted key.

    What has no origin is a default; `depth: quick` is the preset of a depth.
    """
    keys = _keys(Config)
    given: dict[str, Given] = {}
    for source in (from_file(file, keys), from_environment(environment, keys), from_options(options, keys)):
        given.update(source)
    values = {key: one.value for key, one in given.items()}
    depth = values.get("depth", Config.depth)
    check_auth(values)
    config: Config = _build(Config, "", {**DEPTHS[depth], **values})
    if config.architect == "command" and not config.architect_command:
        raise ConfigError("architect: 'command' needs `architect_command`. Write `architect_command: [program, ...]`.")
    presets = dict.fromkeys(DEPTHS[depth], f"depth: {depth}")
    return config, {**presets, **{key: one.origin for key, one in given.items()}}


def _keys(cls: type, prefix: str = "") -> dict[str, Any]:
    """Return dotted key -> type of every setting of `cls`, with the limit that is written beside it."""
    hints = get_type_hints(cls, include_extras=True)
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
