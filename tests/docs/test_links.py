"""The pages hang together: links, anchors, the list of pages."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from superteam_docs.markdown import anchor

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def headings(file):
    """Return the headings of a page, without what is shown of them as code or as a link."""
    text = re.sub(r"^```.*?^```", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [re.sub(r"[`*]", "", heading) for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)]


def prose(file):
    """Return a page without its code."""
    text = re.sub(r"^ *```.*?^ *```", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """Every relative link names a file that is there, and a heading in it where it names one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" in target:
            continue
        path, _, fragment = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not fragment or fragment in {anchor(heading) for heading in headings(file)}, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_headings_are_unique(page):
    """No two headings of a page have one anchor, for GitHub and the site number the second one in different ways."""
    counted = Counter(anchor(heading) for heading in headings(page))
    assert [heading for heading, count in counted.items() if count > 1] == []
    assert page.read_text(encoding="utf-8").startswith(("# ", "<!--", "---"))


def test_navigation_has_every_page_once():
    """The site's navigation names each page once, and none that is not there."""
    # The configuration names a Python function, which nobody needs here.
    text = re.sub(r"!!python/\S+", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))

    def pages(node):
        if isinstance(node, str):
            return [node]
        return [page for part in (node.values() if isinstance(node, dict) else node) for page in pages(part)]

    assert sorted(pages(yaml.safe_load(text)["nav"])) == sorted(str(page.relative_to(DOCS)) for page in PAGES)


@pytest.mark.parametrize("door", ["how-to", "reference"])
def test_index_of_a_door_names_its_pages(door):
    """The first page of a folder leads to each of the others."""
    text = (DOCS / door / "index.md").read_text(encoding="utf-8")
    others = {page.name for page in (DOCS / door).glob("*.md")} - {"index.md"}
    assert set(re.findall(r"\]\(([a-z0-9-]+\.md)\)", text)) == others
