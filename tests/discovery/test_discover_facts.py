"""What is said of a service: language, framework, port, health, dependencies, datastores, role, tests."""

from __future__ import annotations

import pytest
from discovery_trees import GO_MAIN, GO_MOD, POM, PYTHON_APP, SPRING_MAIN, express, package, react, write

from pytest_superteam.discovery.discover import discover

PYTHON = {"requirements.txt": "fastapi\n", "main.py": PYTHON_APP}
NODE = express()
GO = {"go.mod": GO_MOD, "main.go": GO_MAIN}
JAVA = {"pom.xml": POM.format(name="x"), "src/main/java/x/App.java": SPRING_MAIN}
FLASK = {"requirements.txt": "flask\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"}
NEST = {
    "package.json": package(scripts={"start": "nest start"}, **{"@nestjs__core": "11", "@nestjs__common": "11"}),
    "src/main.ts": "const app = await NestFactory.create(M);\napp.setGlobalPrefix('api');\nawait app.listen(3333);\n",
    "src/health.controller.ts": "@Controller('health')\nexport class HealthController {}\n",
}
CSHARP = {"api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>', "Program.cs": ""}

SITE = "FROM node:22 AS b\nCOPY . .\nFROM nginx\nCOPY --from=b /app/dist /usr/share/nginx/html\n"


def composed(files, body):
    return {**files, "compose.yaml": "services:\n  svc:\n    build: .\n" + body}


def docker(lines, base="python:3.13"):
    return {"Dockerfile": f"FROM {base}\nCOPY . .\n{lines}\n"}


PORTS = {
    "published, the container's side": (composed({**PYTHON, **docker("")}, "    ports: ['8080:9000']\n"), 9000),
    "published, long form": (
        composed({**PYTHON, **docker("")}, "    ports:\n      - {target: 9001, published: 80}\n"), 9001,
    ),
    "published with an address": (composed({**PYTHON, **docker("")}, "    ports: ['127.0.0.1:80:9002/tcp']\n"), 9002),
    "debugger aside": (composed({**NODE, **docker("")}, "    ports: ['9229:9229', '80:4000']\n"), 4000),
    "the port of .env": (
        composed({**PYTHON, **docker(""), ".env": "APP=7777\n"}, "    ports: ['80:${APP}']\n"), 7777,
    ),
    "default of a variable": (composed({**PYTHON, **docker("")}, "    ports: ['80:${APP:-7070}']\n"), 7070),
    "expose": (composed({**PYTHON, **docker("")}, "    expose: ['8123']\n"), 8123),
    "the command": (composed({**PYTHON, **docker("EXPOSE 1234")}, "    command: uvicorn main:app --port 8111\n"), 8111),
    "its environment": (composed({**PYTHON, **docker("")}, "    environment: {PORT: 8222}\n"), 8222),
    "a variable called after it": (
        composed({**PYTHON, **docker("")}, "    environment: {CART_PORT: 8223, SVC_PORT: 8224}\n"), 8224,
    ),
    "EXPOSE": (docker("EXPOSE 8333") | PYTHON, 8333),
    "EXPOSE of an argument": (docker("ARG P=8334\nEXPOSE ${P}") | PYTHON, 8334),
    "CMD before EXPOSE": (docker('EXPOSE 1\nCMD ["uvicorn", "m:a", "--port", "8444"]') | PYTHON, 8444),
    "gunicorn": (docker("CMD gunicorn -b 0.0.0.0:8445 app:app") | FLASK, 8445),
    "ENV PORT": (docker("ENV PORT=8555") | PYTHON, 8555),
    "ASPNETCORE_URLS": (docker("ENV ASPNETCORE_URLS=http://+:5080", "example.org/dotnet/aspnet:9") | CSHARP, 5080),
    "uvicorn.run": (PYTHON | {"main.py": PYTHON_APP + 'uvicorn.run(app, host="0.0.0.0", port=8666)\n'}, 8666),
    "Flask's run": (FLASK | {"app.py": FLASK["app.py"] + "app.run(port=5055)\n"}, 5055),
    "listen with a default": (NODE, 4100),
    "Nest": (NEST, 3333),
    "Go": (GO, 7070),
    "application.properties": (JAVA | {"src/main/resources/application.properties": "server.port = 8777\n"}, 8777),
    "application.yml": (
        JAVA | {"src/main/resources/application.yml": "spring:\n  a: 1\nserver:\n  x: 1\n  port: ${PORT:8778}\n"}, 8778,
    ),
    "a script": ({"package.json": package(scripts={"dev": "next dev -p 3456"}, next="16")}, 3456),
    "vite.config": (react() | {"vite.config.ts": "export default { server: { port: 5999 } }\n"}, 5999),
    "no host in an address counts": (
        PYTHON | {"main.py": PYTHON_APP + 'API = "http://localhost:9999"\n'}, 8000,
    ),
    "origins are not listened on": (
        PYTHON | {"settings.py": "CORS = ['localhost:4000', 'http://localhost:4001']\n"}, 8000,
    ),
    "Rust binds an address": (
        {"Cargo.toml": '[dependencies]\naxum = "1"\n', "src/main.rs": 'fn main() { b("0.0.0.0:3737") }\n'}, 3737,
    ),
    "FastAPI's own": (PYTHON, 8000),
    "Spring's own": (JAVA, 8080),
    "Vite's own": (react(), 5173),
    "nginx's own": (
        react() | {"Dockerfile": SITE},
        80,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PORTS)
def test_port(case, tmp_path):
    """The port is the container's, by the best witness there is."""
    files, port = PORTS[case]
    (service,) = discover(write(tmp_path, files)).services
    assert service.port == port


HEALTH = {
    "compose": (
        composed({**PYTHON, **docker("")}, "    healthcheck: {test: [CMD, curl, -f, 'http://localhost:8000/alive']}\n"),
        "/alive",
    ),
    "HEALTHCHECK": (docker("HEALTHCHECK CMD wget -qO- http://localhost:8000/healthz || exit 1") | PYTHON, "/healthz"),
    "a route of FastAPI": (PYTHON | {"main.py": PYTHON_APP + '@app.get("/health")\ndef h(): ...\n'}, "/health"),
    "a route of Express": (NODE | {"server.js": NODE["server.js"] + "app.get('/healthz', h)\n"}, "/healthz"),
    "a mounted router": (NODE | {"server.js": NODE["server.js"] + "app.use('/health', routes)\n"}, "/health"),
    "Nest with its prefix": (NEST, "/api/health"),
    "actuator": (
        JAVA | {"pom.xml": POM.format(name="x").replace("starter-web", "starter-actuator")}, "/actuator/health",
    ),
    "a text that is no route": (PYTHON | {"main.py": PYTHON_APP + 'KIND = "health"\n'}, ""),
    "none": (GO, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", HEALTH)
def test_health(case, tmp_path):
    """The health path is that of a check of its container, else a route."""
    files, path = HEALTH[case]
    (service,) = discover(write(tmp_path, files)).services
    assert service.health == path


LANGUAGES = {
    "python": (PYTHON, "python", "fastapi"),
    "flask by its import": (
        {"requirements.txt": "fastapi\nflask\n", "app.py": FLASK["app.py"]}, "python", "flask",
    ),
    "poetry": (
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "3"\ndjango = "5"\n', "main.py": "import django\n",
         "manage.py": "DJANGO_SETTINGS_MODULE\n"}, "python", "django",
    ),
    "pipfile": ({"Pipfile": '[packages]\nflask = "*"\n', "app.py": FLASK["app.py"]}, "python", "flask"),
    "javascript": (NODE, "javascript", "express"),
    "typescript": (NEST, "typescript", "nestjs"),
    "go": (GO, "go", "gin"),
    "java": (JAVA, "java", "spring"),
    "csharp": (CSHARP, "csharp", "aspnet"),
    "rust": (
        {"Cargo.toml": '[dependencies]\nactix-web = "4"\n', "src/main.rs": "fn main() {}\n"}, "rust", "actix",
    ),
    "ruby": ({"Gemfile": 'gem "sinatra"\n', "config.ru": "run App\n"}, "ruby", "sinatra"),
    "php": (
        {"composer.json": '{"require": {"laravel/framework": "11"}}', "artisan": ""}, "php", "laravel",
    ),
    "elixir": (
        {"mix.exs": 'def application, do: [\n mod: {X, []}\n]\n{:phoenix, "1"}\n', "lib/x.ex": ""}, "elixir", "phoenix",
    ),
    "what the container starts, not the assets": (
        {**PYTHON, "package.json": package(scripts={"build": "vite build"}, vite="7"), **docker("CMD python main.py")},
        "python", "fastapi",
    ),
    "by its image, without a manifest": ({"Dockerfile": "FROM golang:1.23\nCOPY . .\n", "main.go": GO_MAIN}, "go", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", LANGUAGES)
def test_language(case, tmp_path):
    """Language and framework are those of what runs."""
    files, language, framework = LANGUAGES[case]
    (service,) = discover(write(tmp_path, files)).services
    assert (service.language, service.framework) == (language, framework)


TESTS = {
    "pytest": (PYTHON | {"tests/test_a.py": ""}, ("python", "-m", "pytest")),
    "no tests of Python": (PYTHON, ()),
    "Django's own": (
        {"requirements.txt": "django\n", "manage.py": "DJANGO_SETTINGS_MODULE", "shop/tests.py": ""},
        ("python", "manage.py", "test"),
    ),
    "npm": (NODE | {"package.json": package(scripts={"start": "node .", "test": "jest"}, express="4"), "a.test.js": ""},
            ("npm", "test")),
    "pnpm": (NODE | {"package.json": package(scripts={"start": "node .", "test": "jest"}, express="4"), "a.test.js": "",
                     "pnpm-lock.yaml": ""}, ("pnpm", "test")),
    "a script that only complains": (
        NODE | {"package.json": package(scripts={"start": "node .", "test": 'echo "no test specified" && exit 1'},
                                        express="4"), "a.test.js": ""}, (),
    ),
    "a script without tests": (
        NODE | {"package.json": package(scripts={"start": "node .", "test": "jest"}, express="4")}, (),
    ),
    "go": (GO | {"main_test.go": ""}, ("go", "test", "./...")),
    "maven": (JAVA | {"src/test/java/x/AppTest.java": ""}, ("mvn", "-q", "test")),
    "maven's wrapper": (JAVA | {"src/test/java/x/AppTest.java": "", "mvnw": ""}, ("./mvnw", "-q", "test")),
    "dotnet": (CSHARP | {"tests/Api.Tests.csproj": "<Project></Project>"}, ("dotnet", "test")),
    "dotnet in small letters": (CSHARP | {"tests/api.tests.csproj": "<Project></Project>"}, ("dotnet", "test")),
    "cargo": (
        {"Cargo.toml": '[dependencies]\naxum = "1"\n', "src/main.rs": "#[test]\nfn t() {}\nfn main() {}\n"},
        ("cargo", "test"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TESTS)
def test_own_tests(case, tmp_path):
    """The test command is said where there are tests, and only there."""
    files, command = TESTS[case]
    (service,) = discover(write(tmp_path, files)).services
    assert service.test == command


LINKED = """\
services:
  orders:
    build: orders
    depends_on: [db, users]
    environment:
      - CATALOG_URL=http://catalog:8000/items
      - CACHE=redis://cache:6379/0
  users: {build: users, container_name: shop-users}
  catalog: {build: catalog, environment: {USERS: "http://shop-users:8000"}}
  db: {image: postgres:17}
  cache: {image: redis:8}
  worker: {build: orders, command: celery -A app worker}
"""


def linked():
    files = {"compose.yaml": LINKED}
    for name in ("orders", "users", "catalog"):
        files |= {f"{name}/{path}": text for path, text in (PYTHON | docker("EXPOSE 8000")).items()}
    files["users/requirements.txt"] = "fastapi\npymongo==4\n"
    return files


def test_links(tmp_path):
    """Services depend on those that they wait for and call; datastores come from them, from URLs and from clients."""
    system = discover(write(tmp_path, linked()))
    found = {service.name: (set(service.dependencies), set(service.datastores)) for service in system.services}
    assert found["orders"] == ({"users", "catalog"}, {"postgresql", "redis"})
    assert found["catalog"] == ({"users"}, set())
    assert found["users"] == (set(), {"mongodb"})


def test_calls_over_published_ports(tmp_path):
    """A front end whose settings name the port of this machine that a service is published at depends on it."""
    files = linked() | {f"web/{path}": text for path, text in react().items()}
    files["compose.yaml"] = LINKED.replace("users: {build: users,", "users: {build: users, ports: ['8031:8000'],")
    files["web/vite.config.ts"] = "export default { server: { proxy: { '/u': 'http://localhost:8031' } } }\n"
    web = discover(write(tmp_path, files)).service("web")
    assert web is not None
    assert web.dependencies == ("users",)


def test_worker_of_shared_source(tmp_path):
    """What works through a queue has no port, though the image that it shares exposes one."""
    system = discover(write(tmp_path, linked()))
    worker = system.service("worker")
    assert worker is not None
    assert (worker.role, worker.port, worker.folder) == ("worker", 0, "orders")


CLUSTER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    spec:
      containers:
        - name: server
          image: cart
          ports: [{containerPort: 7171}]
          env: [{name: USERS_ADDR, value: "users:9000"}]
          readinessProbe: {httpGet: {path: /_ready, port: 7171}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: cart-cache}
spec: {template: {spec: {containers: [{name: redis, image: "redis:alpine"}]}}}
"""


def test_cluster_manifests_are_witnesses(tmp_path):
    """A Deployment tells port, probe and calls of the service that it is called after, and names infrastructure."""
    files = {"kubernetes-manifests/all.yaml": CLUSTER}
    for name in ("cart", "users"):
        files |= {f"src/{name}/go.mod": "module x\n", f"src/{name}/main.go": GO_MAIN.replace(":7070", "")}
        files |= {f"src/{name}/Dockerfile": "FROM golang:1.23\nCOPY . .\n"}
    system = discover(write(tmp_path, files))
    cart = system.service("cart")
    assert cart is not None
    assert (cart.port, cart.health, cart.dependencies) == (7171, "/_ready", ("users",))
    assert [(part.name, part.role) for part in system.infrastructure] == [("cart-cache", "cache")]
