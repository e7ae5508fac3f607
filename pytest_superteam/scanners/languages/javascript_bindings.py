"""What names of a JavaScript module stand for: scopes, hoisting, shadowing, destructuring, members of classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_superteam.scanners.languages.javascript_imports import JavaScriptImports
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, FUNCTIONS
from pytest_superteam.scanners.languages.nesting import Nesting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript_imports import Import

__all__ = ["MAX_STEPS", "Binding", "JavaScriptBindings"]

MAX_STEPS = 12
"""Steps that a name is followed; real code needs four, and hostile code could go round in circles."""

Kind: TypeAlias = Literal[
    "import", "variable", "assignment", "changed", "parameter", "function", "class", "enum", "loop", "catch"
]
_NAMED: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        "function",
        ("function_declaration", "generator_function_declaration", "function_expression", "generator_function"),
    ),
    ("class", CLASSES),
    ("enum", ("enum_declaration",)),
)
Step: TypeAlias = str | int

_VAR_SCOPES = frozenset({*FUNCTIONS, "class_static_block", "module", "internal_module"})
_SCOPES = _VAR_SCOPES | {"statement_block", "for_statement", "for_in_statement", "catch_clause", "switch_body", "class"}
_CLASS_PARTS = frozenset({"field_definition", "public_field_definition", "method_definition"})
_PARENTS = 5
"""Classes that a class extends, one the other, in which a member is looked for."""
_EMPTY = frozenset({"null", "undefined"})


@dataclass(frozen=True)
class Binding:
    """One place that gives a name its meaning."""

    kind: Kind
    name: Node
    value: Node | None = None
    """The expression, or the declaration of a function, class or enum."""
    path: tuple[Step, ...] = ()
    """The keys and positions on the way into `value` where it is taken apart."""
    default: Node | None = None
    origin: Import | None = None
    type: Node | None = None
    """The type that TypeScript declares for it."""


class JavaScriptBindings(JavaScriptImports):
    """One parsed module with its scopes."""

    @cached_property
    def _blocks(self) -> Nesting:
        return Nesting(self.of(*_SCOPES))

    @cached_property
    def _var_blocks(self) -> Nesting:
        return Nesting(self.of(*_VAR_SCOPES))

    @cached_property
    def _declarations(self) -> tuple[dict[str, dict[int, list[Binding]]], dict[str, Nesting]]:
        """Return what declarations bind, as `scopes` does, and the scopes of each name."""
        table: dict[str, dict[int, list[Binding]]] = {}
        openers: dict[str, dict[int, Node]] = {}
        for binding, scope in self._declared():
            name = self.text(binding.name)
            table.setdefault(name, {}).setdefault(scope.id, []).append(binding)
            if scope.id != self.root.id:
                openers.setdefault(name, {})[scope.id] = scope
        return table, {name: Nesting(nodes.values()) for name, nodes in openers.items()}

    @cached_property
    def scopes(self) -> dict[str, dict[int, list[Binding]]]:
        """Return what each name is bound to, by the name, then by the id of the node that opens the scope."""
        table = self._declarations[0]
        for binding in self._assigned():
            name = self.text(binding.name)
            table.setdefault(name, {}).setdefault(self._holder(binding.name, name).id, []).append(binding)
        return table

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """Return what the names at the top of the module are bound to."""
        return {name: table[self.root.id] for name, table in self.scopes.items() if self.root.id in table}

    def _scope(self, node: Node) -> Node:
        return self._blocks.at(node.start_byte) or self.root

    def _var_scope(self, node: Node) -> Node:
        return self._var_blocks.at(node.start_byte) or self.root

    def _holder(self, node: Node, name: str) -> Node:
        """Return the innermost scope around `node` that binds `name`, else the module."""
        nesting = self._declarations[1].get(name)
        return (nesting.at(node.start_byte) if nesting is not None else None) or self.root

    def _declared(self) -> Iterator[tuple[Binding, Node]]:
        """Yield what declarations bind, with the scope that they bind it in."""
        yield from ((Binding("import", item.node, origin=item), self.root) for item in self.import_statements)
        for declarator, scope in self._declarators():
            target, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if target is not None:
                for binding in self._taken_apart("variable", target, value, declarator.child_by_field_name("type")):
                    yield binding, scope
        for function in self.functions:
            for parameter in self.parameters(function):
                yield from self._parameter(parameter, function)
        yield from self._named_declarations()
        yield from self._loops_and_catches()

    def _named_declarations(self) -> Iterator[tuple[Binding, Node]]:
        """Yield functions, classes and enums; the name of an expression is seen inside it only."""
        for kind, types in _NAMED:
            for node in self.of(*types):
                name = node.child_by_field_name("name")
                if name is not None:
                    own = node.type in {"class", "function_expression", "generator_function"}
                    yield Binding(kind, name, node), node if own else self._blocks.around(node) or self.root

    def _declarators(self) -> Iterator[tuple[Node, Node]]:
        """Yield the declared variables with the scope that each belongs to."""
        for statement in self.of("lexical_declaration", "variable_declaration"):
            scope = self._scope(statement) if statement.type == "lexical_declaration" else self._var_scope(statement)
            for declarator in self.children(statement):
                if declarator.type == "variable_declarator":
                    yield declarator, scope

    def _parameter(self, parameter: Node, function: Node) -> Iterator[tuple[Binding, Node]]:
        kind, default = parameter.child_by_field_name("type"), self.default(parameter)
        for binding in self._taken_apart("parameter", self.pattern(parameter), None, kind):
            fallback = binding.default or (default if not binding.path else None)
            yield Binding("parameter", binding.name, None, binding.path, fallback, None, kind), function

    def _loops_and_catches(self) -> Iterator[tuple[Binding, Node]]:
        for loop in self.of("for_in_statement"):
            target = loop.child_by_field_name("left")
            if target is not None:
                for binding in self._taken_apart("loop", target, None, None):
                    yield binding, loop
        for clause in self.of("catch_clause"):
            target = clause.child_by_field_name("parameter")
            if target is not None:
                for binding in self._taken_apart("catch", target, None, None):
                    yield binding, clause
        for alias in self.of("import_alias"):  # import Secret = Config.Secret
            parts = self.children(alias)
            if len(parts) == 2:
                yield Binding("variable", parts[0], parts[1]), self._scope(alias)

    def _assigned(self) -> Iterator[Binding]:
        """Yield what assignments to names bind."""
        for node in self.of("assignment_expression"):
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if target is not None and target.type in {"identifier", "object_pattern", "array_pattern"}:
                yield from self._taken_apart("assignment", target, value, None)
        for node in self.of("augmented_assignment_expression", "update_expression"):
            target = node.child_by_field_name("left") or node.child_by_field_name("argument")
            if target is not None and target.type == "identifier":
                fallback = self.text(node.child_by_field_name("operator")) in {"||=", "??="}
                yield Binding("changed", target, node.child_by_field_name("right") if fallback else None)

    def _taken_apart(self, kind: Kind, target: Node, value: Node | None, said: Node | None) -> Iterator[Binding]:
        """Yield a binding for each name in a pattern."""
        stack: list[tuple[Node, tuple[Step, ...], Node | None]] = [(target, (), None)]
        while stack:
            node, path, default = stack.pop()
            if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
                steps = path if node.type == "identifier" else (*path, self.text(node))
                yield Binding(kind, node, value, steps, default, None, said if not steps else None)
            elif node.type in {"object_assignment_pattern", "assignment_pattern"}:
                left = node.child_by_field_name("left")
                if left is not None:
                    stack.append((left, path, node.child_by_field_name("right")))
            elif node.type == "pair_pattern":
                inner, key = node.child_by_field_name("value"), self.key(node.child_by_field_name("key"))
                if inner is not None:
                    stack.append((inner, (*path, "[unknown]" if key is None else key), None))
            elif node.type == "array_pattern":
                stack += [(child, (*path, place), None) for place, child in self._places(node)]
            elif node.type == "rest_pattern":
                stack += [(child, (*path, "..."), None) for child in self.children(node)[:1]]
            elif node.type == "object_pattern":
                stack += [(child, path, None) for child in self.children(node)]

    @staticmethod
    def _places(pattern: Node) -> Iterator[tuple[int, Node]]:
        """Yield the elements of an array pattern with their positions, holes counted."""
        place = 0
        for child in pattern.children:
            if child.type == ",":
                place += 1
            elif child.is_named and child.type != "comment":
                yield place, child

    def lookup(self, identifier: Node) -> list[Binding]:
        """Return everything that a name is bound to where `identifier` stands, in the innermost scope that has it."""
        name = self.text(identifier)
        found = self.scopes.get(name)
        return found.get(self._holder(identifier, name).id, []) if found else []

    def binding(self, identifier: Node) -> Binding | None:
        """Return the one binding of a name where `identifier` stands; None where there is none or more than one.

        A declaration without a value, or with `null` or `undefined`, does not count beside one assignment.
        """
        return self._only(self.lookup(identifier))

    def declared_type(self, identifier: Node) -> Node | None:
        """Return the type that TypeScript declares for a name where `identifier` stands."""
        return next((b.type for b in self.lookup(identifier) if b.type is not None), None)

    # ---- members of objects -----------------------------------------------------------------------------------------

    @cached_property
    def _members_set(self) -> dict[tuple[int, str], dict[str, list[Node]]]:
        """Return what `name.key = value` sets, by scope and name of the object, then by key."""
        table: dict[tuple[int, str], dict[str, list[Node]]] = {}
        for node in self.of("assignment_expression"):
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if target is None or value is None or target.type not in {"member_expression", "subscript_expression"}:
                continue
            owner = self.unwrap(target.child_by_field_name("object"))
            index = target.child_by_field_name("index")
            key = self.string(index) if index is not None else self.text(target.child_by_field_name("property"))
            if owner is not None and owner.type == "identifier" and key is not None and value.type not in _EMPTY:
                name = self.text(owner)
                keys = table.setdefault((self._holder(owner, name).id, name), {})
                keys.setdefault(key, []).append(value)
        return table

    def members_set(self, identifier: Node) -> dict[str, Node]:
        """Return what is set once by `name.key = value` on the object that `identifier` names, by key."""
        name = self.text(identifier)
        found = self._members_set.get((self._holder(identifier, name).id, name), {})
        return {key: values[0] for key, values in found.items() if len(values) == 1}

    # ---- members of classes -----------------------------------------------------------------------------------------

    @cached_property
    def members(self) -> dict[int, dict[str, list[Binding]]]:
        """Return what each class binds by the id of the class, then by member: fields, methods, `this.x = ...`."""
        table: dict[int, dict[str, list[Binding]]] = {}
        for body in self.of("class_body"):
            owner = self.class_of(body)
            for node in self.children(body) if owner is not None else ():
                name = node.child_by_field_name("property") or node.child_by_field_name("name")
                if owner is not None and name is not None and node.type in _CLASS_PARTS:
                    binding = self._declared_member(node, name)
                    table.setdefault(owner.id, {}).setdefault(self.key(name) or "", []).append(binding)
        for node in self.of("assignment_expression"):
            self._member_assigned(node, table)
        for parameter in self.of("required_parameter", "optional_parameter"):
            self._member_parameter(parameter, table)
        return table

    @staticmethod
    def _declared_member(node: Node, name: Node) -> Binding:
        if node.type == "method_definition":
            return Binding("function", name, node)
        return Binding("variable", name, node.child_by_field_name("value"), type=node.child_by_field_name("type"))

    def _member_assigned(self, node: Node, table: dict[int, dict[str, list[Binding]]]) -> None:
        target = node.child_by_field_name("left")
        if target is None or target.type != "member_expression":
            return
        owner, name = target.child_by_field_name("object"), target.child_by_field_name("property")
        if owner is None or owner.type != "this" or name is None:
            return
        cls = self.class_of(node)
        if cls is not None:
            binding = Binding("assignment", name, node.child_by_field_name("right"))
            table.setdefault(cls.id, {}).setdefault(self.text(name), []).append(binding)

    def _member_parameter(self, parameter: Node, table: dict[int, dict[str, list[Binding]]]) -> None:
        """Add `constructor(private readonly jwt: JwtService)`."""
        if not any(c.type in {"accessibility_modifier", "override_modifier", "readonly"} for c in parameter.children):
            return
        cls, name = self.class_of(parameter), self.pattern(parameter)
        if cls is not None and name.type == "identifier":
            binding = Binding(
                "parameter", name, None, (), self.default(parameter), None, parameter.child_by_field_name("type")
            )
            table.setdefault(cls.id, {}).setdefault(self.text(name), []).append(binding)

    def member(self, cls: Node, name: str) -> Binding | None:
        """Return the one binding of a member of a class of this module, as `binding` does for names.

        What the class does not have itself is looked for in the classes of this module that it extends.
        """
        current: Node | None = cls
        for _ in range(_PARENTS):
            found = self.members.get(current.id, {}).get(name, []) if current is not None else []
            if found or current is None:
                return self._only(found)
            current = self._parent_class(current)
        return None

    @staticmethod
    def _only(found: list[Binding]) -> Binding | None:
        if len(found) > 1:
            some = (b for b in found if b.kind != "variable" or (b.value is not None and b.value.type not in _EMPTY))
            found = list(islice(some, 2))  # two are too many, and a hostile file has thousands
        return found[0] if len(found) == 1 else None

    def _parent_class(self, cls: Node) -> Node | None:
        """Return the class of this module that `cls` extends by its plain name."""
        heritage = next((child for child in self.children(cls) if child.type == "class_heritage"), None)
        clause = next(iter(self.children(heritage)), None)
        if clause is not None and clause.type == "extends_clause":
            clause = clause.child_by_field_name("value")
        value = self.binding(clause) if clause is not None and clause.type == "identifier" else None
        return value.value if value is not None and value.kind == "class" else None
