"""Debian's chromium, driven by Playwright; each page is made once and shared."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from browser_pages import executable, grown, made_up, real
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser for the tests of one file; no longer, for Playwright keeps an event loop running meanwhile."""
    from playwright.sync_api import sync_playwright

    path = executable()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path)
        yield started
        started.close()


@pytest.fixture(scope="session")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that makes a page, once for all processes: `passed`, `failed`, `interrupted`, `real` ..."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def page(name: str) -> Path:
        folder = root / f"browser-{name}"
        made = folder / "made"
        with FileLock(root / f"browser-{name}.lock"):
            if not made.exists():
                folder.mkdir(exist_ok=True)
                path = grown(page("failed"), folder, 6000) if name == "many" else _made(name, folder)
                made.write_text(path.name, encoding="utf-8")
        return folder / made.read_text(encoding="utf-8")

    return page


def _made(name: str, folder: Path) -> Path:
    if name == "real":
        return real(folder)
    if name == "assets":
        return made_up(folder, "failed")
    return made_up(folder, name, "--self-contained-html")


class Opened:
    """What happened on a page that must not happen."""

    def __init__(self, path: Path) -> None:
        self.allowed = {path.as_uri(), (path.parent / "assets/style.css").as_uri()}
        self.wrong: list[str] = []

    def watch(self, context: Any, page: Any) -> None:
        """Note errors, dialogs and requests, and let no request through."""
        context.route("**/*", self._route)
        page.on("console", lambda said: said.type in ("error", "warning") and self.wrong.append(said.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", self._dialog)
        page.on("popup", lambda other: self.wrong.append(f"opened {other.url}"))

    def _route(self, route: Any) -> None:
        url = route.request.url.partition("#")[0].partition("?")[0]
        if url in self.allowed or unquote(url) in self.allowed:
            return route.continue_()
        self.wrong.append(f"asked for {url}")
        return route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def opened(browser: Any, page_of: Callable[[str], Path]) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page; in the end it must have said no error and asked for nothing."""
    contexts, watched = [], []

    def open_page(name: str, rest: str = "", *, script: str = "", **options: Any) -> Any:
        path = page_of(name)
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        opened = Opened(path)
        opened.watch(context, page)
        page.watched = opened
        watched.append(opened)
        if script:
            page.add_init_script(script)
        page.goto(path.as_uri() + rest)
        page.wait_for_selector("#gs-shown:not([hidden])")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [wrong for opened in watched for wrong in opened.wrong] == []
