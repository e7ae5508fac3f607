"""The generated compose file: what a reviewer looks for in it is there."""

import re
import stat

import pytest
from composed_systems import LABELS, composed, of, request, shop

from pytest_superteam.config import ImagesConfig
from pytest_superteam.deployment.composed.generate import generate
from pytest_superteam.deployment.composed.names import names_for, project_name
from pytest_superteam.deployment.environment import service_environment
from pytest_superteam.errors import DeploymentError, FinalDeploymentError
from pytest_superteam.models import BuildResult, Service
from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan

EVERYTHING = shop(stores={"orders": ("postgresql", "redis"), "catalog": ("postgresql",)})


def environment(made, service):
    """Return the variables of a service."""
    return made.services[service]["environment"]


@pytest.mark.parametrize("gateway", ["caddy", "traefik", "none"])
def test_every_container_has_few_rights(tmp_path, gateway):
    """Each container is read-only, without capabilities but the named few, limited, rotated, checked and labelled."""
    made = composed(tmp_path, EVERYTHING, gateway=gateway)
    for name, service in made.services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["init"] is True, name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert service["logging"]["options"]["max-size"], name
        assert "/tmp" in service["tmpfs"], name
        assert "privileged" not in service, name
        assert service["healthcheck"]["interval"], name
        assert service["labels"].items() >= {k: v.replace("$", "$$") for k, v in LABELS.items()}.items(), name
        assert service.get("image") or service["build"]["labels"] == made.data["x-labels"], name
    assert {name for name, s in made.services.items() if s.get("cap_add")} <= {"postgres", "gateway"}
    parts = (made.data["networks"] | made.data["volumes"]).items()
    assert [name for name, part in parts if part.get("labels") != made.data["x-labels"]] == []


@pytest.mark.parametrize("gateway", ["caddy", "traefik"])
def test_only_the_gateway_is_reached_from_outside(tmp_path, gateway):
    """The gateway alone publishes a port, on loopback, chosen by the engine; all else is on the internal network."""
    made = composed(tmp_path, EVERYTHING, gateway=gateway)
    assert {name: s["ports"] for name, s in made.services.items() if "ports" in s} == {"gateway": ["127.0.0.1::8080"]}
    assert [name for name, s in made.services.items() if "frontend" in s["networks"]] == ["gateway"]
    assert made.data["networks"]["backend"]["internal"] is True
    assert (made.plan.gateway, made.plan.gateway_port) == ("gateway", 8080)
    assert [s.prefix for s in made.plan.services] == ["/api/catalog", "/api/notices", "/api/orders"]


def test_without_a_gateway_each_service_is_published(tmp_path):
    """Without a gateway every service, and nothing else, publishes its port on loopback."""
    made = composed(tmp_path, EVERYTHING, gateway="none")
    published = {name: s["ports"] for name, s in made.services.items() if "ports" in s}
    assert published == {name: ["127.0.0.1::8000"] for name in ("catalog", "notices", "orders")}
    assert (made.plan.gateway, {s.prefix for s in made.plan.services}) == ("", {""})


def test_order_of_the_start(tmp_path):
    """Servers are healthy and run-once services done before what needs them starts; services do not wait for others."""
    made = composed(tmp_path, EVERYTHING, files={"orders": {"package.json": '{"scripts": {"migrate": "x"}}'}})
    needs = {
        name: {f"{other} {how['condition'].removeprefix('service_')}" for other, how in s.get("depends_on", {}).items()}
        for name, s in made.services.items()
    }
    collector = "superteam-collector healthy"
    assert needs == {
        "gateway": set(),
        "catalog": {"database-setup completed_successfully", collector},
        "notices": {collector},
        "orders": {
            "database-setup completed_successfully",
            "redis healthy",
            "orders-migrations completed_successfully",
            collector,
        },
        "orders-migrations": {"database-setup completed_successfully", "redis healthy"},
        "postgres": set(),
        "database-setup": {"postgres healthy"},
        "redis": set(),
        "superteam-collector": set(),
    }


def test_stores_are_those_that_are_asked_for(tmp_path):
    """A service that owns entities has a database; one that keeps nothing has a file in its container."""
    made = composed(tmp_path)
    url = environment(made, "orders")["DATABASE_URL"]
    assert url == "postgresql://orders:${ORDERS_DATABASE_PASSWORD}@postgres:5432/orders"
    assert environment(made, "notices")["DATABASE_URL"] == "sqlite:////tmp/service.db"
    assert "redis" not in made.services
    assert "REDIS_URL" not in environment(made, "orders")
    nothing = composed(tmp_path / "other", of("a", "b"))
    assert {"postgres", "database-setup"}.isdisjoint(nothing.services)
    assert "volumes" not in nothing.data


