"""A bot: a program at work, one event after the other.

`advance` is what a run does when something happens: no clock, no network, no files; the same bot and the same events
always give the same outcome, and bars alone give bit for bit that of a backtest over them. It changes the bot in place,
because copying the whole state would cost more than the bar; `save` and `load` give the copy where one is wanted.

Where fills are simulated within the bot, bars are all that it takes. Where a venue reports them, the bot takes its
reports, and the bars fill nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.faults import refuse_event
from wickwork.engine.machine import COUNTERS, Machine
from wickwork.engine.reports import MOST_REMEMBERED, apply_report, commands_between, in_order, request, working_rows
from wickwork.engine.window import BarWindow, Universe
from wickwork.graph.program import Program
from wickwork.model.commands import Command
from wickwork.model.errors import InputError
from wickwork.model.events import (
    BarsClosed,
    Event,
    OrderReport,
    OrderRequested,
    Report,
    TradingStateChanged,
    from_data,
    to_data,
)
from wickwork.model.order_kinds import LIQUIDATION
from wickwork.orders.records import ACCOUNT, CLOSED_ORDER, DENIED, FILL, LANE, ORDER, SEQUENCE
from wickwork.risk.gate import ACTIVE, known_state
from wickwork.sim.terms import Terms

Rows = tuple[tuple[Any, ...], ...]
IDENTITY = ("order", "lane", "action", "side", "leg")
"""What of an order never changes."""
PLACED = (*IDENTITY, "kind", "asked", "limit", "stop")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "placed": PLACED,
    "closed_orders": tuple(name for name in CLOSED_ORDER.names or () if name not in SEQUENCE),
    "fills": FILL.names or (),
    "denied": DENIED.names or (),
}
"""What an outcome tells of orders that came to life, orders that ended, fills, and intents that were denied."""


def _words(kind: np.dtype[Any], *names: str) -> list[int]:
    """Where those fields lie in a record, all of whose fields take eight bytes."""
    return [kind.fields[name][1] // 8 for name in names]  # type: ignore[index]


def _all_but(kind: np.dtype[Any], *names: str) -> NDArray[np.int64]:
    """A mask for the words of a record that leaves out those fields."""
    mask = np.full(kind.itemsize // 8, -1, np.int64)
    mask[_words(kind, *names)] = 0
    return mask


_COUNTED = tuple(COUNTERS)
_COUNTERS = _words(ACCOUNT, *COUNTERS.values())
_NEXT_ID, _COUNT = _words(ACCOUNT, "next_id")[0], _words(LANE, "count")[0]
_ACCOUNT_MASK = _all_but(ACCOUNT, *COUNTERS.values())
_LANE_MASK = _all_but(LANE, "phase")
_ORDER_MASK = _all_but(ORDER, "acted")


@dataclass(frozen=True)
class Outcome:
    """What came of the bars of one moment; rows as `FIELDS` names them."""

    bar: int
    """Its number in the run, from 0."""
    opened_at: int
    equity: float
    """At the close of the last bar."""
    placed: Rows
    closed_orders: Rows
    fills: Rows
    denied: Rows
    state: str
    """A hash of all that the bot remembers after it."""
    commands: tuple[Command, ...] = ()
    """What the venue is to be sent; none where fills are simulated within the bot."""

    @property
    def is_eventful(self) -> bool:
        """Whether anything happened that the world may hear of."""
        return bool(self.placed or self.closed_orders or self.fills or self.denied or self.commands)


@dataclass(frozen=True)
class ClosedOrder:
    """An order that works no longer, as it was in the table: a fill of it may still be reported."""

    lane: int
    parent: int
    made: int
    reason: int
    raw: NDArray[np.int64]


class Bot:
    """One strategy on one account."""

    def __init__(
        self, program: Program, universe: Universe, terms: Terms, *, reported: bool = False, name: str = "order"
    ) -> None:
        """With `reported` a venue reports the fills; `name` begins the client id of every order."""
        self.window = BarWindow(universe, terms, program.external)
        self.machine = Machine(program, self.window, terms, equity=False, block=1, reported=reported)
        self.reported, self.name = reported, name
        self.trading_state = ACTIVE
        self.reports_applied = 0
        """The number of the last report that was applied."""
        self.waiting: dict[int, Report] = {}
        """Reports that came before others with lower numbers."""
        self.fill_ids: dict[int, set[str]] = {}
        """The venue's ids of the fills of an order, by the order's id."""
        self.closed: dict[int, ClosedOrder] = {}
        """The orders that were closed last, by id."""

    @property
    def bars(self) -> int:
        """Bars taken so far."""
        return self.machine.done

    def client_id(self, number: int, parent: int = 0, made: int = 0) -> str:
        """The name of an order towards the venue; a leg has that of its entry, and its number among the entry's legs.

        So a venue that makes legs by itself gives them the same names.
        """
        return f"{self.name}-{parent}.{made}" if parent else f"{self.name}-{number}"

    def number_of(self, client_id: str) -> tuple[int, int]:
        """The id of an order and 0, or of an entry and the number of its leg.

        Raises InputError where the order is none of this run.
        """
        name, _, rest = client_id.rpartition("-")
        number, _, made = rest.partition(".")
        if name != self.name or not number.isdecimal() or not (made or "0").isdecimal():
            raise InputError(f"The order {client_id!r} is none of this run, whose orders begin with {self.name!r}.")
        return int(number), int(made or 0)

    def instrument_of(self, lane: int) -> str:
        """The name of an instrument of the run."""
        return str(self.window.instruments[lane])

    def lane_of(self, instrument: str) -> int:
        """The number of an instrument of the run, by name; InputError where it has none of that name."""
        names = [str(one) for one in self.window.instruments]
        if instrument not in names:
            raise InputError(f"The run has no instrument {instrument!r}; it has {', '.join(names)}.")
        return names.index(instrument)

    def fine_of(self, at: int) -> int:
        """The number of the shorter bar that a time lies in; 0 where there are none."""
        finer, timeframe = self.window.universe.finer, self.window.timeframe
        return (at - timeframe.floor(at)) // finer.milliseconds if finer else 0

    def save(self) -> dict[str, Any]:
        """All that it remembers, as plain JSON."""
        saved: dict[str, Any] = {"window": self.window.save(), "machine": self.machine.save()}
        saved["trading_state"] = self.trading_state
        if self.reported:
            saved["reports"] = {
                "applied": self.reports_applied,
                "waiting": [to_data(report) for report in self.waiting.values()],
                "fills": {str(number): sorted(ids) for number, ids in self.fill_ids.items()},
                "closed": {
                    str(number): [one.lane, one.parent, one.made, one.reason, one.raw.tolist()]
                    for number, one in self.closed.items()
                },
            }
        return saved

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave; InputError where that belongs to another program or universe."""
        try:
            self.window.load(saved["window"])
            self.machine.load(saved["machine"])
            self.trading_state = known_state(saved.get("trading_state", ACTIVE))
            if self.reported:
                self._load_reports(saved["reports"])
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"The saved state is not one of this bot ({type(error).__name__}: {error}).") from None
        self.machine.set_funding(self.window.funding, self.window.funding_before)

    def _load_reports(self, saved: Mapping[str, Any]) -> None:
        self.reports_applied = int(saved["applied"])
        self.waiting = {
            report.number: report for report in map(from_data, saved["waiting"]) if isinstance(report, Report)
        }
        self.fill_ids = {int(number): set(ids) for number, ids in saved["fills"].items()}
        self.closed = {
            int(number): ClosedOrder(lane, parent, made, reason, np.array(raw, np.int64))
            for number, (lane, parent, made, reason, raw) in saved["closed"].items()
        }

    def state(self) -> str:
        """A hash of all that it remembers: account, positions, working orders, the memory of every node."""
        return state_of(self.machine)


