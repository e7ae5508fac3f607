"""Good, bad and near-miss compose files and other YAML that starts containers: DOCKER-002, 003 and 006 to 008."""

from __future__ import annotations

import pytest

SERVICE = "services:\n  a:\n    image: x:1\n"


def found(samples, text, *codes, path="compose.yaml"):
    """Return the lines of the findings of `codes`."""
    return [line for _, line in samples.lines(text, *codes, path=path)]


SECRETS = [
    "DB_PASSWORD=hunter2",
    "'DB_PASSWORD=hunter2 x'",
    "POSTGRES_PASSWORD=postgres",
    "MYSQL_ROOT_PASSWORD=1234",
    "JWT_SECRET=changeme",
    "JWT_SECRET=${JWT_SECRET:-dev-secret}",
    "JWT_SECRET=${JWT_SECRET-dev-secret}",
    "JWT_SECRET=${A:-${B:-deep}}",
    "PASSWORD=pa$$word",
    "API_TOKEN=abc=def",
    "api_key=abc123",
]
NO_SECRETS = [
    "DB_PASSWORD",
    "DB_PASSWORD=",
    "DB_PASSWORD=${DB_PASSWORD}",
    "DB_PASSWORD=$DB_PASSWORD",
    "DB_PASSWORD=${DB_PASSWORD:-}",
    "DB_PASSWORD=${DB_PASSWORD:?missing}",
    "DB_PASSWORD=${A}${B:-x}",
    "DB_PASSWORD_FILE=/run/secrets/db",
    "DB_PASSWORD=/run/secrets/db",
    "POSTGRES_USER=postgres",
    "ALLOW_EMPTY_PASSWORD=yes",
    "SECRET_NAME=db",
]


def entry(item, form):
    """Return a service's environment with `item` on line 5, as a list or a map."""
    if form == "list":
        return f"{SERVICE}    environment:\n      - {item}\n"
    name, equals, value = item.strip("'").partition("=")
    quoted = f'"{value}"' if equals else ""
    return f"{SERVICE}    environment:\n      {name}: {quoted}\n"


@pytest.mark.parametrize("form", ["list", "map"])
@pytest.mark.parametrize("item", SECRETS)
def test_secret(samples, item, form):
    """DOCKER-002 is a literal, or a literal default, under the name of a secret, in both forms of `environment`."""
    assert found(samples, entry(item, form), "DOCKER-002") == [5]


@pytest.mark.parametrize("form", ["list", "map"])
@pytest.mark.parametrize("item", NO_SECRETS)
def test_no_secret(samples, item, form):
    """DOCKER-002 is no variable, no empty value and no path, in both forms of `environment`."""
    assert found(samples, entry(item, form), "DOCKER-002") == []


SECRET_FILES = [
    ("x-e: &e\n  DB_PASSWORD: abc\nservices:\n  a:\n    image: x:1\n    environment: *e\n", [2]),
    ("x-e: &e\n  DB_PASSWORD: abc\nservices:\n  a:\n    image: x:1\n    environment:\n      <<: *e\n      B: c\n", [2]),
    ("x-e: &e {DB_PASSWORD: abc}\nservices:\n  a:\n    environment:\n      <<: *e\n      DB_PASSWORD: ${X}\n", []),
    ("services:\n  a:\n    environment: &e\n      DB_PASSWORD: abc\n  b:\n    environment: *e\n", [4]),
    ("services:\n  a:\n    environment: {A: b, DB_PASSWORD: abc}\n", [3]),
    ("services:\n  a:\n    environment:\n      - DB_PASSWORD: abc\n", [4]),
    ("services:\n  a:\n    build:\n      args:\n        NPM_TOKEN: abc\n        V: 1\n", [5]),
    ("services:\n  a:\n    build:\n      args:\n        - NPM_TOKEN=abc\n        - GIT_TOKEN\n", [5]),
    ("services:\n  a:\n    build:\n      args: [NPM_TOKEN]\n    env_file: .env\n    secrets: [db_password]\n", []),
    ("secrets:\n  db_password:\n    file: ./db_password.txt\nservices:\n  a:\n    image: x:1\n", []),
    ("services:\n  a:\n    labels: {password: abc}\n    command: --password=abc\n", []),
    ("a:\n  image: x:1\n  environment:\n    - DB_PASSWORD=abc\n", [4]),
]


@pytest.mark.parametrize(("text", "lines"), SECRET_FILES)
def test_secret_files(samples, text, lines):
    """Anchors, merges, build arguments and the old form count, on the line where the value stands, once."""
    assert found(samples, text, "DOCKER-002") == lines


@pytest.mark.parametrize(
    ("image", "unpinned"),
    [
        ("redis", True),
        ("redis:latest", True),
        ("'redis:latest'  # note", True),
        ("localhost:5000/x", True),
        ("${IMAGE:-redis}", True),
        ("redis:${TAG:-latest}", True),
        ("${REGISTRY}/x", True),
        ("redis:7", False),
        ("redis@sha256:0123", False),
        ("localhost:5000/x:1", False),
        ("${IMAGE}", False),
        ("redis:${TAG}", False),
        ("redis:${TAG:?missing}", False),
        ("redis:${TAG:-7}", False),
        ("", False),
    ],
)
def test_image(samples, image, unpinned):
    """DOCKER-003 is a compose image with no tag or `latest`, defaults put in."""
    assert found(samples, f"services:\n  a:\n    image: {image}\n", "DOCKER-003") == [3] * unpinned


