"""Every reference that source files can put into a Finding, read from their text."""

from __future__ import annotations

import ast
import itertools
from dataclasses import dataclass, field


class NotReadable(Exception):
    """A reference that nobody can read in the source; the argument says where it is."""


@dataclass
class Function:
    """A function (or lambda) that a call stands in, the one around it, and the names of its parameters in order."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    outer: Function | None
    in_class: bool

    @property
    def parameters(self) -> list[str]:
        arguments = self.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        bound = self.in_class and names[:1] in (["self"], ["cls"])
        return [*names[bound:], *(one.arg for one in arguments.kwonlyargs)]

    @property
    def name(self) -> str:
        return "" if isinstance(self.node, ast.Lambda) else self.node.name


@dataclass
class Call:
    """One call: its file, its node, the last name of what is called, and the function it stands in."""

    place: str
    node: ast.Call
    name: str
    within: Function | None
    module: ast.Module = field(repr=False)

    @property
    def owner(self) -> str:
        """`X` of `X.of(...)`, empty for anything else."""
        called = self.node.func
        named = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)
        return called.value.id if named else ""


Texts = set[tuple[str, str]]
"""Texts, each with the place where it stands."""


class References:
    """Every reference that a set of source files can put into a Finding, with the places where it stands.

    A reference is what is given as `reference` to a class that has such a field, directly or through functions that
    pass a parameter on. It must be readable in the source: a text, a choice between texts, a text made of such, or a
    key of a dict that stands there. What comes out of another finding (`finding.reference`) is passed on only.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self._calls: list[Call] = []
        self._classes: dict[str, int] = {}
        self._methods: dict[tuple[str, str], ast.stmt] = {}
        self._following: set[tuple[str, str, str]] = set()
        for place, text in sources.items():
            module = ast.parse(text)
            self._walk(module, place, module, None, False)
        self.found: dict[str, set[str]] = {}
        for call in self._calls:
            given = [keyword.value for keyword in call.node.keywords if keyword.arg == "reference"]
            if call.name in self._classes:
                position = self._classes[call.name]
                given += call.node.args[position : position + 1]
            for text, place in (one for value in given for one in self._texts(value, call)):
                self.found.setdefault(text, set()).add(place)

    def _walk(self, node: ast.AST, place: str, module: ast.Module, within: Function | None, in_class: bool) -> None:
        if isinstance(node, ast.ClassDef):
            fields = [one.target.id for one in node.body if _is_field(one)]
            if "reference" in fields:
                self._classes[node.name] = fields.index("reference")
            methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
            self._methods |= {(node.name, method.name): method for method in methods}
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            self._calls.append(Call(place, node, name, within, module))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            within = Function(node, within, in_class)
        for child in ast.iter_child_nodes(node):
            self._walk(child, place, module, within, isinstance(node, ast.ClassDef))

    def _texts(self, value: ast.expr, call: Call) -> Texts:
        place = f"{call.place}:{value.lineno}"
        match value:
            case ast.Constant(value=str(text)):
                return {(text, place)}
            case ast.IfExp(body=yes, orelse=no):
                return self._texts(yes, call) | self._texts(no, call)
            case ast.JoinedStr(values=parts):
                choices = [sorted({text for text, _ in self._texts(part, call)}) for part in parts]
                return {("".join(chosen), place) for chosen in itertools.product(*choices)}
            case ast.FormattedValue(value=inner):
                return self._texts(inner, call)
            case ast.Attribute(attr="reference"):
                return set()
            case ast.Name(id=name):
                return self._named(name, call)
        raise NotReadable(f"{place}: {ast.unparse(value)}")

    def _named(self, name: str, call: Call) -> Texts:
        function = call.within
        while function is not None:
            keys = _keys_looked_up(name, function.node, call.module)
            if keys:
                return {(key, f"{call.place}:{call.node.lineno}") for key in keys}
            values = [node.value for node in ast.walk(function.node) if _assigns(node, name)]
            if values:
                return set().union(*(self._texts(value, call) for value in values))
            if name in function.parameters:
                return self._given(name, function, call.place)
            function = function.outer
        raise NotReadable(f"{call.place}:{call.node.lineno}: {name}")

    def _given(self, name: str, function: Function, place: str) -> Texts:
        """What callers give for a parameter; functions with an underscore are called in their own file only."""
        key = (place, function.name, name)
        if key in self._following:
            return set()  # the function hands its own parameter to itself
        self._following.add(key)
        position, private, texts = function.parameters.index(name), function.name.startswith("_"), set()
        for call in self._calls:
            another = self._methods.get((call.owner, call.name), function.node) is not function.node
            if call.name == function.name and not another and (call.place == place or not private):
                values = [keyword.value for keyword in call.node.keywords if keyword.arg == name]
                values += call.node.args[position : position + 1]
                texts |= {one for value in values for one in self._texts(value, call)}
        self._following.discard(key)
        return texts


def _is_field(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def _assigns(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)


def _keys_looked_up(name: str, function: ast.AST, module: ast.Module) -> set[str]:
    """The keys of the module's dict that `name` is looked up in, if the function does that."""
    dicts = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        match node:
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Name(id=key)) if key == name and table in dicts:
                return {one.value for one in dicts[table].keys if isinstance(one, ast.Constant)}
    return set()