def advance(bot: Bot, event: Event) -> Outcome:
    """Take one event: bars (the venue fills what they allow, then the strategy decides), a report, or a request.

    Raises InputError, with the bot as it was before, where bars are faulty or do not follow the last ones, and where a
    report or a request does not belong to the run.
    """
    refuse_event(bot, event)
    machine = bot.machine
    account = machine.raw["account"][0]
    first_new = int(account[_NEXT_ID])
    before = working_rows(bot) if bot.reported else {}
    own = ""
    if isinstance(event, BarsClosed):
        _take_bars(bot, event)
    elif isinstance(event, OrderRequested):
        request(bot, event)
    elif isinstance(event, TradingStateChanged):
        bot.trading_state = known_state(event.state)
    elif isinstance(event, Report):
        own = _take_report(bot, event)
    outcome = _outcome(bot, first_new)
    if bot.reported:
        _remember_closed(bot, before, outcome)
        outcome = replace(outcome, commands=commands_between(bot, before, first_new, own))
    account[_COUNTERS] = 0
    return outcome


def _take_bars(bot: Bot, event: BarsClosed) -> None:
    machine, window, arrays = bot.machine, bot.window, bot.machine.arrays
    if window.push(event):
        window.forget_funding(machine.funding_passed)
        machine.set_funding(window.funding, window.funding_before)
    window.place(arrays["data"], arrays["finer"])
    machine.run(machine.done + 1)


