"""The picture of the system in the report page: parts and lines, laid out by Graphviz, coloured by verdict."""

from __future__ import annotations

from pytest_superteam.reports.picture.data import picture_data
from pytest_superteam.reports.picture.page import picture_svg

__all__ = ["picture_data", "picture_svg"]
