"""What orders cost."""


def total(items: list[dict]) -> float:
    """Return the sum of price times quantity."""
    return sum(item["price"] * item["quantity"] for item in items)
