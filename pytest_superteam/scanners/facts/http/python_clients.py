"""Which HTTP client an expression of Python stands for: made here, in another module, annotated or injected."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.http.model import Client
from pytest_superteam.scanners.facts.http.python_libraries import CLIENTS, WRAPPERS, imports_client
from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["client_class", "client_modules", "client_of", "dotted", "shared_names"]

_MAX_DEPTH = 8
"""Steps from a name to the call that makes the client; real code needs four."""
_INJECTORS = frozenset({"Depends", "Security", "Provide", "Inject", "Provider"})
_SHARED = frozenset({"state", "app", "extra", "ctx", "context", "g", "self", "settings", "deps", "container"})
_IN_PROCESS = frozenset({"ASGITransport", "WSGITransport", "MockTransport", "AsyncMockTransport"})


def dotted(node: ast.AST | None) -> str:
    """Return `a.b.c` as it is written; empty for what is no chain of names."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def client_of(tree: SourceTree, module: PythonModule, node: ast.AST | None, depth: int = 0) -> Client | None:
    """Return the client that `node` stands for, or None where it is none that is known."""
    if node is None or depth > _MAX_DEPTH:
        return None
    depth += 1
    if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
        return client_of(tree, module, node.value, depth)
    if isinstance(node, (ast.IfExp, ast.BoolOp)):
        choices = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
        return next((found for choice in choices if (found := client_of(tree, module, choice, depth))), None)
    if isinstance(node, ast.Call):
        return _of_call(tree, module, node, depth)
    if isinstance(node, ast.Name):
        return _of_name(tree, module, node, depth)
    if isinstance(node, ast.Attribute):
        return _of_attribute(tree, module, node, depth)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return _attributes(tree).get(repr(node.slice.value))
    return None


def _of_call(tree: SourceTree, module: PythonModule, node: ast.Call, depth: int) -> Client | None:
    name = module.qualname(node.func)
    if name in CLIENTS:
        return None if _stays_inside(node) else Client(CLIENTS[name], module, node)
    last = name.rpartition(".")[2]
    if (name in WRAPPERS or last in WRAPPERS) and node.args:
        return client_of(tree, module, node.args[-1 if last == "cast" else 0], depth)
    if last in _INJECTORS:
        inner = node.args[0] if node.args else keyword(node, "dependency")
        return _made_by(tree, module, inner, depth) if inner is not None else None
    return _made_by(tree, module, node.func, depth)


def _stays_inside(made: ast.Call) -> bool:
    """Return whether a client talks to an application of the same process, or to a mock."""
    names = {dotted(part).rpartition(".")[2] for k in made.keywords if k.arg == "transport" for part in _calls(k.value)}
    return bool(names & _IN_PROCESS) or (made.func is not None and keyword(made, "app") is not None)


def _calls(node: ast.AST) -> Iterator[ast.AST]:
    return (part.func for part in walk(node) if isinstance(part, ast.Call))