def test_own_image(samples):
    """An image that a service of the file builds is named, not pulled, wherever it is used."""
    text = "services:\n  a: {build: ., image: mine}\n  b:\n    image: mine\n  c:\n    extends: a\n    image: other\n"
    assert found(samples, text, "DOCKER-003") == []


PRIVILEGED = ["true", "True", "yes", "on", "'true'", '"yes"', "${P:-true}", "true  # why"]
HOST = ["host", "'host'", '"host"', "${N:-host}", "host  # why"]


@pytest.mark.parametrize("value", PRIVILEGED)
@pytest.mark.parametrize(
    "form",
    [
        "services:\n  a:\n    image: x:1\n    privileged: {}\n",
        "services:\n  a:\n    build:\n      privileged: {}\n",
        "services:\n  a:\n    post_start:\n      - command: x\n        privileged: {}\n",
        "spec:\n  containers:\n    - securityContext:\n        privileged: {}\n",
        "- x:\n    docker_container:\n      image: x:1\n      privileged: {}\n",
    ],
)
def test_privileged(samples, form, value):
    """DOCKER-006 is any spelling of true, for a service, a build, a hook, a pod's container or another container."""
    text = form.format(value)
    line = next(n for n, line in enumerate(text.split("\n"), 1) if "privileged" in line)
    path = "compose.yaml" if "services" in form else "other.yml"
    assert found(samples, text, "DOCKER-006", path=path) == [line]


@pytest.mark.parametrize(
    "text",
    [
        f"{SERVICE}    privileged: false\n",
        f"{SERVICE}    privileged: 'false'\n",
        f"{SERVICE}    privileged: no\n",
        f"{SERVICE}    privileged:\n",
        f"{SERVICE}    privileged: ${{P}}\n",
        f"{SERVICE}    privileged: ${{P:-false}}\n",
        f"{SERVICE}    # privileged: true\n",
        f"{SERVICE}    labels: {{privileged: 'true'}}\n",
        f"{SERVICE}    environment: {{privileged: 'true'}}\n",
        f"{SERVICE}    environment:\n      - privileged=true\n",
        f"{SERVICE}    command: run --privileged\n",
        f"{SERVICE}    command: |\n      privileged: true\n",
        f"{SERVICE}    x-privileged: true\n",
        f"{SERVICE}    unprivileged: true\n",
        "x-p: &p {privileged: true}\nservices:\n  a: {<<: *p, image: 'x:1', privileged: false}\n",
        "x-p: &p {privileged: true}\nservices:\n  a: {image: 'x:1'}\n",
        "spec:\n  securityContext:\n    privileged: false\n",
        "data:\n  privileged: 'true'\n",
        "data:\n  a: |\n    securityContext:\n      privileged: true\n",
        "properties:\n  privileged:\n    type: boolean\n    default: true\n",
        "securityContext:\n  allowPrivilegeEscalation: true\n",
    ],
)
def test_not_privileged(samples, text):
    """DOCKER-006 is no false, unknown or overridden value, and no key of that name that starts no container."""
    assert found(samples, text, "DOCKER-006", path="compose.yaml" if "services" in text else "other.yaml") == []


@pytest.mark.parametrize("value", HOST)
@pytest.mark.parametrize("form", ["    image: x:1\n    network_mode: {}\n", "    build:\n      network: {}\n"])
def test_host_network(samples, form, value):
    """DOCKER-007 is the host's network for a service or a build."""
    assert found(samples, "services:\n  a:\n" + form.format(value), "DOCKER-007") == [4]


NETWORKS = [
    ("a:\n  image: x:1\n  net: host\n", [3]),
    ("services:\n  a: {networks: [h]}\nnetworks:\n  h:\n    external: true\n    name: host\n", [6]),
    ("services:\n  a: {networks: [h]}\nnetworks:\n  h:\n    external:\n      name: host\n", [6]),
    ("services:\n  a: {networks: [host]}\nnetworks:\n  host: {}\n", []),
    ("services:\n  a: {networks: [h]}\nnetworks:\n  h: {external: true, name: front}\n", []),
    (f"{SERVICE}    network_mode: bridge\n", []),
    (f"{SERVICE}    network_mode: none\n", []),
    (f"{SERVICE}    network_mode: 'service:host'\n", []),
    (f"{SERVICE}    network_mode: ${{MODE}}\n", []),
    (f"{SERVICE}    pid: host\n    ipc: host\n", []),
    (f"{SERVICE}    hostname: host\n    extra_hosts: ['host:1.2.3.4']\n", []),
    (f"{SERVICE}    # network_mode: host\n", []),
    (f"{SERVICE}    environment: {{network_mode: host}}\n", []),
    ("services:\n  a:\n    build: {context: ., network: none}\n", []),
]


