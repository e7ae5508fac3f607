# ruff: noqa: RUF001 - texts of authors, in many scripts
"""Tests of what requirements ask for in words, in several languages."""

import pytest

from pytest_superteam.architect.interface.wishes import Wishes
from pytest_superteam.models import Requirement

ALL = {"create", "list", "read", "update", "delete"}


def wishes(*texts):
    """Return what requirements of these texts ask for."""
    return Wishes([Requirement(f"R-{i}", text, i) for i, text in enumerate(texts, 1)])


@pytest.mark.parametrize(
    ("text", "entity", "kinds"),
    [
        ("The admin can edit products", "Product", {"update"}),
        ("Users manage their orders", "Order", ALL),
        ("Der Benutzer kann ein Produkt anlegen und der Kunde sieht es", "Product", {"create"}),
        ("O usuário pode cadastrar produtos para a venda", "Product", {"create"}),
        ("管理员可以创建商品", "Product", {"create"}),
        ("管理员可以创建商品，用户可以查看订单", "Order", {"list", "read"}),
        ("ユーザーは商品を登録できる。", "Product", {"create"}),
        ("Пользователь может создать заказ", "Order", {"create"}),
    ],
)
def test_verbs_ask_for_operations(text, entity, kinds):
    """A verb near the thing asks for operations on it, before or behind it, as its language has it."""
    assert wishes(text).of(entity) == kinds


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("管理员可以创建商品并且修改订单", "Customer"),
        ("商品必须有名称和价格", "Product"),
        ("Der Kunde hat eine Bestellung und die Adresse ist im Profil", "Order"),
        ("The order editor is fast", "Order"),
        ("The admin can edit products", "AuditLog"),
    ],
)
def test_no_verb_asks_for_nothing(text, entity):
    """Other things, descriptions, agents and logs ask for nothing."""
    assert wishes(text).of(entity) == set()


def test_a_verb_belongs_to_the_nearest_thing():
    """Of two things in a sentence, each gets what its own verb asks for."""
    found = wishes("管理员可以创建商品并且查看订单")
    assert found.of("Product") == {"create"}
    assert found.of("Order") == {"list", "read"}


def test_done_requirements_ask_for_nothing():
    """What is done already is not asked for again."""
    assert Wishes([Requirement("R-1", "The admin can edit products", 1, done=True)]).of("Product") == set()
