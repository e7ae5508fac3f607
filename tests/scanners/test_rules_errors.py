"""ADV-005 in Python: failures that vanish, calls that nothing handles, tasks that nobody watches."""

from __future__ import annotations

import pytest

SWALLOWED = [
    "try:\n    f()\nexcept:  #! ADV-005\n    log()",
    "try:\n    f()\nexcept :  #! ADV-005\n    pass",
    "try:\n    f()\nexcept Exception:  #! ADV-005\n    pass",
    "try:\n    f()\nexcept Exception: pass  #! ADV-005",
    "try:\n    f()\nexcept Exception as e:  #! ADV-005\n    pass",
    "try:\n    f()\nexcept Exception:  #! ADV-005\n    ...",
    "try:\n    f()\nexcept Exception:  #! ADV-005\n    'nothing to do'",
    "def g():\n    try:\n        f()\n    except Exception:  #! ADV-005\n        return",
    "def g():\n    try:\n        f()\n    except Exception:  #! ADV-005\n        return None",
    (
        "def g():\n    try:\n        f()\n    except Exception:  #! ADV-005\n"
        "        # TODO handle\n\n        return None\n"
    ),
    "try:\n    f()\nexcept (ValueError, Exception):  #! ADV-005\n    ...",
    "try:\n    f()\nexcept (  #! ADV-005\n    ValueError,\n    Exception,\n):\n    pass",
    "for x in y:\n    try:\n        f()\n    except BaseException:  #! ADV-005\n        continue",
    "for x in y:\n    try:\n        f()\n    except Exception:  #! ADV-005\n        break",
    "import builtins\ntry:\n    f()\nexcept builtins.Exception:  #! ADV-005\n    pass",
    "ERRORS = (Exception,)\ntry:\n    f()\nexcept ERRORS:  #! ADV-005\n    pass",
    "try:\n    f()\nexcept* Exception:  #! ADV-005\n    pass",
    "try:\n    f()\nexcept ValueError:\n    pass\nexcept Exception:  #! ADV-005\n    pass",
    "try:\n    f()\nexcept Exception:  #! ADV-005\n    pass  # ignore errors",
    "import requests\ntry:\n    requests.get(u)\nexcept requests.RequestException:  #! ADV-005\n    pass",
    "from sqlalchemy.exc import SQLAlchemyError\ntry:\n    f()\nexcept SQLAlchemyError:  #! ADV-005\n    pass",
    "from contextlib import suppress\nwith suppress(Exception):  #! ADV-005\n    f()",
    "import contextlib as c\nwith c.suppress(ValueError, BaseException):  #! ADV-005\n    f()",
    "def g():\n    try:\n        f()\n    finally:\n        return 1  #! ADV-005",
    "def g():\n    while True:\n        try:\n            f()\n        finally:\n            break  #! ADV-005",
    # near misses
    "try:\n    f()\nexcept KeyError:\n    pass",
    "try:\n    import ujson as json\nexcept ImportError:\n    json = None",
    "import asyncio\nasync def g():\n    try:\n        await f()\n    except asyncio.CancelledError:\n        pass",
    "def g():\n    try:\n        return next(it)\n    except StopIteration:\n        return None",
    "import os\ntry:\n    os.unlink(p)\nexcept FileNotFoundError:\n    pass",
    "try:\n    f()\nexcept:\n    rollback()\n    raise",
    "try:\n    f()\nexcept:\n    if not tolerant:\n        raise",
    "try:\n    f()\nexcept Exception:\n    raise",
    "try:\n    f()\nexcept Exception as e:\n    raise Bad from e",
    "try:\n    f()\nexcept Exception:\n    logger.exception('x')",
    "try:\n    f()\nexcept Exception as e:\n    errors.append(e)",
    "def g():\n    try:\n        return f()\n    except Exception:\n        return 'fallback'",
    "def g():\n    try:\n        f()\n        return True\n    except Exception:\n        return False",
    "def g():\n    try:\n        return int(x)\n    except ValueError:\n        return None",
    "def g():\n    try:\n        return int(x)\n    except (TypeError, ValueError):\n        return None",
    "try:\n    f()\nexcept Exception:\n    # the cache is only an optimisation\n    pass",
    "try:\n    f()\nexcept Exception:  # best effort metrics\n    pass",
    "try:\n    f()\nexcept Exception:\n    failed = True",
    "try:\n    f()\nexcept MyException:\n    pass",
    "from contextlib import suppress\nwith suppress(FileNotFoundError):\n    f()",
    "with warnings.suppress(Exception):\n    f()",
    "TEXT = 'except: pass'\n# except: pass\n",
    'def g():\n    """try: f()\n    except Exception:\n        pass\n    """',
    "def g():\n    try:\n        f()\n    finally:\n        def inner():\n            return 1",
    "def g():\n    try:\n        f()\n    finally:\n        for x in y:\n            break",
]


@pytest.mark.parametrize("text", SWALLOWED)
def test_swallowed_failures(samples, text):
    """ADV-005 finds handlers of everything that do nothing, and leaves expected exceptions alone."""
    samples.check(text, "ADV-005")


