# ruff: noqa: RUF001, E501, ISC004 - authors write in many scripts
"""Tests of entities that a text without a data model only implies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.builtin import read_facts
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.model.inference import infer

FEATURES = [
    (
        "English features",
        "# Paw Hotel\n\n## Features\n\n### Pet management\n- Owners can add a pet and edit their pets.\n- Staff can delete pets.\n\n"
        "### Bookings\n- Create a booking for a pet, cancel bookings, list all bookings.\n\n### Invoices\n- Send an invoice for each booking.\n- View invoices.\n",
        {"Pet", "Booking", "Invoice"},
    ),
    (
        "English stories with a noun of its own",
        "# Hive Log\n\n## User stories\n\n- As a beekeeper, I can add a hive.\n- As a beekeeper, I can edit hives and delete a hive.\n"
        "- As a beekeeper, I can create an inspection for a hive and list the inspections of a hive.\n- Every inspection of the hives keeps photos.\n- I can edit inspections. Delete an inspection.\n",
        {"Hive", "Inspection"},
    ),
    (
        "German features",
        "# Werkstatt\n\n## Anforderungen\n\n### Rechnungen verwalten\n- Der Meister kann eine Rechnung erstellen und die Rechnungen drucken.\n\n"
        "### Fahrzeuge verwalten\n- Ein Fahrzeug wird mit dem Kennzeichen angelegt. Fahrzeuge sind für alle sichtbar.\n",
        {"Invoice", "Vehicle"},
    ),
    (
        "French features",
        "# La cantine\n\n## Fonctionnalités\n\n### Gestion des recettes\n- Créer une recette, modifier les recettes de la semaine.\n\n"
        "### Gestion des fournisseurs\n- Ajouter un fournisseur et consulter la liste des fournisseurs pour le chef.\n",
        {"Recipe", "Supplier"},
    ),
    (
        "Spanish features",
        "# El taller\n\n## Funcionalidades\n\n### Gestión de vehículos\n- Registrar un vehículo y editar los vehículos de la flota.\n\n"
        "### Gestión de citas\n- Crear una cita para el vehículo; cancelar citas con el cliente que las pide.\n",
        {"Vehicle", "Appointment"},
    ),
    (
        "Portuguese features",
        "# A oficina\n\n## Funcionalidades\n\n### Gestão de produtos\n- Cadastrar um produto e editar os produtos da loja.\n\n"
        "### Gestão de pedidos\n- Criar um pedido para o cliente; consultar os pedidos que não foram pagos.\n",
        {"Product", "Order"},
    ),
    (
        "Russian features",
        "# Мастерская\n\n## Функции\n\n### Управление заказами\n- Создать заказ, просмотр заказов.\n\n### Управление товарами\n- Добавить товар, редактирование товаров.\n",
        {"Order", "Product"},
    ),
    (
        "Chinese features",
        "# 商城\n\n## 功能需求\n\n### 商品管理\n- 新增商品、编辑商品、删除商品\n\n### 订单管理\n- 创建订单，查看订单列表，取消订单\n",
        {"Product", "Order"},
    ),
    (
        "Japanese features",
        "# 通販サイト\n\n## 機能要件\n\n### 商品管理\n- 商品を登録する。商品を編集できる。\n\n### 注文管理\n- 注文を作成する。注文の一覧を表示する。\n",
        {"Product", "Order"},
    ),
    (
        "Korean features, names beside the words",
        "# 미용실\n\n## 기능 요구사항\n\n### 예약 관리\n- 예약을 등록한다. 예약을 취소한다.\n\n### 매장 관리\n- 매장(Shop)을 등록하고 매장 정보를 수정한다.\n",
        {"Reservation", "Shop"},
    ),
    (
        "Vietnamese features",
        "# Cửa hàng\n\n## Chức năng\n\n### Quản lý sản phẩm\n- Thêm sản phẩm, sửa sản phẩm cho các cửa hàng.\n\n### Quản lý đơn hàng\n- Tạo đơn hàng và hủy đơn hàng của khách.\n",
        {"Product", "Order"},
    ),
    (
        "Indonesian features",
        "# Toko\n\n## Fitur\n\n### Kelola produk\n- Pengguna dapat menambah produk dan mengubah produk untuk toko.\n\n### Kelola pesanan\n- Membuat pesanan dan melihat pesanan yang ada.\n",
        {"Product", "Order"},
    ),
]


@pytest.mark.parametrize(("text", "expected"), [f[1:] for f in FEATURES], ids=[f[0] for f in FEATURES])
def test_features_imply_entities(text: str, expected: set[str]) -> None:
    """What users create and manage is an entity, in any language, named in English or in the author's own word."""
    assert {c.name for c in infer(read_document(text))} >= expected


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("The dashboard shows charts. Users view the dashboard and manage settings.", "Dashboard"),
        ("Users log in and manage their password. Edit the password, delete the password.", "Password"),
        ("Admins manage admins. Every admin can add an admin.", "Admin"),
        ("The product requirements say so. Product requirements are managed. Product requirements matter.", "Product"),
        ("POST /posts creates one. POST /posts again. POST /posts. POST /posts.", "Post"),
    ],
)
def test_what_is_no_entity(sentence: str, name: str) -> None:
    """Screens, settings, sign-in, administrators and the words of the trade are never inferred."""
    assert name not in {c.name for c in infer(read_document(f"# App\n\n## Features\n\n- {sentence}\n"))}


def test_excluded_nouns_are_not_inferred() -> None:
    """A noun that the text leaves out is no entity, though it is made and managed there."""
    text = (
        "# Shop\n\n## Features\n\n- Create a product, edit products, delete products.\n- ❌ Create coupons, edit coupons, delete coupons.\n"
        "- ~~Manage invoices, create an invoice, delete invoices~~\n\n## Out of scope\n\n- Create reviews, manage reviews, delete reviews\n"
    )
    assert {c.name for c in infer(read_document(text))} == {"Product"}


def test_a_model_leaves_nothing_to_infer() -> None:
    """Where the text has a data model of three entities, features add none."""
    text = "# Shop\n\n## Data model\n\n- **Product** - a\n- **Order** - b\n- **Cart** - c\n\n## Features\n\n### Coupon management\n- Create a coupon, edit coupons.\n"
    assert {e.name for e in read_facts(read_document(text)).entities} == {"Product", "Order", "Cart"}


def test_inferred_entities_are_marked() -> None:
    """An inferred entity is not explicit and has the line of its first mention."""
    text = "# Shop\n\n## Features\n\n- Create a product, edit products, delete products.\n"
    facts = [e for e in read_facts(read_document(text)).entities if e.name == "Product"]
    assert [(f.explicit, f.line) for f in facts] == [(False, 5)]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "# A",
                "## 功能",
                "- create a room",
                "- 商品管理",
                "Заказы",
                "| a | b |",
                "|---|---|",
                "- **X**: y",
                "`a, b`",
                "the",
            ]
        )
        | st.text(max_size=60),
        max_size=12,
    )
)
def test_any_text_is_read(lines: list[str]) -> None:
    """Any text gives candidates with an ASCII PascalCase name and a line of the text."""
    text = "\n".join(lines)
    for one in infer(read_document(text)):
        assert one.name.isascii()
        assert one.name[:1].isupper()
        assert 1 <= one.line <= text.count("\n") + 1
