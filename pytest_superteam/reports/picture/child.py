"""Graphviz in a process of its own: graphs come in as JSON, layouts go out; whatever befalls it, the report goes on.

Started as a script, with the folder that pygraphviz lies in as its argument; it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Lay out each graph of a list of texts in the language of Graphviz, and print the layouts."""
    sys.path.append(sys.argv[1])  # behind everything: nothing there is to be taken for the standard library
    import pygraphviz

    layouts = []
    for text in json.load(sys.stdin):
        graph = pygraphviz.AGraph(string=text)
        graph.layout(prog="dot")
        layouts.append(json.loads(graph.draw(format="json0")))
        graph.close()
    json.dump(layouts, sys.stdout)


if __name__ == "__main__":
    main()
