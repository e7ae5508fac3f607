"""Mermaid pictures: which kind one is, and the nodes and edges of those that show parts calling each other."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["DiagramEdge", "DiagramNode", "diagram_edges", "diagram_kind", "diagram_lines", "diagram_nodes"]

_KINDS = {
    "erdiagram": "er",
    "classdiagram": "class",
    "classdiagram-v2": "class",
    "statediagram": "state",
    "statediagram-v2": "state",
    "sequencediagram": "sequence",
    "flowchart": "flow",
    "flowchart-elk": "flow",
    "graph": "flow",
    "c4context": "c4",
    "c4container": "c4",
    "c4component": "c4",
    "c4deployment": "c4",
    "architecture-beta": "architecture",
    "journey": "other",
    "gantt": "other",
    "pie": "other",
    "mindmap": "other",
    "timeline": "other",
    "quadrantchart": "other",
    "gitgraph": "other",
    "requirementdiagram": "other",
    "sankey-beta": "other",
    "xychart-beta": "other",
    "block-beta": "other",
    "packet-beta": "other",
    "kanban": "other",
}
_HEADS = re.compile(
    r"[ \t]{0,20}(erDiagram|classDiagram(?:-v2)?|stateDiagram(?:-v2)?|sequenceDiagram|flowchart(?:-elk)?|graph"
    r"|C4(?:Context|Container|Component|Deployment)|architecture-beta)\b[^\S\n]{0,20}([A-Z]{2})?[^\S\n]{0,20};?"
    r"[^\S\n]{0,20}(?:\n|$)",
    re.IGNORECASE,
)
_MAX = 100_000
_LONGEST_LINE = 2_000
_TAG = re.compile(r"<[^<>\n]{1,100}>")
_ICON = re.compile(r"\bfa[a-z]?:fa-[\w-]{1,40}\s?")

_ID = r"[^\W_][\w]{0,80}(?:[-./:][\w]{1,80}){0,8}|_\w{1,80}"
_SHAPES = (
    ("double-circle", r"\({3}([^()\n]{0,300})\){3}"),
    ("stadium", r"\(\[([^\[\]\n]{0,300})\]\)"),
    ("cylinder", r"\[\(([^\[\]\n]{0,300})\)\]"),
    ("subroutine", r"\[\[([^\[\]\n]{0,300})\]\]"),
    ("circle", r"\(\(([^()\n]{0,300})\)\)"),
    ("hexagon", r"\{\{([^{}\n]{0,300})\}\}"),
    ("slanted", r"\[[/\\]([^\[\]\n]{0,300})[/\\]\]"),
    ("box", r"\[(\"[^\"\n]{0,300}\"|[^\[\]\n]{0,300})\]"),
    ("round", r"\((\"[^\"\n]{0,300}\"|[^()\n]{0,300}(?:\([^()\n]{0,100}\)[^()\n]{0,100})?)\)"),
    ("rhombus", r"\{(\"[^\"\n]{0,300}\"|[^{}\n]{0,300})\}"),
    ("flag", r">([^\]\n]{0,300})\]"),
)
_NODE = re.compile(
    rf"\s{{0,100}}({_ID})(?:@\{{([^{{}}\n]{{0,300}})\}})?(?:{'|'.join(s for _, s in _SHAPES)})?(?::::?[\w-]{{1,60}})?"
)
_LABELLED = re.compile(
    r"\s{0,100}[<ox]?(?:--|==|-\.)\s?([^-=|>\n.][^=|>\n]{0,200}?)\s?(?:--+|==+|\.+-+)[>xo]?(?=\W|\w)"
)
_LINK = re.compile(
    r"\s{0,100}(?:<|[xo](?=[-=]))?(?:-{2,20}|={2,20}|-\.{1,10}-?|~{3,10})(?:>|[xo](?=[\s|]))?"
    r"(?:\s{0,10}\|([^|\n]{0,200})\|)?"
)
_AND = re.compile(r"\s{1,100}&\s{1,100}")
_SUBGRAPH = re.compile(r"^subgraph\s+(?:([\w-]{1,80})\s{0,4}\[(.{1,200})\]|(.{1,200}))$")
_SKIPPED = (
    "classdef ",
    "class ",
    "style ",
    "linkstyle ",
    "click ",
    "direction ",
    "title ",
    "accdescr",
    "acctitle",
)
_SHAPE_KEY = re.compile(r"shape:\s{0,4}[\"']?([\w-]{1,30})")
_LABEL_KEY = re.compile(r"label:\s{0,4}(?:\"([^\"]{1,200})\"|'([^']{1,200})')")
_CYLINDERS = {"cyl", "cylinder", "database", "db", "lin-cyl", "disk", "das", "h-cyl"}

_PARTICIPANT = re.compile(
    r"^(?:create\s+)?(participant|actor)\s+(.{1,120}?)(?:@(\{[^{}]{0,200}\}))?(?:\s+as\s+(.{1,160}))?$",
    re.IGNORECASE,
)
_MESSAGE = re.compile(
    r"^([^:\n>-]{1,80}(?:-[^:\n>-]{1,80}){0,4}?)\s{0,10}(?:<<)?-{1,2}(?:>{1,2}|[x)])\s{0,10}[+-]?\s{0,10}"
    r"([^:\n>]{1,100}?)\s{0,10}(?::\s{0,10}(.{0,300}))?$"
)
_SEQUENCE_WORDS = (
    "loop ",
    "alt ",
    "else",
    "opt ",
    "par ",
    "and ",
    "note ",
    "rect ",
    "end",
    "activate ",
    "deactivate ",
    "autonumber",
    "critical ",
    "option ",
    "break ",
    "box",
    "title",
    "destroy ",
    "link ",
    "links ",
)
_C4 = re.compile(
    r"^(Person|System|Container|Component|Node)(Db|Queue)?(_Ext)?\s{0,4}\(\s{0,4}([\w.-]{1,80})\s{0,4},\s{0,4}"
    r"\"([^\"\n]{1,200})\"(.{0,400})\)",
    re.IGNORECASE,
)
_C4_RELATION = re.compile(
    r"^(?:Bi)?Rel(?:_\w{1,12})?\s{0,4}\(\s{0,4}([\w.-]{1,80})\s{0,4},\s{0,4}([\w.-]{1,80})\s{0,4}"
    r"(?:,\s{0,4}\"([^\"\n]{0,200})\")?",
    re.IGNORECASE,
)
_ARCHITECTURE = re.compile(
    r"^service\s+([\w-]{1,80})\s{0,4}(?:\(([^()\n]{0,60})\))?\s{0,4}(?:\[([^\[\]\n]{1,120})\])?"
    r"(?:\s+in\s+([\w-]{1,80}))?"
)
_ARCHITECTURE_EDGE = re.compile(
    r"^([\w-]{1,80})(?:\{group\})?\s{0,4}:\s{0,4}[LRTB]\s{0,4}<?--?>?\s{0,4}[LRTB]\s{0,4}:\s{0,4}([\w-]{1,80})"
)


class DiagramNode(NamedTuple):
    """A node of a picture: its first line of text, where it first stands, its shape, its id.

    `note` is what stands below the name, `group` the title of the box around it. Shapes are those of flowcharts
    (`box`, `round`, `cylinder`, `rhombus`, `plain` ...), `participant` and `actor` of sequences (or the type that the
    author gives, such as `database`), and the lower-case keyword of C4 pictures (`container`, `containerdb`,
    `system_ext`, `person`).
    """

    name: str
    line: int
    shape: str
    id: str = ""
    note: str = ""
    group: str = ""


class DiagramEdge(NamedTuple):
    """An arrow between two nodes, by their names; the label may be empty."""

    source: str
    target: str
    label: str
    line: int


def diagram_kind(block: Block) -> str:
    """Return `er`, `class`, `state`, `sequence`, `flow`, `c4` or `architecture`.

    `other` is a Mermaid picture of another kind; an empty string says that the block is no Mermaid picture.
    """
    if block.kind != "code":
        return ""
    mermaid = block.info.startswith("mermaid")
    if not mermaid and not _HEADS.match(block.text):
        return ""
    for _, line in diagram_lines(block):
        word = line.split(maxsplit=1)[0].rstrip(";:").lower()
        return _KINDS.get(word, "other")
    return "other" if mermaid else ""


def diagram_lines(block: Block) -> Iterator[tuple[int, str]]:
    """Yield the lines of a picture with their numbers, stripped, without front matter, comments and empty ones."""
    front = False
    first = True
    for number, text in enumerate(block.text[:_MAX].split("\n"), block.line):
        line = text[:_LONGEST_LINE].strip()
        if line == "---" and (first or front):
            front, first = not front, False
            continue
        first = first and not line
        if line and not front and not line.startswith("%%"):
            yield number, line


def diagram_nodes(block: Block) -> list[DiagramNode]:
    """Return the nodes of a flowchart and the participants of a sequence, each once; of other blocks none."""
    return _picture(block)[0]


def diagram_edges(block: Block) -> list[DiagramEdge]:
    """Return the arrows of a flowchart and the messages of a sequence, by the names of the nodes."""
    return _picture(block)[1]


def _picture(block: Block) -> tuple[list[DiagramNode], list[DiagramEdge]]:
    reader = {"flow": _flow, "sequence": _sequence, "c4": _c4, "architecture": _architecture}.get(diagram_kind(block))
    if reader is None:
        return [], []
    nodes: dict[str, DiagramNode] = {}
    edges: list[DiagramEdge] = []
    lines = diagram_lines(block)
    next(lines, None)
    reader(lines, nodes, edges)

    def name(key: str) -> str:
        return nodes[key].name if key in nodes else key

    named = (DiagramEdge(name(e.source), name(e.target), e.label, e.line) for e in edges)
    return list(nodes.values()), [edge for edge in named if edge.source and edge.target]


def _label(text: str) -> tuple[str, str]:
    """Return the first line of a label and the rest of it."""
    text = html.unescape(re.sub(r"<br\s{0,4}/?>|\\n", "\n", text.strip().strip("\"'`").strip()))
    parts = [" ".join(_ICON.sub("", _TAG.sub("", p)).replace("**", "").split()) for p in text.split("\n")]
    parts = [p for p in parts if p]
    return (parts[0], " ".join(parts[1:])) if parts else ("", "")


# ---------------------------------------------------------------- flowcharts


def _flow(lines: Iterator[tuple[int, str]], nodes: dict[str, DiagramNode], edges: list[DiagramEdge]) -> None:
    groups: list[str] = []
    for number, text in lines:
        low = text[:12].lower()
        box = _SUBGRAPH.match(text) if low.startswith("subgraph") else None
        if box:
            groups.append(_label(box.group(2) or box.group(3))[0])
        elif text == "end" or text.startswith("end "):
            del groups[-1:]
        elif not low.startswith(_SKIPPED):
            for statement in text.split(";"):
                _statement(statement, number, groups[-1] if groups else "", nodes, edges)


def _statement(text: str, line: int, group: str, nodes: dict[str, DiagramNode], edges: list[DiagramEdge]) -> None:
    position, left, label = 0, list[str](), ""
    while True:
        right, position = _node_list(text, position, line, group, nodes)
        edges += [DiagramEdge(a, b, label, line) for a in left for b in right]
        link = _LABELLED.match(text, position) or _LINK.match(text, position)
        if not right or link is None:
            return
        left, label, position = right, _label(link.group(1) or "")[0], link.end()


def _node_list(text: str, position: int, line: int, group: str, nodes: dict[str, DiagramNode]) -> tuple[list[str], int]:
    found: list[str] = []
    while match := _NODE.match(text, position):
        key = match.group(1)
        found.append(key)
        shaped = next(
            ((_SHAPES[i][0], t) for i, t in enumerate(match.groups()[2:]) if t is not None), ("plain", match.group(1))
        )
        if match.group(2):
            shaped = _keyed(match.group(2), key)
        known = nodes.get(key)
        if known is None or (known.shape == "plain" and shaped[0] != "plain"):
            name, note = _label(shaped[1])
            nodes[key] = DiagramNode(
                name or key,
                known.line if known else line,
                shaped[0],
                key,
                note,
                (known.group if known else "") or group,
            )
        elif group and not known.group:
            nodes[key] = known._replace(group=group)
        position = match.end()
        more = _AND.match(text, position)
        if more is None:
            break
        position = more.end()
    return found, position


def _keyed(text: str, key: str) -> tuple[str, str]:
    shape, label = _SHAPE_KEY.search(text), _LABEL_KEY.search(text)
    kind = shape.group(1).lower() if shape else "box"
    return "cylinder" if kind in _CYLINDERS else kind, (label.group(1) or label.group(2)) if label else key


# ---------------------------------------------------------------- sequences


def _sequence(lines: Iterator[tuple[int, str]], nodes: dict[str, DiagramNode], edges: list[DiagramEdge]) -> None:
    for number, text in lines:
        low = text[:12].lower()
        if low.startswith(("participant", "actor ", "create ")):
            match = _PARTICIPANT.match(text)
            if match:
                word, key, kind, shown = match.groups()
                key = key.strip().strip('"')
                name, note = _label(shown or key)
                typed = re.search(r"type\"?\s{0,4}:\s{0,4}\"?(\w{1,30})", kind or "")
                nodes[key] = DiagramNode(
                    name or key, number, typed.group(1).lower() if typed else word.lower(), key, note
                )
            continue
        if low.startswith(_SEQUENCE_WORDS) and "->" not in text:
            continue
        message = _MESSAGE.match(text)
        if message:
            source, target = message.group(1).strip(), message.group(2).strip()
            for key in (source, target):
                nodes.setdefault(key, DiagramNode(key, number, "participant", key))
            edges.append(DiagramEdge(source, target, _label(message.group(3) or "")[0], number))


# ---------------------------------------------------------------- C4 and architecture


def _c4(lines: Iterator[tuple[int, str]], nodes: dict[str, DiagramNode], edges: list[DiagramEdge]) -> None:
    for number, text in lines:
        match = _C4.match(text)
        if match:
            shape = "".join(m or "" for m in match.groups()[:3]).lower()
            name, note = _label(match.group(5))
            more = " ".join(re.findall(r"\"([^\"\n]{1,200})\"", match.group(6)))
            nodes[match.group(4)] = DiagramNode(name, number, shape, match.group(4), f"{note} {more}".strip())
            continue
        relation = _C4_RELATION.match(text)
        if relation:
            edges.append(DiagramEdge(relation.group(1), relation.group(2), relation.group(3) or "", number))


def _architecture(lines: Iterator[tuple[int, str]], nodes: dict[str, DiagramNode], edges: list[DiagramEdge]) -> None:
    for number, text in lines:
        match = _ARCHITECTURE.match(text)
        if match:
            key, icon, title, group = match.groups()
            nodes[key] = DiagramNode(_label(title or key)[0] or key, number, icon or "server", key, "", group or "")
            continue
        edge = _ARCHITECTURE_EDGE.match(text)
        if edge:
            edges.append(DiagramEdge(edge.group(1), edge.group(2), "", number))