def test_redis_gives_each_service_a_user_and_a_database(tmp_path):
    """Each service that asks for Redis has a user, a password and a numbered database of its own."""
    made = composed(tmp_path, shop(stores={"orders": ("redis",), "notices": ("redis",)}))
    assert environment(made, "notices")["REDIS_URL"] == "redis://notices:${NOTICES_REDIS_PASSWORD}@redis:6379/0"
    assert environment(made, "orders")["REDIS_URL"] == "redis://orders:${ORDERS_REDIS_PASSWORD}@redis:6379/1"
    command = made.services["redis"]["command"]
    assert [command[n + 1] for n, word in enumerate(command) if word == "--user"] == ["notices", "orders"]
    assert made.services["redis"]["user"] == "65532:65532"


def test_services_are_wired_as_processes_are(tmp_path):
    """A composed service has the variables that it has as a process, with the addresses of the network."""
    made = composed(tmp_path, environment={"FLAG": "on"})
    ports = dict.fromkeys(("catalog", "notices", "orders"), 8000)
    process = service_environment(
        "orders", shop(), ports, folder=tmp_path, jwt_secret="x", extra={"FLAG": "on"}, collector="http://c"
    )
    inherited = {"PATH", "LANG", "TMPDIR", "SYSTEMROOT"}
    mine = environment(made, "orders")
    assert set(mine) - {"DATABASE_CONNECTIONS"} == set(process) - inherited
    assert mine["CATALOG_URL"] == "http://catalog:8000"
    assert mine["EVENT_SUBSCRIBERS"] == ('{"OrderPlaced": ["http://superteam-collector:4318", "http://notices:8000"]}')
    assert (mine["JWT_SECRET"], mine["FLAG"]) == ("${JWT_SECRET}", "${extra_FLAG}")


def test_secrets_are_in_the_env_file_alone(tmp_path):
    """Every password is made up, known to the plan, and in one file that only the user can read."""
    made = composed(tmp_path, EVERYTHING, environment={"API_KEY": "abcdefgh"})
    env = made.folder / ".env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    used = set(re.findall(r"\$\{(\w+)\}", made.text))
    assert used == set(made.variables)
    values = {name: value for name, value in made.variables.items() if name != "extra_API_KEY"}
    assert len(set(values.values())) == len(values) == 6
    assert all(re.fullmatch(r"[0-9a-f]{32,64}", value) for value in values.values())
    files = [path.read_text() for path in made.folder.rglob("*") if path.is_file() and path != env]
    assert [v for v in values.values() for text in files if v in text] == []
    assert values.pop("JWT_SECRET") == made.plan.jwt_secret
    assert set(made.plan.secrets) == {*values.values(), "abcdefgh"}
    again = composed(tmp_path, EVERYTHING, environment={"API_KEY": "abcdefgh"})
    assert set(again.plan.secrets) & set(made.plan.secrets) == {"abcdefgh"}
    assert again.text == made.text


@pytest.mark.parametrize("gateway", ["caddy", "traefik", "none"])
def test_our_own_rules_find_nothing(tmp_path, gateway):
    """What we generate passes the DOCKER rules and the search for secrets."""
    made = composed(
        tmp_path, EVERYTHING, gateway=gateway, environment={"STRIPE_SECRET_KEY": "sk_live_4eC39HqLyjWDarjt"}
    )
    (made.folder / ".env").unlink()  # the one place where secrets belong
    codes = {f"DOCKER-00{n}" for n in range(1, 9)} | {"SEC-001"}
    found = scan(ScanTarget("deployment", made.folder, exclude=()), builtin_scanners(), workers=1)
    assert codes <= set(found.findings)
    assert [v for code in codes for v in found.findings[code]] == []
    assert found.files >= 4


def test_our_parts_give_way_to_services(tmp_path):
    """A service keeps its name; our part that would be called so is called otherwise."""
    names = ("ca-bundle", "database-setup", "gateway", "postgres", "redis", "superteam-collector", "superteam-gateway")
    stores = tuple(Service(name, datastores=("postgresql", "redis")) for name in names)
    architecture = of(*names)
    made = composed(tmp_path, architecture.__class__(title="", prd_sha256="", services=stores))
    assert set(names) < set(made.services)
    assert made.plan.gateway == "superteam-gateway-2"
    assert made.plan.collector == "superteam-collector-2"
    assert environment(made, "postgres")["DATABASE_URL"].endswith("@superteam-postgres:5432/postgres_")
    assert environment(made, "redis")["REDIS_URL"].endswith("@superteam-redis:6379/4")
    assert all(name in made.services for name in vars(names_for(names)).values() if name != "superteam-ca-bundle")


