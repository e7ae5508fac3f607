"""The picture of the state machine, drawn by Graphviz."""

from __future__ import annotations

import re

from pytest_superteam.pipeline.machine import STATES, TERMINAL, TRANSITIONS

__all__ = ["state_picture"]

_LOOK = {
    "graph": {"bgcolor": "#fafafa", "pad": "0.3", "nodesep": "0.4", "ranksep": "0.55", "fontname": "sans-serif"},
    "node": {
        "shape": "box",
        "style": "rounded,filled",
        "fillcolor": "#e8eaf6",
        "color": "#3949ab",
        "fontcolor": "#1a237e",
        "fontname": "sans-serif",
        "fontsize": "13",
    },
    "edge": {
        "color": "#5c6370",
        "fontcolor": "#343a46",
        "fontname": "sans-serif",
        "fontsize": "11",
        "arrowsize": "0.8",
    },
}
_ENDS = {"complete": ("#e6f4ea", "#1e7e34", "#14532d"), "failed": ("#fdecea", "#b3261e", "#7f1d1d")}


def state_picture() -> str:
    """Return the picture, as SVG; `fail` leads from every state at work, and is drawn as one arrow from their frame."""
    import pygraphviz

    graph = pygraphviz.AGraph(directed=True, compound=True, name="states")
    for kind, attributes in _LOOK.items():
        getattr(graph, f"{kind}_attr").update(attributes)
    graph.add_nodes_from(STATES)
    for name, (fill, line, text) in _ENDS.items():
        graph.get_node(name).attr.update(fillcolor=fill, color=line, fontcolor=text)
    working = [state for state in STATES if state not in TERMINAL]
    frame = {"label": "at work", "fontsize": "12", "style": "rounded,dashed", "color": "#9aa0a6"}
    graph.add_subgraph(working, name="cluster_working", **frame)
    for row in TRANSITIONS:
        anywhere = row["source"] == "*"
        given = {"ltail": "cluster_working"} if anywhere else {}
        graph.add_edge(working[-1] if anywhere else row["source"], row["dest"], label=f" {row['trigger']} ", **given)
    svg = graph.draw(format="svg", prog="dot").decode()
    return re.sub(r"<!--.*?-->\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
