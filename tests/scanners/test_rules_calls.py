"""Good, bad and near-miss samples of TRACE-001 and ADV-005."""

from __future__ import annotations

import pytest

TRACE = [
    "import requests\nrequests.get(url)  #! TRACE-001",
    "from requests import post as p\np(url)  #! TRACE-001",
    (
        "import httpx\nasync def f():\n    async with httpx.AsyncClient() as client:\n"
        "        await client.get(url)  #! TRACE-001"
    ),
    (
        "import httpx\nclass C:\n    def __init__(self):\n        self.http = httpx.Client()\n    def f(self):\n"
        "        return self.http.post(url)  #! TRACE-001"
    ),
    "import httpx\ndef f(client: httpx.AsyncClient):\n    return client.get('/health')  #! TRACE-001",
    (
        "import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n"
        "        async with s.get(url) as r:  #! TRACE-001\n            pass"
    ),
    "import urllib.request\nurllib.request.urlopen(url)  #! TRACE-001",
    'import requests\nrequests.get(url, headers={"X-B3-TraceId": t})  #! TRACE-001',
    (
        "import requests\nfrom opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor\n"
        "HTTPXClientInstrumentor().instrument()\nrequests.get(url)  #! TRACE-001"
    ),
    # near misses
    (
        "import httpx\nfrom opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor\n"
        "HTTPXClientInstrumentor().instrument()\nhttpx.get(url)"
    ),
    (
        "import requests\nfrom opentelemetry.propagate import inject\ndef f():\n    h = {}\n    inject(h)\n"
        "    requests.get(url, headers=h)"
    ),
    'import requests\ndef f():\n    requests.get(url, headers={"traceparent": t})',
    (
        'import requests\ndef headers():\n    return {"traceparent": t}\ndef f():\n'
        "    requests.get(url, headers=headers())"
    ),
    (
        'import httpx\ndef hook(r):\n    r.headers["traceparent"] = t\n'
        'c = httpx.Client(event_hooks={"request": [hook]})\ndef f():\n    c.get(url)'
    ),
    "# requests.get(url)\nTEXT = 'requests.get(url)'",
    "session.get(key)\ncache.get(url)",
]


@pytest.mark.parametrize("text", TRACE)
def test_trace_propagation(samples, text):
    """TRACE-001 finds outgoing calls that neither inject traceparent nor use an instrumented client."""
    samples.check(text, "TRACE-001")


def test_headers_of_another_module(samples):
    """A helper in another module that writes traceparent counts."""
    files = {
        "app/trace.py": 'NAME = "traceparent"\ndef outgoing():\n    return {NAME: current()}\n',
        "app/client.py": "import httpx\nfrom app.trace import outgoing\ndef f():\n"
        "    return httpx.get(url, headers=outgoing())\n",
    }
    assert samples.violations(files, "TRACE-001") == []


def test_client_of_a_function(samples):
    """A client that a function of another module returns is known by what that function says it returns."""
    files = {
        "app/http.py": "import httpx\ndef http() -> httpx.Client:\n    return httpx.Client()\n",
        "app/client.py": "from app.http import http\nimport httpx\ndef f():\n    return http().get(url)\n",
    }
    assert [(v.file, v.line) for v in samples.violations(files, "TRACE-001")] == [("app/client.py", 4)]


def test_started_instrumented(samples):
    """A service that is started by opentelemetry-instrument needs no code."""
    files = {
        "Dockerfile": 'FROM a:1\nCMD ["opentelemetry-instrument", "python"]\n',
        "a.py": "import httpx\nhttpx.get(u)\n",
    }
    assert samples.violations(files, "TRACE-001") == []


def test_calls_of_tests_and_scripts(samples):
    """Calls from tests and scripts need no trace."""
    text = "import httpx\nhttpx.get(u)\n"
    assert samples.violations({"tests/test_a.py": text, "scripts/seed.py": text}, "TRACE-001") == []


ERRORS = [
    "try:\n    f()\nexcept:  #! ADV-005\n    log()",
    "try:\n    f()\nexcept Exception:  #! ADV-005\n    pass",
    "def g():\n    try:\n        f()\n    except Exception:  #! ADV-005\n        return",
    "def g():\n    try:\n        f()\n    except Exception:  #! ADV-005\n        return None",
    "try:\n    f()\nexcept (ValueError, Exception):  #! ADV-005\n    ...",
    "for x in y:\n    try:\n        f()\n    except BaseException:  #! ADV-005\n        continue",
    "from contextlib import suppress\nwith suppress(Exception):  #! ADV-005\n    f()",
    "import httpx\ndef f():\n    return httpx.get(url)  #! ADV-005",
    "import asyncio\nasync def f():\n    asyncio.create_task(g())  #! ADV-005",
    (
        "import httpx\ndef call():\n    return httpx.get(url)  #! ADV-005\ndef a():\n    try:\n        call()\n"
        "    except httpx.HTTPError:\n"
        "        raise Bad\ndef b():\n    call()"
    ),
    # near misses
    "try:\n    f()\nexcept KeyError:\n    pass",
    "try:\n    f()\nexcept:\n    rollback()\n    raise",
    "try:\n    f()\nexcept Exception:\n    logger.exception('x')",
    "def g():\n    try:\n        return f()\n    except Exception:\n        return 'fallback'",
    "from contextlib import suppress\nwith suppress(FileNotFoundError):\n    f()",
    (
        "import httpx\ndef f():\n    try:\n        return httpx.get(url)\n    except httpx.HTTPError as e:\n"
        "        raise Bad from e"
    ),
    (
        "import httpx\ndef call():\n    return httpx.get(url)\ndef a():\n    try:\n        call()\n"
        "    except httpx.HTTPError:\n        raise Bad"
    ),
    "import httpx\n@app.exception_handler(httpx.HTTPError)\ndef h(r, e): ...\ndef f():\n    return httpx.get(url)",
    "import asyncio\nasync def f():\n    task = asyncio.create_task(g())\n    task.add_done_callback(done)",
    "TEXT = 'except: pass'",
]


@pytest.mark.parametrize("text", ERRORS)
def test_error_handling(samples, text):
    """ADV-005 finds failures that vanish, calls that nothing watches and tasks that are forgotten."""
    samples.check(text, "ADV-005")
