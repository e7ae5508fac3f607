"""Our collector: what services export and publish comes into two files, and nothing that they send breaks it."""

import gzip
import http.client
import json
import threading
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.deployment import collector
from pytest_superteam.deployment.collector import EVENTS, SPANS, make_server
from pytest_superteam.deployment.otlp import OtlpError, records
from pytest_superteam.deployment.process import load_deployment

TRACE, SPAN, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "53995c3f42cd8ad8"
FOUND = {"service": "shop", "trace_id": TRACE, "span_id": SPAN, "parent_id": PARENT, "name": "GET /books"}


class Running:
    """A collector that runs in a thread."""

    def __init__(self, folder, most=collector.MOST_BYTES):
        self.folder = folder
        self.server = make_server(0, folder, most)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def post(self, path, body, **headers):
        """Send a body; return the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("POST", path, body=body, headers=names, encode_chunked="transfer_encoding" in headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def read(self, name):
        """Return the lines of a file."""
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


@pytest.fixture
def run(tmp_path):
    """Return a function that starts a collector."""
    started = []

    def start(**settings):
        started.append(Running(tmp_path / "telemetry", **settings))
        return started[-1]

    yield start
    for each in started:
        each.server.shutdown()
        each.server.server_close()


def field(number, content):
    """Return a field of a protobuf message: bytes, or a number."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value):
    """Return a number as protobuf writes it."""
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def spans():
    """Return an export of one span, in protobuf."""
    attribute = field(1, b"service.name") + field(2, field(1, b"shop"))
    resource = field(1, field(1, b"other") + field(2, field(3, 1))) + field(1, attribute)
    span = field(1, bytes.fromhex(TRACE)) + field(2, bytes.fromhex(SPAN)) + field(4, bytes.fromhex(PARENT))
    span += field(5, b"GET /books") + field(6, 2) + b"\x39" + b"\0" * 8
    return field(1, field(1, resource) + field(2, field(2, span)))


def spans_as_json():
    """Return the same export in JSON."""
    span = {"traceId": TRACE.upper(), "spanId": SPAN, "parentSpanId": PARENT, "name": "GET /books"}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}).encode()


def test_both_encodings_say_the_same():
    """Spans are read from protobuf and from JSON, with the service of their resource."""
    assert records("traces", spans(), as_json=False) == [FOUND]
    assert records("traces", spans_as_json(), as_json=True) == [FOUND]


def test_the_official_encoder_is_understood():
    """What the OpenTelemetry project's own message classes write is read: spans and log records."""
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    traces = ExportTraceServiceRequest()
    part = traces.resource_spans.add()
    part.resource.attributes.add(key="service.name").value.string_value = "shop"
    span = part.scope_spans.add().spans.add(name="GET /books", kind=2, start_time_unix_nano=1, trace_state="a=b")
    span.trace_id, span.span_id, span.parent_span_id = map(bytes.fromhex, (TRACE, SPAN, PARENT))
    assert records("traces", traces.SerializeToString(), as_json=False) == [FOUND]
    logs = ExportLogsServiceRequest()
    part = logs.resource_logs.add()
    part.resource.attributes.add(key="service.name").value.string_value = "shop"
    record = part.scope_logs.add().log_records.add(severity_text="INFO", time_unix_nano=1)
    record.body.string_value = "hello"
    record.trace_id, record.span_id = bytes.fromhex(TRACE), bytes.fromhex(SPAN)
    assert records("logs", logs.SerializeToString(), as_json=False) == [FOUND | {"parent_id": "", "name": ""}]


