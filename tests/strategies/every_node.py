"""Every node of the catalogue in a small graph, with parameters that are not its defaults."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from wickwork.graph.document import Graph, NodeEntry, WireEntry
from wickwork.graph.node import Node
from wickwork.graph.signature import Parameter
from wickwork.graph.types import LINK, Port
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

SOURCES = {
    Port.BARS: ("slower", "bars"),
    Port.SERIES: ("average", "value"),
    Port.CONDITION: ("up", "value"),
    Port.EVENT: ("up", "value"),
    Port.ORDER: ("first", "order"),
}
TEXTS = {"field": "signal", "instrument": "ETH/USDT"}


def every_node_once(r: random.Random) -> Iterator[tuple[str, Graph]]:
    """(name of the node, graph with it under the id `it`): its wires come from nodes that are no literals."""
    for node in builtin().values():
        if node.name == "bars":
            continue
        params = other_parameters(r, node)
        nodes = {
            "bars": NodeEntry("bars"),
            "slower": NodeEntry("timeframe", {"to": "4h"}),
            "average": NodeEntry("hma", {"period": 31}),
            "up": NodeEntry("crosses_above"),
            "first": NodeEntry("enter_long"),
            "it": NodeEntry(node.name, params),
        }
        wires = ["bars.bars slower.bars", "bars.close average.source", "bars.high up.a", "average.value up.b"]
        wires += ["up.value first.when"]
        ends = [tuple(f"{wire.replace(' ', '.')}".split(".")) for wire in wires]
        ends += [(*SOURCES[entry.port], "it", entry.name) for entry in node.inputs]
        yield node.name, Graph(nodes, tuple(sorted(WireEntry(*one) for one in ends)), node.title)


def other_parameters(r: random.Random, node: Node) -> dict[str, Any]:
    """Parameters of which as many as possible are not the default, and which fit together."""
    for share in (1.0, 0.7, 0.4, 0.2):
        for _ in range(60):
            params = {
                p.name: _other(r, p)
                for p in node.parameters
                if (p.type is str and not p.choices) or r.random() <= share
            }
            if any(entry.name == LINK for entry in node.inputs):
                params.pop("oco", None)  # a number and a wire contradict each other
            try:
                values = node.check(params)
                node.warmup_bars(values)
                node.needs_wired(values)
            except InputError:
                continue
            return params
    return {}


def _other(r: random.Random, p: Parameter) -> Any:
    if p.choices:
        return r.choice([one for one in p.choices if one != p.default])
    if p.timeframe:
        return "2h"
    if p.time_of_day:
        return "09:30" if p.default != "09:30" else "10:00"
    if p.type is bool:
        return not p.default
    if p.type is str:
        return TEXTS.get(p.name, "a_text")
    low, high = (p.between.low, p.between.high) if p.between else (-1e6, 1e6)
    for step in (3, 1, -1, 0.25, -0.25, 0.01, -0.01):
        value = p.type(p.default + step)
        if low <= value <= high and value != p.default:
            return round(value, 4) if p.type is float else value
    return p.default
