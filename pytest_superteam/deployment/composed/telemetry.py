"""Our collector as a container: takes the services' spans and events, and prints them as JSON lines to its log.

The log is the way out that works on every engine, on another host too; `journal.py` makes files of it there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.containers import HARDENED, build, checked, limits
from pytest_superteam.deployment.composed.yaml_text import Alias, Line

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import System

__all__ = ["PORT", "collector", "collector_files", "collector_url"]

PORT = 4318
"""OTLP over HTTP has this port by convention."""
_ROOM = "pytest_superteam/deployment"
_SCRIPTS = ("collector.py", "otlp.py")


def collector_url(system: System) -> str:
    """Return the collector's base URL in the network of the services."""
    return f"http://{system.names.collector}:{PORT}"


def collector(system: System) -> dict[str, Any]:
    """Return the collector. Its log holds a whole run, so it may grow larger than the others'."""
    return {
        "<<": Alias(HARDENED),
        "image": system.built(system.names.collector),
        "build": build(system, "collector"),
        "networks": Line(["backend"]),
        "deploy": limits("1.0", "256M", 128),
        "logging": {"driver": "json-file", "options": {"max-size": "256m", "max-file": "1"}},
        "healthcheck": checked(system, interval=1),
    }


def collector_files(system: System) -> dict[str, str]:
    """Return the files of the collector's image, by path below its folder: our own scripts, nothing installed."""
    url = f"http://127.0.0.1:{PORT}/ready"
    dockerfile = f"""\
FROM {system.image("python")}
COPY {_ROOM} /srv/{_ROOM}
USER 65532:65532
EXPOSE {PORT}
HEALTHCHECK CMD ["python3", "-I", "-S", "-c", "import urllib.request as r; r.urlopen('{url}', timeout=2)"]
CMD ["python3", "-I", "-S", "-B", "-u", "/srv/{_ROOM}/collector.py", "{PORT}", "-"]
"""
    ours = Path(__file__).parents[1]
    scripts = {f"{_ROOM}/{name}": (ours / name).read_text(encoding="utf-8") for name in _SCRIPTS}
    return {"Dockerfile": dockerfile, **scripts}
