"""A small system that the built-in builder wrote once, for operators to put faults into."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract import openapi
from pytest_superteam.architect.document.prd import read_prds
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.calibration.source import Source

PRD = """\
# Tool library

## Services

| Service | Responsibility |
| --- | --- |
| member-service | Registers members and signs them in |
| tool-service | Keeps sheds and tools |
| loan-service | Lends tools to members |
| mail-service | Writes a notification for each loan |

## Roles

- **member**: everybody who registers
- **keeper**: staff

## Data model

### User (member-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| email | email | required, unique |
| password | string | required, 8 to 128 characters, never returned |
| role | enum(member, keeper) | default member |

### Shed (tool-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| name | string | required, unique, max 80 characters |

### Tool (tool-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| shed_id | uuid | required, references Shed |
| name | string | required, max 80 characters |
| hint | string | optional, max 200 characters |
| fee | money | required, between 0 and 100 |
| count | integer | required, between 1 and 50 |
| kind | enum(hand, power) | required |

### Loan (loan-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| borrower_id | uuid | references User, the owner |
| tool_id | uuid | required, references Tool |
| note | string | optional, max 200 characters |
| status | enum(asked, lent, returned, lost) | default asked |

### Notification (mail-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| loan_id | uuid | required, references Loan |
| subject | string | required, max 100 characters |

## Loan states

| From | To | Who |
| --- | --- | --- |
| asked | lent | keeper |
| lent | returned | member, keeper |
| lent | lost | keeper |

## API

### member-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| POST | /members/register | Register a member | public |
| POST | /members/login | Sign in with email and password, answers a bearer token | public |
| POST | /members/logout | Sign out | authenticated |
| GET | /members/me | The caller's own member | authenticated |

### tool-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| GET | /sheds | List sheds | public |
| POST | /sheds | Add a shed | keeper |
| GET | /tools | List tools, filtered by kind | public |
| POST | /tools | Add a tool | keeper |
| GET | /tools/{id} | Read a tool | public |
| PATCH | /tools/{id} | Change a tool | keeper |
| DELETE | /tools/{id} | Remove a tool | keeper |

### loan-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| POST | /loans | Ask for a tool | member, keeper |
| GET | /loans | List the caller's loans, filtered by status | member, keeper |
| GET | /loans/{id} | Read a loan | member, keeper |
| POST | /loans/{id}/lend | Lend the tool | keeper |
| POST | /loans/{id}/return | Return the tool | member, keeper |
| POST | /loans/{id}/lose | Write the tool off | keeper |

### mail-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| GET | /notifications | List notifications | keeper |
| POST | /notifications | Write a notification | keeper |
| GET | /notifications/{id} | Read a notification | keeper |

## Events

| Event | Publisher | Consumers |
| --- | --- | --- |
| LoanCreated | loan-service | mail-service |
| LoanReturned | loan-service | mail-service |
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """Return the services of the tool library, built once."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "PRD.md").write_text(PRD, encoding="utf-8")
    system = design(read_prds([folder / "PRD.md"]))
    system = replace(system, contracts=openapi.contracts(system))

    async def build():
        for service in system.services:
            target = folder / "services" / service.name
            target.mkdir(parents=True)
            await BuiltinBuilder().build(BuildRequest(service.name, system, target))

    asyncio.run(build())
    return [Source(service.name, folder / "services" / service.name, system) for service in system.services]


@pytest.fixture
def service(library):
    """Return a function from a service's name to its source."""
    return {source.name: source for source in library}.__getitem__
