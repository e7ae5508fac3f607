"""The library service, running, with rows and tokens."""

import sys
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from library_contract import CONTRACT
from library_service import SECRET, library, serving

from pytest_superteam.checks.callers.auth import mint_token
from pytest_superteam.checks.engine.conformance import ConformanceOptions, check_operation

ACCOUNT = {"email": "reader@example.com", "password": "correct horse"}


class Library:
    """A running library service: where it is, tokens for it, and rows in it."""

    def __init__(self, url):
        self.url = url
        self.tokens = {role: mint_token(SECRET, role=role, subject="a-user") for role in ("admin", "reader")}
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {self.tokens['admin']}"})
        self.author = self.client.post("/authors", json={"name": "Ada"}).json()["id"]
        self.client.post("/register", json=ACCOUNT)

    def book(self):
        """Create a book; return its id, or a free one where the broken service makes none."""
        new = {"title": "Notes", "pages": 3, "genre": "novel", "author_id": self.author}
        answer = self.client.post("/books", json=new)
        return answer.json()["id"] if answer.status_code == 201 else "00000000-0000-4000-8000-000000000000"

    def check(self, operation, **options):
        """Run the conformance check of one operation with samples that exist."""
        samples = {"author_id": [self.author], "book_id": [self.book(), self.book()]}
        if operation == "login":
            samples |= {name: [value] for name, value in ACCOUNT.items()}
        unique = ("email",) if operation == "register_user" else ()
        settings = {
            "seed": 7,
            "max_examples": 30,
            "samples": samples,
            "unique": unique,
            "response_time": 2.0,
            **options,
        }
        return check_operation(
            contract=CONTRACT,
            service="library",
            operation_id=operation,
            base_url=self.url,
            token=self.tokens["admin"],
            other_tokens=self.tokens,
            options=ConformanceOptions(**settings),
        )


@pytest.fixture(scope="module")
def serve():
    """Start library services by what is broken in them, each once."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        running = {}

        def start(broken=""):
            if broken not in running:
                url = stack.enter_context(serving(library(broken)))
                running[broken] = Library(url)
                stack.callback(running[broken].client.close)
            return running[broken]

        yield start
