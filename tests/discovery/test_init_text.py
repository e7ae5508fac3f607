"""The settings that `--init` writes: they change nothing, can be switched on line by line, and overwrite nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pytest_superteam.config import Config, load_config
from pytest_superteam.discovery.corrections import corrected, resolved
from pytest_superteam.discovery.starting import config_text, write_config
from pytest_superteam.errors import UsageError
from pytest_superteam.models import Conclusion, FoundService, FoundSystem
from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

HOSTILE = (
    "no",
    "80",
    "~",
    "<<",
    "a: b",
    "#x",
    "- x",
    "*a",
    "'\"\\",
    "a\nb: {c: d}\n",
    "\x1b]0;x\x07",
    "\u202e\u2028\x85\ufeff",
    "e\udce9",
    "日本語",
    "😀",
    "x" * 2000,
    "{{ x }}",
    " ",
)


def part(name, **more):
    """Return a service of which everything is known, as `more` says."""
    known = {"language": "python", "framework": "flask", "port": 80, "health": "/healthz", "test": ("pytest", "-q")}
    return FoundService(name, **(known | more))


SYSTEMS = {
    "nothing": FoundSystem(Path("nowhere")),
    "one service": FoundSystem(Path("nowhere"), (FoundService("api"),)),
    "all kinds": FoundSystem(
        Path("nowhere"),
        services=(
            part("vote", dependencies=("worker", "redis"), datastores=("redis",), compose="web"),
            FoundService("worker", role="worker", conclusions=(Conclusion("role", "worker", "w.py", 3, "a loop"),)),
        ),
        jobs=(FoundService("seed", kind="job", profiles=("seed",), dependencies=("vote",)),),
        infrastructure=(
            FoundService("redis", kind="infrastructure", role="cache", image="redis:8"),
            FoundService("odd", kind="infrastructure"),
        ),
        compose_files=("compose.yaml", "compose.override.yaml"),
        how="in the compose file",
        notes=("left out: a\nb: {}",),
    ),
    "what no setting can say": FoundSystem(
        Path("nowhere"),
        services=(
            part("a", health="healthz", port=99_999, role="api", language="py\nthon", dependencies=("gone", "a")),
            part("b", test=("sh", "-c", "a\nb"), datastores=("",), folder="../out"),
            part("b", port=81),
            part("", port=82),
            FoundService("c", health="no", port=-1),
        ),
    ),
    "hostile names": FoundSystem(
        Path("nowhere"),
        services=tuple(part(name, language=name, compose=name, folder=name) for name in HOSTILE),
        jobs=(FoundService("x: y", kind="job", conclusions=(Conclusion("kind", *HOSTILE[9:11], 1, HOSTILE[11]),)),),
        how=HOSTILE[9],
        notes=HOSTILE,
        compose_files=HOSTILE,
    ),
}


def loaded(text, folder):
    """Return the settings that a text gives."""
    file = folder / "superteam.yaml"
    file.write_text(text, "utf-8")
    return load_config(file, environment={}, options={})


def switched_on(text):
    """Return a text with every setting in it that is a comment."""
    return re.sub(r"^( *)#(?=\S|  )", r"\1", text, flags=re.MULTILINE)


@pytest.mark.parametrize("found", SYSTEMS.values(), ids=SYSTEMS)
def test_settings_change_nothing(found, tmp_path):
    """A run with the written settings sees the same system, and all other settings stay at their defaults."""
    config = loaded(config_text(found), tmp_path)
    assert corrected(found, config.system.services, config.system.correct) == found
    assert Config(system=config.system) == config
    assert (config.system.services, config.system.compose_files) == ((), ())


@pytest.mark.parametrize("found", SYSTEMS.values(), ids=SYSTEMS)
def test_every_commented_setting_is_one(found, tmp_path):
    """Taking away each `#` before a setting gives settings that load."""
    config = loaded(switched_on(config_text(found)), tmp_path)
    assert config.system.services
    assert config.system.compose_files
    assert config.gate == Config().gate
    assert config.timeouts == Config().timeouts
    assert config.auth.token == "API_TOKEN"
    assert config.deployment.profiles == ("seed",)


def test_what_was_found_is_active(tmp_path):
    """Each found fact is a setting with the place that it rests on, and what was not found is a comment."""
    (tmp_path / "apps").mkdir()
    vote = part("vote", folder="apps", conclusions=(Conclusion("port", "80", "compose.yaml", 12, "published"),))
    text = config_text(FoundSystem(tmp_path, (vote,)))
    assert "      port: 80  # compose.yaml:12: published\n" in text
    assert "      test: [pytest, -q]\n" in text
    assert "      #depends_on: []\n" in text
    vote = loaded(text, tmp_path).system.correct["vote"]
    assert (vote.path, vote.language, vote.port, vote.health) == ("apps", "python", 80, "/healthz")
    assert (vote.depends_on, vote.url) == (None, "")


def test_a_changed_line_corrects(tmp_path):
    """What somebody changes in the written settings is what counts."""
    found = SYSTEMS["all kinds"]
    text = config_text(found).replace("port: 80 ", "port: 81 ").replace("port: 80\n", "port: 81\n")
    config = loaded(text.replace("      #url: ", "      url: ", 1), tmp_path)
    changed = resolved(found, (), config.system.correct)
    assert changed.system.service("vote").port == 81
    assert changed.entries["vote"].url == "http://127.0.0.1:8000"


def test_hostile_names_are_keys_and_nothing_else(tmp_path):
    """A name that looks like YAML is a name; the file is plain text that steers no terminal."""
    text = config_text(SYSTEMS["hostile names"])
    names = set(yaml.safe_load(text)["system"]["correct"])
    assert names == {name for name in HOSTILE if name.strip() and len(name) <= 200} | {"x: y"}
    assert all(line.isprintable() for line in text.splitlines())
    loaded(text, tmp_path)


def test_many_services_still_are_settings(tmp_path):
    """A system too large for one file leaves the rest to discovery, and says how many."""
    found = FoundSystem(Path("nowhere"), tuple(FoundService(f"s{index}") for index in range(520)))
    text = config_text(found)
    assert "    # and 20 more, which are found by every run\n" in text
    assert len(loaded(text, tmp_path).system.correct) == 500


def test_the_file_has_no_findings(tmp_path):
    """The gate finds nothing wrong in the settings that it wrote, switched on or not."""
    for name, change in (("off", str), ("on", switched_on)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "superteam.yaml").write_text(change(config_text(SYSTEMS["all kinds"])), "utf-8")
        found = scan_target(ScanTarget("system", tmp_path / name), builtin_scanners())
        assert [violation for violations in found.values() for violation in violations if violation.file] == []


def test_an_existing_file_is_not_overwritten(tmp_path):
    """The settings are written once; what is there, a dangling link too, is left alone with one line."""
    file = write_config(tmp_path, "a: 1\n")
    assert file.read_text("utf-8") == "a: 1\n"
    with pytest.raises(UsageError, match=r"^--init: '.*superteam\.yaml' is there already\. [^\n]+$"):
        write_config(tmp_path, "b: 2\n")
    assert file.read_text("utf-8") == "a: 1\n"
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        write_config(tmp_path, "b: 2\n")
    with pytest.raises(UsageError, match=r"can't be written \(No such file or directory\)"):
        write_config(tmp_path / "gone", "b: 2\n")


TEXTS = st.text(max_size=30)
PARTS = st.builds(
    FoundService,
    TEXTS,
    role=st.sampled_from(["", "worker", "frontend", "api"]) | TEXTS,
    folder=TEXTS,
    language=TEXTS,
    framework=TEXTS,
    port=st.integers(0, 70_000),
    health=TEXTS | TEXTS.map("/{}".format),
    dependencies=st.lists(TEXTS, max_size=3).map(tuple),
    datastores=st.lists(TEXTS, max_size=3).map(tuple),
    compose=TEXTS,
    test=st.lists(TEXTS, max_size=3).map(tuple),
    conclusions=st.lists(
        st.builds(Conclusion, st.sampled_from(["port", "kind"]), TEXTS, TEXTS, st.just(1), TEXTS), max_size=2
    ).map(tuple),
)


@limits(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PARTS, max_size=4).map(tuple), TEXTS)
def test_any_system_survives_its_settings(tmp_path, services, how):
    """Whatever was found, its settings load and change nothing."""
    found = FoundSystem(tmp_path / "system", services, how=how, notes=(how,))
    config = loaded(config_text(found), tmp_path)
    assert corrected(found, (), config.system.correct) == found
