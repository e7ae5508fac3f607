# ruff: noqa: E501 - tables of fragments
"""Mermaid pictures: entities, relations and moves; nodes and edges of those that show parts of a system."""

import pytest

from pytest_superteam.architect.document.blocks import Block
from pytest_superteam.architect.notations.mermaid import diagram_edges, diagram_kind, diagram_nodes
from pytest_superteam.architect.notations.pictures import read_mermaid_relations, read_mermaid_states


def picture(text):
    return Block("code", 10, text, text, info="mermaid")


ER = """erDiagram
    JAR ||--|{ LID : "is closed by"
    SHELF }o--o{ JAR : holds
    LABEL |o--|| JAR : "is on"
    JAR {
        uuid id PK
        string code UK "printed, in ink"
        enum state "full, empty"
        string kind "glass | clay"
        varchar(9) colour
        int shelf_id FK
        label string
    }
    LID["Lid of a jar"] { uuid lid_id PK
    }
    box
"""


def test_er_diagrams(models):
    """Boxes of an erDiagram are entities with fields; those that only lines touch are entities without."""
    assert models(ER, "mermaid", in_data=False) == {
        "Jar": (
            "id:uuid code:string! state:enum(full|empty) kind:enum(glass|clay) colour:string[..9] shelf_id:reference "
            "label:string"
        ),
        "LidOfAJar": "id:uuid",
        "Lid": "",
        "Shelf": "",
        "Label": "",
        "Box": "",
    }


def test_er_relations():
    """Lines of an erDiagram are ties with their cardinality."""
    ties = [(t.parent, t.child, t.cardinality, t.required, t.label) for t in read_mermaid_relations(picture(ER))]
    assert ties == [
        ("Jar", "Lid", "one-to-many", True, "is closed by"),
        ("Shelf", "Jar", "many-to-many", False, "holds"),
        ("Label", "Jar", "one-to-one", False, "is on"),
    ]


CLASSES = """classDiagram
    class Jar {
        +UUID id
        +state: State
        -int litres
        +fill(amount: int) bool
        +List~Lid~ lids
    }
    class State { <<enumeration>>
    }
    class Kind {
        <<enumeration>>
        FULL
        EMPTY
    }
    class JarService {
        -repo: JarRepository
        +save(jar: Jar) Jar
        +int retries
    }
    Lid : +UUID id
    Lid : +Kind kind
    Jar "1" --> "*" Lid : has
    Pot *-- Handle
    Pot <|-- Jar
    Jar ..> Kiln
    class Kiln
"""


def test_class_diagrams(models):
    """Classes with attributes are entities; operations are no fields, services and enumerations no entities."""
    assert models(CLASSES, "mermaid") == {
        "Jar": "id:uuid state:string litres:integer lids:list",
        "Lid": "id:uuid kind:enum(FULL|EMPTY)",
    }


def test_class_relations():
    """Associations and compositions are ties; inheritance and use are none."""
    ties = [(t.parent, t.child, t.cardinality) for t in read_mermaid_relations(picture(CLASSES))]
    assert ties == [("Jar", "Lid", "one-to-many"), ("Pot", "Handle", "one-to-many")]


def test_state_diagrams():
    """Arrows are moves, those out of the first state first; aliases are resolved, start and end are no states."""
    text = (
        "stateDiagram-v2\n  [*] --> Empty\n  Full --> Sealed : by admin\n  Empty --> Full : fill()\n  Sealed --> [*]\n"
        '  state "On the shelf" as shelf\n  Sealed --> shelf\n  state fork <<fork>>\n  Full --> fork\n  note right of Full: x'
    )
    (fact,) = read_mermaid_states(picture(text))
    assert fact.moves == (
        ("Empty", "Full", "", 13),
        ("Full", "Sealed", "admin", 12),
        ("Sealed", "On the shelf", "", 16),
    )


def test_moves_of_an_entity(architect):
    """A stateDiagram below the name of an entity gives that its state machine."""
    text = (
        "# Jars\n\n## Data model\n\n### Jar\n\n- id: uuid\n- label: string\n- status: enum(empty, full, sealed)\n\n"
        "### Jar states\n\n```mermaid\nstateDiagram-v2\n[*] --> empty\nempty --> full\nfull --> sealed\n```\n"
    )
    machine = architect(text).entity_named("Jar").states
    assert [(t.source, t.target) for t in machine.transitions] == [("empty", "full"), ("full", "sealed")]


