"""Endpoints whose method and path stand behind labels, on lines of their own: `Method: POST`, `URL: /orders`."""

from __future__ import annotations

import re

from pytest_superteam.architect.interface.endpoint_lines import METHOD_LIST, Call, methods_of, narrow
from pytest_superteam.architect.interface.routes import HOST, PATH, QUERY, is_foreign

__all__ = ["Labels"]

_PATH = re.compile(
    rf"\b(?:(?:api|rest|http|request)\s)?(?:end ?-?point|url|uri|path|route|ruta|rota|chemin|pfad|percorso"
    rf"|adresse|enlace)\W{{1,6}}(?P<host>{HOST})?(?P<path>{PATH})(?P<query>{QUERY})?"
    rf"|(?:エンドポイント|パス|路径|接口(?:地址)?|请求(?:路径|地址)|地址|경로|엔드포인트|путь|эндпоинт|маршрут"
    rf"|адрес|đường dẫn)\W{{1,6}}(?P<host2>{HOST})?(?P<path2>{PATH})(?P<query2>{QUERY})?",
    re.IGNORECASE,
)
_METHOD = re.compile(
    rf"(?:\b(?:http[ -]?)?(?:methods?|verb|méthode|método|metodo|methode|metode|yöntem)|方法|请求方式|メソッド"
    rf"|메서드|메소드|метод|phương thức)\W{{1,6}}({METHOD_LIST})(?!\w|\s?/[a-z])",
    re.IGNORECASE,
)
_LONE_METHOD = re.compile(rf"^\W{{0,3}}({METHOD_LIST})\W{{0,3}}$")
_LONE_PATH = re.compile(rf"^[`\"'*]{{0,3}}(?P<host>{HOST})?(?P<path>{PATH})(?P<query>{QUERY})?[`\"'*]{{0,3}}$")
_FAR = 8
"""Lines between the two, at most."""


class Labels:
    """Puts a method and a path together that stand near each other."""

    def __init__(self) -> None:
        self._path: tuple[str, int, bool] | None = None
        self._methods: tuple[list[str], int] | None = None

    def read(self, text: str, line: int) -> Call | None:
        """Return the endpoint that is complete with this line, if one is."""
        if len(text) > 400:
            return None
        text = narrow(text)
        method = _METHOD.search(text)
        path = _PATH.search(text) if "/" in text else None
        if method is None and path is None:
            # A table that lost its bars: each cell is a line.
            method = _LONE_METHOD.match(text) if len(text) < 40 else None
            near = self._methods is not None and line - self._methods[1] <= 2
            path = _LONE_PATH.match(text) if near and "/" in text else None
        if method:
            self._methods = (methods_of(method.group(1)), line)
        if path:
            parts = path.groupdict()
            host = parts["host"] or parts.get("host2") or ""
            written = (parts["path"] or parts["path2"]) + (parts["query"] or parts.get("query2") or "")
            self._path = None if is_foreign(host) or len(written) < 2 else (written, line, bool(host))
        if self._path is None or self._methods is None or abs(self._path[1] - self._methods[1]) > _FAR:
            return None
        call = Call(
            self._methods[0][0], self._path[0], min(self._path[1], self._methods[1]), whole=self._path[2], first=True
        )
        self._path = self._methods = None
        return call
