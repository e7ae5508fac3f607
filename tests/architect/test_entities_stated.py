# ruff: noqa: RUF001, E501 - authors write in many scripts, and a text stays on one line
"""Tests of models that a text states in labels, sentences, sheets and lines, and of what looks like one."""

from __future__ import annotations

import pytest

from pytest_superteam.architect.builtin import read_facts
from pytest_superteam.architect.document.sections import read_document


def names(text: str) -> set[str]:
    """Return the names of the explicit entities of a text."""
    return {e.name for e in read_facts(read_document(text)).entities if e.explicit}


DATA = "# Garden Club\n\n## Data Model\n\n"

STATED = [
    ("label as heading", "# Garden Club\n\n## Swaps\n\n### Models Used:\n\n- Gardens\n- Seed_swaps\n", {"Garden", "SeedSwap"}),
    ("label with one name", "# Garden Club\n\n## Audit\n\n### Model:\n\n- Activity_logs\n\nTrack:\n\n- Actor\n", {"ActivityLog"}),
    ("label as lead", "# Garden Club\n\n## Swaps\n\nTables:\n\n- gardens\n- beds\n", {"Garden", "Bed"}),
    ("table to create", "# Garden Club\n\n## Story 1\n\n- Create `seed_swaps` table with date, place fields\n- Implement `beds` table for plots\n", {"SeedSwap", "Bed"}),
    ("model with fields", "# Garden Club\n\n## Story 1\n\n1. Garden model with fields: id, title, owner_id\n", {"Garden"}),
    ("tab of a sheet", "# Garden Club\n\n7.1 Tab: Gardens\nColumn Header\nNotes\nID\nkey\n", {"Garden"}),
    ("pasted table", "# Garden Club\n\n7.1 Garden Beds Table\nField\nType\nbed_id\nUUID\n", {"GardenBed"}),
    ("bare fence", DATA + "**Garden**\n```\nid: int (PK)\ntitle: string\n```\n", {"Garden"}),
    ("object without a name", DATA + "### Garden Schema\n```typescript\n{\n  title: {\n    type: String,\n    required: true\n  },\n  size: {\n    type: Number\n  }\n}\n```\n", {"Garden"}),
    ("table class named like a message", DATA + '### Response\n```python\nclass Response(Base):\n    __tablename__ = "responses"\n\n    id: UUID\n    text: str\n```\n', {"Response"}),
    ("Chinese lines", "# 俱乐部\n\n## 数据模型\n\n**1. 分类表 categories**：id、name、parent_id\n\n**2. AI建议表 ai_suggestions**：id、content、created_at\n", {"Category", "AiSuggestion"}),
    ("Chinese bullets", "# 俱乐部\n\n## 数据模型\n\n- **用户**：包含用户名、邮箱\n- **订单**：包含金额、时间\n", {"User", "Order"}),
    ("Japanese fields", "# クラブ\n\n## データモデル\n\n### (1) orders（注文）\n- `id`（PK）\n- `item_id`（FK → items.id）\n- `updated_at`\n", {"Order"}),
    ("Japanese names", "# クラブ\n\n## 推奨テーブル\n\n- `suppliers`（仕入先）\n- `orders` / `order_lines`（発注）\n", {"Supplier", "Order", "OrderLine"}),
]  # fmt: skip

NOT_STATED = [
    ("kind of model", "# Garden Club\n\n## Forecast\n\n### Model:\n\n- Regression\n- Bayes\n"),
    ("fields of a label", "# Garden Club\n\n## Swaps\n\nModels:\n\n- created_at\n- is_active\n"),
    ("language models", "# Garden Club\n\nLanguage models are good at prose, not reliable arithmetic.\n"),
    ("sentence with will", "# Garden Club\n\nThis club app will include:\n\n- id (uuid)\n- title (string)\n"),
    ("decisions", DATA + "### Key design decisions\n\n- **`price` in cents** - no floats\n- `token` - random\n- `by_date` - fast\n"),
    ("pasted table of a view", "# Garden Club\n\n7.1 Comparison Table\nShows two gardens side by side.\n"),
    ("times", DATA + "- `created_at`\n- `updated_at`\n"),
    ("search index", DATA + '```json\n{\n  "mappings": {\n    "properties": {\n      "title": {"type": "text"},\n      "size": {"type": "long"}\n    }\n  }\n}\n```\n'),
    ("Chinese formats", "# 俱乐部\n\n## 数据模型\n\n**分页**：默认20条，最多100条\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [s[1:] for s in STATED], ids=[s[0] for s in STATED])
def test_stated_models(text: str, expected: set[str]) -> None:
    """A label, a sentence, a sheet or a bold line states entities, in any language."""
    assert names(text) == expected


@pytest.mark.parametrize("text", [n[1] for n in NOT_STATED], ids=[n[0] for n in NOT_STATED])
def test_what_states_no_model(text: str) -> None:
    """Kinds of models, fields, decisions, views and search indexes are no entities."""
    assert names(text) == set()


def test_two_described_entities_are_the_whole_model() -> None:
    """Beside two entities with fields, features imply no others."""
    text = (
        DATA
        + "### Garden\n- id: uuid\n- title: string\n\n### Bed\n- id: uuid\n- width: int\n\n## Features\n\n- Members can create invoices\n- Members can delete invoices\n"
    )
    assert {e.name for e in read_facts(read_document(text)).entities} == {"Garden", "Bed"}
