"""Which browser the tests take, and what happens where there is none."""

import shutil

import pytest
from browser_pages import executable


@pytest.mark.parametrize(
    ("there", "in_ci", "ends"),
    [
        ({"google-chrome", "chromium", "apt-get"}, True, "chromium"),
        ({"google-chrome"}, False, "google-chrome"),
        ({"apt-get"}, True, pytest.fail.Exception),
        ({"apt-get"}, False, pytest.skip.Exception),
        (set(), True, pytest.skip.Exception),
    ],
)
def test_ci_that_could_install_a_browser_has_to(monkeypatch, there, in_ci, ends):
    """Debian's own comes first; without one the tests are skipped, but in CI where there is apt-get they fail."""
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    monkeypatch.setenv("CI", "true" if in_ci else "")
    if isinstance(ends, str):
        assert executable() == ends
        return
    with pytest.raises(ends, match="apt-get install chromium"):
        executable()