def test_twenty_services_with_long_names(tmp_path):
    """Twenty services whose names have sixty-three characters are told apart everywhere."""
    names = tuple(f"{'a-service-with-a-long-name-' * 3}"[:60] + f"-{n:02d}" for n in range(20))
    services = tuple(Service(name, datastores=("postgresql",)) for name in names)
    made = composed(tmp_path, of().__class__(title="", prd_sha256="", services=services))
    urls = {environment(made, name)["DATABASE_URL"] for name in names}
    assert len(urls) == 20
    assert max(len(url.rpartition("/")[2]) for url in urls) == 63
    assert {environment(made, name)["DATABASE_CONNECTIONS"] for name in names} == {"4"}
    assert len(made.variables) == 22


def test_run_ids_make_project_names():
    """A project's name is one that Compose takes, and two runs never share one."""
    ids = ["run-1", "Run-1", "run 1", "x" * 80, "x" * 81, "é", "2026-01-01T00:00:00"]
    names = [project_name(run_id) for run_id in ids]
    assert names[0] == "superteam-run-1"
    assert len(set(names)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name) for name in names)


def test_images_and_builds_are_as_configured(tmp_path):
    """Registry, platform, build arguments and other images come from the settings."""
    made = composed(
        tmp_path,
        EVERYTHING,
        repository="registry.example/team/",
        platform="linux/arm64",
        build_args={"PIP_INDEX_URL": "https://me:hush-hush@mirror.example/$simple"},
        replace_images={"python:3.13-slim": "mirror.example/python:3.13", "postgres:17": "mirror.example/pg:17"},
    )
    orders = made.services["orders"]
    assert orders["image"] == "registry.example/team/orders:superteam-run-1"
    assert made.services["gateway"]["image"] == "registry.example/team/gateway:superteam-run-1"
    assert {s["platform"] for s in made.services.values()} == {"linux/arm64"}
    assert orders["build"]["args"] == {"PIP_INDEX_URL": "${build_PIP_INDEX_URL}"}
    assert made.variables["build_PIP_INDEX_URL"] == '"https://me:hush-hush@mirror.example/\\$simple"'
    assert "hush-hush" in made.plan.secrets
    assert orders["build"]["context"] == "../../services/orders"
    assert orders["build"]["dockerfile"] == "../../.superteam/deployment/dockerfiles/orders/Dockerfile"
    assert made.read("dockerfiles/orders/Dockerfile").startswith("FROM mirror.example/python:3.13\n")
    assert made.services["postgres"]["image"] == "mirror.example/pg:17"
    assert made.read("database-setup/Dockerfile").splitlines()[1] == "FROM mirror.example/pg:17"
    assert made.read("collector/Dockerfile").startswith("FROM mirror.example/python:3.13\n")
    assert (tmp_path / "services/orders/Dockerfile").read_text().startswith("FROM python:3.13-slim\n")


def test_what_a_build_leaves_out_stays_left_out(tmp_path):
    """The ignore file of a Dockerfile goes with the copy that is built in its place."""
    files = {"orders": {"Dockerfile.dockerignore": "*.pem\n"}}
    made = composed(tmp_path, files=files, replace_images={"python:3.13-slim": "mirror.example/python:3"})
    assert made.read("dockerfiles/orders/Dockerfile.dockerignore") == "*.pem\n"
    assert not (made.folder / "dockerfiles/catalog/Dockerfile.dockerignore").exists()


