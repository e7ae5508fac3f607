"""ADV-006: state that two requests share and change at once; rows that are read, changed and written back.

What: mutable state of a module or class written in a request handler without a lock; a decision about shared state that
may be out of date when it is acted on; a row, document or key that is written with what was computed from an older
read.
Why: two requests at once each read 10, each write 9: one of the two orders was never counted. It shows under load only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, JavaScriptCheck, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.failures.node_projects import is_page
from pytest_superteam.scanners.facts.races.files_python import file_races
from pytest_superteam.scanners.facts.races.guards import VERSIONED
from pytest_superteam.scanners.facts.races.keys_python import key_races, update_races
from pytest_superteam.scanners.facts.races.rows_javascript import row_races as row_races_javascript
from pytest_superteam.scanners.facts.races.rows_python import row_races
from pytest_superteam.scanners.facts.races.shared_javascript import shared_writes as shared_writes_javascript
from pytest_superteam.scanners.facts.races.shared_python import shared_writes
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-006",
    "Race condition",
    Severity.WARNING,
    "adversarial",
    4,
    "Let the database decide: one atomic `UPDATE ... SET n = n + 1`, a transaction, or a lock around shared state.",
    languages=("python", "javascript", "typescript"),
    applies_to=CODE_LANGUAGES,
    cwe=362,
    what=(
        "State of a module or class that a request handler writes without a lock; in JavaScript only where an `await` "
        "lies between the read or check and the write. A row, document or key that is written back with what was "
        "computed from an earlier read, with no transaction, lock, version or atomic update. None: a cache that is "
        "filled twice, an expression that the database computes (`F('n') + 1`, `$inc`, `increment`, INCR)."
    ),
    why=(
        "Two requests at the same time read the same value and each write theirs: one update is lost, a seat is sold "
        "twice, a balance is wrong. It happens under load only, and no test of one request sees it."
    ),
    bad={
        "app/stock.py": (
            "from app.models import Item\n\n\ndef reserve(request, pk):\n    item = Item.objects.get(pk=pk)\n"
            "    item.stock -= 1\n    item.save()\n"
        )
    },
    good={
        "app/stock.py": (
            "from django.db.models import F\n\nfrom app.models import Item\n\n\ndef reserve(request, pk):\n"
            "    Item.objects.filter(pk=pk, stock__gt=0).update(stock=F('stock') - 1)\n"
        )
    },
)

_SHARED = re.compile(
    rb"^[ \t]*@\w[\w.]{0,80}\.(?:get|post|put|patch|delete|head|route|api_route|websocket|action|before_request"
    rb"|after_request|middleware|api_operation)\b"
    rb"|^[ \t]*@(?:\w+\.)?(?:api_view|action|csrf_exempt|login_required|require_\w+|view_config)\b"
    rb"|\bdef \w+\((?:self, ?)?(?:request|req)\b"
    rb"|^class \w+\([^)\n]{0,200}(?:View|ViewSet|Resource|Handler|Endpoint|Controller)\b",
    re.MULTILINE,
)
_ROWS = re.compile(
    rb"^[ \t]+[\w.\]\[\"']{1,80}[.\]][\w\]\"']{0,60} ?[-+*/|&]= ?|^[ \t]+(\w{1,60}\.[\w.]{1,80}) ?= ?[^\n]{0,80}\b\1\b",
    re.MULTILINE,
)
_UPDATES = re.compile(
    rb"\.(?:update_one|find_one_and_update|update_item)\(|[Uu](?:pdate|PDATE)\s{1,20}[\"`]?\w{1,60}[\"`]?\s{1,40}(?:set|SET)\b"
    rb"|\.update\([^)\n]{0,120}[-+]|\.values\([^)\n]{0,120}[-+]"
)
_FILES = re.compile(
    rb"(?:exists|isfile|isdir|is_file|is_dir|access)\([^\n]{0,120}:[^\0]{0,400}?"
    rb"\b(?:makedirs|mkdir|open|write_text|write_bytes|touch|rename|move|copy\w{0,4})\("
)
_STATE = "Two requests at once may both write `{name}`: hold a lock around it, or keep it in the database or Redis."
_LOST = "Of two requests at once one update of `{name}` is lost: let the database compute it, or lock the row."
_KEY = "Of two requests at once one update is lost: use the atomic operation (INCR, `$inc`, SET NX, `SET n = n + 1`)."
_FILE = "Between the check and this another process may act: do it at once (mode `x`, `exist_ok`) and catch the error."
_AWAIT = "Between the read of `{name}` and this write another request may have changed it: read it again, or lock."


def _shared(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find the writes of shared state in handlers."""
    return (Hit.at(file, node, _STATE.format(name=name)) for node, name in shared_writes(module))


