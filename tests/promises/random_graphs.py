"""Random sound graphs over the whole catalogue. Names no node but the bars."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from wickwork.graph.check import GraphFaults, Sound, check
from wickwork.graph.document import Entry, Graph, Wire
from wickwork.graph.node import Node, Parameter
from wickwork.graph.types import Port
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

LITERALS = (0.2, 0.5, 1.0, 2.0, 3.0, 10.0, 50.0, 95.0, 100.0, 101.0)


def random_sound(r: random.Random, nodes: int = 12, actions: int = 4) -> Sound:
    """A sound graph with that many computing nodes and actions."""
    while True:
        graph = random_graph(r, nodes, actions)
        try:
            return check(graph, builtin())
        except GraphFaults as error:  # e.g. a trigger that never changes
            if not all("never changes" in f.reason for f in error.faults):
                raise


def random_graph(r: random.Random, nodes: int, actions: int) -> Graph:
    catalogue = builtin()
    computing = [n for n in catalogue.values() if not n.verb and n.name != "bars"]
    acting = [n for n in catalogue.values() if n.verb]
    pool: dict[Port, list[tuple[str, str]]] = {port: [] for port in Port}
    entries: dict[str, Entry] = {"bars": Entry("bars")}
    wires: list[Wire] = []
    for output in catalogue["bars"].outputs:
        pool[output.port].append(("bars", output.name))
    conditions = [n for n in computing if any(o.port in (Port.CONDITION, Port.EVENT) for o in n.outputs)]
    for number in range(nodes):
        kind = r.choice(conditions if number % 3 == 2 else computing)
        _add(r, f"n{number}", kind, entries, wires, pool)
    for number in range(actions):
        _add(r, f"a{number}", r.choice(acting), entries, wires, pool)
    return Graph(entries, tuple(wires), "random")


def _add(
    r: random.Random,
    name: str,
    node: Node,
    entries: dict[str, Entry],
    wires: list[Wire],
    pool: dict[Port, list[tuple[str, str]]],
) -> None:
    """Add one node with random parameters and wires, unless the pool cannot feed it."""
    for _ in range(10):
        try:
            params: dict[str, Any] = {p.name: _value(r, p) for p in node.parameters}
            values = node.check(params)
            node.need(values)
        except InputError:
            continue
        break
    needed = node.needs_wired(values)
    mine: list[Wire] = []
    for entry in node.inputs:
        choices = pool[entry.port] + (pool[Port.EVENT] if entry.port is Port.CONDITION else [])
        wanted = entry.required or (entry.name in needed and r.random() < 0.7) or r.random() < 0.15
        if wanted and choices:
            # Newer wires are likelier, so that chains grow.
            source = choices[max(r.randrange(len(choices)), r.randrange(len(choices)))]
            mine.append(Wire(*source, name, entry.name))
        elif entry.required:
            return
        elif entry.name in needed or (entry.port is Port.SERIES and r.random() < 0.5):
            params[entry.name] = r.choice(LITERALS)
    entries[name] = Entry(node.name, params)
    wires += mine
    for output in node.outputs:
        pool[output.port].append((name, output.name))


def _value(r: random.Random, p: Parameter) -> Any:
    if p.words:
        return r.choice(p.words)
    if p.timeframe:
        return r.choice(("2h", "3h", "4h", "1d"))
    if p.type is bool:
        return r.random() < 0.5
    low, high = (p.between.low, p.between.high) if p.between else (0.0, 100.0)
    if p.type is int:
        return r.randint(int(low), int(min(high, low + r.choice((3, 8)))))
    if p.type is float:
        return (
            min(max(round(r.uniform(low, min(high, low + 5.0)), 2), low), high)
            if p.between
            else r.choice((0.0, 1.0, 60.0, 100.0))
        )
    return p.default


def described(sound: Sound) -> Mapping[str, Any]:
    """The graph in short, for messages of tests."""
    return {name: (entry.type, dict(entry.params)) for name, entry in sound.graph.nodes.items()}
