"""Where parts and lines of a picture stand: Graphviz works it out, from sizes and numbers only.

No name ever reaches Graphviz, whose labels are a language of their own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.extras import installing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Box", "Curve", "Layout", "NotLaidOutError", "Wire", "lay_out"]

TIMEOUT = 20.0
"""Seconds that Graphviz has."""
_BOTH_WAYS = 40
"""Parts up to which the picture is laid out from left to right and from top to bottom, for the better one is taken."""
_ROOM = (1060.0, 900.0)
"""Width and height of a page, in pixels, that a picture should go into."""
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_QUICK = "nslimit=2; nslimit1=2; mclimit=0.5;"
"""Bounds of Graphviz's own work, which else grows with the square of the lines and more."""


class NotLaidOutError(Exception):
    """The picture can't be laid out; the text says why, and what to do."""


Box = tuple[float, float]
"""Width and height of a part, in pixels."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Wire:
    """A line to be laid: the positions of its ends among the parts, and the size of what is written on it."""

    source: int
    target: int
    label: Box | None = None
    arrow: bool = True


@dataclass(frozen=True)
class Curve:
    """A line that was laid: a Bézier curve from `points[0]`, three points a piece, and where its arrow ends."""

    points: tuple[Point, ...]
    tip: Point | None
    label: Point | None
    """The middle of what is written on it."""


@dataclass(frozen=True)
class Layout:
    """Where everything stands, in pixels from the top left corner. Centers of parts in their order; lines in theirs."""

    width: float
    height: float
    centers: tuple[Point, ...]
    curves: tuple[Curve | None, ...]


def lay_out(boxes: Sequence[Box], wires: Sequence[Wire]) -> Layout:
    """Return where the parts and the lines stand.

    Raises:
        NotLaidOutError: Graphviz is not there, took too long or failed.
    """
    ways = ("LR", "TB") if len(boxes) <= _BOTH_WAYS else ("TB",)
    made = _graphviz([_dot(boxes, wires, way) for way in ways])
    try:
        layouts = [_read(each, len(boxes), len(wires)) for each in made]
        return max(layouts, key=_scale)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, ZeroDivisionError):
        raise NotLaidOutError("Graphviz answered with something else than a layout") from None


def _scale(layout: Layout) -> tuple[float, float]:
    """Return how large a layout can be shown on a page, and of those that go into it the smaller one."""
    fitting = min(1.0, _ROOM[0] / layout.width, _ROOM[1] / layout.height)
    return fitting, -layout.width * layout.height


# ------------------------------------------------------------ asking Graphviz


def _dot(boxes: Sequence[Box], wires: Sequence[Wire], way: str) -> str:
    """Return the graph in the language of Graphviz; 72 pixels are an inch there."""
    between = max(0.5, 0.9 - len(wires) / 100)
    lines = [f"digraph {{ rankdir={way}; ranksep={between:.2f}; nodesep=0.35; {_QUICK}"]
    lines.append('node [shape=box fixedsize=true label=""]; edge [arrowsize=0.8];')
    for index, (width, height) in enumerate(boxes):
        lines.append(f"n{index} [width={width / 72:.3f} height={height / 72:.3f}];")
    for index, wire in enumerate(wires):
        label = f" label=<{_space(wire.label)}>" if wire.label else ""
        arrow = "" if wire.arrow else " dir=none"
        lines.append(f"n{wire.source} -> n{wire.target} [id=e{index}{label}{arrow}];")
    return "\n".join([*lines, "}"])


def _space(box: Box) -> str:
    """Return an empty table of a size: the room for a label, which no font of this machine has a say in."""
    size = f'WIDTH="{box[0]:.0f}" HEIGHT="{box[1]:.0f}"'
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" FIXEDSIZE="TRUE" {size}><TR><TD></TD></TR></TABLE>'


def _graphviz(graphs: Sequence[str]) -> list[Any]:
    found = importlib.util.find_spec("pygraphviz")
    if found is None or not found.submodule_search_locations:
        raise NotLaidOutError(f"Graphviz is not installed; {installing('html')} brings it")
    folder = Path(next(iter(found.submodule_search_locations))).parent
    command = [sys.executable, "-I", str(Path(__file__).with_name("child.py")), str(folder)]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        ended = subprocess.run(  # noqa: S603  # our own script, an argument vector
            command,
            input=json.dumps(graphs).encode(),
            capture_output=True,
            timeout=TIMEOUT,
            env=environment,
            check=True,
        )
        layouts = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        raise NotLaidOutError(f"Graphviz took more than {TIMEOUT:.0f} s") from None
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        raise NotLaidOutError(f"Graphviz failed ({_why(error)})") from None
    return layouts if isinstance(layouts, list) else []


def _why(error: Exception) -> str:
    """Return in a few words why a process came to nothing."""
    if isinstance(error, subprocess.CalledProcessError):
        last = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        return f"exit code {error.returncode}" + (f": {last[0][:200]}" if last else "")
    return type(error).__name__


# ------------------------------------------------------------ reading its answer


def _read(data: Mapping[str, Any], nodes: int, edges: int) -> Layout:
    """Return a layout, its vertical axis turned: Graphviz counts from the bottom."""
    _, _, width, height = _numbers(data["bb"])

    def point(x: float, y: float) -> Point:
        return round(x, 1), round(height - y, 1)

    centers: dict[int, Point] = {}
    for each in data["objects"]:
        x, y = _numbers(each["pos"])
        centers[int(each["name"].removeprefix("n"))] = point(x, y)
    curves: dict[int, Curve] = {}
    for each in data.get("edges", ()):
        points, tip = _spline(each["pos"])
        label = tuple(_numbers(each["lp"])) if "lp" in each else None
        curves[int(each["id"].removeprefix("e"))] = Curve(
            tuple(point(*p) for p in points), point(*tip) if tip else None, point(*label) if label else None
        )
    return Layout(width, height, tuple(centers[i] for i in range(nodes)), tuple(curves.get(i) for i in range(edges)))


def _spline(text: str) -> tuple[list[Point], Point | None]:
    """Return the points of a curve, and where its arrow ends (`e,x,y x,y x,y ...`)."""
    tip: Point | None = None
    points: list[Point] = []
    for word in text.partition(";")[0].split():
        if word.startswith("e,"):
            tip = _pair(word[2:])
        elif not word.startswith("s,"):
            points.append(_pair(word))
    return points, tip


def _pair(text: str) -> Point:
    x, y = _numbers(text)
    return x, y


def _numbers(text: str) -> Iterator[float]:
    return map(float, text.split(","))
