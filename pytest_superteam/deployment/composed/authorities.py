"""The user's CA certificates in a composed system: a secret while images are built, a volume while they run.

A volume that a run-once container fills from its image, because a file of this host would not be there for an engine on
another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.containers import HARDENED, LABELS, build, limits
from pytest_superteam.deployment.composed.dockerfiles import SECRET
from pytest_superteam.deployment.composed.images import CA_VARIABLES
from pytest_superteam.deployment.composed.yaml_text import Alias, Line, escaped

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import System

__all__ = ["VARIABLES", "files", "mount", "once", "secrets", "volumes"]

_VOLUME = "ca-bundle"
_FOLDER = "/etc/superteam-ca"
_FILE = f"{_FOLDER}/ca-bundle.pem"
VARIABLES = dict.fromkeys(CA_VARIABLES, _FILE)
"""What programs read the place of CA certificates from."""


def mount() -> str:
    """Return the mount that brings the certificates into a service."""
    return f"{_VOLUME}:{_FOLDER}:ro"


def volumes(system: System) -> dict[str, Any]:
    """Return the volume of the certificates, where there are any."""
    return {_VOLUME: {"labels": Alias(LABELS)}} if system.authorities else {}


def secrets(system: System) -> dict[str, Any]:
    """Return the secret that builds may mount as `ca_bundle`, where there is one."""
    taken = system.authorities is not None and any(service.facts.takes_authorities for service in system.services)
    return {SECRET: {"file": escaped(system.path(system.authorities))}} if system.authorities and taken else {}


def once(system: System) -> dict[str, Any]:
    """Return the run-once service whose image brings the certificates; a new volume takes them over from it."""
    return {
        "<<": Alias(HARDENED),
        "image": system.built(system.names.authorities),
        "build": build(system, "ca-bundle"),
        "volumes": Line([f"{_VOLUME}:{_FOLDER}"]),
        "network_mode": "none",
        "deploy": limits("0.5", "64M", 16),
    }


def files(system: System) -> dict[str, str]:
    """Return the files of that image, by path below its folder."""
    dockerfile = f"""\
FROM {system.image("python")}
COPY --chmod=444 ca-bundle.pem {_FILE}
USER 65532:65532
HEALTHCHECK CMD ["test", "-s", "{_FILE}"]
CMD ["test", "-s", "{_FILE}"]
"""
    return {"Dockerfile": dockerfile, "ca-bundle.pem": system.authorities_text}
