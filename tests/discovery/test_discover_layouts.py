"""Which services, jobs and infrastructure are found in trees of every shape."""

from __future__ import annotations

import pytest
from discovery_trees import (
    EXPRESS_APP,
    FLASK_APP,
    GO_MAIN,
    GO_MOD,
    NODE_DOCKER,
    POM,
    PYTHON_APP,
    PYTHON_DOCKER,
    WEB_PROJECT,
    below,
    express,
    fastapi,
    package,
    react,
    spring,
    write,
)

from pytest_superteam.discovery.discover import discover

IMAGE_ONLY = """\
services:
  user-service: {image: "shop-user:latest", ports: ["3001:3001"]}
  menu: {image: "registry.example/team/shop-menu-service:1", ports: ["8001:8001"]}
  cache: {image: "redis:8"}
"""
NGINX_SITE = (
    "FROM node:22 AS b\nCOPY . .\nRUN npm run build\nFROM nginx\nCOPY --from=b /app/dist /usr/share/nginx/html\n"
)
NGINX_CONF = "FROM nginx:1.27\nCOPY nginx.conf /etc/nginx/nginx.conf\n"
LIBRARY = {"pyproject.toml": '[project]\nname = "shared"\ndependencies = ["pydantic"]\n', "shared/__init__.py": ""}

