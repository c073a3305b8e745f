"""Expressions of the file that is written: each is a text, and at the same time the value that the text has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wickwork.graph.node import Node
from wickwork.strategies.operators import Operators
from wickwork.strategies.python_text.layout import Bracketed, Text, flat, literal
from wickwork.strategies.strategy import BarsOutputs, Wire
from wickwork.strategies.trade import Level, Size, Target

BINARY = {
    "add": "+",
    "and": "&",
    "divide": "/",
    "equal": "==",
    "exclusive_or": "^",
    "greater": ">",
    "greater_or_equal": ">=",
    "less": "<",
    "less_or_equal": "<=",
    "multiply": "*",
    "not_equal": "!=",
    "or": "|",
    "power": "**",
    "remainder": "%",
    "subtract": "-",
}
UNARY = {"negate": "-", "not": "~"}
_COMPARING = frozenset({"<", "<=", ">", ">=", "==", "!="})


@dataclass(frozen=True)
class Term:
    """An expression: its text and its value."""

    text: Text
    value: Any
    simple: bool = True
    """Whether it is a name, an output of one, or a literal."""
    unary: bool = False

    @property
    def is_wire(self) -> bool:
        """Whether it is the value of an output, not a literal."""
        return isinstance(self.value, Operators)


def of_literal(value: Any) -> Term:
    """A literal."""
    return Term(literal(value), value)


def call(
    head: str,
    function: Callable[..., Any],
    args: Sequence[Term] = (),
    kwargs: Mapping[str, Term] | None = None,
    *,
    tall: bool = False,
) -> Term:
    """A call, which is made; `tall` writes one argument a line."""
    named = kwargs or {}
    items = (*(("", one.text) for one in args), *((f"{key}=", one.text) for key, one in named.items()))
    value = function(*(one.value for one in args), **{key: one.value for key, one in named.items()})
    return Term(Bracketed(f"{head}(", items, ")", tall), value, simple=False)


def operator_text(node: Node, args: Sequence[Term]) -> str | None:
    """The node as an operator between these operands; None where an operator would mean something else."""
    if any(not (one.simple or one.unary) or isinstance(one.value, bool) for one in args):
        return None
    if len(args) == 1 and args[0].is_wire:
        if node.name == "absolute":
            return f"abs({flat(args[0].text)})"
        sign = UNARY.get(node.name)
        return f"{sign}{flat(args[0].text)}" if sign and args[0].simple else None
    sign = BINARY.get(node.name)
    if sign is None or len(args) != 2 or not any(one.is_wire for one in args):
        return None
    left, right = args
    if sign in _COMPARING and not left.is_wire:
        return None  # Python turns `1 < x` into `x > 1`, which is another node
    if sign != "**":
        return f"{flat(left.text)} {sign} {flat(right.text)}"
    binds_more = left.unary or flat(left.text).startswith("-") or right.unary
    return None if binds_more else f"{flat(left.text)}**{flat(right.text)}"


def of_output(made: Term, port: str) -> Term:
    """One output of a node with several; where it is the bars of a timeframe or an instrument, all of them at once."""
    if isinstance(made.value, BarsOutputs) and port == "bars":
        return made
    return Term(f"{flat(made.text)}.{port}", getattr(made.value, port))


def wires_in(terms: Iterable[Term]) -> list[str]:
    """The nodes whose values these expressions have, in the order of their text."""
    found: list[str] = []
    waiting = [one.value for one in terms][::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Wire):
            found.append(value.node)
        elif isinstance(value, Size | Level):
            waiting.append(value.amount)
        elif isinstance(value, Target):
            waiting.append(value.level)
        elif isinstance(value, list):
            waiting += value[::-1]
    return found
