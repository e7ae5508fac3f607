"""The tables of the run's memory; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["SCHEMA_VERSION", "schema"]

SCHEMA_VERSION = 2
"""Raised with each change of the tables; `migrations` says how an older database is brought up to date."""


def schema() -> MetaData:
    """Return the tables. Times are seconds since the epoch, sums US dollars."""
    from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, MetaData, Table

    from pytest_superteam.pipeline.state.words import words

    made = MetaData()

    def table(name: str, *columns: Column[object]) -> None:
        Table(name, made, *columns)

    def text(name: str, size: int = 0, *, key: bool = False, index: bool = False) -> Column[object]:
        empty = None if key else ""
        kind = words(size, key=key)
        return Column(name, kind, primary_key=key, nullable=False, index=index, default=empty, server_default=empty)

    def number(name: str, *, nullable: bool = False) -> Column[object]:
        return Column(name, Float, nullable=nullable, default=None if nullable else 0.0)

    def count(name: str) -> Column[object]:
        return Column(name, BigInteger, nullable=False, default=0, server_default="0")

    def flag(name: str) -> Column[object]:
        return Column(name, Boolean, nullable=False, default=False)

    table("meta", text("name", 32, key=True), text("value"))
    table(
        "runs",  # what sessions work on until it is complete
        text("id", 32, key=True),
        text("kind", 16),  # prd or system
        text("project", index=True),
        text("prd"),
        text("prd_sha256", 64),
        text("depth", 16),
        text("continues", 32),  # the run whose budget this one goes on with
        text("state", 32),
        text("previous_state", 32),
        number("started"),
        number("updated"),
        number("ended", nullable=True),
        Column("verdict", words(16)),
        flag("interrupted"),
        text("interrupt_reason"),
        count("architect_retries"),
        count("fix_attempts"),
    )
    table(
        "sessions",  # one call of pytest that works on a run
        text("id", 32, key=True),
        text("run", 32, index=True),
        count("pid"),
        text("host"),
        number("started"),
        number("heartbeat"),
        number("ended", nullable=True),
        text("end_reason"),
        text("command"),  # its command line, secrets masked
    )
    table(
        "transitions",
        Column("id", Integer, primary_key=True),
        text("run", 32, index=True),
        text("session", 32),
        text("trigger", 32),
        text("source", 32),
        text("target", 32),
        number("at"),
    )
    table(
        "phases",
        text("session", 64, key=True),
        text("name", 64, key=True),
        text("run", 32, index=True),
        text("status", 16),
        number("started"),
        number("ended", nullable=True),
        text("error"),
    )
    table(
        "results",
        text("session", 64, key=True),
        text("item", key=True),
        Column("result", JSON, nullable=False),
    )
    table(
        "attempts",  # tries of builders
        Column("id", Integer, primary_key=True),
        text("run", 32, index=True),
        text("session", 32),
        text("phase", 16),
        text("service", 128),
        count("number"),
        text("builder", 128),
        text("model", 128),
        text("key", 64),
        text("status", 16),  # running, succeeded, failed, timed out, stalled, interrupted
        number("started"),
        number("ended", nullable=True),
        text("error"),
        text("signature", 64),
        Column("retryable", Boolean),
        text("hint"),
    )
    table(
        "costs",
        Column("id", Integer, primary_key=True),
        text("run", 32, index=True),
        text("session", 32),
        text("phase", 16),
        text("service", 128),
        count("attempt"),
        text("builder", 128),
        text("platform", 128),
        text("model", 128),
        count("parent"),
        text("status", 16),  # reserved or settled
        number("reserved_usd"),
        number("usd"),
        flag("estimated"),
        flag("unknown"),
        count("input_tokens"),
        count("output_tokens"),
        count("cache_read_tokens"),
        number("at"),
    )
    table(
        "uses",  # of platforms, for their limits
        Column("id", Integer, primary_key=True),
        text("platform", 128, index=True),
        text("run", 32),
        number("at"),
    )
    table(
        "reviews",  # services that a person has to look at
        text("run", 32, key=True),
        text("service", 128, key=True),
        text("kind", 32),
        text("reason"),
        Column("details", JSON, nullable=False),
        number("at"),
        number("resolved", nullable=True),
    )
    return made
