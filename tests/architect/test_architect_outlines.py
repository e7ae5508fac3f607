"""Documents written as an outline: entities, access, events and states in bullets."""

import pytest

OUTLINE = """\
    # Kennel

    ## Actors

    - **Keeper** - walks dogs
    - **Owner** - brings dogs
    - **Admin** - sees everything

    ## Services

    - **Account Service** - registration, login, profiles
    - **Stay Service** - dogs and stays
    - **Mail Service** - letters

    ## Entities

    - **Dog** (Stay Service)
      - name: string, 2-40 characters
      - ownerId → User
      - weight: number
      - size: small | medium | large
    - **Stay** (Stay Service)
      - dogId → Dog
      - price: money (optional)
      - status: booked, started, ended
    - **Letter** (Mail Service)
      - userId → User
      - body: text

    ## Stay lifecycle

    booked → started → ended

    ## Endpoints

    - `POST /auth/register` - public
    - `POST /dogs` - owner
    - `POST /stays` - owner, keeper
    - `POST /stays/{id}/start` - keeper; the dog moves in
    - `GET /stays` - lists the stays of an owner
    - `DELETE /stays/{id}` - admins only

    ## Events

    - **StayStarted**: Stay Service → Mail Service
    - **StayEnded**: nobody knows → nobody cares
    """


@pytest.fixture
def kennel(architect):
    """Return the architecture of the outline."""
    return architect(OUTLINE)


def test_bullets_below_a_bullet_are_its_fields(kennel):
    """An entity in an outline has its fields, its references and the service in brackets behind its name."""
    found = {e.name: {f.name: f.type for f in e.fields[1:-2]} for e in kennel.entities if e.name != "User"}
    assert found == {
        "Dog": {"name": "string", "owner_id": "reference", "weight": "number", "size": "enum"},
        "Stay": {"dog_id": "reference", "price": "money", "status": "enum"},
        "Letter": {"user_id": "reference", "body": "text"},
    }
    assert kennel.entity_named("Dog").field_named("size").enum == ("small", "medium", "large")
    assert kennel.entity_named("Dog").field_named("owner_id").references == "User"
    assert {e.service for e in kennel.entities} == {"account-service", "stay-service", "mail-service"}
    assert kennel.entity_named("Letter").service == "mail-service"


def test_a_service_of_accounts_keeps_users(kennel):
    """A service that registers and signs in keeps users, and no second thing called Account."""
    assert [e.name for e in kennel.entities_of("account-service")] == ["User"]


def test_roles_behind_an_endpoint(kennel):
    """A description that begins with nothing but roles limits the endpoint to them; a sentence does not."""
    roles = {o.id: o.roles for o in kennel.operations_of("stay-service")}
    assert roles["create_dog"] == ("owner",)
    assert roles["create_stay"] == ("keeper", "owner")
    assert roles["start_stay"] == ("keeper",)
    assert roles["list_stays"] == ()
    assert roles["delete_stay"] == ("admin",)


def test_events_with_an_arrow(kennel):
    """An arrow between services leads from the publisher to the consumers; one between other words does not."""
    found = {e.name: (e.publisher, e.consumers) for e in kennel.events}
    assert found["StayStarted"] == ("stay-service", ("mail-service",))
    assert found["StayEnded"][1] == ()
    assert [o.publishes for o in kennel.operations if o.id == "start_stay"] == [("StayStarted",)]


@pytest.mark.parametrize(
    "text",
    [
        "## Data model\n\n- **Lifecycle**\n  - Free → Reserved\n  - Reserved → Free\n",
        "## Data model\n\n- **Dog**\n  - A dog is loved by all of its keepers\n  - It eats twice a day, at the least\n",
        "## Features\n\n- **Search**\n  - name: string\n  - size: small | large\n",
        "## Data model\n\n- **Dog**\n  - name: string\n",
    ],
)
def test_outlines_that_describe_no_entity(facts, text):
    """Moves, sentences, features and a single bullet below a bullet are no fields."""
    assert [e for e in facts(text).entities if e.fields] == []


@pytest.mark.parametrize(
    ("name", "constraint", "low", "high"),
    [
        ("seats", "INT CHECK (seats > 0)", 1, None),
        ("seats", "INT CHECK (seats < 10)", None, 9),
        ("seats", "INT, > 3", 4, None),
        ("price", "DECIMAL(10,2) CHECK (price > 0)", 0.01, None),
        ("seats", "INT CHECK (seats >= 2)", 2, None),
        ("seats", "INT -- alarm when fuel < 10", None, None),
        ("seats", "INT (alarm if < 10)", None, None),
    ],
)
def test_exclusive_bounds(name, constraint, low, high):
    """A bound that excludes its value becomes the next value that is allowed; one about something else is none."""
    from pytest_superteam.architect.model.fields import parse_field

    field = parse_field(name, constraint, "", 1).field
    assert (field.minimum, field.maximum) == (low, high)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("CHECK (x IN ('A+', 'A-', 'AB+'))", ("A+", "A-", "AB+")),
        ("CHECK (x IN ('n/a', 'R&D', 'v1.0'))", ("n/a", "R&D", "v1.0")),
        ("ENUM('a','b')", ("a", "b")),
    ],
)
def test_values_in_quotes(values, found):
    """Quoted values are taken as they stand, with the signs that are in them."""
    from pytest_superteam.architect.model.fields import parse_field

    assert parse_field("x", f"VARCHAR(5) {values}", "", 1).field.enum == found