CASES = {
    "compose builds folders": (
        {
            "compose.yaml": "services:\n  api: {build: api}\n  web: {build: {context: web}}\n  db: {image: mysql}\n",
            **below("api", {"Dockerfile": PYTHON_DOCKER, **fastapi()}),
            **below("web", {"Dockerfile": NODE_DOCKER, **express()}),
        },
        {"api": "api", "web": "web"},
        (),
        {"db": "database"},
    ),
    "names of the compose file win over folders": (
        {
            "docker-compose.yml": "services:\n  movie_service:\n    build: ./movie-service\n",
            **below("movie-service", {"Dockerfile": PYTHON_DOCKER, **fastapi()}),
        },
        {"movie_service": "movie-service"},
        (),
        {},
    ),
    "images that this repository builds": (
        {
            "docker-compose.yml": IMAGE_ONLY,
            **below("user-service", {"Dockerfile": NODE_DOCKER, **express()}),
            **below("menu-service", {"Dockerfile": PYTHON_DOCKER, **fastapi()}),
            **below("frontend", react()),
        },
        {"user-service": "user-service", "menu": "menu-service", "frontend": "frontend"},
        (),
        {"cache": "cache"},
    ),
    "context above the compose file": (
        {
            "deploy/compose.yml": "services:\n  fx:\n    build: {context: .., dockerfile: services/fx/Dockerfile}\n",
            **below("services/fx", {"Dockerfile": "FROM python:3.13\nCOPY services/fx .\n", **fastapi()}),
        },
        {"fx": "services/fx"},
        (),
        {},
    ),
    "Dockerfiles in a folder of their own": (
        {
            "docker/docker-compose.yml": (
                "services:\n  auth:\n    build: {context: .., dockerfile: docker/Dockerfile.auth}\n"
            ),
            "docker/Dockerfile.auth": 'FROM python:3.13\nCOPY services/auth ./\nCMD ["python", "main.py"]\n',
            **below("services/auth", fastapi()),
            **below("services/cart", fastapi()),
        },
        {"auth": "services/auth", "cart": "services/cart"},
        (),
        {},
    ),
    "the whole context, its Dockerfile aside": (
        {
            "docker/docker-compose.yml": "services:\n  web:\n    build: {context: .., dockerfile: docker/Dockerfile}\n",
            "docker/Dockerfile": 'FROM python:3.13\nCOPY . /app\nCMD ["gunicorn"]\n',
            "docker/fetch.py": "print(1)\n",
            **fastapi(),
        },
        {"web": "."},
        (),
        {},
    ),
    "per-service compose files": (
        {
            **below("a", {"docker-compose.yml": "services:\n  a-svc: {build: .}\n  db: {image: mysql:8}\n"}),
            **below("a", {"Dockerfile": NODE_DOCKER, **express()}),
            **below("b", {"docker-compose.prod.yml": "services:\n  b-svc: {build: .}\n  db: {image: mysql:8}\n"}),
            **below("b", {"Dockerfile": NODE_DOCKER, **express()}),
        },
        {"a-svc": "a", "b-svc": "b"},
        (),
        {"db": "database"},
    ),
    "jobs are no services": (
        {
            "compose.yaml": (
                "services:\n  api: {build: api, depends_on: {prepare: {condition: service_completed_successfully}}}\n"
                "  prepare: {build: api, command: python prepare.py}\n"
                '  seed: {build: seed-data, profiles: [seed], restart: "no"}\n'
                "  db-migrate: {build: api, command: alembic upgrade head}\n"
                "  nightly: {build: api, command: '\"0 3 * * * python clean.py\"'}\n"
            ),
            **below("api", {"Dockerfile": PYTHON_DOCKER, **fastapi()}),
            **below("seed-data", {"Dockerfile": "FROM python:3.13\nCOPY . .\n", "make.py": "print(1)\n"}),
        },
        {"api": "api"},
        ("prepare", "seed", "db-migrate", "nightly"),
        {},
    ),
    "infrastructure by image and by Dockerfile": (
        {
            "compose.yaml": (
                "services:\n  api: {build: api}\n  edge: {build: edge}\n  site: {build: site}\n  mq: {image: nats}\n"
                "  mongo: {build: mongo}\n  graf: {image: grafana/grafana}\n  kc: {image: keycloak/keycloak}\n"
                "  other: {image: acme/unknown-thing}\n  tr: {image: traefik:v3}\n  mc: {image: memcached}\n"
            ),
            **below("api", {"Dockerfile": PYTHON_DOCKER, **fastapi()}),
            **below("edge", {"Dockerfile": NGINX_CONF, "nginx.conf": "events {}\n"}),
            **below("site", {"Dockerfile": NGINX_SITE, **react()}),
            **below(
                "mongo", {"Dockerfile": "FROM mongo:7\nCOPY init.js /docker-entrypoint-initdb.d/\n", "init.js": "1\n"}
            ),
        },
        {"api": "api", "site": "site"},
        (),
        {
            "edge": "gateway",
            "mq": "broker",
            "mongo": "database",
            "graf": "other",
            "kc": "other",
            "other": "other",
            "tr": "gateway",
            "mc": "cache",
        },
    ),
    "a runtime with its source mounted": (
        {
            "compose.yaml": "services:\n  app:\n    image: python\n    volumes: ['./app:/a']\n    command: python\n",
            **below("app", fastapi()),
        },
        {"app": "app"},
        (),
        {},
    ),
    "an image of the whole repository": (
        {
            "compose.yaml": "services:\n  shoply: {image: registry.example/acme/shoply, ports: ['3000:3000']}\n",
            "package.json": package("shoply", {"start": "node server.js"}, express="4"),
            "server.js": EXPRESS_APP,
            "Dockerfile": NODE_DOCKER,
        },
        {"shoply": "."},
        (),
        {},
    ),
    "folders with Dockerfiles, no compose file": (
        {
            **below("src/ads", {"Dockerfile": NODE_DOCKER, **express()}),
            **below(
                "src/cart/src", {"Dockerfile": "FROM alpine\nCOPY . .\n", "cart.csproj": WEB_PROJECT, "Program.cs": ""}
            ),
            **below("src/cart/tests", {"cart.tests.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>'}),
        },
        {"ads": "src/ads", "cart": "src/cart"},
        (),
        {},
    ),
    "a monorepo of workspaces": (
        {
            "package.json": '{"private": true, "workspaces": ["apps/*", "packages/*"]}',
            **below("apps/api", express()),
            **below("apps/web", react()),
            **below("packages/ui", {"package.json": package("ui", react="19"), "src/Button.tsx": "export {}\n"}),
            **below("packages/config", {"package.json": package("config")}),
            **below("packages/shared", {"package.json": package("shared", {"dev": "tsc -w"}), "src/index.ts": ""}),
        },
        {"api": "apps/api", "web": "apps/web"},
        (),
        {},
    ),
    "an Nx workspace": (
        {
            "package.json": package("root", {"start": "nx serve"}, _angular__core="19"),
            "nx.json": "{}",
            "apps/shop/project.json": '{"projectType": "application", "targets": {"b": {"executor": "@nx/angular:x"}}}',
            "apps/shop/src/main.ts": "export {}\n",
            "apps/shop-e2e/project.json": '{"projectType": "application"}',
            "apps/shop-e2e/src/a.ts": "export {}\n",
            "libs/data/project.json": '{"projectType": "library"}',
        },
        {"shop": "apps/shop"},
        (),
        {},
    ),
    "Maven modules": (
        {
            "pom.xml": "<project><packaging>pom</packaging><modules><module>orders</module></modules></project>",
            **below("orders", spring("orders")),
            **below("common", {"pom.xml": POM.format(name="common"), "src/main/java/x/Util.java": "class Util {}\n"}),
        },
        {"orders": "orders"},
        (),
        {},
    ),
    "Gradle subprojects": (
        {
            "settings.gradle.kts": 'include("app")\ninclude("lib")\n',
            "build.gradle.kts": 'plugins { kotlin("jvm") }\n',
            "app/build.gradle.kts": 'plugins { id("org.springframework.boot") version "3.4" }\n',
            "app/src/main/kotlin/x/App.kt": "@SpringBootApplication\nclass App\nfun main() {}\n",
            "lib/build.gradle.kts": "",
            "lib/src/main/kotlin/x/Lib.kt": "class Lib\n",
        },
        {"app": "app"},
        (),
        {},
    ),
    "Go modules in a work space": (
        {
            "go.work": "go 1.23\nuse ./orders\nuse ./lib\n",
            **below("orders", {"go.mod": GO_MOD, "main.go": GO_MAIN}),
            **below("lib", {"go.mod": "module x/lib\n", "lib.go": "package lib\n"}),
        },
        {"orders": "orders"},
        (),
        {},
    ),
    "Cargo workspace": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["api", "model"]\n',
            "api/Cargo.toml": '[package]\nname = "api"\n[dependencies]\naxum = "0.8"\n',
            "api/src/main.rs": "fn main() {}\n",
            "model/Cargo.toml": '[package]\nname = "model"\n',
            "model/src/lib.rs": "",
        },
        {"api": "api"},
        (),
        {},
    ),
    ".NET projects": (
        {
            "src/Shop.Api/Shop.Api.csproj": WEB_PROJECT,
            "src/Shop.Api/Program.cs": "var app = WebApplication.Create();\n",
            "src/Shop.Domain/Shop.Domain.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
            "tests/Shop.Tests/Shop.Tests.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
        },
        {"Shop.Api": "src/Shop.Api"},
        (),
        {},
    ),
    "back end and front end": (
        {**below("backend", fastapi()), **below("frontend", react())},
        {"backend": "backend", "frontend": "frontend"},
        (),
        {},
    ),
    "one application": ({**fastapi()}, {"system-service": "."}, (), {}),
    "two of one name get their path": (
        {**below("server/orders", express()), **below("client/orders", react())},
        {"client-orders": "client/orders", "server-orders": "server/orders"},
        (),
        {},
    ),
    "one file each": (
        {"services/users.py": FLASK_APP, "services/books.py": FLASK_APP.replace("5055", "5056")},
        {"books": "services", "users": "services"},
        (),
        {},
    ),
    "entry points below one manifest": (
        {
            "requirements.txt": "fastapi\n",
            "services/auth/main.py": PYTHON_APP,
            "services/orders/app/main.py": PYTHON_APP,
            "services/common/util.py": "x = 1\n",
        },
        {"auth": "services/auth", "orders": "services/orders"},
        (),
        {},
    ),
    "programs of one Go module": (
        {"go.mod": GO_MOD, "cmd/api/main.go": GO_MAIN, "cmd/feed/main.go": GO_MAIN, "internal/x.go": "package x\n"},
        {"api": "cmd/api", "feed": "cmd/feed"},
        (),
        {},
    ),
    "one Go program": ({"go.mod": GO_MOD, "cmd/api/main.go": GO_MAIN}, {"system-service": "."}, (), {}),
    "images of a system without source": (
        {"compose.yaml": "services:\n  shop: {image: acme/shop}\n  cart: {image: acme/cart}\n  db: {image: mongo}\n"},
        {"shop": "", "cart": ""},
        (),
        {"db": "database"},
    ),
    "what is aside": (
        {
            **below("api", fastapi()),
            **below("examples/demo", fastapi()),
            **below("tests/mock-server", express()),
            **below("docs", express()),
            **below("api_bak", fastapi()),
            **below("shared", LIBRARY),
            **below("node_modules/x", express()),
            **below("mobile", {"package.json": package("m", {"start": "expo start"}, expo="52"), "App.js": ""}),
            ".devcontainer/docker-compose.yml": "services:\n  dev: {build: .}\n",
            ".devcontainer/Dockerfile": PYTHON_DOCKER,
        },
        {"api": "api"},
        (),
        {},
    ),
    "a helper beside services": (
        {
            **below("api", fastapi()),
            **below("attribution", {"package.json": package("a", {"start": "node index.js"}), "index.js": "1\n"}),
        },
        {"api": "api"},
        (),
        {},
    ),
    "test tools in a compose file": (
        {
            "compose.yaml": "services:\n  api: {build: api}\n  e2e: {build: e2e}\n  playwright: {image: playwright}\n",
            **below("api", {"Dockerfile": PYTHON_DOCKER, **fastapi()}),
            **below("e2e", {"Dockerfile": NODE_DOCKER, **express()}),
        },
        {"api": "api"},
        (),
        {"playwright": "other"},
    ),
    "requirements in UTF-16": (
        {
            "api/requirements.txt": "fastapi==0.115\r\nuvicorn\r\n".encode("utf-16"),
            "api/main.py": PYTHON_APP,
            **below("web", react()),
        },
        {"api": "api", "web": "web"},
        (),
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_layout(case, tmp_path):
    """Services, jobs and infrastructure of a layout are found, and nothing else."""
    files, services, jobs, infrastructure = CASES[case]
    system = discover(write(tmp_path / "system", files))
    assert {service.name: service.folder for service in system.services} == services
    assert sorted(job.name for job in system.jobs) == sorted(jobs)
    assert {part.name: part.role for part in system.infrastructure} == infrastructure


@pytest.mark.parametrize("case", CASES)
def test_every_fact_has_a_conclusion(case, tmp_path):
    """What is said of a service rests on a place that exists: a file of the system and a line of it."""
    root = write(tmp_path / "system", CASES[case][0])
    system = discover(root)
    for service in system.services:
        said = {conclusion.fact for conclusion in service.conclusions}
        facts = ("language", "framework", "port", "health", "dependencies", "datastores", "role", "test", "folder")
        assert {fact for fact in facts if getattr(service, fact)} <= said
        for conclusion in service.conclusions:
            assert conclusion.reason
            if conclusion.file:
                data = (root / conclusion.file).read_bytes()
                assert 0 <= conclusion.line <= data.count(b"\n") + 1


def test_the_same_tree_gives_the_same_answer(tmp_path):
    """Two readings of a system are equal."""
    files = CASES["infrastructure by image and by Dockerfile"][0]
    root = write(tmp_path / "system", files)
    assert discover(root) == discover(root)