def test_python_image_is_a_build_argument_where_it_is_asked_for(tmp_path):
    """A Dockerfile that takes PYTHON_IMAGE gets the image of the settings; others get no such argument."""
    own = "ARG PYTHON_IMAGE=python:3.13-slim\nFROM ${PYTHON_IMAGE}\nUSER 1\nHEALTHCHECK CMD x\n"
    made = composed(tmp_path, files={"orders": {"Dockerfile": own}})
    assert made.services["orders"]["build"]["args"] == {"PYTHON_IMAGE": "python:3.13-slim"}
    assert "args" not in made.services["catalog"]["build"]


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_ca_certificates_reach_builds_and_services(tmp_path):
    """Builds get the bundle as a secret where they take it, as a step where not; services get it from a volume."""
    own = "FROM python:3.13-slim\nRUN --mount=type=secret,id=ca_bundle pip install x\nUSER 1\nHEALTHCHECK CMD x\n"
    (tmp_path / "certs.pem").write_text(CERTIFICATE)
    files = {"orders": {"Dockerfile": own}, "catalog": {"Dockerfile": "FROM python:3.13-slim\nRUN pip install x\n"}}
    made = composed(tmp_path, ca_bundle="certs.pem", files=files)
    assert made.services["orders"]["build"]["secrets"] == ["ca_bundle"]
    assert made.data["secrets"] == {"ca_bundle": {"file": "../../certs.pem"}}
    assert "dockerfile" not in made.services["orders"]["build"]
    assert "PIP_CERT=" in made.read("dockerfiles/catalog/Dockerfile")
    assert made.services["orders"]["volumes"] == ["ca-bundle:/etc/superteam-ca:ro"]
    assert environment(made, "orders")["SSL_CERT_FILE"] == "/etc/superteam-ca/ca-bundle.pem"
    assert made.read("ca-bundle/ca-bundle.pem") == CERTIFICATE
    assert made.services["orders"]["depends_on"]["ca-bundle"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ca_bundle": "none.pem"}, "deployment.ca_bundle: 'none.pem' is no file"),
        ({"ca_bundle": "empty.pem"}, "deployment.ca_bundle: 'empty.pem' holds no certificate"),
        ({"ca_bundle": "../x.pem"}, "deployment.ca_bundle: '../x.pem' lies outside of the project"),
        ({"compose_files": ("none.yml",)}, "deployment.compose_files: 'none.yml' can't be read"),
        ({"compose_files": ("../x.yml",)}, "deployment.compose_files: '../x.yml' lies outside of the project"),
        ({"compose_files": ("bad.yml",)}, "'bad.yml' is no YAML in line 2"),
        ({"compose_files": ("list.yml",)}, "'list.yml' is no compose file"),
        ({"compose_files": ("key.yml",)}, "'key.yml', line 1: 'servces' is no key of a compose file"),
        ({"compose_files": ("latin.yml",)}, "'latin.yml' is not UTF-8"),
        ({"replace_images": {"python:3.13-slim": " "}}, "'python:3.13-slim' is replaced by nothing"),
        ({"images": ImagesConfig(python="a\nRUN x")}, "deployment.images.python: 'a\\nRUN x' is the name of no image"),
        ({"images": ImagesConfig(postgres="")}, "deployment.images.postgres: '' is the name of no image"),
        ({"repository": "Team$"}, "deployment.repository: 'Team$' is the name of no repository"),
        ({"platform": "linux amd64"}, "deployment.platform: 'linux amd64' is the name of no platform"),
        ({"environment": {"A B": "x"}}, "'A B' is no name of a variable"),
        ({"build_args": {"A-B": "x"}}, "'A-B' is no name of a variable"),
    ],
)
def test_wrong_settings_are_one_line(tmp_path, settings, message):
    """A setting that can't be used is named in one line."""
    project = tmp_path / "project"
    made = request(project, **settings)
    (tmp_path / "x.pem").write_text(CERTIFICATE)
    (project / "empty.pem").write_text("hello\n")
    (tmp_path / "x.yml").write_text("services: {}\n")
    (project / "bad.yml").write_text("a: b\n  c: [\n")
    (project / "list.yml").write_text("- services\n")
    (project / "key.yml").write_text("servces: {}\n")
    (project / "latin.yml").write_bytes(b"# \xe9\nservices: {}\n")
    with pytest.raises(FinalDeploymentError) as caught:
        generate(made, LABELS)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fragments_lie_over_the_generated_file(tmp_path):
    """The user's compose files come last, and paths of all files are then relative to the project."""
    made = request(tmp_path, compose_files=("more.yml",))
    (tmp_path / "more.yml").write_text("services: {orders: {environment: {A: b}}}\n")
    plan = generate(made, LABELS)
    assert plan.files == (plan.folder / "docker-compose.yml", tmp_path / "more.yml")
    assert plan.directory == tmp_path
    assert '"./services/orders"' in (plan.folder / "docker-compose.yml").read_text()


