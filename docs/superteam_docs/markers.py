"""The page of the markers, made of what the plugin registers."""

from __future__ import annotations

from pytest_superteam.plugin import MARKERS
from superteam_docs.markdown import page, table

__all__ = ["markers_page"]

_HEAD = """\
# Markers

The gate's items have them from collection on, so `-m` selects by them: `-m layer3`, `-m "layer3 and blocking"`,
`-m 'severity(name="high")'`. All are registered, so `--strict-markers` does no harm. `pytest --markers` shows them.
"""
_YOURS = """\
## On tests of your own

<!-- not run: sketch -->
```python
import pytest


@pytest.mark.service(name="catalog-service")  # `client` is one of this service
@pytest.mark.requirement("FR-012")  # this test proves that requirement
def test_books_are_listed(client): ...
```
"""


def markers_page() -> str:
    """Return the page, in Markdown."""
    rows = [(f"`{name}`", text.strip()) for name, _, text in (marker.partition(":") for marker in MARKERS)]
    return page(_HEAD, table(("marker", "says"), rows), _YOURS)
