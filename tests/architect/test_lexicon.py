# ruff: noqa: RUF001 - words of other scripts
"""Tests of the lexicon: which language a text is in, which concepts a line has, and English names of short texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.model.lexicon import english, language_of, lexicon, normal

CODES = ["en", "zh", "ja", "ko", "vi", "id", "fr", "es", "pt", "de", "it", "ru", "tr", "nl", "pl"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The users of the shop can order what they like from the list.", "en"),
        ("Les clients de la boutique passent une commande pour leurs produits avec le panier.", "fr"),
        ("Los clientes de la tienda hacen un pedido con los productos que están en el carrito.", "es"),
        ("Os clientes da loja fazem um pedido com os produtos que estão no carrinho.", "pt"),
        ("Die Kunden bestellen die Produkte, die in dem Warenkorb für sie liegen, und zahlen mit der Karte.", "de"),
        ("I clienti ordinano i prodotti che sono nel carrello e pagano con la carta della banca.", "it"),
        ("Người dùng có thể xem các sản phẩm và đặt hàng với giỏ hàng của họ, không cần cho phép.", "vi"),
        ("Pengguna dapat melihat produk dan membuat pesanan untuk toko ini dengan keranjang.", "id"),
        ("Kullanıcı ürünleri görür ve sipariş için sepet olarak bir liste oluşturur, daha sonra ile.", "tr"),
        ("Покупатель оформляет заказ на товары из корзины.", "ru"),
        ("用户可以浏览商品并提交订单。", "zh"),
        ("ユーザーは商品を閲覧して注文できます。", "ja"),
        ("고객은 상품을 조회하고 주문할 수 있다.", "ko"),
        ("", "en"),
    ],
)
def test_language_of(text: str, code: str) -> None:
    """The script, or else the short words, tell the language; nothing at all is English."""
    assert language_of(text) == code


@pytest.mark.parametrize(
    ("code", "line", "names"),
    [
        ("en", "Manage products and categories", ["manage", "Product", "Category"]),
        ("en", "a shopping list of ingredients", ["ShoppingList", "Ingredient"]),
        ("fr", "Gestion des commandes", ["manage", "Order"]),
        ("es", "Gestión de pedidos y facturas", ["manage", "Order", "Invoice"]),
        ("pt", "Cadastrar produtos", ["create", "Product"]),
        ("de", "Rechnungen verwalten", ["Invoice", "manage"]),
        ("it", "gestire gli ordini", ["manage", "Order"]),
        ("ru", "Управление заказами", ["manage", "Order"]),
        ("tr", "Siparişleri görüntüle", ["Order", "view"]),
        ("vi", "Quản lý đơn hàng", ["manage", "Order"]),
        ("id", "Kelola pesanan", ["manage", "Order"]),
        ("zh", "商品管理", ["Product", "manage"]),
        ("zh", "管理訂單", ["manage", "Order"]),
        ("ja", "注文を登録する", ["Order", "create"]),
        ("ko", "예약을 등록한다", ["Reservation", "create"]),
    ],
)
def test_scan(code: str, line: str, names: list[str]) -> None:
    """A line gives its nouns and verbs by their English names, inflected or not, the longest word first."""
    assert [h.concept.name for h in lexicon(code).scan(normal(line, code))] == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("订单", "Order"),
        ("学习记录", "StudyRecord"),
        ("予約", "Reservation"),
        ("고객", "Customer"),
        ("Заказы", "Order"),
        ("謎", ""),
        ("", ""),
        ("ログイン", ""),
    ],
)
def test_english(text: str, name: str) -> None:
    """A heading whose words are all known has an English name; an unknown one and a mere function have none."""
    assert english(text) == name


@pytest.mark.parametrize("code", CODES)
def test_every_language_knows_the_core_nouns(code: str) -> None:
    """Each language has a word for the nouns that nearly every shop, school or office has."""
    known = {c.name for _, table in lexicon(code)._spaced for phrases in table.values() for c in phrases.values()}
    known |= {c.name for words in lexicon(code)._unspaced.values() for _, c in words}
    assert {"User", "Customer", "Product", "Order", "Category", "Payment", "Course", "Task", "Message"} <= known


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(CODES))
def test_hits_are_ordered_and_apart(text: str, code: str) -> None:
    """Whatever the text, the concepts found lie in it, in order, and none overlaps the next."""
    line = normal(text, code)
    end = 0
    for hit in lexicon(code).scan(line):
        assert end <= hit.start < hit.end <= len(line)
        end = hit.end