APP = "import httpx\nfrom fastapi import FastAPI\napp = FastAPI()\n"
ROUTE = "@app.get('/x')\ndef f():\n    return httpx.get(url)"
CALLS = [
    "import httpx\ndef f():\n    return httpx.get(url)  #! ADV-005",
    APP + ROUTE + "  #! ADV-005",
    "from requests import post as send\ndef f():\n    send(url, json=x)  #! ADV-005",
    "import requests\nsession = requests.Session()\ndef f():\n    session.put(url)  #! ADV-005",
    (
        "import httpx\nasync def f():\n    async with httpx.AsyncClient() as client:\n"
        "        r = await client.get(url)  #! ADV-005\n    return r.json()"
    ),
    (
        "import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n"
        "        async with s.get(url) as r:  #! ADV-005\n            return await r.json()"
    ),
    "from urllib.request import urlopen\ndef f():\n    return urlopen(url).read()  #! ADV-005",
    (
        "import requests\ndef f():\n    try:\n        return requests.get(url)  #! ADV-005\n"
        "    except KeyError:\n        return 1"
    ),
    "import requests\ndef f():\n    try:\n        return requests.get(url)  #! ADV-005\n    finally:\n        g()",
    (
        "import requests\ndef f():\n    try:\n        pass\n    except Exception:\n"
        "        return requests.get(url)  #! ADV-005"
    ),
    (
        "import httpx\ndef call():\n    return httpx.get(url)  #! ADV-005\ndef a():\n    try:\n        call()\n"
        "    except httpx.HTTPError:\n        raise Bad\ndef b():\n    call()"
    ),
    APP + "@app.exception_handler(ValueError)\ndef h(r, e): ...\n" + ROUTE + "  #! ADV-005",
    APP
    + "import requests\n@app.exception_handler(requests.RequestException)\ndef h(r, e): ...\n"
    + ROUTE
    + "  #! ADV-005",
    APP + "from fastapi import HTTPException\napp.add_exception_handler(HTTPException, h)\n" + ROUTE + "  #! ADV-005",
    APP
    + "@app.middleware('http')\nasync def m(request, call_next):\n    return await call_next(request)\n"
    + ROUTE
    + "  #! ADV-005",
    "import requests\nfrom tenacity import retry\n@retry\ndef f():\n    return requests.get(url)  #! ADV-005",
    # near misses
    (
        "import httpx\ndef f():\n    try:\n        return httpx.get(url)\n"
        "    except httpx.HTTPError as e:\n        raise Bad from e"
    ),
    (
        "import requests\ndef f():\n    try:\n        return requests.get(url)\n"
        "    except (KeyError, OSError):\n        return 1"
    ),
    (
        "import httpx\ndef call():\n    return httpx.get(url)\ndef a():\n    try:\n        call()\n"
        "    except httpx.HTTPError:\n        raise Bad"
    ),
    (
        "import httpx\nclass Catalog:\n    def read(self, i):\n        return httpx.get(url)\n"
        "def handler(catalog):\n    try:\n        return catalog.read(1)\n"
        "    except httpx.HTTPError:\n        raise Bad"
    ),
    APP + "@app.exception_handler(httpx.HTTPError)\ndef h(r, e): ...\n" + ROUTE,
    APP + "@app.exception_handler(Exception)\ndef h(r, e): ...\n" + ROUTE,
    APP + "@app.exception_handler(500)\ndef h(r, e): ...\n" + ROUTE,
    APP + "app.add_exception_handler(httpx.RequestError, h)\n" + ROUTE,
    "import httpx\nfrom fastapi import FastAPI\napp = FastAPI(exception_handlers={Exception: h})\n" + ROUTE,
    (
        "import httpx\nfrom fastapi import FastAPI\nHANDLERS = {httpx.HTTPError: h}\n"
        "app = FastAPI(exception_handlers=HANDLERS)\n"
    )
    + ROUTE,
    APP + "for kind in (A, B):\n    app.add_exception_handler(kind, h)\n" + ROUTE,
    (
        APP + "@app.middleware('http')\nasync def m(request, call_next):\n    try:\n"
        "        return await call_next(request)\n"
        "    except Exception:\n        return oops()\n" + ROUTE
    ),
    (
        "import httpx\nfrom starlette.middleware.base import BaseHTTPMiddleware\nclass M(BaseHTTPMiddleware):\n"
        "    async def dispatch(self, request, call_next):\n        try:\n            return await call_next(request)\n"
        "        except Exception:\n            return oops()\ndef f():\n    return httpx.get(url)"
    ),
    (
        "import requests\nfrom flask import Flask\napp = Flask(__name__)\n@app.errorhandler(Exception)\ndef h(e): ...\n"
        "@app.route('/x')\ndef f():\n    return requests.get(url).json()"
    ),
    (
        "import requests\nfrom flask import Flask\napp = Flask(__name__)\napp.register_error_handler(500, h)\n"
        "@app.route('/x')\ndef f():\n    return requests.get(url).json()"
    ),
    (
        "from aiohttp import ClientSession, web\n@web.middleware\nasync def m(request, handler):\n    try:\n"
        "        return await handler(request)\n    except Exception:\n        return web.Response(status=502)\n"
        "async def f(request):\n    async with ClientSession() as s:\n"
        "        async with s.get(url) as r:\n            return r"
    ),
    "import requests\nREST_FRAMEWORK = {'EXCEPTION_HANDLER': 'a.b'}\ndef f(request):\n    return requests.get(url)",
    (
        "import requests\nfrom contextlib import suppress\ndef f():\n"
        "    with suppress(requests.RequestException):\n        requests.post(url)"
    ),
    (
        "import httpx\nfrom contextlib import contextmanager\n@contextmanager\n"
        "def upstream():\n    try:\n        yield\n"
        "    except httpx.HTTPError as e:\n        raise Bad from e\ndef f():\n"
        "    with upstream():\n        httpx.get(url)"
    ),
    (
        "import functools, httpx\ndef guarded(g):\n    def inner(*a):\n        try:\n            return g(*a)\n"
        "        except httpx.HTTPError:\n            raise Bad\n    return inner\n@guarded\n"
        "def f():\n    return httpx.get(url)"
    ),
    "import requests\n@app.task(autoretry_for=(requests.RequestException,))\ndef f():\n    requests.post(url)",
    "# requests.get(url)\nTEXT = 'requests.get(url)'",
]


