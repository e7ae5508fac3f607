"""A badge for a README: the verdict as a small SVG that needs no font of ours and no network.

It says `passed`, `failed, 3 blocking`, `interrupted` or `incomplete`; `partial` behind it where only some of the gate's
items were run, for then it is no verdict on the whole system, and is not green. Of a session that tried the gate on
itself (`--calibrate`) it says `calibration` in place of `gate`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only writes here; nothing is parsed

from pytest_superteam.reports.findings import blocking
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport

__all__ = ["badge_svg", "badge_words"]

_GOOD, _BAD, _WARN = "#1b6e20", "#b00020", "#8a5a00"
_LABEL = "#3c434d"
_HEIGHT, _SIZE, _SPACE = 20, 11.0, 6.0
_UNIT = 0.6
"""Width of a letter, in units of the font's size; `textLength` makes the text that wide in any font."""


def badge_words(report: GateReport) -> tuple[str, str]:
    """Return what stands on the left and on the right of the badge."""
    if report.calibration is not None:
        return "calibration", one_line(report.verdict, 20)
    words = [one_line(report.verdict, 20)]
    found = len(blocking(report))
    words += [f"{found} blocking"] if found else []
    words += ["partial"] if report.partial else []
    return "gate", ", ".join(words)


def badge_svg(report: GateReport) -> str:
    """Return the badge; equal reports give equal bytes."""
    left, right = badge_words(report)
    widths = [math.ceil(len(text) * _SIZE * _UNIT + 2 * _SPACE) for text in (left, right)]
    wide = sum(widths)
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": f"{left}: {right}"})
    root.attrib |= {"width": str(wide), "height": str(_HEIGHT), "viewBox": f"0 0 {wide} {_HEIGHT}"}
    ET.SubElement(root, "title").text = f"{left}: {right}"
    clip = ET.SubElement(root, "clipPath", {"id": "r"})
    ET.SubElement(clip, "rect", {"width": str(wide), "height": str(_HEIGHT), "rx": "4"})
    fields = ET.SubElement(root, "g", {"clip-path": "url(#r)"})
    texts = ET.SubElement(root, "g", {"fill": "#fff", "font-family": "Verdana,DejaVu Sans,sans-serif"})
    texts.attrib |= {"font-size": f"{_SIZE:g}", "text-anchor": "middle"}
    start = 0
    for text, width, color in zip((left, right), widths, (_LABEL, _color(report)), strict=True):
        size = {"x": str(start), "width": str(width), "height": str(_HEIGHT)}
        ET.SubElement(fields, "rect", size | {"fill": color})
        place = {"x": f"{start + width / 2:g}", "y": "14", "textLength": f"{width - 2 * _SPACE:g}"}
        ET.SubElement(texts, "text", place).text = text
        start += width
    return ET.tostring(root, encoding="unicode") + "\n"


def _color(report: GateReport) -> str:
    """Return the colour of the verdict; what was not asked as a whole is never green."""
    if report.verdict == "failed":
        return _BAD
    whole = report.verdict == "passed" and not report.partial
    return _GOOD if whole else _WARN
