"""Requirements documents of any size, for the benchmarks."""

from __future__ import annotations

__all__ = ["prd"]


def prd(nouns: list[str]) -> str:
    """Return a document with a service for each noun, an entity each."""
    names = [(noun.title(), noun.lower()) for noun in nouns]
    rows = "".join(f"| {name}-service | Keeps {name} records |\n" for _, name in names)
    parts = "".join(
        f"\n### {entity} ({name}-service)\n\n| field | type |\n| --- | --- |\n"
        "| id | uuid |\n| name | string, required, at most 80 characters |\n| amount | integer, 0 to 1000 |\n"
        for entity, name in names
    )
    calls = "".join(f"- POST /{name}s, GET /{name}s, GET /{name}s/{{id}} ({name}-service)\n" for _, name in names)
    return (
        f"# Fleet of {len(nouns)}\n\n## Services\n\n| service | responsibility |\n| --- | --- |\n{rows}"
        f"\n## Data model\n{parts}\n## Endpoints\n\n{calls}"
    )
