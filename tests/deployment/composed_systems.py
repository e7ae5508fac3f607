"""Requests to compose made-up systems, and the generated files as a reader of YAML sees them."""

import os
from pathlib import Path

import yaml

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.base import DeployRequest
from pytest_superteam.deployment.composed.generate import generate
from pytest_superteam.models import Architecture, BuildResult, Dependency, Entity, Event, Service

LABELS = {"superteam.run": "run-1", "superteam.owner": "somebody's $HOME"}
DOCKERFILE = """\
FROM python:3.13-slim
COPY main.py /srv/main.py
USER 10001
HEALTHCHECK CMD ["python", "-c", "pass"]
CMD ["python", "/srv/main.py"]
"""


def shop(*, stores=None) -> Architecture:
    """Return a system of three services: orders calls catalog, tells notices, and both keep data."""
    stores = stores or {}
    return Architecture(
        title="Shop",
        prd_sha256="",
        services=tuple(Service(name, datastores=stores.get(name, ())) for name in ("catalog", "notices", "orders")),
        entities=(Entity("Book", "catalog", ()), Entity("Order", "orders", ())),
        dependencies=(Dependency("orders", "catalog", "read_book"),),
        events=(Event("OrderPlaced", "order.placed", "orders", ("notices",)),),
    )


def of(*names: str) -> Architecture:
    """Return a system of services that keep nothing."""
    return Architecture(title="Some", prd_sha256="", services=tuple(Service(name) for name in names))


def request(folder: Path, architecture: Architecture | None = None, *, files=None, **settings) -> DeployRequest:
    """Return a request; each service has a Dockerfile and a program, and `files` (service -> path -> text) beside."""
    architecture = architecture or shop()
    changes = {key: settings.pop(key) for key in ("environment", "run_id", "ready_timeout") if key in settings}
    builds = []
    for service in architecture.services:
        directory = folder / "services" / service.name
        content = {"Dockerfile": DOCKERFILE, "main.py": "print()\n"} | (files or {}).get(service.name, {})
        for name, text in content.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
        builds.append(BuildResult(service.name, "test", directory, success=True, start=("python", "main.py")))
    values = {"run_id": "run-1", "owner_pid": os.getpid(), "project": folder} | changes
    place = folder / ".superteam" / "deployment"
    return DeployRequest(
        architecture=architecture, builds=tuple(builds), folder=place, settings=DeploymentConfig(**settings), **values
    )


class Composed:
    """What was generated for a request."""

    def __init__(self, made: DeployRequest) -> None:
        self.request = made
        self.plan = generate(made, LABELS)
        self.folder = self.plan.folder
        self.text = (self.folder / "docker-compose.yml").read_text(encoding="utf-8")
        self.data = yaml.safe_load(self.text)
        self.services = self.data["services"]

    def read(self, name: str) -> str:
        """Return one of the generated files."""
        return (self.folder / name).read_text(encoding="utf-8")

    @property
    def variables(self) -> dict[str, str]:
        """Return what stands in the env file, values as they are written."""
        lines = self.read(".env").splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def composed(folder: Path, architecture: Architecture | None = None, **settings) -> Composed:
    """Generate a system and return it."""
    return Composed(request(folder, architecture, **settings))
