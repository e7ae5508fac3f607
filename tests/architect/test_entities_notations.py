# ruff: noqa: RUF001, E501 - authors write in many scripts, and the words of a language stay on one line
"""Tests of entities in every notation outside code that authors use, in several languages."""

from __future__ import annotations

import pytest

from pytest_superteam.architect.builtin import read_facts
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.model.entities import entity_name


def names(text: str) -> set[str]:
    """Return the names of the explicit entities of a text."""
    return {e.name for e in read_facts(read_document(text)).entities if e.explicit}


HEAD = "# Garden Club\n\nMembers log in and swap seeds.\n\n## Data Model\n\n"

NOTATIONS = [
    ("heading and bullets", HEAD + "### Garden\n- id: uuid\n- title: string\n\n### Bed\n- id: uuid\n- width: int\n", {"Garden", "Bed"}),
    ("numbered heading", HEAD + "### 4.1 Garden\n- `id` (uuid)\n- `title` (string)\n", {"Garden"}),
    ("heading with the word table", HEAD + "### `gardens` table\n- `id` (uuid)\n- `title` (string)\n", {"Garden"}),
    ("deep heading", HEAD + "### Core\n#### Garden\n##### Fields\n- `id` (uuid)\n- `title` (string)\n", {"Garden"}),
    ("bold line", HEAD + "**Garden**\n\n- id: uuid\n- title: string\n\n**Bed**\n\n- id: uuid\n- width: int\n", {"Garden", "Bed"}),
    ("bold bullet, inline fields", HEAD + "- **Garden**: id, title, owner_id\n- **Bed**: id, garden_id, width\n", {"Garden", "Bed"}),
    ("bold bullet, brackets", HEAD + "- **Garden** (id, title, owner_id)\n- **Bed** (id, garden_id)\n", {"Garden", "Bed"}),
    ("bold bullet, description", HEAD + "- **Garden** – what a member tends\n- **Bed** – a part of a garden\n", {"Garden", "Bed"}),
    ("two names in a bullet", HEAD + "- **Garden**, **Bed**: what members tend\n", {"Garden", "Bed"}),
    ("two tables in a bullet", HEAD + "- `Garden` / `Bed`:\n  - id, title\n", {"Garden", "Bed"}),
    ("plain bullets with fields", HEAD + "- Garden: id, title, owner_id\n- Bed: id, garden_id, width\n- Seed: id, bed_id\n", {"Garden", "Bed", "Seed"}),
    ("plain bullets with brackets", HEAD + "- Garden (id, title, owner_id)\n- Bed (id, garden_id, width)\n", {"Garden", "Bed"}),
    ("numbered entities", HEAD + "1. **Garden**\n   - id\n   - title\n2. **Bed**\n   - id\n   - garden_id\n", {"Garden", "Bed"}),
    ("names only, in code marks", HEAD + "- `gardens`\n- `garden_beds`\n- `seeds`\n", {"Garden", "GardenBed", "Seed"}),
    ("names only, plain", HEAD + "- Garden\n- Bed\n- Seed\n", {"Garden", "Bed", "Seed"}),
    ("nested outline", HEAD + "- Garden\n  - id: uuid\n  - title: string\n- Bed\n  - id: uuid\n  - width: int\n", {"Garden", "Bed"}),
    ("entity table", HEAD + "| Entity | Description |\n|---|---|\n| Garden | a plot |\n| Bed | a part |\n", {"Garden", "Bed"}),
    ("entity table with fields", HEAD + "| Table | Columns |\n|---|---|\n| gardens | id, title |\n| beds | id, width |\n", {"Garden", "Bed"}),
    ("entity table, empty header", HEAD + "|  |  |\n|---|---|\n| **Entity** | **Fields** |\n| Garden | id, title |\n| Bed | id, width |\n", {"Garden", "Bed"}),
    ("field table, heading", HEAD + "### Garden\n\n| Field | Type |\n|---|---|\n| id | uuid |\n| title | string |\n", {"Garden"}),
    ("field table, caption", HEAD + "Table: gardens\n\n| Column | Type |\n|---|---|\n| id | uuid |\n| title | string |\n", {"Garden"}),
    ("field table, bold caption", HEAD + "**Garden**\n\n| Column | Type |\n|---|---|\n| id | uuid |\n| title | text |\n", {"Garden"}),
    ("check boxes", HEAD + "### Garden\n- [ ] id: uuid\n- [x] title: string\n", {"Garden"}),
    ("sentence", "# Garden Club\n\nKey entities: Garden, Bed, Seed.\n", {"Garden", "Bed", "Seed"}),
    ("sentence in an item", "# Garden Club\n\n## Features\n\n- **Key entities**: Garden, Bed, Seed, etc.\n", {"Garden", "Bed", "Seed"}),
    ("sentence with are", "# Garden Club\n\nThe main entities are Garden, Bed and Seed.\n", {"Garden", "Bed", "Seed"}),
    ("brackets behind a database", "# Garden Club\n\n- Database schema (gardens, beds, seed_swaps)\n", {"Garden", "Bed", "SeedSwap"}),
    ("models in code marks", "# Garden Club\n\n- Use Mongoose models (`Garden`, `Bed`)\n", {"Garden", "Bed"}),
    ("code mark with a list", "# Garden Club\n\n## Tables\n\n`gardens, beds, seed_swaps`\n", {"Garden", "Bed", "SeedSwap"}),
    ("line of fields", HEAD + "### gardens\n\n`id, title UNIQUE, owner_id FK, state('open' | 'shut'), created_at`\n", {"Garden"}),
    ("German field table", "# Gartenverein\n\nDie Liste der Kunden ist mit den Daten von der Kasse verbunden.\n\n## Datenmodell\n\n### Kunde\n\n| Feld | Typ |\n|---|---|\n| Name | Text |\n| Ort | Text |\n", {"Customer"}),
    ("German caption", "# Gartenverein\n\nDie Liste der Kunden ist mit den Daten von der Kasse verbunden.\n\n## Datenmodell\n\n### Felder je Rechnung\n\n| Feld | Typ |\n|---|---|\n| Nummer | Text |\n| Betrag | Zahl |\n", {"Invoice"}),
    ("French list", "# Le club\n\nLes utilisateurs gèrent les commandes de la boutique avec leur compte.\n\n## Modèle de données\n\n- **Utilisateur** : id, email, nom\n- **Commande** : id, montant, statut\n", {"User", "Order"}),
    ("Spanish headings", "# El club\n\nLos usuarios de la tienda compran los productos que se listan en la web con su cuenta.\n\n## Modelo de datos\n\n### Producto\n- id: uuid\n- nombre: string\n\n### Pedido\n- id: uuid\n- total: decimal\n", {"Product", "Order"}),
    ("Portuguese, two names", "# O clube\n\nOs alunos fazem o cadastro com a sua conta para as aulas do clube.\n\n## Modelo de dados\n\n### Usuário (`users`)\n- id: uuid\n- nome: string\n", {"User"}),
    ("Chinese, two names", "# 俱乐部\n\n## 数据模型\n\n### 用户 (User)\n- id: uuid\n- name: string\n\n### 学习记录 (StudyRecord)\n- id: uuid\n- score: int\n", {"User", "StudyRecord"}),
    ("Chinese headings", "# 俱乐部\n\n## 数据模型\n\n### 订单\n- id: uuid\n- total: int\n\n### 商品\n- id: uuid\n- price: int\n", {"Order", "Product"}),
    ("Chinese table", "# 俱乐部\n\n## 数据模型\n\n| 实体 | 说明 |\n|---|---|\n| 用户 | 会员 |\n| 订单 | 购买 |\n", {"User", "Order"}),
    ("Japanese table", "# クラブ\n\n## データモデル\n\n| テーブル | 説明 |\n|---|---|\n| users | 会員 |\n| orders | 注文 |\n", {"User", "Order"}),
    ("Korean headings", "# 클럽\n\n## 데이터 모델\n\n### 고객 (customers)\n- id: uuid\n- name: string\n\n### 예약\n- id: uuid\n- date: date\n", {"Customer", "Reservation"}),
    ("Russian list", "# Клуб\n\n## Сущности\n\n`users, orders, order_items`\n", {"User", "Order", "OrderItem"}),
    ("Russian headings", "# Клуб\n\n## Модель данных\n\n### Заказ\n- id: uuid\n- total: int\n\n### Товар\n- id: uuid\n- price: int\n", {"Order", "Product"}),
    ("Vietnamese headings", "# Câu lạc bộ\n\n## Cơ sở dữ liệu\n\n### Bảng users\n- id: int\n- name: varchar\n\n### Bảng orders\n- id: int\n- total: int\n", {"User", "Order"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [n[1:] for n in NOTATIONS], ids=[n[0] for n in NOTATIONS])
def test_entity_notations(text: str, expected: set[str]) -> None:
    """An explicit data model gives its entities and nothing else, whatever notation its author uses."""
    assert names(text) == expected


@pytest.mark.parametrize(
    "heading",
    ["Relationships", "Indexes", "Migration", "Overview", "Notes", "Caching Strategy", "Connection Management", "Enums", "Beziehungen", "Relaciones", "Índices", "关系", "インデックス", "인덱스"],
)  # fmt: skip
def test_headings_of_a_data_section_that_name_no_entity(heading: str) -> None:
    """A heading about the model as a whole is no entity, though bullets stand below it."""
    text = HEAD + f"### Garden\n- id: uuid\n- title: string\n\n### {heading}\n- id: the key\n- size: small and stable\n"
    assert names(text) == {"Garden"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.2 Order Items", "OrderItem"),
        ("用户 (User)", "User"),
        ("Usuário (`users`)", "Usuario"),
        ("学习记录", "StudyRecord"),
        ("предзаказ", ""),
        ("The quick brown fox jumps over", ""),
    ],
)
def test_entity_name(text: str, expected: str) -> None:
    """A heading gives the Latin name beside it, or the English one of its words, or none."""
    assert entity_name(text) == expected


def test_enum_with_values_is_no_entity() -> None:
    """A heading called after a status with its values below it is an enum."""
    text = (
        HEAD
        + "### Garden\n- id: uuid\n- title: string\n\n**TaskStatus:**\n- `todo` - to do\n- `done` - done\n- `open` - open\n"
    )
    assert names(text) == {"Garden"}


def test_names_in_two_languages_are_one_entity() -> None:
    """The word of the text and the name of the table make one entity with the fields of both."""
    text = (
        "# Der Verein\n\nDie Kunden werden mit ihren Rechnungen in der Datenbank verwaltet und nicht gelöscht.\n\n"
        "## Datenmodell\n\n### Kunde\n- id: uuid\n- name: string\n\n### customers\n- id: uuid\n- email: string\n"
    )
    facts = [e for e in read_facts(read_document(text)).entities if e.name == "Customer"]
    assert len(facts) == 1
    assert {f.field.name for f in facts[0].fields} == {"id", "name", "email"}
