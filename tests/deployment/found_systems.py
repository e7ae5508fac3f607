"""Existing systems in folders, and what the override of each says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import yaml

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.base import DeployRequest
from pytest_superteam.deployment.composed.found import generate_found
from pytest_superteam.models import Architecture, FoundService, FoundSystem

if TYPE_CHECKING:
    from pathlib import Path

RESET = ("!reset", None)
LABELS = {"superteam.run": "run-1"}
WEB = FoundService("web-service", compose="web", folder="web", port=8000, health="/health", dockerfile="web/Dockerfile")
DB = FoundService("db", "infrastructure", role="database", compose="db", port=5432)


class Loader(yaml.SafeLoader):
    """Reads `!override x` as `("!override", x)`."""


def _tagged(loader, suffix, node):
    read = {"scalar": lambda n: None, "sequence": loader.construct_sequence, "mapping": loader.construct_mapping}
    values = {"deep": True} if node.id != "scalar" else {}
    return (f"!{suffix}", read[node.id](node, **values))


Loader.add_multi_constructor("!", _tagged)


class System:
    """A system in a folder: its compose file's text is only for lines, what Compose makes of it is `config`."""

    def __init__(self, root: Path) -> None:
        self.root = root / "system"
        (self.root / "web").mkdir(parents=True)
        self.file("web/Dockerfile", "FROM python:3.9-slim\nWORKDIR /app\nCOPY . .\n")
        self.file("web/app.py", "print()\n")
        self.file("compose.yml", "services:\n  web:\n    build: ./web\n")
        self.folder = self.root / ".superteam" / "deployment"
        self.said: list[str] = []

    def file(self, name: str, text: str = "") -> Path:
        """Write a file of the system."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def build(self, **more) -> dict:
        """Return how `web` is built."""
        return {"context": str(self.root / "web"), "dockerfile": "Dockerfile"} | more

    def bind(self, source: str, target: str, **more) -> dict:
        """Return a mount of a folder or file of the system."""
        return {"type": "bind", "source": str(self.root / source), "target": target} | more

    def request(self, *services: FoundService, jobs=(), infrastructure=(DB,), files=("compose.yml",), **settings):
        """Return a request for the system with these services."""
        found = FoundSystem(self.root, services or (WEB,), tuple(jobs), tuple(infrastructure), tuple(files))
        environment = settings.pop("environment", {})
        return DeployRequest(
            run_id="run-1",
            architecture=Architecture("Shop", "", ()),
            builds=(),
            folder=self.folder,
            owner_pid=os.getpid(),
            ready_timeout=20.0,
            environment=environment,
            project=self.root,
            settings=DeploymentConfig(**settings),
            found=found,
            say=self.said.append,
        )

    def plan(self, config: dict, *services: FoundService, **more):
        """Return the plan, and what the override says."""
        plan = generate_found(self.request(*services, **more), LABELS, config)
        text = (self.folder / "override.yml").read_text()
        return plan, yaml.load(text, Loader=Loader)

    def entry(self, service: dict, *services: FoundService, **more) -> dict:
        """Return what the override says of `web`, which is `service` in the configuration."""
        return self.plan({"services": {"web": service}}, *services, **more)[1]["services"]["web"]


def port(target, published=None, **more):
    """Return a port as Compose writes it."""
    return {"target": target, "protocol": "tcp", **({"published": published} if published else {})} | more