def _made_by(tree: SourceTree, module: PythonModule, function: ast.AST, depth: int) -> Client | None:
    """Return the client that a function or class of the service makes when it is called."""
    found = definition(tree, module, function)
    if found is None:
        return None
    home, target = found
    if isinstance(target, ast.ClassDef):
        library = client_class(tree, home, target)
        return Client(library, home, None, target) if library else None
    if not isinstance(target, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    for part in home.walk(target):
        if isinstance(part, (ast.Return, ast.Yield)) and part.value is not None:
            made = client_of(tree, home, part.value, depth)
            if made is not None:
                return Client(made.library, made.home, made.made, made.scope or target)
    named = _annotated(tree, home, target.returns)
    return Client(named.library, home, None, target) if named is not None else None


def client_class(tree: SourceTree, module: PythonModule, node: ast.ClassDef, depth: int = 0) -> str:
    """Return the library whose client a class of the service derives from; empty where it does not."""
    for base in node.bases if depth < _MAX_DEPTH else ():
        if (library := CLIENTS.get(module.qualname(base))) is not None:
            return library
        found = definition(tree, module, base)
        if found is not None and isinstance(found[1], ast.ClassDef) and found[1] is not node:
            inherited = client_class(tree, found[0], found[1], depth + 1)
            if inherited:
                return inherited
    return ""


def _annotated(tree: SourceTree, module: PythonModule, annotation: ast.AST | None, depth: int = 0) -> Client | None:
    """Return the client that an annotation names: `httpx.AsyncClient | None`, `Annotated[Session, Depends(f)]`."""
    if annotation is None or depth > 2:
        return None
    for part in walk(annotation):
        if isinstance(part, ast.Call):
            found = client_of(tree, module, part, depth + 4)
            if found is not None:
                return found
        library = _named_client(tree, module, part)
        if library:
            return Client(library, module)
        if isinstance(part, ast.Name) and part.id not in module.definitions:
            alias = value_of(tree, module, part)
            if alias is not None and alias[1] is not annotation and isinstance(alias[1], ast.Subscript):
                found = _annotated(tree, *alias, depth + 1)
                if found is not None:
                    return found
    return None


def _named_client(tree: SourceTree, module: PythonModule, part: ast.AST) -> str:
    if isinstance(part, ast.Constant) and isinstance(part.value, str):  # a forward reference
        head, _, rest = part.value.strip().partition(".")
        return CLIENTS.get(".".join(filter(None, (module.imports.get(head, head), rest))), "")
    if not isinstance(part, (ast.Name, ast.Attribute)):
        return ""
    library = CLIENTS.get(module.qualname(part), "")
    if not library and (found := definition(tree, module, part)) is not None and isinstance(found[1], ast.ClassDef):
        library = client_class(tree, *found)  # type: ignore[arg-type]  # the second is a class, as just asked
    return library


def _of_name(tree: SourceTree, module: PythonModule, node: ast.Name, depth: int) -> Client | None:
    if node.id in {"self", "cls"}:
        owner = module.class_of(node)
        library = client_class(tree, module, owner) if owner is not None else ""
        return Client(library, module, None, owner) if library else None
    function = module.function_of(node)
    while function is not None:
        values = module.local_bindings(function).get(node.id, [])
        if values:
            found = _first(tree, module, values, node, depth)
            return found or (_parameter(tree, module, function, node.id, depth))
        if module.is_parameter(node.id, function):
            return _parameter(tree, module, function, node.id, depth)
        function = module.function_of(function)
    found = _first(tree, module, [*module.bindings.get(node.id, []), *_globals(module, node.id)], node, depth)
    if found is not None or node.id not in module.imports:
        return found
    outside = value_of(tree, module, node)
    if outside is not None and outside[0] is not module:
        return client_of(tree, *outside, depth)
    return _exported(tree, module, node.id, depth)


def _exported(tree: SourceTree, module: PythonModule, name: str, depth: int) -> Client | None:
    """Return the client that another module binds in more than one place: `client = None`, then a real one."""
    owner, _, inner = module.imports[name].rpartition(".")
    file = tree.modules_by_name.get(owner)
    home = file.python if file is not None else None
    if home is None or home is module:
        return None
    values = [*home.bindings.get(inner, []), *_globals(home, inner)]
    return next((found for value in values if (found := client_of(tree, home, value, depth)) is not None), None)


def _first(tree: SourceTree, module: PythonModule, values: list[ast.expr], node: ast.AST, depth: int) -> Client | None:
    others = (value for value in values if value is not node)
    return next((found for value in others if (found := client_of(tree, module, value, depth)) is not None), None)


def _globals(module: PythonModule, name: str) -> list[ast.expr]:
    """Return what functions bind a name of the module to."""
    functions = (module.function_of(node) for node in module.of(ast.Global) if name in node.names)
    return [value for f in functions if f is not None for value in module.local_bindings(f).get(name, [])]


def _parameter(tree: SourceTree, module: PythonModule, function: Function, name: str, depth: int) -> Client | None:
    """Return the client that a parameter is, by its annotation or its default."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    defaults = [*[None] * (len(positional) - len(a.defaults)), *a.defaults]
    for argument, default in [*zip(positional, defaults, strict=True), *zip(a.kwonlyargs, a.kw_defaults, strict=True)]:
        if argument.arg == name:
            known = _annotated(tree, module, argument.annotation) or client_of(tree, module, default, depth)
            if known is None and argument.annotation is None and name not in {"self", "cls"}:
                known = _passed(tree, module, function, name, depth)
            return known
    return None


def _passed(tree: SourceTree, module: PythonModule, function: Function, name: str, depth: int) -> Client | None:
    """Return the client that callers in the same module pass for a parameter with no annotation."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    method = bool(names) and names[0] in {"self", "cls"}
    place = names.index(name) - method if name in names else -1
    for call in module.calls if depth < _MAX_DEPTH - 2 else ():
        if dotted(call.func).rpartition(".")[2] == function.name:
            given = keyword(call, name) or (call.args[place] if 0 <= place < len(call.args) else None)
            if isinstance(given, (ast.Name, ast.Attribute)) and module.function_of(given) is not function:
                found = client_of(tree, module, given, depth + 2)
                if found is not None:
                    return found
    return None


def _of_attribute(tree: SourceTree, module: PythonModule, node: ast.Attribute, depth: int) -> Client | None:
    chain = dotted(node).split(".")
    if chain[0] in {"self", "cls"} and len(chain) == 2:
        owner = module.class_of(node)
        return _of_member(tree, module, owner, node.attr, depth) if owner is not None else None
    outside = value_of(tree, module, node)
    if outside is not None and outside[1] is not node:
        return client_of(tree, *outside, depth)
    if chain[-2:] == ["request", "session"]:  # that of a browser, not of an HTTP client
        return None
    return _attributes(tree).get(node.attr) if _SHARED & set(chain[:-1]) else None


def _of_member(tree: SourceTree, module: PythonModule, owner: ast.ClassDef, name: str, depth: int) -> Client | None:
    """Return the client that `self.name` is in the methods of a class, those of its bases included."""
    if depth > _MAX_DEPTH:
        return None
    for part in module.walk(owner):
        found = None
        if isinstance(part, (ast.Assign, ast.AnnAssign)):
            found = _stored(tree, module, owner, part, name, depth)
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == name and part.decorator_list:
            found = _property(tree, module, part, depth)
        if found is not None:
            return found
    for base in owner.bases:
        home = definition(tree, module, base)
        if home is not None and isinstance(home[1], ast.ClassDef) and home[1] is not owner:
            inherited = _of_member(tree, home[0], home[1], name, depth + 1)
            if inherited is not None:
                return inherited
    return None


def _stored(
    tree: SourceTree, module: PythonModule, owner: ast.ClassDef, part: ast.Assign | ast.AnnAssign, name: str, depth: int
) -> Client | None:
    """Return the client that a statement of a class stores in `self.name`, or declares it to be."""
    for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
        holders = {"self", "cls", owner.name}
        mine = isinstance(target, ast.Attribute) and target.attr == name and dotted(target.value) in holders
        if mine or (isinstance(target, ast.Name) and target.id == name and module.parents.get(part) is owner):
            found = client_of(tree, module, part.value, depth + 1)
            noted = _annotated(tree, module, part.annotation) if isinstance(part, ast.AnnAssign) else None
            if found is not None or noted is not None:
                return found or noted
    return None


def _property(tree: SourceTree, module: PythonModule, function: Function, depth: int) -> Client | None:
    """Return the client that a property gives."""
    returned = (part.value for part in module.walk(function) if isinstance(part, ast.Return))
    found = next((client for value in returned if (client := client_of(tree, module, value, depth + 2))), None)
    return found or _annotated(tree, module, function.returns)


def _attributes(tree: SourceTree) -> dict[str, Client]:
    """Return the clients that are kept on shared objects, by attribute or key: `app.state.http = AsyncClient()`."""
    known = tree.facts.get("kept clients")
    if known is None:
        kept: dict[str, Client] = {}
        for _, module in client_modules(tree):
            for node in module.of(ast.Assign):
                made = node.value
                if isinstance(made, ast.Call) and (library := CLIENTS.get(module.qualname(made.func))) is not None:
                    for target in node.targets:
                        if isinstance(target, ast.Attribute):
                            kept[target.attr] = Client(library, module, made)
                        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                            kept[repr(target.slice.value)] = Client(library, module, made)
        known = tree.facts["kept clients"] = kept
    return known  # type: ignore[return-value]  # the key holds nothing else


def client_modules(tree: SourceTree) -> Iterator[tuple[SourceFile, PythonModule]]:
    """Yield the modules of service code that import a library of HTTP clients."""
    for file in tree.service_files("python"):
        if imports_client(file.data) and (module := file.python) is not None:
            yield file, module


def shared_names(tree: SourceTree) -> dict[bytes, frozenset[bytes]]:
    """Return the names of the clients that modules make for others, by the last part of the module's name.

    Under the empty name stand those that are kept on shared objects, which need no import.
    """
    known = tree.facts.get("shared clients")
    if known is None:
        found: dict[bytes, set[str]] = {b"": {name.strip("'") for name in _attributes(tree)}}
        for _, module in client_modules(tree):
            names = {name for name, values in module.bindings.items() if any(_makes(module, v) for v in values)}
            names |= {name for node in module.of(ast.Global) for name in node.names}
            makers = {module.function_of(call) for call in module.calls if _makes(module, call)}
            names |= {function.name for function in makers if function is not None}
            names |= {node.name for node in module.of(ast.ClassDef) if client_class(tree, module, node)}
            names |= {owner.name for call in module.calls if _makes(module, call) and (owner := module.class_of(call))}
            if names:
                found.setdefault(module.name.rpartition(".")[2].encode(), set()).update(names)
        known = tree.facts["shared clients"] = {
            stem: frozenset(name.encode() for name in names if len(name) > 2) for stem, names in found.items()
        }
    return known  # type: ignore[return-value]  # the key holds nothing else


def _makes(module: PythonModule, value: ast.AST) -> bool:
    return isinstance(value, ast.Call) and module.qualname(value.func) in CLIENTS
