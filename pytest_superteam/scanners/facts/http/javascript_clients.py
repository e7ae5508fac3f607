"""Which HTTP client an expression of JavaScript stands for: made here, imported, injected, a member of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.http.javascript_libraries import FUNCTIONS, MAKERS, TYPES, UNBOUND
from pytest_superteam.scanners.facts.http.model import Client
from pytest_superteam.scanners.facts.services_js import definition_js
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS as FUNCTION_KINDS

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["client_of_js", "is_library", "root_of"]

_MAX_DEPTH = 8
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
_WHOLE = frozenset(
    {"axios", "axios.axios", "got", "got.got", "ky", "superagent", "needle", "request", "request-promise", "undici"}
)
"""Names of libraries that are clients themselves."""


def root_of(module: JavaScriptModule, node: Node | None) -> Node | None:
    """Return the first link of a chain of members and calls."""
    node = module.unwrap(node)
    while node is not None and node.type in {"member_expression", "subscript_expression", "call_expression"}:
        inner = node.child_by_field_name("object") or node.child_by_field_name("function")
        node = module.unwrap(inner)
    return node


def is_library(module: JavaScriptModule, node: Node | None) -> bool:
    """Return whether a chain starts at an import, or at a name that nothing binds and everybody knows."""
    root = root_of(module, node)
    if root is None:
        return False
    if root.type == "new_expression":
        return is_library(module, module.callee(root))
    if root.type not in _NAMES:
        return root.type == "this"
    text = module.text(root)
    if not module.lookup(root):
        return text in module.imports or text in UNBOUND | {"globalThis", "global", "require"}
    binding = module.binding(root)
    return text in module.imports or (binding is not None and binding.kind in {"variable", "import"})


def client_of_js(tree: SourceTree, module: JavaScriptModule, node: Node | None, depth: int = 0) -> Client | None:
    """Return the client that `node` stands for, or None where it is none that is known."""
    node = module.unwrap(node)
    if node is None or depth > _MAX_DEPTH:
        return None
    depth += 1
    if node.type in {"call_expression", "new_expression"}:
        return _of_call(tree, module, node, depth)
    if node.type in {"binary_expression", "ternary_expression", "assignment_expression"}:
        fields = {"binary_expression": ("left", "right"), "ternary_expression": ("consequence", "alternative")}
        parts = (node.child_by_field_name(name) for name in fields.get(node.type, ("right",)))
        return next((found for part in parts if (found := client_of_js(tree, module, part, depth)) is not None), None)
    if node.type in _NAMES or node.type == "member_expression":
        return _of_name(tree, module, node, depth)
    if node.type == "function_declaration" or node.type in FUNCTION_KINDS:
        return None
    return None


def _of_call(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> Client | None:
    callee = module.callee(node)
    name = module.qualname(callee)
    library = MAKERS.get(name)
    if library is not None and is_library(module, callee):
        return Client(library, module, node)
    if name.rpartition(".")[2] in {"create", "extend", "defaults", "instance"} and callee is not None:
        owner = module.unwrap(callee)
        inner = owner.child_by_field_name("object") if owner is not None else None
        base = client_of_js(tree, module, inner, depth) if inner is not None else None
        if base is not None:  # an instance that takes over what another has
            return Client(base.library, module, node, base)
    if module.required(node) is not None:
        default = definition_js(tree, module, node)
        return client_of_js(tree, *default, depth) if default is not None else None
    found = definition_js(tree, module, callee) if callee is not None else None
    if found is None:
        arguments = module.arguments(node)
        return client_of_js(tree, module, arguments[0], depth) if arguments and _wraps(name) else None
    home, target = found
    if target.type not in FUNCTION_KINDS:
        return None
    made = _returned(tree, home, target, depth)
    if made is not None:
        return Client(made.library, made.home, made.made, made.scope or (home, target))
    given = (client_of_js(tree, module, argument, depth) for argument in module.arguments(node))
    return next((client for client in given if client is not None), None)


def _wraps(name: str) -> bool:
    """Return whether a call of a library hands on the client given to it."""
    return any(
        word in name.lower() for word in ("wrap", "cache", "ratelimit", "retry", "converter", "setup", "throttle")
    )


def _returned(tree: SourceTree, module: JavaScriptModule, function: Node, depth: int) -> Client | None:
    body = function.child_by_field_name("body")
    if body is not None and body.type != "statement_block":
        return client_of_js(tree, module, body, depth)
    for node in module.inside(function, "return_statement"):
        made = client_of_js(tree, module, next(iter(module.children(node)), None), depth)
        if made is not None:
            return made
    return None


def _of_name(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> Client | None:
    name = module.qualname(node)
    if name in _WHOLE and is_library(module, node):
        return Client(FUNCTIONS.get(name, "undici"), module)
    if name.endswith(".axiosRef"):
        inner = module.unwrap(node)
        held = client_of_js(tree, module, inner.child_by_field_name("object"), depth) if inner is not None else None
        return Client("axios", held.home, held.made, "nest") if held is not None else None
    library = _typed(module, node, name)
    target = module.resolve(node)
    if target is not None and target.id != node.id and target.type not in _NAMES | {"member_expression"}:
        found = client_of_js(tree, module, target, depth)
        if found is not None:
            return found
    if target is not None and target.type in _NAMES | {"member_expression"}:
        for value in _values(module, target):
            found = client_of_js(tree, module, value, depth)
            if found is not None:
                return found
        inherited = _inherited(tree, module, target, depth)
        if inherited is not None:
            return inherited
        outside = definition_js(tree, module, target)
        if outside is not None and outside[0] is not module:
            return client_of_js(tree, outside[0], outside[1], depth)
    return Client(library, module) if library else None


def _inherited(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> Client | None:
    """Return the client that a class of the service keeps in `this.name` for those that derive from it."""
    owner, cls = node.child_by_field_name("object"), module.class_of(node)
    if node.type != "member_expression" or owner is None or owner.type != "this" or cls is None:
        return None
    name, home = module.member_name(node) or "", module
    for _ in range(4):
        heritage = next((c for c in home.children(cls) if c.type == "class_heritage"), None)
        base = next((p for p in home.inside(heritage) if p.type in _NAMES), None) if heritage is not None else None
        found = definition_js(tree, home, base) if base is not None else None
        if found is None or not found[1].type.endswith(("class", "class_declaration")):
            return None
        home, cls = found
        for binding in home.members.get(cls.id, {}).get(name, ()):
            made = client_of_js(tree, home, binding.value, depth) if binding.value is not None else None
            if made is not None:
                return made
    return None


def _values(module: JavaScriptModule, node: Node) -> list[Node]:
    """Return everything that a name or a member of a class is assigned where it is bound more than once."""
    if node.type in _NAMES:
        return [b.value for b in module.lookup(node) if b.value is not None and not b.path and b.value.id != node.id]
    owner = node.child_by_field_name("object")
    if owner is None or owner.type != "this":
        return []
    cls = module.class_of(node)
    members = module.members.get(cls.id, {}).get(module.member_name(node) or "", []) if cls is not None else []
    return [b.value for b in members if b.value is not None]


def _typed(module: JavaScriptModule, node: Node, name: str) -> str:
    """Return the library of a name or member that TypeScript declares as a client."""
    if node.type in _NAMES:
        return TYPES.get(module.type_name(module.declared_type(node)), "")
    return TYPES.get(name, "")
