"""What the reference of nodes has besides the entries of the catalogue."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

from wickwork.graph.node import Node

ABOUT = {
    "candles": "Patterns and parts of candles.",
    "data": "Where a graph begins: bars and columns.",
    "instruments": "The instruments of a run compared with one another at each bar.",
    "logic": "Comparisons, crossings, conditions and events, and memory of them.",
    "maths": "Arithmetic on series.",
    "momentum": "How fast prices move, and how far they have come.",
    "order state": "The orders of an action: whether they are open, filled, and at what.",
    "orders": "Actions: what a strategy requests of a venue.",
    "position": "What is held, and what it has gained.",
    "price": "What is read off the bars themselves: prices, extremes, turning points.",
    "signals": "Directions with a confidence, and their combination.",
    "statistics": "How values are distributed, and how series move together.",
    "structure": "Levels, gaps and divergences.",
    "time": "The clock, the calendar, sessions, the past, and slower timeframes.",
    "trend": "Averages, and what follows the trend.",
    "volatility": "How much prices move, and channels as wide as that.",
    "volume": "Volume, and prices weighted with it.",
}
"""What each group is about."""
_READABLE = {"max", "min", "math"}
"""What a formula may name besides parameters."""


def warmup_formula(node: Node) -> str:
    """The warm-up as a formula of the parameters, from its definition; "" where it is always the same or is computed.

    Constants such as MEAN become the choice that they stand for.
    """
    try:
        text = textwrap.dedent(inspect.getsource(node.warmup))
    except (OSError, TypeError):
        return ""
    found = re.search(r"lambda[^:]*:", text)
    if not found or node.warmup.__name__ != "<lambda>":
        return ""
    body = _expression(text[found.end() :])
    names = {part.id for part in ast.walk(body) if isinstance(part, ast.Name)} if body else set()
    choices = {choice.upper(): choice for p in node.parameters for choice in p.choices}
    parameters = {p.name for p in node.parameters}
    if body is None or not names & parameters or names - parameters - set(choices) - _READABLE:
        return ""
    formula = ast.unparse(body)
    for constant, choice in choices.items():
        formula = re.sub(rf"\b{constant}\b", f"'{choice}'", formula)
    return formula


def _expression(text: str) -> ast.expr | None:
    """The longest Python expression that the text begins with, other than a list of several."""
    for end in range(len(text), 0, -1):
        try:
            body = ast.parse(f"({text[:end]}\n)", mode="eval").body
        except SyntaxError:
            continue
        if not isinstance(body, ast.Tuple):
            return body
    return None
