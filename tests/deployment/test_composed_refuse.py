"""Compose files of strangers: what leads out of the system is refused with its line, before anything is started."""

from __future__ import annotations

import pytest

from pytest_superteam.deployment.composed.refuse import located, refuse_config
from pytest_superteam.deployment.composed.sources import read_sources
from pytest_superteam.errors import FinalDeploymentError

WEB = {"image": "python:3.13-slim"}


@pytest.fixture
def system(tmp_path):
    """Return the folder of a system, with a file and a link that lead out of it beside it."""
    (tmp_path / "secret.txt").write_text("KEY=1\n")
    root = tmp_path / "system"
    (root / "web").mkdir(parents=True)
    (root / "web" / "Dockerfile").write_text("FROM python:3.13-slim\n")
    (root / "link").symlink_to(tmp_path)
    (root / "loop").symlink_to(root / "loop")
    return root


def sources(root, text="services:\n  web:\n    image: python:3.13-slim\n", *, allow=False):
    """Return the sources of a system whose compose file is `text`."""
    (root / "compose.yml").write_text(text)
    return read_sources([root / "compose.yml"], root, root, allow_outside=allow)


def bind(source):
    """Return a service that mounts `source`."""
    return WEB | {"volumes": [{"type": "bind", "source": str(source), "target": "/x"}]}


def built(root, **build):
    """Return a service that is built in `web`, as `build` says."""
    return {"build": {"context": str(root / "web"), "dockerfile": "Dockerfile"} | build}


SERVICES = [
    (lambda root: bind("/etc"), "web mounts /etc, which lies outside"),
    (lambda root: bind("/var/run/docker.sock"), "web mounts /var/run/docker.sock"),
    (lambda root: bind(root / ".." / "secret.txt"), "which lies outside"),
    (lambda root: bind(root / "link" / "secret.txt"), "which lies outside"),
    (lambda root: bind(root / "link"), "which lies outside"),
    (lambda root: bind(root / "loop"), "which lies outside"),
    (lambda root: bind(root.parent / "system-2"), "which lies outside"),
    (lambda root: bind(root / ".superteam" / "state.db"), "which is ours"),
    (lambda root: WEB | {"volumes": [{"type": "npipe", "source": "docker", "target": "/x"}]}, "which is no file"),
    (lambda root: WEB | {"volumes_from": ["container:other"]}, "a container outside of the system"),
    (lambda root: WEB | {"privileged": True}, "web is privileged"),
    (lambda root: WEB | {"network_mode": "host"}, r"the machine's \(`network_mode: host`\)"),
    (lambda root: WEB | {"network_mode": "container:db"}, "another container's"),
    (lambda root: WEB | {"network_mode": "company_db"}, "web joins the network company_db"),
    (lambda root: WEB | {"pid": "host"}, "`pid: host`"),
    (lambda root: WEB | {"ipc": "host"}, "`ipc: host`"),
    (lambda root: WEB | {"uts": "host"}, "`uts: host`"),
    (lambda root: WEB | {"userns_mode": "host"}, "`userns_mode: host`"),
    (lambda root: WEB | {"cgroup": "host"}, "`cgroup: host`"),
    (lambda root: WEB | {"cgroup_parent": "system.slice"}, "`cgroup_parent`"),
    (lambda root: WEB | {"devices": ["/dev/mem:/dev/mem"]}, "`devices`"),
    (lambda root: WEB | {"device_cgroup_rules": ["c *:* rwm"]}, "`device_cgroup_rules`"),
    (lambda root: WEB | {"cap_add": ["CAP_SYS_ADMIN"]}, "the capability CAP_SYS_ADMIN"),
    (lambda root: WEB | {"cap_add": ["ALL"]}, "the capability ALL"),
    (lambda root: WEB | {"security_opt": ["seccomp:unconfined"]}, "switches a protection off"),
    (lambda root: WEB | {"security_opt": ["apparmor=unconfined"]}, "switches a protection off"),
    (lambda root: WEB | {"security_opt": ["label:disable"]}, "switches a protection off"),
    (lambda root: WEB | {"security_opt": ["systempaths=unconfined"]}, "switches a protection off"),
    (lambda root: WEB | {"use_api_socket": True}, "the engine's socket"),
    (lambda root: WEB | {"provider": {"type": "terraform"}}, "a program of the machine"),
    (lambda root: WEB | {"external_links": ["other"]}, "containers outside of the system"),
    (lambda root: WEB | {"post_start": [{"command": "x", "privileged": True}]}, "a privileged command"),
    (lambda root: built(root, context="/"), "web is built in /, which lies outside"),
    (lambda root: built(root, dockerfile="../../secret.txt"), "web is built from .*secret.txt, which lies outside"),
    (lambda root: built(root, additional_contexts={"x": "/etc"}), "web is built with /etc"),
    (lambda root: built(root, additional_contexts={"x": "oci-layout:///srv@sha256:1"}), "web is built with oci-layout"),
    (lambda root: built(root, network="host"), "the machine's network"),
    (lambda root: built(root, ssh=["default"]), r"\(`ssh`\)"),
    (lambda root: built(root, privileged=True), r"\(`privileged`\)"),
]


