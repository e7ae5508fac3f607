"""Who may call what, where no section lists the roles: the words beside the operations say it."""

import pytest

CLINIC = """\
    # Clinic

    Receptionists book visits for a patient; doctors write notes. Anybody reads the opening hours.

    ## Services

    | Service | What it does |
    | --- | --- |
    | visit-service | Keeps visits |

    ### Visit (visit-service)

    | Field | Type |
    | --- | --- |
    | title | string |

    ## API

    | Method | Path | Description | Access |
    | --- | --- | --- | --- |
    | POST | /visits | Book a visit | {book} |
    | GET | /visits | List visits | {read} |
    | POST | /auth/register | Register | public |
    | POST | /auth/login | Sign in | public |
"""


@pytest.mark.parametrize(
    ("book", "read", "roles", "booking", "public"),
    [
        ("receptionist", "receptionist, doctor", ("doctor", "receptionist"), ("receptionist",), False),
        ("doctor", "everybody", ("user", "doctor"), ("doctor",), True),
        ("astronaut", "public", (), (), True),
        ("authenticated", "public", (), (), True),
        ("admin", "public", ("user", "admin"), ("admin",), True),
    ],
)
def test_a_column_names_roles(architect, book, read, roles, booking, public):
    """A word for access is a role where the text speaks of it too; one that it never says stays what it was."""
    system = architect(CLINIC.format(book=book, read=read))
    by_path = {(o.method, o.path): o for o in system.operations}
    assert system.roles == roles
    assert by_path["POST", "/visits"].roles == booking
    assert by_path["GET", "/visits"].public is public


def test_who_registers_is_no_member_of_the_staff(architect):
    """Of several roles the first is what somebody becomes who registers, so it is never one that may do more."""
    system = architect(CLINIC.format(book="receptionist", read="receptionist"))
    assert system.roles[0] == "user"


@pytest.mark.parametrize(
    "line",
    [
        "- VisitBooked: from visit-service to mail-service",
        "- VisitBooked: from the visit-service to the mail-service",
        "- VisitBooked: visit-service → mail-service",
    ],
)
def test_an_event_from_one_service_to_another(architect, line):
    """`from` and `to` say of an event what an arrow says."""
    services = "- **visit-service**: keeps visits\n- **mail-service**: sends mails"
    system = architect(f"# Clinic\n\n## Services\n\n{services}\n\n## Events\n\n{line}\n")
    [event] = system.events
    assert (event.publisher, event.consumers) == ("visit-service", ("mail-service",))


def test_names_below_services_that_are_no_services(architect):
    """What is listed as a service and called nothing of the kind is asked about, with the words that settle it."""
    system = architect("# Shop\n\n## Services\n\n- accounts: who may sign in\n- orders: what they buy\n")
    [question] = [each for each in system.questions if "services of their own" in each]
    assert question.startswith("Are accounts, orders services of their own (line ")
    assert "`accounts-service` says so" in question


def test_the_question_for_fields_shows_a_form_that_is_read(architect):
    """What the question says to write settles it."""
    text = "# Shop\n\n## Services\n\n- **order-service**: keeps orders\n\n## Endpoints\n\n- POST /orders\n"
    [question] = [each for each in architect(text).questions if each.startswith("Which fields has Order ")]
    bullet = question.partition("A bullet `")[2].partition("`")[0]
    answered = architect(f"{text}\n## Data\n\n{bullet}\n")
    [entity] = [each for each in answered.entities if each.name == "Order"]
    assert {"one_field", "another"} <= {field.name for field in entity.fields}
    assert not any(each.startswith("Which fields has Order ") for each in answered.questions)
