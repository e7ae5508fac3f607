"""Rows, documents and keys that JavaScript service code reads, changes and writes back with an `await` between."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import MAX_CANDIDATES, MAX_LINES, ROW_GUARD
from pytest_superteam.scanners.facts.races.shared_javascript import own_nodes
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["row_races"]

_READ = re.compile(
    r"^(?:find\w*|get\w*|h?get|fetch\w*|query\w*|select\w*|first\w*|one|oneOrNone|load\w*|read\w*|exec"
    r"|\$queryRaw\w*|execute|lean|aggregate|by\w*)$"
)
_SAVES = frozenset(
    {
        "save",
        "persist",
        "merge",
        "update",
        "replaceOne",
        "findOneAndReplace",
        "put",
        "set",
        "upsert",
        "flush",
        "store",
        "insertOrUpdate",
    }
)
_WRITES = frozenset({
    "update", "updateOne", "updateMany", "findByIdAndUpdate", "findOneAndUpdate", "patch", "upsert", "query", "execute",
    "$executeRaw", "$executeRawUnsafe", "set", "hset", "hSet", "setex", "setEx", "patchAndFetchById", "updateById",
    "putItem",
    "updateAndFetch", "run", "none", "updateItem", "merge", "nativeUpdate",
})  # fmt: skip
_KEYED = frozenset({"set", "hset", "hSet", "setex", "setEx"})
_ARITHMETIC = frozenset({"+", "-", "*", "/"})
_TEXTS = frozenset({"string", "template_string"})
_FUNCTION_GUARD_BYTES = 20_000


def row_races(module: JavaScriptModule) -> Iterator[tuple[Node, str]]:
    """Yield where a row, document or key is written with what was computed from an older read, and what is written."""
    functions = {f.id: f for n in module.of("await_expression") if (f := module.function_of(n)) is not None}
    for call in module.of("call_expression"):  # methods of models: `this.n += 1; return this.save()`
        callee = module.callee(call)
        if callee is not None and callee.type == "member_expression" and module.text(callee).endswith(".save"):
            function = module.function_of(call)
            if function is not None:
                functions[function.id] = function
    for function in functions.values():
        if function.end_point.row - function.start_point.row > MAX_LINES:
            continue
        nodes = own_nodes(function)
        found = [*_changes(module, nodes), *_writes(module, nodes)]
        if found and not _guarded(module, function):
            yield from found


def _guarded(module: JavaScriptModule, function: Node) -> bool:
    """Return whether a lock or a transaction stands in the function, or it is given to one."""
    outermost = function
    for outer in module.ancestors(function):
        if outer.type in FUNCTIONS:
            outermost = outer
        elif (
            outer.type == "call_expression"
            and outer.end_byte - outer.start_byte < _FUNCTION_GUARD_BYTES
            and ROW_GUARD.search(module.data[outer.start_byte : function.start_byte])
        ):
            return True
    if outermost.end_byte - outermost.start_byte > _FUNCTION_GUARD_BYTES:
        outermost = function
    text = re.sub(rb"//[^\n]*|(['\"`])[^'\"`\s]{0,200}\1", b"", module.data[outermost.start_byte : outermost.end_byte])
    marks = b" ".join(module.text(node).encode() for _, _, node in module.decorators(function))
    return ROW_GUARD.search(text) is not None or ROW_GUARD.search(marks) is not None


# ---- row.n += 1; row.save() -----------------------------------------------------------------------------------------


def _changed(module: JavaScriptModule, node: Node) -> Node | None:
    """Return the member that a statement changes from its own old value."""
    target = node.child_by_field_name("left") or node.child_by_field_name("argument")
    if target is None or target.type not in {"member_expression", "subscript_expression"}:
        return None
    if node.type == "update_expression":
        return target
    value = node.child_by_field_name("right")
    if node.type == "augmented_assignment_expression":
        sign = node.child_by_field_name("operator")
        return target if sign is not None and module.text(sign) in {"+=", "-=", "*=", "/="} else None
    if value is None or node.type != "assignment_expression":
        return None
    text = module.text(target)
    if not any(module.text(part) == text for part in module.inside(value, "member_expression", "subscript_expression")):
        return None
    return target if _operates(module, value) else None


def _operates(module: JavaScriptModule, node: Node) -> bool:
    """Return whether an expression adds, takes or negates."""
    for part in module.inside(node, "binary_expression", "unary_expression"):
        sign = part.child_by_field_name("operator")
        if sign is not None and module.text(sign) in {*_ARITHMETIC, "!"}:
            return True
    return False


def _root(module: JavaScriptModule, node: Node | None) -> Node | None:
    while node is not None and node.type in {"member_expression", "subscript_expression", "non_null_expression"}:
        node = node.child_by_field_name("object") or next(iter(module.children(node)), None)
    return node


def _changes(module: JavaScriptModule, nodes: list[Node]) -> Iterator[tuple[Node, str]]:
    kinds = {"assignment_expression", "augmented_assignment_expression", "update_expression"}
    changing = (node for node in nodes if node.type in kinds and _changed(module, node) is not None)
    for node in itertools.islice(changing, MAX_CANDIDATES):
        target = _changed(module, node)
        root = _root(module, target)
        if target is None or root is None or root.type not in {"identifier", "this"} or _is_new(module, root):
            continue
        name = module.text(root)
        if any(_saves(module, other, target, name) for other in nodes if other.start_byte > node.end_byte):
            yield node, module.text(target)


def _is_new(module: JavaScriptModule, root: Node) -> bool:
    """Return whether the object was made in the function itself, or is no row but a number or list of its own."""
    value = module.unwrap(module.bound(root)) if root.type == "identifier" else None
    if value is None:
        return False
    if value.type in {"new_expression", "object", "array", "number", "string"}:
        return True
    callee = module.callee(value) if value.type == "call_expression" else None
    return callee is not None and module.text(callee).endswith((".create", ".build", "structuredClone"))


def _saves(module: JavaScriptModule, call: Node, target: Node, name: str) -> bool:
    """Return whether a call behind the change writes the object: `row.save()`, `repo.save(row)`, `em.flush()`."""
    if call.type != "call_expression":
        return False
    callee = module.callee(call)
    if callee is None or callee.type != "member_expression":
        return False
    method = module.text(callee.child_by_field_name("property"))
    if method not in _SAVES:
        return False
    owner = callee.child_by_field_name("object")
    if method == "save" and owner is not None:
        holder = target.child_by_field_name("object")
        if module.text(owner) in {name, module.text(holder)}:
            return True
    if method == "flush":
        return name != "this" and _is_fetched(module, _root(module, target))
    if name == "this" or not (_is_fetched(module, _root(module, target)) or method == "save"):
        return False
    if method == "set" and not _is_awaited(module, call):
        return False
    given = module.arguments(call)
    return any(
        module.text(part) == name
        for item in given
        for part in module.inside(item, "identifier", "shorthand_property_identifier")
    )


def _is_awaited(module: JavaScriptModule, node: Node) -> bool:
    parent = module.parent(node)
    return parent is not None and parent.type in {"await_expression", "return_statement"}


def _is_fetched(module: JavaScriptModule, root: Node | None) -> bool:
    """Return whether a name stands for what was awaited, or for a parameter."""
    if root is None or root.type != "identifier":
        return False
    bindings = list(module.lookup(root))
    for binding in list(bindings):  # one step further: `const cart = JSON.parse(raw)`
        for part in module.inside(binding.value, "identifier") if binding.value is not None else ():
            bindings += [b for b in module.lookup(part) if b.kind == "variable"]
    return any(
        b.kind in {"parameter", "loop"}
        or (b.value is not None and any(True for _ in module.inside(b.value, "await_expression")))
        for b in bindings
    )


# ---- update({n: row.n + 1}) -----------------------------------------------------------------------------------------


def _reads(module: JavaScriptModule, nodes: list[Node]) -> dict[str, str]:
    """Return the names that are bound to what an awaited read gave, with the object that was read from."""
    found: dict[str, str] = {}
    for node in nodes:
        if node.type not in {"variable_declarator", "assignment_expression"}:
            continue
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        target = node.child_by_field_name("name") or node.child_by_field_name("left")
        if value is None or target is None:
            continue
        for wait in module.inside(value, "await_expression"):
            owner = _read_from(module, wait)
            if owner is not None:
                names = (
                    [target]
                    if target.type == "identifier"
                    else module.inside(target, "identifier", "shorthand_property_identifier_pattern")
                )
                found |= {module.text(name): owner for name in names}
    return found


def _read_from(module: JavaScriptModule, wait: Node) -> str | None:
    """Return the object that an awaited call reads from; None where it reads nothing."""
    for call in module.inside(wait, "call_expression"):
        callee = module.callee(call)
        named = callee.child_by_field_name("property") if callee is not None else None
        if callee is not None and named is not None and _READ.match(module.text(named)):
            return module.text(callee.child_by_field_name("object"))
    return None


def _derived(module: JavaScriptModule, nodes: list[Node], names: set[str]) -> tuple[set[str], set[str]]:
    """Return `names` with those made of them, and those of them that were made by arithmetic."""
    known, computed = set(names), set[str]()
    for node in nodes:
        if node.type not in {"variable_declarator", "assignment_expression", "augmented_assignment_expression"}:
            continue
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        target = node.child_by_field_name("name") or node.child_by_field_name("left")
        if value is None or target is None or target.type not in {"identifier", "object_pattern", "array_pattern"}:
            continue
        if target.type == "identifier" and module.text(target) in names and _adds(module, value):
            computed.add(module.text(target))
        if any(module.text(part) in known for part in module.inside(value, "identifier")):
            made = {
                module.text(p) for p in module.inside(target, "identifier", "shorthand_property_identifier_pattern")
            }
            known |= made
            if _arithmetic(module, value, known) or node.type == "augmented_assignment_expression":
                computed |= made
    return known, computed


def _arithmetic(module: JavaScriptModule, node: Node, names: set[str]) -> bool:
    """Return whether an expression adds to or takes from something that was read."""
    for part in module.inside(node, "binary_expression"):
        sign = part.child_by_field_name("operator")
        if sign is None or module.text(sign) not in _ARITHMETIC:
            continue
        sides = [part.child_by_field_name("left"), part.child_by_field_name("right")]
        if any(side is not None and side.type in _TEXTS for side in sides):
            continue
        if any(module.text(leaf) in names for leaf in module.inside(part, "identifier")):
            return True
    return any(
        module.text(part).startswith("!")
        and any(module.text(leaf) in names for leaf in module.inside(part, "identifier"))
        for part in module.inside(node, "unary_expression")
    )


def _adds(module: JavaScriptModule, node: Node) -> bool:
    """Return whether an expression is itself a sum or the like, of what it awaits: `Number(await get(k)) + 1`."""
    inner = module.unwrap(node) if node.type != "await_expression" else None
    sign = inner.child_by_field_name("operator") if inner is not None and inner.type == "binary_expression" else None
    return sign is not None and module.text(sign) in _ARITHMETIC


def _writes(module: JavaScriptModule, nodes: list[Node]) -> Iterator[tuple[Node, str]]:
    reads = _reads(module, nodes)
    known, computed = _derived(module, nodes, set(reads))
    calls = (node for node in nodes if node.type == "call_expression" and _is_write(module, node))
    for call in itertools.islice(calls, MAX_CANDIDATES):
        callee = module.callee(call) if call.type == "call_expression" else None
        if callee is None or callee.type != "member_expression":
            continue
        method = module.text(callee.child_by_field_name("property"))
        if method not in _WRITES:
            continue
        given = module.arguments(call)
        text = module.data[call.start_byte : call.end_byte]
        owner = module.text(callee.child_by_field_name("object"))
        if method in _KEYED and ".update(" not in owner:
            if _is_awaited(module, call) and _races_on_key(module, call, owner, given, nodes, reads, known, computed):
                yield call, owner
        elif (
            known
            and b"version" not in text.lower()
            and b"$inc" not in text
            and not text.lstrip().lower().startswith(b"select")
        ):
            if (
                method in {"query", "execute", "run", "none", "$executeRaw", "$executeRawUnsafe"}
                and b"update" not in text.lower()
            ):
                continue
            if any(_sets_from_old(module, item, known) or _names(module, item) & computed for item in given):
                yield call, owner


def _sets_from_old(module: JavaScriptModule, node: Node, known: set[str]) -> bool:
    """Return whether a field is set to arithmetic on its own old value; of a list of values, to any."""
    pairs = [pair for pair in module.inside(node, "pair") if _arithmetic_value(module, pair, known)]
    if not pairs:
        return node.type != "object" and _arithmetic(module, node, known)
    for pair in pairs:
        value, key = pair.child_by_field_name("value"), module.key(pair.child_by_field_name("key"))
        members = (
            []
            if value is None
            else [module.text(m.child_by_field_name("property")) for m in module.inside(value, "member_expression")]
        )
        if not members or key is None or key.rpartition(".")[2] in members:
            return True
    return False


def _arithmetic_value(module: JavaScriptModule, pair: Node, known: set[str]) -> bool:
    value = pair.child_by_field_name("value")
    return value is not None and value.type != "object" and _arithmetic(module, value, known)


def _is_write(module: JavaScriptModule, call: Node) -> bool:
    callee = module.callee(call)
    named = callee.child_by_field_name("property") if callee is not None else None
    return named is not None and module.text(named) in _WRITES


def _names(module: JavaScriptModule, node: Node) -> set[str]:
    return {module.text(part) for part in module.inside(node, "identifier", "shorthand_property_identifier")}


def _races_on_key(
    module: JavaScriptModule,
    call: Node,
    owner: str,
    given: list[Node],
    nodes: list[Node],
    reads: dict[str, str],
    known: set[str],
    computed: set[str],
) -> bool:
    """Return whether `set` writes what was made of what `get` gave, or claims a key that `get` found free."""
    if len(given) < 2 or b"NX" in module.data[call.start_byte : call.end_byte].upper():
        return False
    same = {name for name, source in reads.items() if source == owner}
    values = given[1:]
    if same and any(_arithmetic(module, v, known) or _names(module, v) & computed for v in values):
        return True
    for inner in (n for v in values for n in module.inside(v, "await_expression")):
        if _read_from(module, inner) == owner and any(
            True for v in values for _ in module.inside(v, "binary_expression")
        ):
            return True
    if module.unwrap(given[1]) is None or given[1].type not in {"string", "number", "true"}:
        return False
    key = module.text(given[0])
    for node in nodes:
        if node.type == "if_statement" and node.start_byte < call.start_byte:
            condition = node.child_by_field_name("condition")
            if condition is None:
                continue
            asked = any(
                _read_from(module, wait) == owner and key in module.text(wait)
                for wait in module.inside(condition, "await_expression")
            )
            if asked or (_names(module, condition) & same and "cache" not in owner.lower()):
                return True
    return False
