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

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.machine import COUNTERS, Machine
from wickwork.engine.window import Universe, Window
from wickwork.graph.program import Program
from wickwork.model.errors import InputError
from wickwork.model.event import BarsClosed
from wickwork.model.order_kinds import LIQUIDATION
from wickwork.orders.records import ACCOUNT, CLOSED_ORDER, DENIED, FILL, LANE, ORDER
from wickwork.sim.terms import Terms

Rows = tuple[tuple[Any, ...], ...]
IDENTITY = ("order", "lane", "action", "side", "leg")
"""What of an order never changes."""
PLACED = (*IDENTITY, "kind", "asked", "limit", "stop")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "placed": PLACED,
    "closed_orders": CLOSED_ORDER.names or (),
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
    placed: Rows
    closed_orders: Rows
    fills: Rows
    denied: Rows
    state: str
    """A hash of all that the bot remembers after it."""

    @property
    def is_eventful(self) -> bool:
        """Whether anything happened that the world may hear of."""
        return bool(self.placed or self.closed_orders or self.fills or self.denied)


class Bot:
    """One strategy on one account, with the simulated venue's order table."""

    def __init__(self, program: Program, universe: Universe, terms: Terms) -> None:
        self.window = Window(universe, terms)
        self.machine = Machine(program, self.window, terms, equity=False, block=1)

    @property
    def bars(self) -> int:
        """Moments heard so far."""
        return self.machine.done

    def save(self) -> dict[str, Any]:
        """All that it remembers, as plain JSON."""
        return {"window": self.window.save(), "machine": self.machine.save()}

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave; InputError where that belongs to another program or universe."""
        try:
            self.window.load(saved["window"])
            self.machine.load(saved["machine"])
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"The saved state is not one of this bot ({type(error).__name__}: {error}).") from None
        self.machine.see_funding(self.window.funding, self.window.funding_before)

    def state(self) -> str:
        """A hash of all that it remembers: account, positions, working orders, the memory of every node."""
        return state_of(self.machine)


def advance(bot: Bot, event: BarsClosed) -> Outcome:
    """Hear the bars of one moment: the venue fills what they allow, then the strategy decides.

    Raises InputError, with the bot as it was before, where the bars are not sound or do not follow the last ones.
    """
    machine, window = bot.machine, bot.window
    arrays = machine.arrays
    if window.push(event):
        window.forget_funding(machine.funding_passed)
        machine.see_funding(window.funding, window.funding_before)
    window.place(arrays["data"], arrays["finer"])
    bar, words = machine.done, machine.words["account"][0]
    first_new = int(words[_NEXT_ID])
    machine.run(bar + 1)
    written = words[_COUNTERS].tolist()
    found = {name: _rows(machine.output(name)) if many else () for name, many in zip(_COUNTED, written, strict=True)}
    outcome = Outcome(
        bar=bar,
        opened_at=event.opened_at,
        equity=float(arrays["equity_scratch"][0]),
        placed=placed_of(machine.output("closed_orders"), machine.working(), first_new)
        if words[_NEXT_ID] != first_new
        else (),
        closed_orders=found["closed_orders"],
        fills=found["fills"],
        denied=found["denied"],
        state=state_of(machine),
    )
    words[_COUNTERS] = 0
    return outcome


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
    words, slots = machine.words, machine.arrays["slots"]
    sha = hashlib.blake2b((words["account"] & _ACCOUNT_MASK).data, digest_size=8)
    sha.update((words["lanes"] & _LANE_MASK).data)
    sha.update(machine.arrays["states"].data)
    for lane, count in enumerate(words["lanes"][:, _COUNT].tolist()):
        if count:
            at = lane * machine.capacity
            sha.update((words["orders"][at + slots[at : at + count]] & _ORDER_MASK).data)
    return sha.hexdigest()


def _rows(table: NDArray[Any]) -> Rows:
    return tuple(table.tolist())
