# ruff: noqa: RUF001 - headers of other scripts
"""Endpoints in tables: method and path in one cell or two, methods as columns, paths that rows share, group rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.blocks import Row
from pytest_superteam.architect.interface.endpoint_lines import (
    METHOD_LIST,
    Call,
    calls_in,
    marked,
    methods_of,
    narrow,
    summary_of,
)
from pytest_superteam.architect.interface.routes import HOST, METHODS, PATH, QUERY, is_foreign, spread
from pytest_superteam.architect.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["path_column", "table_calls"]

_ONLY_METHODS = re.compile(rf"^\W{{0,4}}({METHOD_LIST})\W{{0,4}}$", re.IGNORECASE)
_LISTED = re.compile(
    rf"^\W{{0,4}}(?:{METHODS})(?:\s{{0,3}}[\n/,|&+·、]\s{{0,3}}(?:{METHODS})){{1,4}}\W{{0,4}}$", re.IGNORECASE
)
_PATHS = re.compile(rf"^[\s`\"'•-]{{0,4}}({HOST})?({PATH})({QUERY})?")
_NEXT = re.compile(rf"^[`\"']?\s{{0,3}}(?:,|;|、|\n|\bor\b|\band\b)\s{{0,3}}[`\"']?({PATH})({QUERY})?")
_BARE = re.compile(r"^\s{0,4}([A-Za-z][\w-]{0,60}(?:/[\w{}:<>\[\]$*.-]{1,80}){0,10})/?(?:\?\S{1,200})?\s{0,4}$")
_ACCESS_HEADER = re.compile(
    r"^(?:access|auth\w*|roles?|permissions?|who|protected|security|allowed roles?|acces|zugriff"
    r"|requires? auth\w*|auth required\??|権限|認証|权限|认证|鉴权|인증|권한|доступ|роль|acceso|acesso|rol"
    r"|autenticacion"
    r"|autenticacao)$"
)
_ABOUT_HEADER = re.compile(
    r"descri|purpose|summary|action|what|function|beschreibung|zweck|functie|説明|概要|描述|功能|说明|用途"
    r"|설명|기능|описание|назначение|mo ta"
)
_PATH_HEADER = re.compile(
    r"path|end ?-?points?\b|routes?\b|\burls?\b|\buri\b|\brutas?\b|\brotas?\b|chemin|pfad|percorso|\bapi\b|duong dan"
    r"|パス|エンドポイント|路径|接口|地址|경로|엔드포인트|путь|маршрут|эндпоинт|адрес"
)
_IS_CALL = re.compile(rf"^\W{{0,4}}(?:{METHODS})\s{{1,4}}/")
_NO = frozenset({"", "-", "–", "—", "✗", "✘", "❌", "x", "no", "n/a", "none", "non", "nein", "いいえ", "否", "нет"})


def path_column(block: Block) -> int | None:
    """Return the column of a table whose header says that it holds paths."""
    return next((i for i, h in enumerate(block.header) if _PATH_HEADER.search(fold(h).strip() or h.lower())), None)


def table_calls(block: Block) -> Iterator[Call | str]:
    """Yield the endpoints of a table in order, and between them the text of each row that only names a group."""
    columns = [i for i, h in enumerate(block.header) if _ONLY_METHODS.match(h)]
    if len(columns) >= 2:
        yield from _matrix(block, columns)
        return
    headers = [fold(h).strip() or h.strip().lower() for h in block.header]
    access = next((i for i, h in enumerate(headers) if _ACCESS_HEADER.match(h)), None)
    about = next((i for i, h in enumerate(headers) if _ABOUT_HEADER.search(h)), None)
    path_at = path_column(block)
    shared = ""
    for row in _rows(block):
        cells = [narrow(c[:4000]) for c in row.cells]
        filled = {c for c in cells if c}
        if len(filled) == 1 and len(cells) > 1 and not re.search(rf"\b(?:{METHODS})\b", next(iter(filled))):
            yield next(iter(filled))
            continue
        calls = list(_row(row, cells, path_at, shared))
        for call, used in calls:
            rest = [c for i, c in enumerate(cells) if i not in used and i != access and c]
            text = cells[about] if about is not None and about < len(cells) else (rest[0] if rest else call.summary)
            who = cells[access] if access is not None and access < len(cells) else marked(" ".join(rest))
            yield Call(call.method, call.path, row.line, summary_of(text), who.strip(), whole=call.whole, first=True)
        if path_at is not None and path_at < len(cells) and cells[path_at].startswith("/"):
            shared = cells[path_at]


def _rows(block: Block) -> Iterator[Row]:
    """Yield the rows, and before them a header that is an endpoint itself."""
    whole = any(_IS_CALL.match(h) for h in block.header)
    if whole or (any(map(_ONLY_METHODS.match, block.header)) and any(map(_PATHS.match, block.header))):
        yield Row(block.line, block.header)
    yield from block.rows


def _row(row: Row, cells: list[str], path_at: int | None, shared: str) -> Iterator[tuple[Call, set[int]]]:
    for i, cell in enumerate(cells):
        found = [c for part in cell.split("\n") for c in calls_in(part, row.line)] if "/" in cell else []
        if found:
            yield from ((c, {i}) for c in found)
            return
    method_at = next((i for i, c in enumerate(cells) if _ONLY_METHODS.match(c) or _LISTED.match(c)), None)
    if method_at is None:
        return
    at, paths = _paths(cells, method_at, path_at, shared)
    for path, whole in paths:
        for one in spread(path):
            for method in methods_of(cells[method_at]):
                yield Call(method, one, row.line, whole=whole), {method_at, at}


def _paths(cells: list[str], method_at: int, path_at: int | None, shared: str) -> tuple[int, list[tuple[str, bool]]]:
    """Return the cell that holds the paths of a row, and them, each with whether it stands behind a host."""
    for i, cell in enumerate(cells):
        if i != method_at and (match := _PATHS.match(cell)):
            if is_foreign(match.group(1) or ""):
                return i, []
            return i, [(match.group(2) + (match.group(3) or ""), bool(match.group(1))), *_others(cell, match.end())]
    if path_at is None or path_at >= len(cells) or path_at == method_at:
        return method_at, []
    bare = _BARE.match(cells[path_at])
    if bare:
        return path_at, [("/" + bare.group(1), False)]
    return path_at, [(shared, False)] if not cells[path_at] and shared else []


def _others(cell: str, start: int) -> list[tuple[str, bool]]:
    found = []
    while match := _NEXT.match(cell[start : start + 400]):
        found.append((match.group(1) + (match.group(2) or ""), False))
        start += match.end()
    return found


def _matrix(block: Block, columns: list[int]) -> Iterator[Call]:
    """Yield what the ticks of a table mean that has a column for each method."""
    for row in block.rows:
        cells = [narrow(c[:4000]) for c in row.cells]
        place = next(((i, m) for i, c in enumerate(cells) if i not in columns and (m := _PATHS.match(c))), None)
        if place is None:
            continue
        for column in columns:
            text = cells[column] if column < len(cells) else ""
            if text.strip().lower() not in _NO:
                for method in methods_of(block.header[column]):
                    yield Call(method, place[1].group(2), row.line, summary_of(text), marked(text), first=True)