@pytest.mark.parametrize(("service", "expected"), SERVICES, ids=[text for _, text in SERVICES])
def test_refused_service(system, service, expected):
    """A service that asks for something outside of its container or its system is refused, with its line."""
    config = {"services": {"web": service(system)}}
    with pytest.raises(FinalDeploymentError, match=expected) as caught:
        refuse_config(config, sources(system), ours=system / ".superteam")
    assert str(caught.value).startswith("compose.yml:2: ")
    assert str(caught.value).endswith("Set `deployment.allow_outside: true` if you trust it.")
    assert refuse_config(config, sources(system, allow=True), ours=system / ".superteam") == ()


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"volumes": {"v": {"external": True}}}, "the volume v is not the system's own"),
        ({"volumes": {"v": {"driver_opts": {"o": "bind", "device": "/etc"}}}}, "the volume v is the folder /etc"),
        ({"volumes": {"v": {"driver_opts": {"type": "nfs", "device": ":/x"}}}}, "lies on another machine"),
        ({"volumes": {"v": {"driver": "sshfs"}}}, "is kept by the plugin 'sshfs'"),
        ({"networks": {"n": {"external": True, "name": "host"}}}, "the network n is not the system's own"),
        ({"networks": {"n": {"driver": "macvlan"}}}, "the network n is the machine's"),
        ({"secrets": {"s": {"file": "/root/.ssh/id_rsa"}}}, "s is the file /root/.ssh/id_rsa, which lies outside"),
        ({"configs": {"c": {"file": "/etc/shadow"}}}, "c is the file /etc/shadow"),
    ],
)
def test_refused_part(system, config, expected):
    """Volumes, networks, secrets and configs that are not the system's own are refused."""
    with pytest.raises(FinalDeploymentError, match=expected):
        refuse_config(config, sources(system))


def test_accepted(system):
    """What a container has anyway, and what lies in the system, is neither refused nor noted."""
    service = bind(system / "web") | {
        "cap_add": ["NET_BIND_SERVICE", "CHOWN"],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "network_mode": "service:db",
        "pid": "service:db",
        "ipc": "shareable",
        **built(system, additional_contexts={"base": "docker-image://python:3", "other": "service:db"}),
    }
    volumes = {"v": {"driver_opts": {"type": "tmpfs", "device": "tmpfs"}}, "w": None}
    config = {"services": {"web": service, "db": None}, "volumes": volumes, "networks": {"n": {"driver": "bridge"}}}
    assert refuse_config(config, sources(system)) == ()