def _take_report(bot: Bot, report: Report) -> str:
    """Apply a report and those that waited for it; returns the client id of its order, empty for none."""
    for one in in_order(bot, report):
        apply_report(bot, one)
    return report.order if isinstance(report, OrderReport) else ""


def _outcome(bot: Bot, first_new: int) -> Outcome:
    machine = bot.machine
    account = machine.raw["account"][0]
    written = account[_COUNTERS].tolist()
    found = {
        name: _rows(machine.output(name)[list(FIELDS[name])]) if many and name in FIELDS else ()
        for name, many in zip(_COUNTED, written, strict=True)
    }
    return Outcome(
        bar=machine.done - 1,
        opened_at=bot.window.opened_at or 0,
        equity=float(machine.arrays["account"]["equity"][0]),
        placed=placed_of(machine.output("closed_orders"), machine.working(), first_new)
        if account[_NEXT_ID] != first_new
        else (),
        closed_orders=found["closed_orders"],
        fills=found["fills"],
        denied=found["denied"],
        state=state_of(machine),
    )


def _remember_closed(bot: Bot, before: Mapping[int, Any], outcome: Outcome) -> None:
    """Keep the rows of orders that were closed now."""
    names = FIELDS["closed_orders"]
    for row in outcome.closed_orders:
        closed = dict(zip(names, row, strict=True))
        number = closed["order"]
        if number in before:
            row = before[number]
            raw = np.array([row]).view(np.int64)[1:].copy()
            bot.closed[number] = ClosedOrder(closed["lane"], closed["parent"], int(row["made"]), closed["reason"], raw)
    while len(bot.closed) > MOST_REMEMBERED:
        oldest = next(iter(bot.closed))
        del bot.closed[oldest]
        bot.fill_ids.pop(oldest, None)


def placed_of(closed_orders: NDArray[Any], working: NDArray[Any], first: int = 1) -> Rows:
    """The orders with an id of at least `first`, as rows of `PLACED`, in the order in which they came to life.

    Kind, quantity and prices are those of now: a stop that was hit may have become a market order. A liquidation is
    the venue's own and is not placed.
    """
    live = working[working["id"] >= first][["id", *PLACED[1:]]].tolist()
    own = (closed_orders["order"] >= first) & (closed_orders["kind"] != LIQUIDATION)
    gone = closed_orders[own][[*PLACED]].tolist()
    return tuple(sorted(live + gone))


def state_of(machine: Machine) -> str:
    """A hash of all that a machine remembers.

    Rows of orders that no longer work do not count, nor does how often a lane was looked at (`phase`, `acted`), which
    tells moments within one bar apart and means nothing after it.
    """
    raw, slots = machine.raw, machine.arrays["slots"]
    sha = hashlib.blake2b((raw["account"] & _ACCOUNT_MASK).data, digest_size=8)
    sha.update((raw["lanes"] & _LANE_MASK).data)
    sha.update(machine.arrays["states"].data)
    for lane, count in enumerate(raw["lanes"][:, _COUNT].tolist()):
        if count:
            at = lane * machine.capacity
            sha.update((raw["orders"][at + slots[at : at + count]] & _ORDER_MASK).data)
    return sha.hexdigest()


def _rows(table: NDArray[Any]) -> Rows:
    return tuple(table.tolist())
