"""Whatever stands in a block: readers give facts or nothing, never an error."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.document.blocks import Block
from pytest_superteam.architect.model.fields import parse_field
from pytest_superteam.architect.names import pascal
from pytest_superteam.architect.notations import read_code
from pytest_superteam.architect.notations.common import members
from pytest_superteam.architect.notations.mermaid import diagram_edges, diagram_nodes
from pytest_superteam.architect.notations.pictures import read_mermaid_relations, read_mermaid_states
from pytest_superteam.architect.notations.ties import tie_of_signs

PIECES = st.sampled_from(
    [
        *"(){}[]<>|,;:=?!*\"'`#@-+~&%$\n\n\n ",
        *(
            "--",
            "->",
            "||--o{",
            "==>",
            "/*",
            "*/",
            "//",
            "<<",
            ">>",
            "│",
            "├──",
            "┌──┐",
            "└──┘",
            "1:N",
            "\n  ",
            "\n- ",
            "\t",
        ),
        *(
            "CREATE TABLE ",
            "ALTER TABLE ",
            "ADD ",
            "PRIMARY KEY",
            "REFERENCES ",
            "CHECK (",
            " IN (",
            "ENUM(",
            "COMMENT ON COLUMN ",
        ),
        *(
            "model ",
            "enum ",
            "interface ",
            "type ",
            "class ",
            "message ",
            "Table ",
            "Ref: ",
            "struct ",
            "data class ",
            "record ",
            "@Entity\n",
        ),
        *(
            "erDiagram\n",
            "classDiagram\n",
            "stateDiagram-v2\n",
            "graph TD\n",
            "sequenceDiagram\n",
            "participant ",
            "subgraph ",
            "[*] --> ",
        ),
        *(
            "new Schema({",
            "pgTable('a', {",
            "z.object({",
            'create_table "a" do |t|\n',
            "end\n",
            "openapi: 3.1.0\n",
            "properties:\n",
        ),
        *(
            "User",
            "order_id",
            "id",
            "name",
            "uuid",
            "string",
            "status",
            "a|b",
            "users/{uid}",
            "1──*",
            " = 1;",
            "注文",
            "é",
            "\\",
            "\0",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)
INFOS = st.sampled_from(["", "sql", "mermaid", "json", "yaml", "ts", "python", "text", "graphql"])


@settings(max_examples=150, deadline=None)
@given(TEXTS, INFOS, st.booleans(), st.sampled_from(["code", "paragraph"]))
def test_any_block_is_read(text, info, in_data, kind):
    """Entities have usable names, lines within the block, and each field once."""
    block = Block(kind, 5, text, text, info=info, lead="User document:")
    last = 5 + text.count("\n")
    for fact in read_code(block, in_data=in_data, title="User"):
        assert pascal(fact.name) == fact.name
        assert 5 <= fact.line <= last
        names = [f.field.name for f in fact.fields]
        assert len(set(names)) == len(names)
        assert all(5 <= f.field.source.line <= last for f in fact.fields)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
@example("[*] --> :")
def test_any_picture_is_read(text):
    """Nodes are distinct, edges tie names, relations and moves lie within the picture."""
    for head in ("graph TD\n", "sequenceDiagram\n", "erDiagram\n", "classDiagram\n", "stateDiagram\n"):
        block = Block("code", 1, head + text, head + text, info="mermaid")
        nodes = diagram_nodes(block)
        assert len({n.id for n in nodes}) == len(nodes)
        assert all(e.source and e.target for e in diagram_edges(block))
        assert all(r.parent and r.child for r in read_mermaid_relations(block))
        assert all(a != b for fact in read_mermaid_states(block) for a, b, _, _ in fact.moves)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_any_field_is_read(kind, rest):
    """A field is consistent in itself: values only for an enum, bounds in order."""
    fact = parse_field("status", kind, rest, 1)
    field = fact.field
    assert (field.type == "enum") == bool(field.enum)
    assert field.minimum is None or field.maximum is None or field.minimum <= field.maximum
    assert field.min_length is None or field.max_length is None or field.min_length <= field.max_length
    assert field.default is None or field.type != "enum" or field.default in field.enum


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.booleans())
def test_members_lose_nothing_but_comments(text, by_line):
    """The pieces of a body come in order, each with a line within it."""
    found = members(text, 1, by_line=by_line)
    lines = [m.line for m in found]
    assert lines == sorted(lines)
    assert all(1 <= n <= 1 + text.count("\n") for n in lines)
    assert all(m.text for m in found)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_any_line_may_be_a_tie(text):
    """A line is a tie of two names or none."""
    tie = tie_of_signs(text, 3)
    assert tie is None or (tie.line == 3 and tie.parent and tie.child)
