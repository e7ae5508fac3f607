"""Fields in Python: models of pydantic, dataclasses, serializers, bodies that are sent, answers that are read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.fields.model import Shape, Wanted, declared_keys
from pytest_superteam.scanners.facts.http.python_clients import client_modules
from pytest_superteam.scanners.facts.outgoing import outgoing_calls
from pytest_superteam.scanners.facts.services import definition
from pytest_superteam.scanners.languages.python import keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["maps_all", "python_shapes", "python_wanted"]

_MODELS = frozenset({
    "pydantic.BaseModel", "sqlmodel.SQLModel", "typing.TypedDict", "typing_extensions.TypedDict", "msgspec.Struct",
    "marshmallow.Schema", "rest_framework.serializers.Serializer", "rest_framework.serializers.ModelSerializer",
    "pydantic.main.BaseModel", "pydantic.v1.BaseModel",
})  # fmt: skip
_ALIASES = ("alias", "serialization_alias", "validation_alias", "data_key", "name", "source")
_CAMEL_RENDERERS = (
    b"djangorestframework_camel_case",
    b"CamelCaseJSONRenderer",
    b"alias_generator",
    b"camelize",
    b"humps",
    b"to_camel",
    b"rename=",
)


_WORDS = (b"BaseModel", b"SQLModel", b"TypedDict", b"msgspec", b"Schema", b"erializer", b"Base")


def python_shapes(tree: SourceTree, keys: frozenset[str]) -> Iterator[Shape]:
    """Yield the models of those keys whose fields are the names that other services see, none that is mapped."""
    for file in tree.service_files("python"):
        if not any(word in file.data for word in _WORDS) or not keys & declared_keys(file.data):
            continue
        module = file.python
        for cls in module.of(ast.ClassDef) if module is not None else ():
            if module is not None and _is_model(tree, module, cls) and not _maps(tree, module, cls):
                fields = dict(_fields(module, cls))
                if fields:
                    yield Shape(cls.name, module.path, fields)


def maps_all(tree: SourceTree) -> bool:
    """Return whether a renderer or helper of the service turns the names of all fields into the other spelling."""
    return any(
        any(word in file.data for word in _CAMEL_RENDERERS if word not in {b"alias_generator", b"to_camel", b"rename="})
        for file in tree.service_files("python")
    )


def _is_model(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, depth: int = 0) -> bool:
    for base in cls.bases if depth < 6 else ():
        if module.qualname(base) in _MODELS:
            return True
        found = definition(tree, module, base)
        inherits = found is not None and isinstance(found[1], ast.ClassDef) and found[1] is not cls
        if found is not None and inherits and _is_model(tree, found[0], found[1], depth + 1):  # type: ignore[arg-type]  # a class
            return True
    return False


def _maps(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, depth: int = 0) -> bool:
    """Return whether a model, or one that it derives from, has an alias generator."""
    for part in walk(cls):
        named = getattr(part, "arg", None) or (part.id if isinstance(part, ast.Name) else None)
        if named in {"alias_generator", "rename", "to_camel", "to_lower_camel", "camelize"}:
            return True
    for base in cls.bases if depth < 6 else ():
        found = definition(tree, module, base)
        inherits = found is not None and isinstance(found[1], ast.ClassDef) and found[1] is not cls
        if found is not None and inherits and _maps(tree, found[0], found[1], depth + 1):  # type: ignore[arg-type]  # a class
            return True
    return False


def _fields(module: PythonModule, cls: ast.ClassDef) -> Iterator[tuple[str, int]]:
    for part in cls.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and not part.target.id.startswith("_"):
            if "ClassVar" not in ast.unparse(part.annotation):
                alias = _alias(module, part.value) or _alias(module, part.annotation)
                yield alias or part.target.id, part.lineno
        elif (
            isinstance(part, ast.Assign) and isinstance(part.value, ast.Call) and isinstance(part.targets[0], ast.Name)
        ):
            yield _alias(module, part.value) or part.targets[0].id, part.lineno  # a field of a serializer
        elif isinstance(part, ast.ClassDef) and part.name == "Meta":
            for item in part.body:
                if isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "fields":
                    for name in walk(item.value):
                        if isinstance(name, ast.Constant) and isinstance(name.value, str):
                            yield name.value, name.lineno


def _alias(module: PythonModule, node: ast.AST | None) -> str:
    """Return the name that a field has outside, by `Field(alias="x")` or its like."""
    for call in walk(node) if node is not None else ():
        if isinstance(call, ast.Call):
            for key in _ALIASES[:4]:
                value = module.literal(keyword(call, key)) if keyword(call, key) is not None else None
                if isinstance(value, str):
                    return value
                if keyword(call, key) is not None:
                    return "-"  # some alias
    return ""


def python_wanted(tree: SourceTree) -> Iterator[Wanted]:
    """Yield the fields that are sent to other services, and read from what they answer."""
    for _, module in client_modules(tree):
        for outgoing in outgoing_calls(tree, module):
            call: ast.Call = outgoing.node
            for key in ("json", "data", "params"):
                body = keyword(call, key)
                body = module.bound(body) if isinstance(body, ast.Name) else body
                for part in walk(body) if body is not None and key != "params" else ():
                    if isinstance(part, ast.Dict):
                        yield from _keys(module, part)
            yield from _read(module, call)


def _keys(module: PythonModule, node: ast.Dict) -> Iterator[Wanted]:
    for key in node.keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Wanted(key.value, module.path, key.lineno)


def _read(module: PythonModule, call: ast.Call) -> Iterator[Wanted]:
    """Yield the keys by which the answer of a call is read, in the function that makes it."""
    scope = module.function_of(call) or module.tree
    names = _held(module, scope, call)
    for node in walk(scope):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            holder, key = node.value, node.slice.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            holder, value = node.func.value, node.args[0]
            if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
                continue
            key = value.value
        else:
            continue
        if node is not call and _rooted(holder, names, call):
            yield Wanted(key, module.path, node.lineno)


def _held(module: PythonModule, scope: ast.AST, call: ast.Call) -> set[str]:
    """Return the names that hold the answer or parts of it."""
    names: set[str] = set()
    for _ in range(3):
        for name, values in module.local_bindings(scope).items():
            if name not in names and any(_rooted(value, names, call) for value in values):
                names.add(name)
        for node in walk(scope):
            loop = isinstance(node, (ast.For, ast.comprehension, ast.AsyncFor)) and isinstance(node.target, ast.Name)
            if loop and _rooted(node.iter, names, call):  # type: ignore[attr-defined]  # loops have it
                names.add(node.target.id)  # type: ignore[attr-defined]  # as just asked
    return names


def _rooted(node: ast.AST | None, names: set[str], call: ast.Call) -> bool:
    """Return whether an expression is the answer of `call`, or a part of what one of `names` holds."""
    for _ in range(12):
        if node is call or (isinstance(node, ast.Name) and node.id in names):
            return True
        if isinstance(node, ast.Attribute) and node.attr in {"headers", "cookies", "status_code"}:
            return False
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                node = node.func.value
                continue
            node = node.args[0] if node.args else None
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await, ast.Starred)):
            node = node.value
        else:
            return False
    return False
