"""What importing the architect costs."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["architect.builtin", "architect.files", "architect.document.prd", "codec"])
def test_heavy_libraries_are_not_imported(module):
    """Importing a module of the room loads no parser and no validator."""
    code = (
        f"import sys, pytest_superteam.{module}\n"
        "print([m for m in ('pyromark', 'yaml', 'jsonschema', 'pytest', 'pydantic') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