@given(st.binary(max_size=200), st.sampled_from(["traces", "logs"]), st.booleans())
def test_any_bytes_are_read_or_refused(body, signal, as_json):
    """Nothing but `OtlpError` comes out of an export that is none."""
    try:
        found = records(signal, body, as_json=as_json)
    except OtlpError:
        return
    assert all(set(record) == set(FOUND) for record in found)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_broken_export_is_read_or_refused(place, value):
    """An export with one byte changed, or cut there, is read or refused as any other."""
    body = bytearray(spans())
    body[place % len(body)] = value
    for broken in (bytes(body), spans()[: place % len(body)]):
        try:
            records("traces", broken, as_json=False)
        except OtlpError:
            continue


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (spans(), {"content_type": "application/x-protobuf"}),
        (gzip.compress(spans()), {"content_type": "application/x-protobuf", "content_encoding": "gzip"}),
        (zlib.compress(spans()), {"content_type": "application/x-protobuf", "content_encoding": "deflate"}),
        (spans_as_json(), {"content_type": "application/json"}),
        ([spans()[:9], spans()[9:]], {"content_type": "application/x-protobuf", "transfer_encoding": "chunked"}),
    ],
    ids=["protobuf", "gzip", "deflate", "json", "chunked"],
)
def test_spans_are_written_down(run, body, headers):
    """An export becomes a line in the file of spans, however it is packed."""
    running = run()
    assert running.post("/v1/traces", body, **headers) == 200
    (line,) = running.read(SPANS)
    assert line.pop("at") > 0
    assert line == FOUND | {"kind": "traces"}


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/v1/traces", b"\xff\xff", {}, 400),
        ("/v1/traces", b"{", {"content_type": "application/json"}, 400),
        ("/v1/traces", b"[" * 100_000, {"content_type": "application/json"}, 400),
        ("/v1/traces", b"no gzip", {"content_encoding": "gzip"}, 400),
        ("/v1/traces", gzip.compress(b"\0" * 20_000_000), {"content_encoding": "gzip"}, 413),
        ("/v1/traces", b"", {"content_length": "999999999"}, 413),
        ("/v1/traces", b"", {"content_length": "-1"}, 400),
        ("/v1/traces", b"", {"content_length": "many"}, 400),
        ("/v1/metrics", b"\xff", {}, 200),
        ("/elsewhere", b"", {}, 404),
    ],
    ids=[
        "no protobuf",
        "no JSON",
        "JSON too deep",
        "no gzip",
        "too large unpacked",
        "too large",
        "a negative length",
        "a length in words",
        "metrics",
        "another path",
    ],
)
def test_what_is_no_export_is_refused(run, path, body, headers, status):
    """A body that can't be read, is too large, or grows too large, is refused, and the next one is taken."""
    running = run()
    assert running.post(path, body, **headers) == status
    assert running.read(SPANS) == []
    assert running.post("/v1/traces", spans()) == 200
    assert len(running.read(SPANS)) == 1


def test_events_are_written_down_without_their_token(run):
    """A published event is kept as it came; of its token only that there was one."""
    running = run()
    sent = {"authorization": "Bearer a-secret", "traceparent": "00-1-2-03", "content_type": "application/json"}
    assert running.post("/events", b'{"type": "OrderPlaced"}', **sent) == 202
    assert running.post("/events", b"\xff", content_type="text/plain") == 202
    first, second = running.read(EVENTS)
    assert (first["body"], first["traceparent"], first["authorized"]) == ('{"type": "OrderPlaced"}', "00-1-2-03", True)
    assert (second["body"], second["content_type"], second["authorized"]) == ("\ufffd", "text/plain", False)
    assert "a-secret" not in (running.folder / EVENTS).read_text()


def test_a_full_file_is_said_once(run):
    """The files are bounded: when one is full, its last line says so and events are still answered."""
    running = run(most=500)
    for _ in range(6):
        assert running.post("/events", b"{}") == 202
    lines = running.read(EVENTS)
    assert lines[-1] == {"full": True}
    assert [line for line in lines if "full" in line] == [{"full": True}]
    assert len(lines) < 6


def test_the_collector_lives_and_ends_with_the_deployment(lab):
    """A deployment names the folder of its collector, which takes what the services send until it is torn down."""
    extra = """
        import urllib.request
        url = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/events"
        request = urllib.request.Request(url, b'{"from": "' + os.environ["OTEL_SERVICE_NAME"].encode() + b'"}')
        print(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).status)
    """
    late = f"""
        import threading
        def tell():
            import time
            {extra.strip().replace(chr(10) + "        ", chr(10) + "            ")}
        def answer(path):
            if path == "/tell":
                tell()
            return 200, "ready"
    """
    import urllib.request

    deployment = lab.deploy(lab.build(source=lab.server(late)))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(deployment.url("shop-service") + "/tell", timeout=10) as answer:
        assert answer.status == 200
    assert deployment.telemetry == lab.folder / "telemetry"
    assert load_deployment(lab.folder) == deployment
    (line,) = (deployment.telemetry / EVENTS).read_text().splitlines()
    assert json.loads(line)["body"] == '{"from": "shop-service"}'
