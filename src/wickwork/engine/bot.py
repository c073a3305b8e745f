"""A bot: a program at work, one bar after the other.

`advance` is what a run does when bars close: no clock, no network, no files; the same bot and the same bars always
give the same outcome, bit for bit that of a backtest over these bars. It changes the bot in place, because copying
all that a bot remembers would cost more than the bar; `save` and `load` give the copy where one is wanted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from wickwork.engine.machine import COUNTERS, Machine
from wickwork.engine.window import Market, Window
from wickwork.graph.program import Program
from wickwork.model.errors import InputError
from wickwork.model.event import BarsClosed
from wickwork.sim.records import CAPACITY, DENIED, ENDED, FILL
from wickwork.sim.terms import Terms

Rows = tuple[tuple[Any, ...], ...]
IDENTITY = ("order", "lane", "tag", "side", "leg")
"""What of an order never changes."""
PLACED = (*IDENTITY, "kind", "asked", "limit", "stop")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "placed": PLACED,
    "ended": ENDED.names or (),
    "fills": FILL.names or (),
    "denied": DENIED.names or (),
}
"""What an outcome tells of orders that came to life, orders that ended, fills, and intents that were denied."""


@dataclass(frozen=True)
class Outcome:
    """What came of the bars of one moment; rows as `FIELDS` names them."""

    bar: int
    """Its number in the run, from 0."""
    opened_at: int
    equity: float
    placed: Rows
    ended: Rows
    fills: Rows
    denied: Rows
    state: str
    """A hash of all that the bot remembers after it."""

    @property
    def is_eventful(self) -> bool:
        """Whether anything happened that the world may hear of."""
        return bool(self.placed or self.ended or self.fills or self.denied)


class Bot:
    """One strategy on one account, with the simulated venue's order table."""

    def __init__(self, program: Program, market: Market, terms: Terms) -> None:
        self.window = Window(market, terms)
        self.machine = Machine(program, self.window, terms, equity=False, block=1)

    @property
    def bars(self) -> int:
        """Moments heard so far."""
        return self.machine.done

    def save(self) -> dict[str, Any]:
        """All that it remembers, as plain JSON."""
        return {"window": self.window.save(), "machine": self.machine.save()}

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave; InputError where that belongs to another program or market."""
        try:
            self.window.load(saved["window"])
            self.machine.load(saved["machine"])
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"The saved state is not one of this bot ({type(error).__name__}: {error}).") from None
        self.machine.see_funding(self.window.funding)

    def state(self) -> str:
        """A hash of all that it remembers: account, positions, working orders, the memory of every node."""
        return state_of(self.machine)


def advance(bot: Bot, event: BarsClosed) -> Outcome:
    """Hear the bars of one moment: the venue fills what they allow, then the strategy decides.

    Raises InputError, with the bot as it was before, where the bars are not sound or do not follow the last ones.
    """
    machine, window = bot.machine, bot.window
    if window.push(event):
        machine.see_funding(window.funding)
    machine.arrays["data"][:] = window.addresses(machine.arrays["account_equity"])
    machine.arrays["finer"][:] = window.finer_addresses()
    bar = machine.done
    first_new = int(machine.arrays["books"]["next_id"][0])
    machine.run(bar + 1)
    found = {name: _rows(machine.output(name)) for name in ("ended", "fills", "denied")}
    outcome = Outcome(
        bar=bar,
        opened_at=event.opened_at,
        equity=float(machine.arrays["equity_scratch"][0]),
        placed=placed_of(machine.output("ended"), machine.working(), first_new),
        state=state_of(machine),
        **found,
    )
    for counter in COUNTERS.values():
        machine.arrays["books"][counter] = 0
    return outcome


def placed_of(ended: NDArray[Any], working: NDArray[Any], first: int = 1) -> Rows:
    """The orders with an id of at least `first`, as rows of `PLACED`, in the order in which they came to life.

    Kind, quantity and prices are those of now: a stop that was hit may have become a market order. What the venue does
    by itself, a liquidation, has the id 0 and is no order.
    """
    live = [tuple(row[name].item() for name in ("id", *PLACED[1:])) for row in working if row["id"] >= first]
    gone = [tuple(row[name].item() for name in PLACED) for row in ended if row["order"] >= first]
    return tuple(sorted(live + gone))


def state_of(machine: Machine) -> str:
    """A hash of all that a machine remembers.

    Rows of orders that no longer work do not count, nor does how often a lane was looked at (`phase`, `acted`), which
    tells moments within one bar apart and means nothing after it.
    """
    a = machine.arrays
    books, lanes = a["books"].copy(), a["lanes"].copy()
    for counter in COUNTERS.values():
        books[counter] = 0
    lanes["phase"] = 0
    sha = hashlib.blake2b(digest_size=8)
    for array in (books, lanes, a["states"]):
        sha.update(array.tobytes())
    for lane, count in enumerate(lanes["count"].tolist()):
        slots = a["slots"][lane * CAPACITY : lane * CAPACITY + count]
        orders = a["orders"][lane * CAPACITY + slots]
        orders["acted"] = 0
        sha.update(orders.tobytes())
    return sha.hexdigest()


def _rows(table: NDArray[Any]) -> Rows:
    return tuple(tuple(row) for row in table.tolist())