def test_notes(system):
    """What reaches beyond a container by ways that every container has is noted, and allowed."""
    service = WEB | {"extra_hosts": ["host.docker.internal=host-gateway"], "cap_add": ["NET_ADMIN"]}
    remote = {"build": {"context": "https://example.test/x.git"}}
    assert refuse_config({"services": {"web": service, "far": remote}}, sources(system)) == (
        "compose.yml:2: web can reach what listens on this machine.",
        "compose.yml:2: web asks for the capability NET_ADMIN.",
        "compose.yml:1: far is built from https://example.test/x.git, not from here.",
    )


def test_line_of_the_item(system):
    """The line is that of the mount, not of the list that it stands in."""
    text = "services:\n  web:\n    image: x\n    volumes:\n      - ./web:/app\n      - /etc:/host\n"
    service = {"volumes": [{"type": "bind", "source": "/etc", "target": "/host"}]}
    with pytest.raises(FinalDeploymentError, match=r"\Acompose\.yml:6: web mounts /etc"):
        refuse_config({"services": {"web": service}}, sources(system, text))


# ---------------------------------------------------------------- the files, before Compose reads them


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("services: {web: {image: x\n", r"compose\.yml:\d: is no valid YAML"),
        ("services:\n  web: {}\n  web: {}\n", r"compose\.yml.*the key 'web' stands in line 2 and again in 3"),
        ("include: [https://example.test/x.git]\n", r"compose\.yml:1: includes https://example\.test/x\.git, which is"),
        ("include:\n  - oci://example.test/x\n", r"compose\.yml:2: includes oci:.* fetched from elsewhere"),
        ("include: ['git@example.test:x/y.git']\n", "fetched from elsewhere"),
        ("include: [../other.yml]\n", r"compose\.yml:1: includes \.\./other\.yml, which lies outside"),
        ("include: [link/other.yml]\n", "which lies outside"),
        ("include: [~/other.yml]\n", "which lies outside"),
        ("include: [{path: web/a.yml, env_file: /etc/environment}]\n", "reads /etc/environment, which lies outside"),
        ("include: [{path: web/a.yml, project_directory: /}]\n", "reads /, which lies outside"),
        ("include: [web/none.yml]\n", r"compose\.yml:1: includes web/none\.yml: can't be read"),
        ("include: [compose.yml]\n", r"compose\.yml:1: compose\.yml includes itself"),
        ("include: ['${FROM_ENV}']\n", r"includes https://example\.test/env"),
        ("include: ['${NONE:-/etc/x.yml}']\n", "includes /etc/x.yml, which lies outside"),
        (
            "services:\n  web:\n    extends: {file: /etc/x.yml, service: y}\n",
            r"compose\.yml:3: web extends /etc/x\.yml",
        ),
        (
            "services:\n  web:\n    extends: {file: web/none.yml, service: y}\n",
            "extends web/none.yml, which is not there",
        ),
        ("services:\n  web:\n    extends: other\n", r"compose\.yml:3: web extends other, which is not in compose\.yml"),
        ("services:\n  a: {extends: b}\n  b:\n    extends: {service: a}\n", "a service extends itself: a -> b -> a"),
        ("services:\n  web:\n    env_file: ../secret.txt\n", r"compose\.yml:3: web reads its variables of \.\./secret"),
        ("services:\n  web:\n    label_file: /etc/os-release\n", "web reads its variables of /etc/os-release"),
        ("services:\n  web:\n    env_file:\n      - {path: link/secret.txt}\n", "link/secret.txt, which lies outside"),
    ],
)
def test_refused_file(system, text, expected):
    """A file that is broken, goes round in circles, or leads out of the system is refused with its line."""
    (system / ".env").write_text("# x\nexport FROM_ENV='https://example.test/env'\n")
    (system / "web" / "a.yml").write_text("services: {}\n")
    with pytest.raises(FinalDeploymentError, match=expected) as caught:
        sources(system, text)
    assert "\n" not in str(caught.value)


