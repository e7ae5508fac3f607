# ruff: noqa: RUF001 - names in several scripts
"""Names: of services, of the system, and what no folder may be called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.architect.decomposition.service_names import service_name
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.document.titles import short_name, system_title
from pytest_superteam.errors import PrdError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Order Service", "order-service"),
        ("OrderService", "order-service"),
        ("3.2 Order Service (Port 8081)", "order-service"),
        ("Service 2: Orders", "orders"),
        ("Order Service – takes orders", "order-service"),
        ("Order Service (Python/FastAPI)", "order-service"),
        ("Order Service :8081", "order-service"),
        ("🛒 Order Service", "order-service"),
        ("Order Worker Service(s)", "order-worker-service"),
        ("Auth / User Service", "auth-user-service"),
        (".NET Backend", "net-backend"),
        ("3D Printer Service", "service-3-d-printer-service"),
        ("用户服务 (user-service)", "user-service"),
        ("用户服务", "user-service"),
        ("注文サービス", "order-service"),
        ("결제 서비스", "payment-service"),
        ("Сервис заказов", "order-service"),
        ("Витрина", "vitrina"),
        ("谜", "service-7"),
        ("Bestelldienst", "bestelldienst"),
        ("Serviço de Pagamentos", "servico-de-pagamentos"),
        ("System", "system-service"),
        ("x" * 70, ""),
        ("a sentence about the many things that one of the services does", ""),
    ],
)
def test_service_names(text, name):
    """A name becomes that of a folder; without Latin letters it is translated, transliterated or numbered."""
    assert service_name(text, 7) == name


@pytest.mark.parametrize("text", ["../etc", "a/b", "/etc", "a\\b", ".hidden", "a\x07b", "***"])
def test_names_that_are_refused(text):
    """What leads out of a folder or leaves nothing is one line that says so."""
    with pytest.raises(PrdError, match=r"is no service name") as caught:
        service_name(text, 7)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=120))
def test_any_text_is_a_safe_name_or_one_line(text):
    """Whatever the text, the name is safe as a folder, empty, or refused in one line."""
    try:
        name = service_name(text, 3)
    except PrdError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - both ends are right
    else:
        assert name == "" or re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name)


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("# Product Requirements Document: Tidepool\n\nx", "Tidepool", "tidepool"),
        ("# Product Requirements Document (PRD)\n\n## TidePool – water levels\n\nx", "TidePool", "tidepool"),
        ("# TidePool — PRD v2.1 (draft)\n\nx", "TidePool", "tidepool"),
        ("# PRD\n\n**Product Name:** Tide Pool\n\nx", "Tide Pool", "tide-pool"),
        ("# PRD\n\n## Objective\n\nTidepool is a platform for divers.", "Tidepool", "tidepool"),
        (
            "# PRD\n\n## Objective\n\nTo extend the harbour booking service by a calendar.",
            "harbour booking service",
            None,
        ),
        ("# ТЗ — Tidepool\n\nx", "Tidepool", "tidepool"),
        ("# 产品需求文档：潮汐\n\nx", "潮汐", "backend"),
        ('# The "Plug & Go" Ferry Integration Engine for harbours\n\nx', None, "plug-go-ferry-integration-engine"),
        ("# Distributed Tide Queue Service\n\nx", "Distributed Tide Queue Service", "distributed-tide-queue-service"),
        ("## 1. Project Overview\n\nTidepool is a simulator.\n\n## 2. Users\n\nx", "Tidepool", "tidepool"),
    ],
)
def test_titles(text, title, name):
    """The system has its name from the first heading, a label or a sentence; the service a short form of it."""
    found = system_title(read_document(text))
    if title is not None:
        assert found == title
    if name is not None:
        assert short_name(found) == name


@given(st.text(max_size=200))
def test_any_title_gives_a_safe_name(text):
    """The name of the only service is safe as a folder and short."""
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,45}", short_name(text))
