"""Faults as text, for a command line: `drop_after(bytes=1000, part=3)`. Pure; the other direction is `str(fault)`."""

from __future__ import annotations

import ast
import inspect

from hfpush.localhub.faults import CONSTRUCTORS, Fault

Literal = int | float | str | None


class FaultSyntax(ValueError):
    """The text names no fault, or not with these arguments; the message is a sentence for whoever typed it."""


def parse_fault(text: str) -> Fault:
    """The fault that the text describes: `name`, or `name(arguments)` with plain numbers, strings and None.

    Raises FaultSyntax.
    """
    name, positional, named = _call(text)
    make = CONSTRUCTORS.get(name)
    if make is None:
        raise FaultSyntax(f"there is no fault {name!r}; there are: {', '.join(sorted(CONSTRUCTORS))}")
    signature = inspect.signature(make)
    try:
        bound = signature.bind(*positional, **named)
    except TypeError as wrong:
        raise FaultSyntax(f"{name}: {wrong}; it is {name}{_shown(signature)}") from None
    for key, value in bound.arguments.items():
        _check_type(name, key, value, str(signature.parameters[key].annotation))
    try:
        return make(*bound.args, **bound.kwargs)
    except ValueError as wrong:
        raise FaultSyntax(f"{name}: {wrong}") from None


def _call(text: str) -> tuple[str, list[Literal], dict[str, Literal]]:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FaultSyntax(f"cannot read {text!r}; a fault looks like drop_after(bytes=1000, part=3)") from None
    if isinstance(tree, ast.Name):
        return tree.id, [], {}
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        raise FaultSyntax(f"cannot read {text!r}; a fault looks like drop_after(bytes=1000, part=3)")
    positional = [_literal(node) for node in tree.args]
    named = {}
    for keyword in tree.keywords:
        if keyword.arg is None or keyword.arg in named:
            raise FaultSyntax(f"cannot read {text!r}: arguments are name=value, each once")
        named[keyword.arg] = _literal(keyword.value)
    return tree.func.id, positional, named


def _literal(node: ast.expr) -> Literal:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        value = ()
    if value is not None and type(value) not in (int, float, str):
        raise FaultSyntax("the arguments of a fault are plain numbers, strings and None")
    return value  # type: ignore[no-any-return]


def _check_type(fault: str, key: str, value: Literal, annotation: str) -> None:
    kinds = {kind.strip() for kind in annotation.split("|")}
    given = "None" if value is None else type(value).__name__
    if given not in kinds and not (given == "int" and "float" in kinds):
        raise FaultSyntax(f"{fault}: {key} is {annotation}, not {value!r}")
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        raise FaultSyntax(f"{fault}: {key} is a finite number")


def _shown(signature: inspect.Signature) -> str:
    return str(signature.replace(return_annotation=inspect.Signature.empty))
