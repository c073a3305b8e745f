"""What to write instead, for arguments of nodes that are usual in other libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wickwork.graph.node import Node
from wickwork.model.errors import InputError, did_you_mean

PERIODS = ("length", "len", "lookback", "n", "span", "timeperiod", "window")
"""Names that other libraries have for `period`."""

KINDS = ("kind", "type", "order_type", "ordertype", "exectype")
"""Names that other libraries have for `order`, the kind of an order."""


def named(key: str, names: Sequence[str]) -> str:
    """Return `` Did you mean 'x'?`` or all the names (with a leading space), or an empty string without any name."""
    if key.lower() in PERIODS and "period" in names:
        return " Did you mean 'period'?"
    if key.lower() in KINDS and "order" in names:
        return " Did you mean 'order'?"
    return did_you_mean(key, names) or (f" There are {', '.join(names)}." if names else "")


def too_many(node: Node, args: Sequence[Any]) -> str:
    """Why a node does not take so many positional arguments: they are its wires, parameters have names."""
    count, names = len(node.inputs), [entry.name for entry in node.inputs]
    takes = f"{count} wire{'s' * (count != 1)}" + (f" ({', '.join(names)})" if names else "")
    text = f"{node.name} takes {takes}, {len(args)} were given."
    more = args[count:]
    if any(not isinstance(one, int | float | str) for one in more) or not node.parameters:
        return text
    written = ", ".join(f"{p.name}={one!r:.40}" for p, one in zip(node.parameters, more, strict=False))
    return f"{text} Parameters are given by name: {written}."


def by_name(given: Any, example: str) -> dict[str, Any]:
    """A dictionary of values by the names of parameters. Raises InputError for anything else; `example` is one."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise InputError(f"Parameters are given by name, as in {example}, not as {given!r:.60}.")
    return dict(given)
