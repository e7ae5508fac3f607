"""The reader of YAML and of compose files: lines, merges, `extends`, both forms of everything, and files that harm."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.scanners.languages.compose import compose_services, services
from pytest_superteam.scanners.languages.yaml_nodes import mapping, read_yaml, scalar, sequence, walk
from pytest_superteam.scanners.source import source_tree

FULL = dedent("""\
    x-env: &env
      LOG: debug
    services:
      api:
        build:
          context: ./api
          dockerfile: docker/Dockerfile
          target: prod
        image: ${REG:-local}/api:1
        user: "1000"
        ports: ["8080:80", {target: 90, published: "9090"}]
        depends_on: {db: {condition: service_healthy}}
        networks: [front, back]
        environment:
          <<: *env
          TOKEN: ${TOKEN}
          EMPTY:
        labels: [a=b, c]
        command: [python, -m, app]
        healthcheck: {test: [CMD, "true"]}
      db:
        image: postgres:16
        environment: [A=1, B]
        depends_on: [x]
        networks: {back: {aliases: [d]}}
        command: postgres -c x
        labels: {k: v}
    """)


def test_services():
    """Each property is read in its list and its map form, with the lines of the keys."""
    api, db = services(FULL, "deploy/compose.yaml")
    assert (api.name, api.line, api.context, api.dockerfile) == ("api", 4, "deploy/api", "deploy/api/docker/Dockerfile")
    assert (api.target, api.image, api.text("user")) == ("prod", "local/api:1", "1000")
    assert (api.ports, api.depends_on, api.networks) == (("8080:80", "9090:90"), ("db",), ("front", "back"))
    assert list(api.environment) == [("LOG", "debug", 2), ("TOKEN", "${TOKEN}", 16), ("EMPTY", None, 17)]
    assert (api.labels, api.command, api.healthcheck) == ({"a": "b", "c": ""}, ("python", "-m", "app"), True)
    assert (api.lines["image"], api.lines["healthcheck"]) == (9, 20)
    assert list(db.environment) == [("A", "1", 23), ("B", None, 23)]
    assert (db.dockerfile, db.context, db.target, db.healthcheck) == (None, None, None, None)
    assert (db.networks, db.depends_on, db.command, db.labels) == (("back",), ("x",), ("postgres -c x",), {"k": "v"})


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        ("build: .", "Dockerfile"),
        ("build: ./a", "a/Dockerfile"),
        ("build: {context: a, dockerfile: ../b.Dockerfile}", "b.Dockerfile"),
        ("build: {dockerfile: x/Dockerfile}", "x/Dockerfile"),
        ("build: ..", "../Dockerfile"),
        ("build: '${DIR:-web}'", "web/Dockerfile"),
        ("build: https://example.com/a.git", None),
        ("build: {context: 'git@example.com:a/b'}", None),
        ("build: {context: ., dockerfile_inline: 'FROM a'}", None),
        ("build:", None),
        ("image: a", None),
    ],
)
def test_dockerfile_of_a_service(build, wanted):
    """The Dockerfile is found from context and name; one at an address is none of ours."""
    (service,) = services(f"services:\n  a:\n    {build}\n")
    assert service.dockerfile == wanted


@pytest.mark.parametrize(
    ("check", "wanted"),
    [
        ("{test: curl x}", True),
        ("{test: [CMD, x], disable: false}", True),
        ("{test: [CMD, x], disable: true}", False),
        ("{disable: 'true'}", False),
        ("{test: [NONE]}", False),
        ("{test: NONE}", False),
        ("{interval: 5s}", None),
        ("{}", None),
    ],
)
def test_healthcheck(check, wanted):
    """A health check counts where it has a test and is not switched off."""
    (service,) = services(f"services:\n  a:\n    image: a\n    healthcheck: {check}\n")
    assert service.healthcheck is wanted


def test_extends():
    """A service has the keys of the one that it extends, of this file or another; a circle ends."""
    text = (
        "services:\n  base: {build: ./b, user: x, environment: [A=1, B=2]}\n  a: {extends: base, environment: {A: 3}}\n"
    )
    text += "  c: {extends: {service: d}}\n  d: {extends: {service: c}}\n"
    found = {service.name: service for service in services(text)}
    assert (found["a"].dockerfile, found["a"].text("user")) == ("b/Dockerfile", "x")
    assert list(found["a"].environment) == [("A", "3", 3), ("B", "2", 2)]
    assert found["d"].get("user") is None


def test_extends_another_file(samples):
    """A service of another file is found by its path."""
    files = {
        "common/base.yml": "services:\n  base: {image: 'x:1', user: x}\n",
        "compose.yml": "services:\n  a: {extends: {file: common/base.yml, service: base}}\n",
    }
    found = {service.name: service for service in compose_services(source_tree(samples.target(files)))}
    assert found["a"].text("user") == "x"


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("docker-compose.prod.yml", "a:\n  image: x\nb:\n  build: .\n", ["a", "b"]),
        ("local.yml", "services:\n  a:\n    image: x\n", ["a"]),
        ("stack.yaml", "version: '3'\nservices:\n  a: {deploy: {}}\n  b:\n    image: x\n", ["a", "b"]),
        ("services.yaml", "services:\n  App\\A: {class: x}\n  b:\n    tags:\n      image: y\n", []),
        ("ci.yml", "jobs:\n  a:\n    services:\n      b:\n        image: x\n", []),
        ("compose.yaml", "version: '3'\nvolumes: {}\n", []),
        ("compose.yaml", "services:\n  a: {image: x}\n---\nservices:\n  b: {image: x}\n", ["a", "b"]),
        ("compose.yaml", "- a\n- b\n", []),
        ("compose.yaml", "services: [a, b]\n", []),
        ("compose.yaml", "services:\n  a:\n  b: 1\n", ["a", "b"]),
    ],
)
def test_which_files(samples, path, text, names):
    """Compose files are known by name, others by services with an image or a build; the first version's form too."""
    assert [s.name for s in compose_services(source_tree(samples.target({path: text})))] == names