def test_services_without_a_dockerfile_are_named(tmp_path):
    """A build without a Dockerfile is named, with what to add; nothing is written."""
    made = request(tmp_path)
    for name in ("catalog", "orders"):
        (tmp_path / "services" / name / "Dockerfile").unlink()
    with pytest.raises(FinalDeploymentError, match=r"catalog, orders have no Dockerfile\. Add one that listens"):
        generate(made, LABELS)
    assert not made.folder.exists()


def test_a_dockerfile_that_leads_out_is_none(tmp_path):
    """A link in place of the Dockerfile that leaves the service's folder is not followed."""
    made = request(tmp_path)
    (tmp_path / "outside").write_text("FROM secret\n")
    (tmp_path / "services/orders/Dockerfile").unlink()
    (tmp_path / "services/orders/Dockerfile").symlink_to(tmp_path / "outside")
    with pytest.raises(DeploymentError, match="orders has no Dockerfile"):
        generate(made, LABELS)


def test_a_build_outside_of_the_service_map(tmp_path):
    """A build that the service map does not know is composed as one that keeps nothing."""
    made = request(tmp_path)
    extra = BuildResult("extra", "test", tmp_path / "services" / "orders", success=True, start=("x",))
    plan = generate(made.__class__(**{**vars(made), "builds": (*made.builds, extra)}), LABELS)
    assert [s.name for s in plan.services] == ["catalog", "extra", "notices", "orders"]


def test_what_lay_in_the_folder_before_is_replaced(tmp_path):
    """Files and folders of an earlier deployment go; a link in their place is removed and not followed."""
    made = request(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("kept")
    made.folder.mkdir(parents=True)
    (made.folder / "gateway").symlink_to(outside)
    (made.folder / "docker-compose.yml").symlink_to(outside / "keep")
    (made.folder / ".env").symlink_to(outside / "keep")
    (made.folder / "dockerfiles").mkdir()
    generate(made, LABELS)
    assert [path.name for path in outside.iterdir()] == ["keep"]
    assert (outside / "keep").read_text() == "kept"
    assert not (made.folder / "dockerfiles").exists()
    assert not (made.folder / ".env").is_symlink()


def test_health_checks_use_what_the_image_brings(tmp_path):
    """A Dockerfile's own check is kept; without one it is made for the image, and left out where nothing could ask."""
    bases = {"catalog": "node:22-slim", "notices": "golang:1.25", "orders": "gcr.io/distroless/static"}
    files = {name: {"Dockerfile": f"FROM {base}\nUSER 1\n"} for name, base in bases.items()}
    made = composed(tmp_path, files=files)
    tests = {name: made.services[name].get("healthcheck", {}).get("test", [""])[:2] for name in bases}
    assert tests["catalog"] == ["CMD", "node"]
    assert tests["notices"][0] == "CMD-SHELL"
    assert "healthcheck" not in made.services["orders"]
    own = composed(tmp_path / "own")
    assert "test" not in own.services["orders"]["healthcheck"]


def test_one_exposed_port_is_the_services_own(tmp_path):
    """A Dockerfile that names one port is taken at its word, in PORT, in the addresses and in the plan."""
    made = composed(tmp_path, files={"catalog": {"Dockerfile": "FROM node:22\nEXPOSE 3000/tcp\nUSER 1\n"}})
    assert environment(made, "catalog")["PORT"] == "3000"
    assert environment(made, "orders")["CATALOG_URL"] == "http://catalog:3000"
    assert {s.name: s.port for s in made.plan.services} == {"catalog": 3000, "notices": 8000, "orders": 8000}


def test_the_users_variables_go_before_our_defaults(tmp_path):
    """A variable of the user's takes the place of a default, and never that of what wires the system."""
    mine = {"LOG_LEVEL": "DEBUG", "DATABASE_CONNECTIONS": "3", "DATABASE_URL": "x", "PORT": "1"}
    found = environment(composed(tmp_path, environment=mine), "orders")
    assert (found["LOG_LEVEL"], found["DATABASE_CONNECTIONS"]) == (
        "${extra_LOG_LEVEL}",
        "${extra_DATABASE_CONNECTIONS}",
    )
    assert (found["PORT"], found["DATABASE_URL"][:20]) == ("8000", "postgresql://orders:")


@pytest.mark.parametrize(("keep_up", "policy"), [(False, "no"), (True, "on-failure:3")])
def test_a_crash_is_healed_only_for_people(tmp_path, keep_up, policy):
    """While the gate looks on, a crashed service stays down as a process would; a system left running restarts it."""
    made = composed(tmp_path, keep_up=keep_up)
    assert {s["restart"] for s in made.services.values()} == {policy}