def _rows(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find rows that are read, changed and saved."""
    found = list(row_races(file, module))
    if found and not _versioned(tree, "python"):
        yield from (Hit.at(file, node, _LOST.format(name=name)) for node, name in found)


def _versioned(tree: SourceTree, *languages: str) -> bool:
    """Return whether a model of the service tells a write of an old version, so that no update is lost unseen."""
    known = tree.facts.setdefault("versioned models", {})
    if not isinstance(known, dict):
        return False
    if languages not in known:
        known[languages] = any(VERSIONED.search(file.data) for file in tree.service_files(*languages))
    return bool(known[languages])


def _keys(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find keys that are written with what was computed from an older read."""
    return (Hit.at(file, node, _KEY) for node, _ in key_races(file, module))


def _updates(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find rows and documents that are updated with what was computed from an older read."""
    return (Hit.at(file, node, _KEY) for node, _ in update_races(file, module))


def _files(file: SourceFile, module: PythonModule, _tree: SourceTree) -> Iterator[Hit]:
    """Find files that are asked for and then acted on."""
    return (Hit.at(file, node, _FILE) for node, _ in file_races(module))


def _javascript(file: SourceFile, module: JavaScriptModule, tree: SourceTree) -> Iterator[Hit]:
    """Find rows that are read, changed and saved, and shared state written behind an `await`."""
    if is_page(tree, module):
        return
    for node, name in shared_writes_javascript(module):
        yield Hit.at(file, node, _AWAIT.format(name=name))
    found = list(row_races_javascript(module))
    if found and not _versioned(tree, "javascript", "typescript"):
        yield from (Hit.at(file, node, _LOST.format(name=name)) for node, name in found)


_HANDLER_WORDS = (
    b".route(", b"@app.", b"@router.", b"router.", b"_bp.", b"@bp.", b"@api", b'.get("/', b".get('/", b'.post("/',
    b".post('/", b'.put("/', b".put('/", b'.patch("/', b".patch('/", b'.delete("/', b".delete('/", b'.websocket("',
    b"(request", b"(self, request", b"(req", b"View)", b"ViewSet)", b"Resource)", b"Handler)", b"Endpoint)",
)  # fmt: skip
_SAVE_WORDS = (
    b".save(", b".asave(", b".commit(", b"session.flush(", b"db.flush(", b".replace_one(", b"cache.set(", b"redis.set(",
    b"r.set(", b"client.set(", b"conn.set(", b"rdb.set(",
)  # fmt: skip
_KEY_WORDS = (
    b"cache.set(", b"redis.set(", b"r.set(", b"client.set(", b"conn.set(", b"kv.set(", b"store.set(", b"db.set(",
    b"redis().set(",
    b".setex(", b".hset(", b"connection.set(", b"redis_client.set(", b"rds.set(",
)  # fmt: skip
_UPDATE_WORDS = (
    b"update_one", b"find_one_and_update", b"update_item", b"UPDATE ", b"update ", b"objects", b".values(", b".query(",
)  # fmt: skip
_FILE_WORDS = (b".exists(", b".isfile(", b".isdir(", b".is_file(", b".is_dir(", b"os.access(")

SCANNER = RuleScanner(
    (
        PythonCheck(RULE, _HANDLER_WORDS, _shared, _SHARED),
        PythonCheck(RULE, _SAVE_WORDS, _rows, _ROWS),
        PythonCheck(RULE, _KEY_WORDS, _keys),
        PythonCheck(RULE, _UPDATE_WORDS, _updates, _UPDATES),
        PythonCheck(RULE, _FILE_WORDS, _files, _FILES),
        JavaScriptCheck(RULE, (b"await ", b".save("), _javascript),
    )
)
