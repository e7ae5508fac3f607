"""The built site loads nothing from other hosts: what the hook of MkDocs looks for."""

import logging

import pytest
from superteam_docs.site_check import foreign, on_post_build


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img src="a.png" srcset="a.png 1x, https://img.example/b.png 2x">',
        '<iframe src="HTTPS://frame.example/"></iframe>',
        "<style>@import 'https://css.example/a.css';</style>",
        '<p style="background: url(//img.example/a.png)">x</p>',
        '<pre class="mermaid"><code>graph</code></pre>',
    ],
)
def test_what_is_loaded_is_found(text):
    """Scripts, style sheets, images, frames and the script for diagrams are told."""
    assert len(foreign(text, html=True)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://example.com">a link</a>',
        '<link rel="canonical" href="https://docs.example/">',
        '<script src="assets/bundle.js"></script><img src="data:image/png;base64,AA==">',
        "<code>@import 'x.css'; url(images/a.png)</code>",
    ],
)
def test_what_is_not_loaded_is_left(text):
    """Links, facts about the page, and files of its own are nothing to tell."""
    assert foreign(text, html=True) == []


def test_style_sheets_are_read_as_such():
    """An address in a style sheet counts where it is loaded, not in a comment."""
    text = "/* https://example.com */ @font-face { src: url('https://fonts.example/a.woff2') } b { color: url(a.svg) }"
    assert foreign(text, html=False) == ["https://fonts.example/a.woff2"]


def test_hook_warns(tmp_path, caplog):
    """The hook tells page and address, as a warning of MkDocs, by which a strict build fails."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/index.html").write_text('<img src="https://img.example/a.png">', encoding="utf-8")
    (tmp_path / "good.css").write_text("b { color: red }", encoding="utf-8")
    with caplog.at_level(logging.WARNING, "mkdocs"):
        on_post_build({"site_dir": str(tmp_path)})
    [record] = caplog.records
    assert record.getMessage() == "a/index.html loads https://img.example/a.png from elsewhere."
