"""The collector in a container: what it prints comes back as the two files that it would have written."""

import http.client
import io
import json
import subprocess
import sys

import pytest
from composed_systems import composed

from pytest_superteam.deployment.collector import PrintedJournal
from pytest_superteam.deployment.composed import journal
from pytest_superteam.deployment.ports import free_ports


def lines(path):
    """Return the records of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_image_prints_what_it_takes(tmp_path):
    """The files of the collector's image, run alone, print spans and events, which the journal sorts into files."""
    made = composed(tmp_path)
    script = made.folder / "collector/pytest_superteam/deployment/collector.py"
    assert f'"/srv/{script.relative_to(made.folder / "collector")}"' in made.read("collector/Dockerfile")
    (port,) = free_ports(1)
    argv = [sys.executable, "-I", "-S", "-u", str(script), str(port), "-"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        try:
            span = {"traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": "GET /books"}
            export = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
            assert post(port, "/v1/traces", export) == 200
            assert post(port, "/events", {"id": "1", "type": "OrderPlaced"}) == 202
        finally:
            process.terminate()
        output = process.stdout.read()
    journal.copy_journals(io.BytesIO(output), tmp_path / "telemetry")
    (spans,), (events,) = (lines(tmp_path / "telemetry" / f"{name}.jsonl") for name in journal.JOURNALS)
    assert (spans["kind"], spans["trace_id"], spans["name"]) == ("traces", span["traceId"], "GET /books")
    assert json.loads(events["body"]) == {"id": "1", "type": "OrderPlaced"}


def post(port, path, body):
    """Send a body as soon as somebody listens; return the status."""
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            return connection.getresponse().status
        except ConnectionRefusedError:
            subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.02)"], check=True)
        finally:
            connection.close()
    raise AssertionError("nobody listens")


def tagged(name, record):
    """Return a line as the collector prints it."""
    return json.dumps({"journal": name, "record": record}).encode() + b"\n"


@pytest.mark.parametrize(
    "noise",
    [
        b"Traceback (most recent call last):\n",
        b"{}\n",
        b"[]\n",
        b"1\n",
        b"\xff\xfe\n",
        b'{"journal": "other", "record": {}}\n',
        b'{"journal": "../spans", "record": {}}\n',
        b'{"journal": "spans", "record": 1}\n',
        b'{"journal": ["spans"], "record": {}}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_other_lines_are_no_records(tmp_path, capfdbinary, noise):
    """A line that is none of the collector's goes to standard error, and what follows it is still read."""
    journal.copy_journals(io.BytesIO(noise + tagged("spans", {"n": 1})), tmp_path)
    assert lines(tmp_path / "spans.jsonl") == [{"n": 1}]
    assert (tmp_path / "events.jsonl").read_bytes() == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl", "spans.jsonl"]
    assert capfdbinary.readouterr().err[:5] == noise[:5]


def test_files_are_begun_anew_and_private(tmp_path):
    """The files of an earlier reading are replaced, a link is not followed, and only the user can read them."""
    (tmp_path / "outside").write_text("kept")
    (tmp_path / "spans.jsonl").symlink_to(tmp_path / "outside")
    (tmp_path / "events.jsonl").write_text("old\n")
    journal.copy_journals(io.BytesIO(tagged("spans", {"n": 1})), tmp_path)
    assert (tmp_path / "outside").read_text() == "kept"
    assert (tmp_path / "events.jsonl").read_text() == ""
    assert (tmp_path / "spans.jsonl").stat().st_mode & 0o777 == 0o600


def test_files_are_bounded(tmp_path, monkeypatch):
    """A file takes no more than its bound, and a line that is too long is left out."""
    monkeypatch.setattr(journal, "MOST_BYTES", 30)
    monkeypatch.setattr(journal, "LONGEST_LINE", 200)
    source = b"".join([tagged("spans", {"n": 1}) * 9, tagged("events", {"x": "y" * 500}), tagged("events", {"n": 2})])
    journal.copy_journals(io.BytesIO(source), tmp_path)
    assert len(lines(tmp_path / "spans.jsonl")) == 4
    assert lines(tmp_path / "events.jsonl") == [{"n": 2}]


@pytest.mark.parametrize("status", [0, 3])
def test_the_script_follows_a_program(tmp_path, status):
    """As a script it reads what a program prints, and ends with its status."""
    program = f"import sys; sys.stdout.buffer.write({tagged('events', {'n': 1})!r}); sys.exit({status})"
    argv = [sys.executable, "-I", "-S", journal.__file__, str(tmp_path / "t"), sys.executable, "-c", program]
    assert subprocess.run(argv, check=False, timeout=30).returncode == status
    assert lines(tmp_path / "t" / "events.jsonl") == [{"n": 1}]


def test_printed_journals_are_bounded(capfdbinary):
    """What is printed has the same bound as a file; the last line says that it was reached."""
    made = PrintedJournal("spans.jsonl", 100)
    made.append(*({"n": n} for n in range(9)))
    printed = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert {line["journal"] for line in printed} == {"spans"}
    assert [line["record"] for line in printed] == [{"n": 0}, {"n": 1}, {"full": True}]
