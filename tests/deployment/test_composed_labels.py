"""Traefik's labels and flags: every one has a form that its documentation knows, and routes end at a segment.

Forms after https://doc.traefik.io/traefik/v3.6/reference/routing-configuration/other-providers/docker/ (labels) and
https://doc.traefik.io/traefik/v3.6/reference/install-configuration/configuration-options/ (flags).
"""

import re

import jsonschema
import pytest
from composed_systems import composed, of

from pytest_superteam.models import Service

NAME = "[a-z][a-z0-9-]{0,62}"
RULE = r"^Path\(`(/[a-z0-9-]+)+`\) \|\| PathPrefix\(`(/[a-z0-9-]+)+/`\)$"
TRUTH = {"enum": ["true", "false"]}
LABEL_SCHEMA = {
    "type": "object",
    "required": ["traefik.enable", "traefik.docker.network"],
    "properties": {"traefik.enable": TRUTH, "traefik.docker.network": {"pattern": "^[a-z0-9][a-z0-9_-]+$"}},
    "patternProperties": {
        rf"^traefik\.http\.routers\.{NAME}\.rule$": {"pattern": RULE},
        rf"^traefik\.http\.routers\.{NAME}\.entrypoints$": {"enum": ["web"]},
        rf"^traefik\.http\.routers\.{NAME}\.middlewares$": {"pattern": f"^{NAME}$"},
        rf"^traefik\.http\.routers\.{NAME}\.service$": {"pattern": f"^{NAME}$"},
        rf"^traefik\.http\.middlewares\.{NAME}\.stripprefix\.prefixes$": {"pattern": r"^(/[a-z0-9-]+)+$"},
        rf"^traefik\.http\.services\.{NAME}\.loadbalancer\.server\.port$": {"pattern": r"^[1-9][0-9]{0,4}$"},
    },
    "additionalProperties": False,
}
FLAGS = {
    "--entrypoints.ping.address": r"127\.0\.0\.1:\d+",
    "--entrypoints.web.address": r":\d+",
    "--entrypoints.web.http.sanitizepath": "false",
    "--global.checknewversion": "false",
    "--global.sendanonymoususage": "false",
    "--log.format": "json",
    "--log.level": "WARN",
    "--ping": "true",
    "--ping.entrypoint": "ping",
    "--providers.docker": "true",
    "--providers.docker.constraints": r"Label\(`superteam\.gateway`,`[a-z0-9_-]+`\)",
    "--providers.docker.exposedbydefault": "false",
    "--serverstransport.forwardingtimeouts.idleconntimeout": r"\d+s",
}


def labels(service):
    """Return the labels of a service that Traefik reads."""
    return {key: value for key, value in service["labels"].items() if key.startswith("traefik.")}


@pytest.mark.parametrize(
    "names", [("order", "order-service"), ("a", "b" * 63), ("traefik", "gateway", "web", "docker")]
)
def test_labels_have_documented_forms(tmp_path, names):
    """Each service has one router, one middleware and one port, in forms that the documentation knows."""
    made = composed(tmp_path, of(*names), gateway="traefik")
    for name in names:
        found = labels(made.services[name])
        jsonschema.validate(found, LABEL_SCHEMA)
        assert len(found) == 8
        assert found[f"traefik.http.routers.{name}.rule"] == f"Path(`/api/{name}`) || PathPrefix(`/api/{name}/`)"
        assert found[f"traefik.http.middlewares.{name}.stripprefix.prefixes"] == f"/api/{name}"
        assert found["traefik.docker.network"] == "superteam-run-1_backend"
        assert made.services[name]["labels"]["superteam.gateway"] == "superteam-run-1"


@pytest.mark.parametrize(
    "broken",
    [
        {"traefik.http.routers.a.rules": "Path(`/a`)"},
        {"traefik.http.middlewares.a.stripprefix.prefix": "/a"},
        {"traefik.http.routers.A.entrypoints": "web"},
        {"traefik.http.services.a.loadbalancer.server.port": "0"},
    ],
)
def test_the_schema_refuses_other_forms(broken):
    """A label with a slip in it is refused, so the check above can fail."""
    good = {"traefik.enable": "true", "traefik.docker.network": "x_backend"}
    jsonschema.validate(good, LABEL_SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good | broken, LABEL_SCHEMA)


def test_flags_have_documented_forms(tmp_path):
    """Traefik is configured by flags that its documentation knows, and asks its own ping for its health."""
    made = composed(tmp_path, of("a"), gateway="traefik")
    traefik = made.services["gateway"]
    flags = dict(flag.split("=", 1) for flag in traefik["command"])
    assert set(flags) == set(FLAGS)
    assert [name for name, value in flags.items() if not re.fullmatch(FLAGS[name], value)] == []
    test = traefik["healthcheck"]["test"]
    assert test[:3] == ["CMD", "traefik", "healthcheck"]
    assert set(test[3:]) <= set(traefik["command"])
    assert traefik["volumes"] == ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    assert traefik["image"] == "traefik:v3.6"


def test_nothing_but_services_is_routed(tmp_path):
    """Only the services carry Traefik's labels: databases and our collector have no route."""
    architecture = of("a")
    made = composed(
        tmp_path, architecture.__class__("", "", (Service("a", datastores=("postgresql", "redis")),)), gateway="traefik"
    )
    assert [name for name, service in made.services.items() if labels(service)] == ["a"]
