"""Random sound graphs over the whole catalogue, made so that their actions do something. Names no node but the bars."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from tests.reference.values import Config, Market
from tests.sim.both import fast_machine
from tests.sim.random_markets import OTHERS, random_market

from wickwork.engine.machine import Machine
from wickwork.graph.check import GraphFaults, ValidatedGraph, check
from wickwork.graph.document import Graph, NodeEntry, WireEntry
from wickwork.graph.node import Node
from wickwork.graph.program import Program, plan
from wickwork.graph.signature import Input, Parameter
from wickwork.graph.types import (
    CANCEL,
    CLOSE,
    ENTER,
    GRID,
    MODIFY,
    NOTIFY,
    PLACE,
    REBALANCE,
    REVERSE,
    STATES_OF_RUN,
    TIMES_IN_FORCE,
    OrderState,
    Port,
)
from wickwork.model.bars import Floats
from wickwork.model.errors import InputError
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.nodes import builtin

BASE = Timeframe(HOUR)
LITERALS = (0.2, 0.5, 1.0, 2.0, 3.0, 10.0, 50.0, 95.0, 100.0, 101.0)
VERBS = {ENTER: 8, PLACE: 4, CLOSE: 3, REVERSE: 2, CANCEL: 1, MODIFY: 1, GRID: 3, REBALANCE: 2, NOTIFY: 1}
"""How often an action has each verb."""
SENSIBLE: dict[str, tuple[float, ...]] = {
    "quantity": (0.1, 0.5, 1.0, 3.0),
    "quote": (20.0, 100.0, 333.0),
    "percent_of_equity": (5.0, 20.0, 50.0, 95.0, 100.0),
    "risk_percent": (0.5, 1.0, 2.0, 5.0),
    "percent_of_cash": (5.0, 20.0, 50.0, 95.0, 100.0),
    "percent": (0.5, 1.0, 2.0, 5.0),
    "amount": (0.5, 1.0, 3.0),
    "atr": (0.5, 1.0, 2.0),
    "r": (0.5, 1.0, 2.0),
}
"""Numbers that make sense, by the word that says how they are meant (or by the input's own name)."""
BOUNDS = {"centre": 0.0, "lower": 60.0, "upper": 140.0}
"""Where a grid may stand; often it is told by a wire instead."""
RARE = {"candles": 0.1, "structure": 0.1, "statistics": 0.3, "signals": 0.3, "instruments": 0.7}
"""How often nodes of these groups are drawn, where others are drawn once: most of their conditions are seldom true."""
WILD = 0.1
"""How often an action gets any number or wire at all instead of a sensible one."""

TARGETS = {f"take_profit{k}{part}" for k in ("", "_2", "_3", "_4") for part in ("", "_as", "_share")}
TARGETS = TARGETS - {"take_profit", "take_profit_as"} | {"target", "oco_with"}

Pool = dict[Port, list[tuple[str, str]]]


def random_validated_graph(r: random.Random, nodes: int = 12, actions: int = 4) -> ValidatedGraph:
    """A sound graph with that many computing nodes and actions."""
    while True:
        try:
            return check(random_graph(r, nodes, actions), builtin())
        except GraphFaults as error:  # e.g. a trigger that never changes
            if not all("never changes" in f.reason for f in error.faults):
                raise
        except InputError:  # e.g. timeframes that do not fit into one another
            continue


def random_graph(r: random.Random, nodes: int, actions: int) -> Graph:
    catalogue = builtin()
    computing = [
        n for n in catalogue.values() if not n.verb and n.name not in ("bars", "bars_of") and not needs_order(n)
    ]
    acting = {verb: [n for n in catalogue.values() if n.verb == verb] for verb in VERBS}
    pool: Pool = {port: [] for port in Port}
    entries: dict[str, NodeEntry] = {"bars": NodeEntry("bars")}
    wires: list[WireEntry] = []
    for output in catalogue["bars"].outputs:
        pool[output.port].append(("bars", output.name))
    conditions = [n for n in computing if any(o.port in (Port.CONDITION, Port.EVENT) for o in n.outputs)]
    readers = [n for n in computing if reads(n)]
    for number in range(nodes):
        kind = _drawn(r, conditions if number % 3 == 2 else readers if r.random() < 0.15 else computing)
        _add(r, f"n{number}", kind, entries, wires, pool)
    liveliness = Liveliness(entries, wires)
    for more in range(6):  # until something fires
        if len(liveliness.fires) > 4:
            break
        for number in range(4):
            _add(r, f"m{more}{number}", _drawn(r, conditions if number % 2 else computing), entries, wires, pool)
        liveliness = Liveliness(entries, wires)
    for number in range(actions):
        verb = ENTER if number == 0 else r.choices(list(VERBS), list(VERBS.values()))[0]
        _add(r, f"a{number}", r.choice(acting[verb]), entries, wires, pool, liveliness)
    wires = _with_a_plain_entry(entries, wires)
    wires = _reading_orders(entries, wires, {name: catalogue[entry.type] for name, entry in entries.items()})
    return Graph(entries, tuple(_reading_others(entries, wires)), "random")


def _drawn(r: random.Random, nodes: list[Node]) -> Node:
    return r.choices(nodes, [RARE.get(node.group, 1.0) for node in nodes])[0]


def _with_a_plain_entry(entries: dict[str, NodeEntry], wires: list[WireEntry]) -> list[WireEntry]:
    """The wires, in half of the graphs without those of the first entry but its `when`: so most of them trade.

    An entry with random prices and legs is mostly denied, and so is a short one on spot.
    """
    r = random.Random(f"entry {wires!r}")
    if r.random() < 0.5:
        return wires
    buys = min(node.name for node in builtin().values() if node.verb == ENTER)
    entries["a0"] = NodeEntry(buys, {"size": r.choice((20.0, 50.0, 95.0))})
    return [wire for wire in wires if wire.target != "a0" or wire.target_port == "when"]


def _reading_others(entries: dict[str, NodeEntry], wires: list[WireEntry]) -> list[WireEntry]:
    """The wires, in some graphs a part of those from the bars now from another instrument; other draws stay as they
    are."""
    r = random.Random(repr(wires))
    if r.random() > 0.3:
        return wires
    entries["other"] = NodeEntry("bars_of", {"instrument": r.choice(OTHERS)})
    return [replace(w, source="other") if w.source == "bars" and r.random() < 0.4 else w for w in wires]


def _reading_orders(entries: dict[str, NodeEntry], wires: list[WireEntry], nodes: dict[str, Node]) -> list[WireEntry]:
    """The wires, in some graphs with nodes that read the orders of one action, which others of the actions follow."""
    r = random.Random(f"orders {wires!r}")
    placing = [name for name, node in nodes.items() if node.verb in (ENTER, PLACE, REVERSE, GRID)]
    if r.random() > 0.4 or not placing:
        return wires
    chosen, made, sources = r.choice(placing), list(wires), []
    before = {chosen}  # and the actions with which it is linked
    for wire in reversed(wires):
        before |= {wire.source} if wire.target in before and wire.source_port == "order" else set()
    readers = [node for node in builtin().values() if any(kind is OrderState for _, kind in node.arguments)]
    for number in range(r.choice((1, 2, 3))):
        node, name = r.choice([node for node in readers if needs_order(node) or r.random() < 0.3]), f"o{number}"
        params = {p.name: _value(r, p, False) for p in node.parameters}
        if params.get("leg") != "take_profit":
            params.pop("target", None)
        entries[name] = NodeEntry(node.name, params)
        for entry in node.inputs:
            source = (chosen, "order") if entry.port is Port.ORDER else ("bars", "bars")
            if entry.required or r.random() < 0.5:
                made.append(WireEntry(*source, name, entry.name))
        sources += [((name, output.name), output.port) for output in node.outputs]
    conditions = [source for source, port in sources if port in (Port.CONDITION, Port.EVENT)]
    numbers = [source for source, port in sources if port is Port.SERIES]
    for place, wire in enumerate(made):
        if wire.target in before or not nodes.get(wire.target) or not nodes[wire.target].verb:
            continue
        port = next(entry.port for entry in nodes[wire.target].inputs if entry.name == wire.target_port)
        if port is Port.CONDITION and conditions and r.random() < 0.5:
            made[place] = WireEntry(*r.choice(conditions), wire.target, wire.target_port)
        elif port is Port.SERIES and numbers and r.random() < 0.3:
            made[place] = WireEntry(*r.choice(numbers), wire.target, wire.target_port)
    return made


def needs_order(node: Node) -> bool:
    """Whether the node computes from the orders of one action, which must be there before it."""
    return not node.verb and any(entry.port is Port.ORDER and entry.required for entry in node.inputs)


def reads(node: Node) -> bool:
    """Whether the node reads the position, the account or orders."""
    return any(kind in STATES_OF_RUN for _, kind in node.arguments)


def follow_position(entries: Mapping[str, NodeEntry], wires: list[WireEntry]) -> set[str]:
    """The nodes that read the position or the account, or depend on one that does."""
    found = {name for name, entry in entries.items() if reads(builtin()[entry.type])}
    for wire in wires:  # in the order in which the nodes were added
        if wire.source in found:
            found.add(wire.target)
    return found


class Liveliness:
    """What the wires of a graph without actions do on one market: which fire, which are like prices or moves."""

    def __init__(self, entries: Mapping[str, NodeEntry], wires: list[WireEntry]) -> None:
        market = sample()
        program = plan(check(Graph(dict(entries), tuple(wires)), builtin()), BASE)
        keep = {name: column.index for name, column in program.names.items() if column.index >= 0}
        machine = fast_machine([market], Config(), program, keep=keep)
        machine.run(len(market.close))
        self.fires: list[tuple[str, str]] = []
        self.prices = [("bars", port) for port in ("open", "high", "low", "close")]
        self.moves: list[tuple[str, str]] = []
        with np.errstate(all="ignore"):
            self._sort(program, machine, np.array(market.close))

    def _sort(self, program: Program, machine: Machine, close: Floats) -> None:
        for name, column in program.names.items():
            if column.index < 0:
                continue
            values, wire = machine.kept[name][0], (name.partition(".")[0], name.partition(".")[2])
            known = np.isfinite(values)
            if column.port in (Port.CONDITION, Port.EVENT):
                if 0.02 < float((values > 0.0).mean()) < 0.9:
                    self.fires.append(wire)
            elif known.sum() > len(values) / 2:
                if (np.abs(values[known] / close[known] - 1.0) < 0.2).all():
                    self.prices.append(wire)
                elif (values[known] >= 0.0).all() and 0.1 < float(values[known].mean()) < 10.0:
                    self.moves.append(wire)


@cache
def sample() -> Market:
    """The market on which liveliness is seen."""
    return random_market(random.Random(5), 100, "spot", gaps=False, finer=False, grid=0.25)


def _add(
    r: random.Random,
    name: str,
    node: Node,
    entries: dict[str, NodeEntry],
    wires: list[WireEntry],
    pool: Pool,
    liveliness: Liveliness | None = None,
) -> None:
    """Add one node with random parameters and wires, unless the pool cannot feed it."""
    own = random.Random(f"{name} {r.getstate()[1][0]} {r.getstate()[1][-1]}")  # for targets: `r` draws as without them
    for _ in range(10):
        try:
            params: dict[str, Any] = {
                p.name: _value(
                    own if p.name in TARGETS or (p.name == "leg" and node.verb == CANCEL) else r, p, bool(node.verb)
                )
                for p in node.parameters
            }
            if "take_profit_share" in params:
                params |= random_shares(own)
            if params.get("leg") != "take_profit":
                params.pop("target", None)
            values = node.check(params)
            node.warmup_bars(values)
        except InputError:
            continue
        break
    needed = node.needs_wired(values)
    mine: list[WireEntry] = []
    for entry in node.inputs:
        draw = own if entry.name in TARGETS else r
        choices = pool[entry.port] + (pool[Port.EVENT] if entry.port is Port.CONDITION else [])
        if node.across:
            choices = [wire for wire in choices if wire[0] not in follow_position(entries, wires)]
        if liveliness and draw.random() >= WILD:
            better, number = _sensible(draw, entry, values, liveliness)
            if number is not None:
                params[entry.name] = number
                continue
            choices = better or choices
        likely = 0.95 if liveliness else 0.7
        required = entry.required or (
            entry.name in needed and entry.port is not Port.SERIES
        )  # no number is a condition
        wanted = required or (entry.name in needed and draw.random() < likely) or draw.random() < 0.15
        if wanted and choices:
            # Newer wires are likelier, so that chains grow.
            source = choices[max(draw.randrange(len(choices)), draw.randrange(len(choices)))]
            mine.append(WireEntry(*source, name, entry.name))
            if entry.name == "oco_with":  # which says already what the number would say
                params["oco"] = 0
        elif required:
            return
        elif entry.name in needed or (entry.port is Port.SERIES and draw.random() < 0.5):
            params[entry.name] = draw.choice(LITERALS)
    entries[name] = NodeEntry(node.name, params)
    wires += mine
    for output in node.outputs:
        pool[output.port].append((name, output.name))


def random_shares(r: random.Random) -> dict[str, Any]:
    """Shares of the targets of an entry that add up, more often than not of a single one."""
    shares = r.choice(
        ((100.0,), (100.0,), (100.0,), (50.0, 50.0), (25.0, 25.0, 50.0), (40.0, 30.0, 10.0, 20.0), (60.0,))
    )
    ways = {f"take_profit_{k + 1}_share": share for k, share in enumerate(shares) if k > 0}
    for k in range(1, 4):
        way = r.choice(("price", "percent", "percent", "atr", "r")) if k < len(shares) else "none"
        ways |= {f"take_profit_{k + 1}_as": way}
    return {"take_profit_share": shares[0], **ways}


def _sensible(
    r: random.Random, entry: Input, values: Mapping[str, Any], liveliness: Liveliness
) -> tuple[list[tuple[str, str]], float | None]:
    """Wires, or a number, with which this input of an action makes sense."""
    if entry.port is Port.CONDITION:
        return liveliness.fires, None
    if entry.port is not Port.SERIES:
        return [], None
    meant = str(values.get(f"{entry.name}_as", entry.name))
    if entry.name == "atr":
        return liveliness.moves, None if liveliness.moves else r.choice((0.5, 1.0, 2.0))
    if entry.name == "percent":
        return [], r.choice((100.0, 100.0, 50.0, 33.3))
    if meant in SENSIBLE:
        return [], r.choice(SENSIBLE[meant])
    if meant == "size":
        return [], r.choice(SENSIBLE["quantity"])
    if meant == "weight":
        return [], r.choice((0.0, 20.0, 50.0, 100.0, -50.0))
    if meant in ("price", "stop"):
        return liveliness.prices, None
    if meant in BOUNDS:
        return (liveliness.prices, None) if r.random() < 0.2 else ([], BOUNDS[meant])
    return [], None


def _value(r: random.Random, p: Parameter, acting: bool) -> Any:
    if p.choices:
        if acting and ("market" in p.choices or p.choices == TIMES_IN_FORCE) and r.random() < 0.5:
            return p.choices[0]
        return r.choice(p.choices)
    if p.timeframe:
        return r.choice(("2h", "3h", "4h", "1d"))
    if p.time_of_day:
        return r.choice(("00:00", "06:30", "13:00", "22:00"))
    if p.type is bool:
        return r.random() < (0.25 if acting else 0.5)
    low, high = (p.between.low, p.between.high) if p.between else (0.0, 100.0)
    if p.type is int:
        if acting and r.random() < 0.5:
            return int(low)
        return r.randint(int(low), int(min(high, low + r.choice((3, 8)))))
    if p.type is float:
        if p.between is None:
            return r.choice((0.0, 1.0, 60.0, 100.0))
        return min(max(round(r.uniform(low, min(high, low + 5.0)), 2), low), high)
    return "signal" if p.name == "field" else p.default


def described(validated: ValidatedGraph) -> Mapping[str, Any]:
    """The graph in short, for messages of tests."""
    return {name: (entry.type, dict(entry.params)) for name, entry in validated.graph.nodes.items()}