@pytest.mark.parametrize("text", CALLS)
def test_unhandled_calls(samples, text):
    """ADV-005 finds outgoing calls whose failure meets no handler on its way to the request."""
    samples.check(text, "ADV-005")


TASKS = [
    "import asyncio\nasync def f():\n    asyncio.create_task(g())  #! ADV-005",
    "import asyncio\nasync def f():\n    asyncio.ensure_future(g())  #! ADV-005",
    "from asyncio import create_task\nasync def f():\n    create_task(g())  #! ADV-005",
    "import asyncio\nasync def f():\n    loop = asyncio.get_running_loop()\n    loop.create_task(g())  #! ADV-005",
    "import asyncio\nasync def f():\n    asyncio.get_event_loop().create_task(g())  #! ADV-005",
    "import asyncio\nasync def f():\n    _ = asyncio.create_task(g())  #! ADV-005",
    "import asyncio\nasync def f():\n    task = asyncio.create_task(g())  #! ADV-005\n    return 1",
    "import asyncio\nasync def f():\n    asyncio.get_running_loop().run_in_executor(None, g)  #! ADV-005",
    "import asyncio\nasync def g():\n    await h()\nasync def f():\n    asyncio.create_task(g())  #! ADV-005",
    # near misses
    "import asyncio\nasync def f():\n    task = asyncio.create_task(g())\n    task.add_done_callback(done)",
    "import asyncio\nasync def f():\n    task = asyncio.create_task(g())\n    await task",
    "import asyncio\nasync def f():\n    await asyncio.create_task(g())",
    "import asyncio\nasync def f():\n    tasks.add(asyncio.create_task(g()))",
    "import asyncio\nasync def f():\n    async with asyncio.TaskGroup() as tg:\n        tg.create_task(g())",
    "import asyncio\nasync def f(self):\n    self.task = asyncio.create_task(g())",
    "import asyncio\nasync def f():\n    asyncio.create_task(g()).add_done_callback(done)",
    "import asyncio\nasync def f():\n    await asyncio.gather(*[asyncio.create_task(g(x)) for x in y])",
    (
        "import asyncio\nasync def g():\n    try:\n        await h()\n    except Exception:\n"
        "        log.exception('x')\n"
        "async def f():\n    asyncio.create_task(g())"
    ),
    "async def f():\n    project.create_task(name)",
    "# asyncio.create_task(g())",
]


@pytest.mark.parametrize("text", TASKS)
def test_forgotten_tasks(samples, text):
    """ADV-005 finds tasks that are started and neither kept, awaited nor given a callback."""
    samples.check(text, "ADV-005")


def test_handler_in_another_module(samples):
    """A handler that another module registers, and a `try` of a caller there, count."""
    client = "import httpx\ndef fetch_user(i):\n    return httpx.get(url)\n"
    caller = (
        "from app.client import fetch_user\ndef f():\n    try:\n        fetch_user(1)\n"
        "    except Exception as e:\n        raise Bad\n"
    )
    assert samples.violations({"app/client.py": client, "app/views.py": caller}, "ADV-005") == []


def test_registered_elsewhere(samples):
    """A handler of every failure in the application's module covers the routes of the others."""
    client = "import httpx\ndef fetch_user(i):\n    return httpx.get(url)\n"
    main = "from fastapi import FastAPI\napp = FastAPI()\napp.add_exception_handler(Exception, oops)\n"
    assert samples.violations({"app/client.py": client, "main.py": main}, "ADV-005") == []
    assert len(samples.violations({"main.py": "app = 1\n"}, "ADV-005")) == 1