@pytest.mark.parametrize(("text", "lines"), NETWORKS)
def test_networks(samples, text, lines):
    """DOCKER-007 is an external network called host too; another network or another namespace is none."""
    assert found(samples, text, "DOCKER-007") == lines


DANGEROUS = [
    "ALL", "all", "SYS_ADMIN", "sys_admin", "CAP_SYS_ADMIN", "cap_sys_admin", "'SYS_PTRACE'", '"SYS_MODULE"',
    "SYS_RAWIO", "SYS_BOOT", "SYS_TIME", "NET_ADMIN", "DAC_READ_SEARCH", "CAP_DAC_READ_SEARCH", "BPF", "PERFMON",
    "MAC_ADMIN", "MAC_OVERRIDE", "SYSLOG", "AUDIT_CONTROL", "CHECKPOINT_RESTORE", "${CAP:-NET_ADMIN}",
    "NET_ADMIN  # routes",
]  # fmt: skip
HARMLESS = [
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "NET_RAW",
    "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP", "CAP_NET_BIND_SERVICE", "IPC_LOCK", "SYS_NICE", "LEASE", "${CAP}",
    "WAKE_ALARM", "SYS_ADMINISTRATOR", "",
]  # fmt: skip


ADDED = {
    "compose.yaml": SERVICE + "    privileged: false\n    cap_add:\n      - {}\n",
    "pod.yaml": "spec:\n  containers:\n  - securityContext:\n      capabilities:\n        add:\n        - {}\n",
}


@pytest.mark.parametrize("path", ADDED)
@pytest.mark.parametrize("name", DANGEROUS)
def test_dangerous(samples, name, path):
    """DOCKER-008 is a capability that reaches beyond the container, for a service or a pod's container."""
    assert found(samples, ADDED[path].format(name), "DOCKER-008", path=path) == [6]


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless(samples, name):
    """DOCKER-008 is none of those that every container has, nor one that harms itself only."""
    assert found(samples, f"{SERVICE}    cap_add:\n      - {name}\n    cap_drop: [ALL]\n", "DOCKER-008") == []


CAPABILITIES = [
    (f"{SERVICE}    cap_add: [SYS_ADMIN, NET_ADMIN, CHOWN]\n", [4]),
    (f"{SERVICE}    cap_drop:\n      - ALL\n      - SYS_ADMIN\n", []),
    (f"{SERVICE}    # cap_add: [ALL]\n    security_opt: [ALL]\n", []),
    ("x-c: &c\n  - SYS_ADMIN\nservices:\n  a: {cap_add: *c}\n  b: {cap_add: *c}\n", [2]),
    ("spec:\n  containers:\n  - securityContext:\n      capabilities: {add: [NET_ADMIN], drop: [ALL]}\n", [4]),
    ("spec:\n  containers:\n  - securityContext:\n      capabilities:\n        drop: [ALL]\n", []),
    ("kind: PodSecurityPolicy\nspec:\n  allowedCapabilities: ['*']\n", [3]),
]


@pytest.mark.parametrize(("text", "lines"), CAPABILITIES)
def test_capabilities(samples, text, lines):
    """DOCKER-008 is one finding a line, where the capability is written; what is dropped is none."""
    assert found(samples, text, "DOCKER-008", path="compose.yaml" if "a:" in text else "pod.yaml") == lines


def test_kubernetes(samples):
    """Pods of any kind, and policies that allow it, are found in all documents of a file; schemas are not."""
    text = (
        "kind: Pod\nspec:\n  hostNetwork: true\n  containers:\n  - image: x\n    securityContext: {privileged: true}\n"
        "---\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {hostNetwork: false, hostPID: true}}}}}\n"
        "---\nkind: PodSecurityPolicy\nspec:\n  privileged: true\n  hostNetwork: true\n"
        "---\nkind: CustomResourceDefinition\nspec: {hostNetwork: {type: boolean}, privileged: {type: boolean}}\n"
    )
    wanted = [("DOCKER-006", 6), ("DOCKER-006", 13), ("DOCKER-007", 3), ("DOCKER-007", 14)]
    assert samples.lines(text, "DOCKER-006", "DOCKER-007", "DOCKER-008", path="k8s.yaml") == wanted


def test_json(samples):
    """Pods and task definitions in JSON are read as the YAML that they are, tabs included."""
    text = '{\n\t"image": "x",\n\t"privileged": true,\n\t"securityContext": {"capabilities": {"add": ["ALL"]}}\n}\n'
    assert samples.lines(text, "DOCKER-006", "DOCKER-008", path="task.json") == [("DOCKER-006", 3), ("DOCKER-008", 4)]


def test_evidence_says_what_a_capability_gives(samples):
    """The evidence of DOCKER-008 says what the capability is good for."""
    (violation,) = samples.violations({"compose.yml": f"{SERVICE}    cap_add: [SYS_MODULE]\n"}, "DOCKER-008")
    assert violation.evidence == "cap_add: [SYS_MODULE] (SYS_MODULE: loads code into the kernel)"
