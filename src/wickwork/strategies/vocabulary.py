"""`ta`: every node of the catalogue as a function.

`ta.ema(close, period=12)` adds an EMA to the strategy of `close`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wickwork.graph.nearest import meant
from wickwork.graph.node import Node
from wickwork.graph.types import Port
from wickwork.model.errors import NotFound
from wickwork.nodes import builtin
from wickwork.strategies.strategy import Outputs, Wire, current


class Vocabulary:
    """The nodes as functions; names that Python keeps for itself have an underscore (`ta.and_`)."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        plain = name.rstrip("_")
        if plain not in builtin():
            raise NotFound(f"There is no node called {plain!r}.{meant(plain, builtin())}")
        return _if_missing if plain == "if_missing" else _adder(builtin()[plain])

    def __dir__(self) -> list[str]:
        return sorted(builtin())

    def __repr__(self) -> str:
        return f"<{len(builtin())} nodes; dir(ta) names them>"


def _adder(node: Node) -> Callable[..., Any]:
    def add(*args: Any, **kwargs: Any) -> Any:
        owner = next((a.strategy for a in (*args, *kwargs.values()) if isinstance(a, Wire)), None)
        owner = owner or next((a._strategy for a in (*args, *kwargs.values()) if isinstance(a, Outputs)), None)
        return (owner or current(f"ta.{node.name}")).add(node, args, kwargs)

    add.__name__ = add.__qualname__ = node.name
    add.__doc__ = _help(node)
    return add


def _if_missing(value: Any, otherwise: Any, **options: Any) -> Any:
    """The number or condition, or `otherwise` on the bars on which it is missing.

    value: series or condition
    otherwise: series or number; for a condition a condition, True or False
    """
    condition = isinstance(value, Wire) and value.type in (Port.CONDITION, Port.EVENT)
    return _adder(builtin()["if_condition_missing" if condition else "if_missing"])(value, otherwise, **options)


def _help(node: Node) -> str:
    """The docstring of the function: what the node does, its inputs, parameters and outputs."""
    lines = [node.help, ""]
    for entry in node.inputs:
        lines.append(f"{entry.name}: {entry.port.value}" + ("" if entry.required else " (optional)"))
    for p in node.parameters:
        kind = f"one of {', '.join(p.choices)}" if p.choices else "a timeframe" if p.timeframe else p.type.__name__
        kind = "a time of day (UTC)" if p.time_of_day else kind
        span = f", {p.between.low:g} to {p.between.high:g}" if p.between and not p.time_of_day else ""
        lines.append(f"{p.name}: {kind}{span}; {p.default!r} unless given")
    lines.append("gives " + ", ".join(f"{o.name} ({o.port.value})" for o in node.outputs))
    return "\n".join(lines)


ta = Vocabulary()
