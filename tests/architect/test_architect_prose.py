"""Documents in sentences only: what things have, whose they are and what they belong to."""

import pytest

PROSE = """\
    # Pantry

    People forget what is in their pantry. A person signs up with an email address and logs in. A user can add
    jars and edit their own jars. A jar has a label, an optional remark, a weight,
    a size which is small, medium or large, and it is either full or empty. The dashboard has a chart and a menu.

    Jars stand on shelves. A shelf has a name and a height. Each jar belongs to at most one shelf, and a shelf
    without jars is dusted. The dashboard shows shelves. The dashboard is blue.
    """


def test_sentences_describe_entities(architect):
    """Sentences over several lines give the fields, choices, references and the owner of what they speak of."""
    result = architect(PROSE)
    jar = result.entity_named("Jar")
    assert {f.name: f.type for f in jar.fields[1:-2]} == {
        "label": "string",
        "remark": "string",
        "weight": jar.field_named("weight").type,
        "size": "enum",
        "status": "enum",
        "user_id": "reference",
        "shelf_id": "reference",
    }
    assert jar.owner_field == "user_id"
    assert not jar.field_named("remark").required
    assert jar.field_named("size").enum == ("small", "medium", "large")
    assert jar.field_named("status").enum == ("full", "empty")
    assert (jar.field_named("shelf_id").references, jar.field_named("shelf_id").required) == ("Shelf", False)


def test_what_a_sentence_describes_is_kept(architect):
    """A thing that no verb makes is an entity when a sentence says what it has; a piece of the screen is none."""
    assert sorted(e.name for e in architect(PROSE).entities) == ["Jar", "Shelf", "User"]


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("A jar has a label, a weight and a size which is small or large.", ("small", "large")),
        ("A jar has a label and a size that can be one of small, medium or large.", ("small", "medium", "large")),
        ("A jar has a label and a size (small, large).", ()),
        ("A jar has a label and a size which is measured in litres.", None),
    ],
)
def test_choices_in_sentences(facts, sentence, values):
    """A clause with alternatives is a choice; any other clause makes the sentence no list of attributes."""
    attributes = facts(f"# P\n\n{sentence}\n").attributes
    if values is None:
        assert attributes == {}
    else:
        assert {f.field.name: f.field.enum for f in attributes["Jar"]}["size"] == values


def test_a_line_break_moves_no_line(facts):
    """A field carries the line on which its sentence begins."""
    fields = facts("# P\n\nOne. Two\nthree. A jar has\na label and a weight.\n").attributes["Jar"]
    assert {f.field.source.line for f in fields} == {4}
