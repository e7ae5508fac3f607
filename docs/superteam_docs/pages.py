"""All pages that are made from the code, by the name of their file below `docs/reference`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from superteam_docs.agents import agents_page
from superteam_docs.api import api_page
from superteam_docs.checks import checks_page
from superteam_docs.codes import codes_page
from superteam_docs.exit_codes import exit_codes_page
from superteam_docs.fixtures import fixtures_page
from superteam_docs.hooks import hooks_page
from superteam_docs.markers import markers_page
from superteam_docs.options import options_page
from superteam_docs.schemas import SCHEMAS, schema_page
from superteam_docs.settings import settings_page
from superteam_docs.state_picture import state_picture
from superteam_docs.states import states_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PAGES", "PICTURES"]

PAGES: Mapping[str, Callable[[], str]] = {
    "agents.md": agents_page,
    "api.md": api_page,
    "checks.md": checks_page,
    "codes.md": codes_page,
    "exit-codes.md": exit_codes_page,
    "fixtures.md": fixtures_page,
    "hooks.md": hooks_page,
    "markers.md": markers_page,
    "options.md": options_page,
    "settings.md": settings_page,
    "states.md": states_page,
    **{name: partial(schema_page, name) for name in SCHEMAS},
}
PICTURES: Mapping[str, Callable[[], str]] = {"states.svg": state_picture}
"""Drawn by Graphviz, whose releases place things differently: what they show is held, not their bytes."""
