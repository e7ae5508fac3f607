"""A clean state: runs are forgotten, what was designed and built stays, nobody who is at work is disturbed."""

from __future__ import annotations

import json

import pytest
from filelock import FileLock

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.commands.clean import clean_state
from pytest_superteam.pipeline.commands.status import status_lines
from pytest_superteam.pipeline.state.store import Store


def left(shop):
    """Return what is below `.superteam/`, locks excepted."""
    folder = shop.folder / ".superteam"
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] != "locks")


def fill(shop):
    """Write what runs leave beside the database."""
    folder = shop.folder / ".superteam"
    for name in (
        "PIPELINE_STATE.json",
        "events.jsonl",
        "events.1.jsonl",
        "run-log.md",
        "run.json",
        ".gitignore",
        "architecture.json",
        "architecture/service-map.yaml",
        "builds/orders.json",
        "reports/gate-report.json",
        "reports/mine.txt",
        "aside/orders-replaced-1/orders/main.py",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")


STAYS = [
    ".gitignore",
    "architecture.json",
    "architecture/service-map.yaml",
    "aside/orders-replaced-1/orders/main.py",
    "builds/orders.json",
    "reports/mine.txt",
]


def test_runs_are_forgotten(shop):
    """Runs, logs and verdicts go, and lines say what; designs, builds and what was put aside stay."""
    store = shop.begin()
    shop.attempt(store, "orders", status="failed", usd=1.5, error="x")
    store.close()
    fill(shop)
    lines = clean_state(shop.inquiry())
    assert left(shop) == STAYS
    assert lines[0] == "forgot 1 run and the 1.50 USD that it cost: a budget begins at nothing again"
    assert "state.db" in lines[1]
    assert lines[2].startswith("kept: the design and the builds")
    assert status_lines(shop.inquiry())[0].startswith("no run yet")


def test_twice(shop):
    """Where nothing is left to forget, one line says so."""
    shop.begin().close()
    clean_state(shop.inquiry())
    assert clean_state(shop.inquiry()) == [f"no run in '{shop.folder}', so there is nothing to forget."]


def test_nothing_to_forget(shop):
    """A project without any run stays as it is, and nothing is made."""
    assert clean_state(shop.inquiry()) == [f"no run in '{shop.folder}', so there is nothing to forget."]
    assert [path.name for path in shop.folder.iterdir()] == ["PRD.md"]


def test_run_at_work(shop):
    """While a run holds the project, nothing is deleted, and the line names who holds it."""
    shop.begin().close()
    fill(shop)
    (shop.folder / ".superteam" / "run.json").write_text(json.dumps({"pid": 4711, "since": "2026-01-02 03:04:05"}))
    before = left(shop)
    (shop.folder / ".superteam" / "locks").mkdir()
    told = r"another run \(pid 4711, since 2026-01-02 03:04:05\) is at work"
    with FileLock(shop.folder / ".superteam" / "locks" / "run.lock"), pytest.raises(UsageError, match=told):
        clean_state(shop.inquiry())
    assert left(shop) == before


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 4000])
def test_broken_database(shop, content):
    """A database that can't be read is deleted, and it is said that nobody knows what was in it."""
    (shop.folder / ".superteam").mkdir()
    (shop.folder / ".superteam" / "state.db").write_bytes(content)
    lines = clean_state(shop.inquiry())
    assert "nobody can say what" in lines[0]
    assert left(shop) == []


def test_newer_database(shop):
    """A database of a newer version is deleted: that is what its reader is told to do."""
    store = shop.begin()
    with store.begin() as connection:
        connection.execute(store.table("meta").update().values(value="9999"))
    store.close()
    clean_state(shop.inquiry())
    assert left(shop) == []


def test_limits_of_platforms_stay(shop):
    """What was used of a platform's limit is kept, for it is used whoever forgets it."""
    store = shop.begin()
    with store.begin() as connection:
        connection.execute(store.table("uses").insert().values(platform="agents", run="elsewhere", at=1.0))
    store.close()
    lines = clean_state(shop.inquiry())
    assert "kept: what has been used of the limits of platforms" in lines
    again = Store(shop.store.where)
    assert again.runs(str(shop.folder)) == []
    with again.begin() as connection:
        assert len(connection.execute(again.table("uses").select()).all()) == 1
    again.close()


def test_moved_project(shop, tmp_path):
    """The runs of a project that was moved are its own, and are forgotten too."""
    store = shop.begin()
    with store.begin() as connection:
        connection.execute(store.table("uses").insert().values(platform="agents", run="elsewhere", at=1.0))
    store.close()
    shop.folder = shop.folder.rename(tmp_path / "elsewhere")
    clean_state(shop.inquiry())
    again = Store(shop.store.where)
    with again.begin() as connection:
        assert connection.execute(again.table("runs").select()).all() == []
    again.close()


def test_link_in_the_place_of_the_folder(shop, tmp_path):
    """A `.superteam` that leads elsewhere is refused, and what it leads to stays."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "state.db").write_text("precious")
    (shop.folder / ".superteam").symlink_to(other)
    with pytest.raises(UsageError, match="is a link"):
        clean_state(shop.inquiry())
    assert (other / "state.db").read_text() == "precious"


def test_link_in_the_place_of_a_file(shop, tmp_path):
    """Of a link only the link is deleted."""
    shop.begin().close()
    (tmp_path / "log.md").write_text("precious")
    (shop.folder / ".superteam" / "run-log.md").symlink_to(tmp_path / "log.md")
    clean_state(shop.inquiry())
    assert (tmp_path / "log.md").read_text() == "precious"
    assert left(shop) == []


def test_other_projects_of_a_shared_database(shop, tmp_path):
    """Of a database of a URL only the project's own rows go, and the logs in its folder."""
    url = f"sqlite:///{tmp_path}/shared.db"
    (shop.folder / "superteam.yaml").write_text(f"state_url: {url}\n")
    store = Store(url)
    for run, project in (("mine", str(shop.folder)), ("other", "/elsewhere")):
        store.start_run(run, prd=shop.folder / "PRD.md", prd_sha256="x", kind="prd", project=project)
    store.close()
    (shop.folder / ".superteam").mkdir()
    fill(shop)
    assert clean_state(shop.inquiry())[0] == "forgot 1 run"
    assert left(shop) == STAYS
    assert store.runs(str(shop.folder)) == []
    assert [run.id for run in store.runs("/elsewhere")] == ["other"]
    store.close()
