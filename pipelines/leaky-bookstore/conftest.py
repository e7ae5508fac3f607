"""The bookstore, broken in ten ways on purpose: each leak names the gate items that must find it.

The builder below lets the built-in one do its work and then changes what it wrote, as a careless hand might.
"""

from dataclasses import dataclass
from pathlib import Path

from pytest_superteam.builders.base import BuildOutput, BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.errors import BuildError


@dataclass(frozen=True)
class Leak:
    """One way to break a service: in `file`, `good` becomes `bad`; `found_by` are the ids of the items that say so."""

    name: str
    service: str
    file: str
    good: str
    bad: str
    found_by: tuple[str, ...]


LEAKS = (
    Leak(
        "operations of the contract that nobody serves",
        "notification-service",
        "app/main.py",
        "    app.include_router(notifications.router)\n",
        "",
        (
            "layer1::test_converges[notification-service]",
            "layer1::test_own_tests[notification-service]",
            "layer2::test_conformance[notification-service-list_notifications]",
            "layer2::test_conformance[notification-service-create_notification]",
            "layer2::test_conformance[notification-service-read_notification]",
            "layer2::test_sequences[notification-service]",
            "layer2::test_exposure[notification-service-EXPOSE-001]",
            *(f"layer2::test_boundary[notification-service-BOUNDARY-00{number}]" for number in range(1, 8)),
            "layer2::test_flow[notification-service-notification-crud]",
            "layer2::test_flow[notification-service-notification-of-order-events]",
            "layer2::test_flow[notification-service-notification-unknown-order]",
            "layer2::test_trace[notification-service-order-service]",
            "layer4::test_review[notification-service-ADV-002]",
        ),
    ),
    Leak(
        "a wrong status code",
        "catalog-service",
        "app/routes/authors.py",
        '@router.post("/authors", status_code=201, ',
        '@router.post("/authors", status_code=200, ',
        (
            "layer1::test_own_tests[catalog-service]",
            "layer2::test_conformance[catalog-service-create_author]",
            "layer2::test_sequences[catalog-service]",
        ),
    ),
    Leak(
        "an unprotected route",
        "catalog-service",
        "app/routes/books.py",
        '@router.delete("/books/{book_id}", status_code=204, dependencies=[Depends(allow("admin"))])',
        '@router.delete("/books/{book_id}", status_code=204)',
        (
            "layer1::test_own_tests[catalog-service]",
            "layer2::test_conformance[catalog-service-delete_book]",
            "layer2::test_authorization[catalog-service-AUTH-001]",
            "layer3::test_scan[catalog-service-SEC-001]",
        ),
    ),
    Leak(
        "a broken consumer expectation",
        "order-service",
        "pacts/order-service-catalog-service.json",
        '"content": {\n',
        '"content": {\n            "isbn13": "978-3-16-148410-0",\n',
        ("layer2::test_pact[order-service-catalog-service]", "layer2::test_boundary[catalog-service-BOUNDARY-003]"),
    ),
    Leak(
        "a hardcoded JWT secret",
        "auth-service",
        "app/settings.py",
        'os.environ.get("JWT_SECRET", "")',
        'os.environ.get("JWT_SECRET", "bookstore-signing-key-for-all-of-us")',
        ("layer3::test_scan[auth-service-SEC-005]",),
    ),
    Leak(
        "a token whose signature nobody checks",
        "order-service",
        "app/auth.py",
        'options={"require": ["exp", "iss", "sub"]}',
        'options={"require": ["exp", "iss", "sub"], "verify_signature": False}',
        (
            "layer1::test_own_tests[order-service]",
            "layer2::test_conformance[order-service-create_order]",
            "layer2::test_conformance[order-service-list_orders]",
            "layer2::test_conformance[order-service-read_order]",
            "layer2::test_conformance[order-service-pay_order]",
            "layer2::test_conformance[order-service-ship_order]",
            "layer2::test_conformance[order-service-deliver_order]",
            "layer2::test_conformance[order-service-cancel_order]",
            *(f"layer2::test_authorization[order-service-AUTH-00{number}]" for number in (2, 3, 4, 8)),
            "layer3::test_scan[order-service-SEC-003]",
        ),
    ),
    Leak(
        "every origin allowed",
        "catalog-service",
        "app/main.py",
        "allow_origins=settings().cors_origins",
        'allow_origins=["*"]',
        ("layer3::test_scan[catalog-service-CORS-001]", "layer2::test_exposure[catalog-service-EXPOSE-005]"),
    ),
    Leak(
        "a cloud key in the source",
        "auth-service",
        "app/settings.py",
        '"""What the environment sets."""\n',
        # In two parts, so that this file holds no key.
        '"""What the environment sets."""\n\nBACKUP_KEY = "AKIA' + 'Q3EGRIPYKHT7WVBZ"\n',
        ("layer3::test_scan[auth-service-SEC-SECRET-001]",),
    ),
    Leak(
        "a container that runs as root",
        "auth-service",
        "Dockerfile",
        "USER service\n",
        "",
        ("layer3::test_scan[auth-service-DOCKER-001]",),
    ),
    Leak(
        "a swallowed error",
        "notification-service",
        "app/events.py",
        """\
    except (KeyError, TypeError, ValueError):
        _logger.warning("event lacks what a row needs", extra={"event": message.type})
        return
""",
        """\
    except Exception:
        return
""",
        ("layer4::test_review[notification-service-ADV-005]",),
    ),
)


class LeakyBuilder:
    """Builds like the built-in builder, then leaks."""

    name = "leaky"
    tier = "free"
    version = f"1+builtin-{BuiltinBuilder.version}"

    async def build(self, request: BuildRequest) -> BuildOutput:
        """Build a sound service and break it."""
        output = await BuiltinBuilder().build(request)
        for leak in LEAKS:
            if leak.service == request.service:
                _break(request.directory / leak.file, leak)
        return output


def _break(path: Path, leak: Leak) -> None:
    text = path.read_text(encoding="utf-8")
    if leak.good not in text:
        raise BuildError(f"{leak.file} has no place for the leak '{leak.name}'.")
    path.write_text(text.replace(leak.good, leak.bad, 1), encoding="utf-8")


def pytest_superteam_builders() -> list[LeakyBuilder]:
    """Offer the builder that superteam.yaml asks for."""
    return [LeakyBuilder()]
