"""Tests of what a text says must not be built."""

from __future__ import annotations

import pytest

from pytest_superteam.architect.behaviour.exclusions import read_exclusions
from pytest_superteam.architect.document.sections import read_document

SAID = [
    ("## Out of scope\n\n- Payments\n- Chat\n", ["Payments", "Chat"]),
    ("## Non-Goals\n\nPayments\n", ["Payments"]),
    ("## Hors périmètre\n\n- Paiement\n", ["Paiement"]),
    ("## 対象外\n\n- 決済\n", ["決済"]),
    ("## 本期不做\n\n- 支付\n", ["支付"]),
    ("## Scope\n\n| Feature | MVP |\n|---|---|\n| Orders | ✅ |\n| Coupons | ❌ |\n", ["Coupons"]),
    ("## Scope\n\n| Feature | Included |\n|---|---|\n| Orders | Yes |\n| Coupons | No |\n", ["Coupons"]),
    ("## Features\n\n- ❌ Coupons\n- Orders\n", ["Coupons"]),
    ("## Features\n\n- 🚫 Coupons\n", ["Coupons"]),
    ("## Features\n\n- ~~Coupons~~\n- Orders\n", ["Coupons"]),
    ("## Features\n\n- Coupons (post-MVP)\n- Orders\n", ["Coupons"]),
    ("## Features\n\n- Coupons (Phase 2)\n", ["Coupons"]),
    ("## Features\n\n- Coupons are not supported.\n", ["Coupons are not supported"]),
    ("## Features\n\nWe don't want coupons.\n", ["We don't want coupons"]),
    ("## Features\n\n- No coupons\n", ["coupons"]),
    ("## Funciones\n\n- Sin cupones\n", ["cupones"]),
    ("## Fonctions\n\n- Pas de coupons\n", ["de coupons"]),
    ("## Features\n\nクーポンは対象外とする。\n", ["クーポンは対象外とする。"]),
    ("## 功能\n\n优惠券暂不支持\n", ["优惠券暂不支持"]),
    ("## Функции\n\n- Оплата не требуется\n", ["Оплата не требуется"]),
    ("## Features\n\n- Orders\n- Customers can cancel\n", []),
    ("## Permissions\n\n| Role | Admin | User |\n|---|---|---|\n| Orders | ✅ | ❌ |\n", []),
]


@pytest.mark.parametrize(("body", "expected"), SAID)
def test_exclusions(body: str, expected: list[str]) -> None:
    """Sections, marks, columns and sentences exclude, in any language; permissions and features do not."""
    found = read_exclusions(read_document(f"# Shop\n\nWhat the shop does.\n\n{body}"))
    assert [e.text for e in found] == expected


def test_the_line_of_an_exclusion() -> None:
    """An exclusion has the line that it stands on."""
    found = read_exclusions(read_document("# Shop\n\n## Out of scope\n\n- Chat\n- Payments\n"))
    assert [(e.text, e.line) for e in found] == [("Chat", 5), ("Payments", 6)]
