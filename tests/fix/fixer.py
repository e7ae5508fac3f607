"""What a project of the fix tests plugs in: a builder that seeds faults, and mends them or not, as a script says.

`script.json` has, by service, what the build does (`build`) and what each fix attempt does (`fix`, the last one again
and again). A book beside the project's folder counts what really happened.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Usage, WorstCase

HERE = Path(__file__).parent
BOOK = HERE.with_suffix(".jsonl")
SEEDED = "app/seeded.py"
SECRET = '"""Seeded."""\n\nimport jwt\n\n\ndef token(claims):\n    return jwt.encode(claims, "an-old-{}", "HS256")\n'


def note(**what):
    """Write down what happens."""
    with BOOK.open("a", encoding="utf-8") as book:
        book.write(json.dumps({"pid": os.getpid(), **what}) + "\n")


class Fixer(BuiltinBuilder):
    """Builds as the built-in builder does, and then what its script says."""

    name = "fixer"
    version = "1"
    tier = "paid"
    mends = True

    def worst_case(self, _request):
        return WorstCase(1.0)

    async def build(self, request):
        script = json.loads((HERE / "script.json").read_text(encoding="utf-8")).get(request.service, {})
        mending = request.mending
        if mending is None:
            output, actions = await super().build(request), script.get("build", [])
        else:
            steps = script.get("fix", [[]])
            output, actions = None, steps[min(mending.number, len(steps)) - 1]
        asked = list(mending.findings) if mending else []
        note(
            service=request.service,
            mending=mending.number if mending else 0,
            asked=asked,
            actions=actions,
            refused=mending.refused if mending else "",
            text=mending.text if mending else "",
        )
        usd = 0.25
        for action in actions:
            act(action, request.directory)
        if mending is not None:
            output = BuildOutput(
                ("python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}"),
                ("python", "-m", "pytest", "-q", "tests"),
            )
        return BuildOutput(output.start, output.test, Usage(usd=usd))


def act(action, folder):
    """Do one thing to a service's tree."""
    if action == "fault":
        (folder / SEEDED).write_text(SECRET.format("secret-of-ours-12345"), encoding="utf-8")
    elif action == "mend":
        (folder / SEEDED).unlink()
    elif action == "touch":
        with (folder / "app" / "main.py").open("a", encoding="utf-8") as stream:
            stream.write("\n# looked at\n")
    elif action == "weaken":
        test = next((folder / "tests").glob("test_*.py"))
        text = test.read_text(encoding="utf-8")
        test.write_text(f"import pytest\n\npytestmark = pytest.mark.skip\n{text}", encoding="utf-8")
    elif action == "break":  # its answers don't keep the contract any more, which its callers rest on
        main = folder / "app" / "main.py"
        text = main.read_text(encoding="utf-8")
        main.write_text(
            f"{text}\n\n@app.middleware('http')\nasync def broken(request, call_next):\n"
            "    from starlette.responses import JSONResponse\n\n"
            "    if request.url.path.startswith('/items/'):\n"
            "        return JSONResponse({'detail': 'no'}, status_code=503)\n"
            "    return await call_next(request)\n",
            encoding="utf-8",
        )
    elif action == "repair":
        main = folder / "app" / "main.py"
        text = main.read_text(encoding="utf-8")
        main.write_text(text.partition("\n\n@app.middleware('http')\nasync def broken")[0] + "\n", encoding="utf-8")
    elif action == "slow":
        time.sleep(60)
    elif action == "fail":
        raise BuildError("the model gave up", usage=Usage(usd=0.25), retryable=False)
    else:
        raise AssertionError(action)


def pytest_superteam_builders(config):
    """Offer the builder."""
    return [Fixer()]