def test_long_lineage(system):
    """A chain of services without an end in sight is refused; a short one is none."""
    text = "services:\n" + "".join(f"  s{n}: {{extends: s{n + 1}}}\n" for n in range(60)) + "  s60: {image: x}\n"
    with pytest.raises(FinalDeploymentError, match=r"compose\.yml:\d+: a service extends more than 50 others"):
        sources(system, text)
    assert sources(system, text.replace("{extends: s30}", "{image: x}")).files


def test_circle_of_files(system):
    """Files that include each other are named in order."""
    (system / "web" / "a.yml").write_text("include: [../compose.yml]\n")
    expected = r"web/a\.yml:1: compose\.yml includes itself by way of web/a\.yml"
    with pytest.raises(FinalDeploymentError, match=expected):
        sources(system, "include: [web/a.yml]\n")


def test_base_of_another_file(system):
    """The paths of a service that is extended are relative to its own file; only that service of it counts."""
    (system / "web" / "base.yml").write_text("services:\n  base: {env_file: ../web/e.env}\n")
    found = sources(system, "services:\n  web:\n    extends: {file: web/base.yml, service: base}\n")
    assert [path.name for path in found.files] == ["compose.yml", "base.yml"]
    (system / "web" / "base.yml").write_text("services:\n  base: {env_file: ../../secret.txt}\n")
    with pytest.raises(FinalDeploymentError, match=r"web/base\.yml:2: web reads its variables of"):
        sources(system, "services:\n  web:\n    extends: {file: web/base.yml, service: base}\n")


def test_own_tags(system):
    """A system's own overrides may reset what others say."""
    assert sources(system, "services:\n  web:\n    ports: !override []\n    image: !reset null\n").files


def test_missing_file(system):
    """A compose file that is not there is told by its name."""
    with pytest.raises(FinalDeploymentError, match=r"The compose file other\.yml: can't be read"):
        read_sources([system / "other.yml"], system, system)


# ---------------------------------------------------------------- what Compose says

TEXT = """\
services:
  web:
    image: x
    foo: 1
    env_file:
      - web/none.env
    depends_on: [db, nobody]
    networks: [n]
    environment: 3
    command: ${X:?say it}
  db:
    depends_on: [web]
  none: {}
bar: 1
"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("validating /s/compose.yml: services.web Additional property foo is not allowed",
         "compose.yml:4: Compose knows no key 'foo' of a service."),
        ("validating /s/compose.yml: (root) Additional property bar is not allowed",
         "compose.yml:14: Compose knows no key 'bar' here."),
        ("validating /s/compose.yml: services Additional property a b is not allowed",
         "compose.yml:1: 'a b' can't be the name of a service."),
        ("validating /s/compose.yml: services.web.environment must be a mapping",
         "compose.yml:9: environment must be a mapping."),
        ("dependency cycle detected: web -> db -> web",
         "compose.yml:7: the services wait for each other: web -> db -> web."),
        ("env file {root}/web/none.env not found: stat {root}/web/none.env: no such file or directory",
         "compose.yml:6: there is no env file web/none.env."),
        ("error while interpolating services.web.command: required variable X is missing a value: say it",
         "compose.yml:10: the variable X must be set: say it."),
        ('service "web" depends on undefined service "nobody": invalid compose project',
         "compose.yml:7: web waits for nobody, which is no service."),
        ('service "web" refers to undefined network n: invalid compose project',
         "compose.yml:8: web names the network n, which is not defined."),
        ('service "none" has neither an image nor a build context specified: invalid compose project',
         "compose.yml:13: none has neither `image` nor `build`."),
        ('time="x" level=warning msg="The Y variable is not set."\nInvalid hostPort: 99999',
         "compose.yml: Invalid hostPort: 99999."),
        ("", "compose.yml: Compose gives no reason."),
    ],
)  # fmt: skip
def test_located(system, said, expected):
    """What Compose says is told in one line, with the file and the line that it is about."""
    found = sources(system, TEXT)
    assert located(said.replace("{root}", str(system.resolve())), found) == expected