FLOW = """---
title: x
---
%% a comment
flowchart LR
    subgraph back [Back end]
      A[Web App] -->|HTTPS| B("API<br/>Kong")
      B --> C[Jar Service] & D["Lid Service (v2)"]:::hot
    end
    C -- writes --> E[(Store)]
    D -. later .-> F{{Queue}} ==> G
    jar-api --> lid-api; lid-api --- H([End])
    K@{ shape: cyl, label: "Cache" }
    style A fill:#fff
    classDef hot fill:#f00
"""


def test_flowcharts():
    """Nodes have names, shapes and the box around them, arrows their labels."""
    assert [(n.name, n.shape, n.group, n.note) for n in diagram_nodes(picture(FLOW))] == [
        ("Web App", "box", "Back end", ""),
        ("API", "round", "Back end", "Kong"),
        ("Jar Service", "box", "Back end", ""),
        ("Lid Service (v2)", "box", "Back end", ""),
        ("Store", "cylinder", "", ""),
        ("Queue", "hexagon", "", ""),
        ("G", "plain", "", ""),
        ("jar-api", "plain", "", ""),
        ("lid-api", "plain", "", ""),
        ("End", "stadium", "", ""),
        ("Cache", "cylinder", "", ""),
    ]
    assert [(e.source, e.target, e.label) for e in diagram_edges(picture(FLOW))] == [
        ("Web App", "API", "HTTPS"),
        ("API", "Jar Service", ""),
        ("API", "Lid Service (v2)", ""),
        ("Jar Service", "Store", "writes"),
        ("Lid Service (v2)", "Queue", "later"),
        ("Queue", "G", ""),
        ("jar-api", "lid-api", ""),
        ("lid-api", "End", ""),
    ]


def test_sequences():
    """Participants are nodes, declared or only spoken to, messages edges; notes and frames are neither."""
    text = (
        "sequenceDiagram\n  autonumber\n  participant J as Jar Service\n  actor Ann\n  Ann->>+J: POST /jars\n  J-->>-Ann: 201\n"
        "  alt full\n    J->>Lid Service: close\n  else no\n  end\n  Note over Ann,J: hi -> there\n"
    )
    block = picture(text)
    assert [(n.name, n.line, n.shape) for n in diagram_nodes(block)] == [
        ("Jar Service", 12, "participant"),
        ("Ann", 13, "actor"),
        ("Lid Service", 17, "participant"),
    ]
    assert [(e.source, e.target, e.label, e.line) for e in diagram_edges(block)] == [
        ("Ann", "Jar Service", "POST /jars", 14),
        ("Jar Service", "Ann", "201", 15),
        ("Jar Service", "Lid Service", "close", 17),
    ]


def test_c4_and_architecture():
    """Containers of C4 pictures and services of architecture pictures are nodes."""
    block = picture('C4Container\nPerson(u, "Ann")\nContainerDb(d, "Store", "SQL", "keeps")\nRel(u, d, "asks")')
    assert [(n.name, n.shape, n.note) for n in diagram_nodes(block)] == [
        ("Ann", "person", ""),
        ("Store", "containerdb", "SQL keeps"),
    ]
    assert diagram_edges(block)[0][:3] == ("Ann", "Store", "asks")
    block = picture("architecture-beta\nservice db(database)[Store] in api\nservice web(server)[Web]\ndb:L -- R:web")
    assert [(n.name, n.shape, n.group) for n in diagram_nodes(block)] == [
        ("Store", "database", "api"),
        ("Web", "server", ""),
    ]
    assert diagram_edges(block)[0][:2] == ("Store", "Web")


@pytest.mark.parametrize(
    ("info", "text", "kind"),
    [
        ("mermaid", "erDiagram\nA", "er"),
        ("", "graph TD\nA-->B", "flow"),
        ("text", "sequenceDiagram\nA->>B: x", "sequence"),
        ("mermaid", "journey\ntitle x", "other"),
        ("mermaid", "", "other"),
        ("", "graph of sales", ""),
        ("python", "import x", ""),
    ],
)
def test_kinds(info, text, kind):
    """A picture is known by its first word, with or without a label."""
    assert diagram_kind(Block("code", 1, text, text, info=info)) == kind


def test_other_blocks_have_no_nodes():
    """A paragraph and a picture of another kind have no nodes."""
    assert diagram_nodes(Block("paragraph", 1, "graph TD", "graph TD")) == []
    assert diagram_edges(picture("pie\n A --> B")) == []