DDL = """\
    # Depot

    ## Data model

    ```sql
    CREATE TABLE crates (id UUID, label TEXT, status TEXT CHECK (status IN ('open', 'in_use', 'gone')));
    CREATE TABLE doors (id UUID, label TEXT, status TEXT CHECK (status IN ('open', 'shut')));
    ```

    A crate moves open -> in use -> gone; open -> gone. {}
    """


def test_moves_in_a_sentence(architect):
    """Arrows between the values of a field are moves, also in a sentence far from any heading about states."""
    machine = architect(DDL.format("")).entity_named("Crate").states
    assert [(t.source, t.target) for t in machine.transitions] == [
        ("open", "in_use"),
        ("in_use", "gone"),
        ("open", "gone"),
    ]


@pytest.mark.parametrize(
    "text", ["A door: shut -> painted -> open.", "The client -> depot link is open -> safe.", "open → https"]
)
def test_arrows_between_other_words(architect, text):
    """An arrow to anything that is no value of the field is no move."""
    result = architect(DDL.format(text))
    assert result.entity_named("Door").states is None
    assert len(result.entity_named("Crate").states.transitions) == 3
    assert result.contradictions == ()


def test_the_named_entity_moves(architect):
    """Of two entities with the same values, the sentence is about the one that it names."""
    result = architect(DDL.format("A door goes shut -> open."))
    assert [(t.source, t.target) for t in result.entity_named("Door").states.transitions] == [("shut", "open")]


JOBS = """\
    # Press

    Users log in. Roles: (printer, reader).

    ## Data model

    ### Job

    | Field | Type | Constraints |
    |---|---|---|
    | reader_ref | uuid | references User |
    | Größe | decimal | optional |
    | state | enum(queued, running, done) | default queued |

    ## Job state

    queued -> running -> done

    ## API

    | Method | Path | Access |
    |---|---|---|
    | POST | /jobs | |
    | GET | /jobs/me | |
    | POST | /jobs/{id}/start | printer |
    | PATCH | /jobs/{id}/state | printer |

    ## Events

    - JobStarted is published by press.
    """


def test_a_state_in_the_path_is_a_move(architect):
    """`PATCH /jobs/{id}/state` moves to the state in its body, as `POST /jobs/{id}/start` moves to a fixed one."""
    result = architect(JOBS)
    moves = {o.id: (o.kind, o.target_state) for o in result.operations if o.path.count("/") == 3}
    assert moves == {"start_job": ("transition", "running"), "update_job_state": ("transition", None)}


def test_a_verb_publishes_its_event(architect):
    """A move publishes the event that its verb announces, also where the state is called otherwise."""
    assert next(o.publishes for o in architect(JOBS).operations if o.id == "start_job") == ("JobStarted",)


@pytest.mark.parametrize(("path", "owner"), [("/jobs/me", "reader_ref"), ("/my/jobs", "reader_ref"), ("/jobs", None)])
def test_own_rows_have_an_owner(architect, path, owner):
    """An endpoint for the caller's own rows makes the one user that a row must name its owner."""
    text = JOBS.replace("/jobs/me", path)
    assert architect(text).entity_named("Job").owner_field == owner


def test_letters_that_have_no_accent(architect):
    """Letters such as the German sharp s keep their place in names."""
    assert architect(JOBS).entity_named("Job").field_named("grosse").type == "number"


@pytest.mark.parametrize(("verb", "state"), [("sell", "sold"), ("show", "shown"), ("take", "taken"), ("lend", "lent")])
def test_irregular_verbs(verb, state):
    """Irregular verbs lead to their participle."""
    from pytest_superteam.architect.behaviour.states import state_of_verb

    assert state_of_verb(verb, ("open", state)) == state


def test_a_slash_inside_a_value():
    """Where commas part the values of a choice, a slash belongs to its value."""
    from pytest_superteam.architect.model.fields import parse_field

    assert parse_field("kind", "enum(n/a, done)", "", 1).field.enum == ("n/a", "done")
    assert parse_field("kind", "enum(low/high)", "", 1).field.enum == ("low", "high")
