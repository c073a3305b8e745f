"""Explain why an order was or was not made on a bar, by repeating the run up to that bar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from wickwork.engine.backtest import History, at_bar
from wickwork.graph.operation import POSITIONS, TRIGGER
from wickwork.graph.types import FLAT, LONG, NO_GRID, NOTIFY, SHORT
from wickwork.model.bars import iso
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.orders.records import CUT, DENIALS, FILLED, REASONS

_POSITIONS = {FLAT: "flat", LONG: "long", SHORT: "short"}


@dataclass(frozen=True)
class Explanation:
    """One bar of one instrument, explained."""

    bar: int
    opened_at: str
    instrument: str
    values: dict[str, float | None]
    """Every wire by name, `node.port`; None where the value is missing."""
    position: float
    equity: float
    decisions: tuple[str, ...]
    """One sentence for every action of the graph."""
    events: tuple[str, ...]
    """What the venue did in this bar: fills and ends of orders."""

    def __str__(self) -> str:
        lines = [f"Bar {self.bar} ({self.opened_at}) of {self.instrument}"]
        lines += [f"  holds {self.position:g}, equity {self.equity:,.2f}", *(f"  {e}" for e in self.events)]
        lines += [f"  {d}" for d in self.decisions]
        width = max((len(name) for name in self.values), default=0)
        lines += [f"  {n:<{width}}  {'missing' if v is None else f'{v:.10g}'}" for n, v in sorted(self.values.items())]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """The explanation as plain JSON."""
        return {**self.__dict__, "decisions": list(self.decisions), "events": list(self.events)}


def explain(history: History, bar: int, lane: int) -> Explanation:
    """Explain one bar of one instrument."""
    values, machine = at_bar(history, bar, lane)
    row = machine.arrays["lanes"][lane]
    quantity = float(row["quantity"])
    with_moved_grid = _actions_with_moved_grid(machine, bar, lane)
    return Explanation(
        bar=bar,
        opened_at=iso(history.feed.opened_at[bar]),
        instrument=str(history.feed.instruments[lane]),
        values={name: value if math.isfinite(value) else None for name, value in values.items()},
        position=quantity,
        equity=float(machine.equity[bar]),
        decisions=tuple(
            _decision(history, machine, bar, lane, action, quantity, with_moved_grid)
            for action in range(len(history.program.action_names))
        ),
        events=tuple(_events(history, machine, bar, lane)),
    )


def _decision(
    history: History, machine: Any, bar: int, lane: int, action: int, quantity: float, with_moved_grid: set[int]
) -> str:
    """Why an action did or did not lead to an order."""
    program = history.program
    name, row = program.action_names[action], program.actions[action]
    when = program.validated.wired[name, "when"]
    fired = machine.arrays["arena"][lane, row[TRIGGER], 0]
    source = f"{when[0]}.{when[1]}"
    working = machine.working()
    made = working[
        (working["created_bar"] == bar)
        & (working["lane"] == lane)
        & (working["action"] == action)
        & (working["leg"] == 0)
    ]
    orders = ", ".join(_told(o) for o in made)
    denied = machine.output("denied")
    refused = denied[(denied["bar"] == bar) & (denied["lane"] == lane) & (denied["action"] == action)]
    if action in with_moved_grid:
        why = f"{name}: its grid moved with a fill"
        lacks = f", but it was denied: {DENIALS[refused[0]['reason']]}" if len(refused) else ""
        return f"{why}{f', so it made {orders}' if orders else ''}{lacks}."
    if math.isnan(fired):
        return f"{name}: did not act, because {source} is missing."
    if not fired > 0.0:
        return f"{name}: did not act, because {source} is false."
    position = FLAT if quantity == 0.0 else LONG if quantity > 0.0 else SHORT
    if row[POSITIONS] & NO_GRID and not len(made) and not len(refused):
        return f"{name}: {source} is true, but a grid runs already."
    if not row[POSITIONS] & (position | NO_GRID):
        wanted = " or ".join(word for bit, word in _POSITIONS.items() if row[POSITIONS] & bit)
        return f"{name}: {source} is true, but the position is {_POSITIONS[position]}; the action is for {wanted}."
    if len(refused):
        return f"{name}: {source} is true, but it was denied: {DENIALS[refused[0]['reason']]}."
    if program.validated.nodes[name].verb == NOTIFY:
        return f"{name}: {source} is true, so it recorded a message."
    if not len(made):
        return f"{name}: {source} is true; there was nothing to do."
    return f"{name}: {source} is true, so it made {orders}."


def _told(order: Any) -> str:
    """A short description of an order."""
    side, kind = "buy" if order["side"] > 0 else "sell", KIND_NAMES[order["kind"]]
    at = f" at {order['limit']:g}" if kind == "limit" else ""
    return f"order {order['id']} ({side} {order['quantity']:g} {kind}{at})"


def _actions_with_moved_grid(machine: Any, bar: int, lane: int) -> set[int]:
    """The actions whose grid moved in that bar: one of its orders filled, and it was there before."""
    closed_orders, row = machine.output("closed_orders"), machine.arrays["lanes"][lane]
    moved = closed_orders[
        (closed_orders["bar"] == bar)
        & (closed_orders["lane"] == lane)
        & np.isin(closed_orders["reason"], (FILLED, CUT))
    ]
    return {int(row["grid_action"])} & set(moved["action"].tolist()) if row["grid_levels"] else set()


def _events(history: History, machine: Any, bar: int, lane: int) -> list[str]:
    """What the venue did in the bar."""
    fills, closed_orders = machine.output("fills"), machine.output("closed_orders")
    names = history.program.action_names
    events = []
    for f in fills[(fills["bar"] == bar) & (fills["lane"] == lane)]:
        whose = names[f["action"]] if f["action"] >= 0 else "the venue"
        side = "bought" if f["side"] > 0 else "sold"
        events.append(f"order {f['order']} of {whose} {side} {f['quantity']:g} at {f['price']:g} (fee {f['fee']:g}).")
    for o in closed_orders[
        (closed_orders["bar"] == bar) & (closed_orders["lane"] == lane) & (closed_orders["created_bar"] < bar)
    ]:
        events.append(f"order {o['order']} ended: {REASONS[o['reason']]}.")
    return events