def test_problems_are_told(samples):
    """A broken compose file is recorded once and read up to the fault; so are keys that stand twice."""
    files = {
        "compose.yml": "services:\n  a:\n    image: x:1\n  c:\n\tb: 1\n",
        "docker-compose.yml": "services:\n  a:\n    image: x\n    image: y\n",
        "other.yml": "services:\n  b:\n    image: x\n  c:\n\tb: 1\n",
    }
    tree = source_tree(samples.target(files))
    found = compose_services(tree)
    assert [(s.path, s.image) for s in found if s.image] == [
        ("compose.yml", "x:1"),
        ("docker-compose.yml", "y"),
        ("other.yml", "x"),
    ]
    notes = {note.file: note.reason for note in tree.unparsed}
    assert notes["compose.yml"].startswith("is no valid YAML: ")
    assert notes["docker-compose.yml"] == "the key 'image' stands in line 3 and again in 4"
    assert set(notes) == {"compose.yml", "docker-compose.yml"}


def test_nodes():
    """Nodes know line and column, merges come after own keys, null is none, and text in quotes is text."""
    (root,) = read_yaml("a: &a {x: 1, y: 2}\nb:\n  <<: [*a, {z: 3}]\n  x: 9\nc: ~\nd: 'null'\n").documents
    keys = mapping(root)
    assert {key: (line, scalar(value)) for key, (line, value) in mapping(keys["b"][1]).items()} == {
        "x": (4, "9"),
        "y": (1, "2"),
        "z": (3, "3"),
    }
    assert (scalar(keys["c"][1]), scalar(keys["d"][1]), scalar(None)) == (None, "null", None)
    assert (list(sequence(keys["c"][1])), mapping(None)) == ([], {})


BOMB = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" if i else "a0: &a0 [x]\n" for i in range(30))
MERGES = "".join(
    f"m{i}: &m{i}\n  <<: [{', '.join([f'*m{i - 1}'] * 9)}]\n  k{i}: 1\n" if i else "m0: &m0 {a: 1}\n"
    for i in range(400)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, ""),
        (MERGES, "its merges (`<<`) come to more than 20000 keys"),
        ("[" * 100_000, "line 1 is nested deeper than 200 levels"),
        ("- " * 100_000, "line 1 is nested deeper than 200 levels"),
        ("{a: " * 100_000, "line 1 is nested deeper than 200 levels"),
        ("a: &a {b: *a, <<: *a}\n", ""),
        ("a: *nobody\n", ""),
        ("a: \udc80\n", "is no valid YAML: "),
        ("? [a, b]\n: c\n", ""),
    ],
    ids=["bomb", "merges", "flow", "block", "maps", "circle", "no anchor", "no text", "no name"],
)
def test_harm(text, problem):
    """Bombs, depth, circles and what is no YAML are read without harm, in one walk, and told."""
    found = read_yaml(text)
    assert (found.problems[0] if found.problems else "").startswith(problem)
    assert bool(found.problems) == bool(problem)
    assert sum(1 for _ in walk(found)) < 2000


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>?<'\"\n\t #,%@"), max_size=120))
def test_any_text(text):
    """Any text is read without an error, and lines stay within it."""
    found = read_yaml(text)
    assert all(1 <= node.line <= text.count("\n") + 1 for _, node in walk(found))
    assert all(isinstance(service.name, str) and service.dockerfile is None for service in services(text))
