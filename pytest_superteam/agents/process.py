"""One run of an agent: start it, hear it, hold it to its limits, and end it with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Literal

from pytest_superteam.agents.confine import available, launcher
from pytest_superteam.agents.limits import MIB, Exceeded, Limits, Watch
from pytest_superteam.agents.printed import Printed
from pytest_superteam.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

__all__ = ["AgentCommand", "AgentEnd", "NotStartableError", "find_program", "run_agent"]

GRACE_SECONDS = 3.0
"""How long an agent that is to end gets to do so by itself."""
LOOK_SECONDS = 0.25
"""Between two looks at what it uses."""
_GUARD = Path(__file__).parents[1] / "checks" / "guard.py"
Why = Literal["exit", "signal", "printed", "not started"] | Exceeded
