"""A bot: a program at work, with its orders, its account and its newest bars. `engine.advance` takes it forward."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.kept_orders import KeptOrders
from wickwork.engine.machine import COUNTERS, Machine
from wickwork.engine.window import BarWindow, Universe
from wickwork.graph.program import Program
from wickwork.model.errors import InputError
from wickwork.model.events import Report, from_data, to_data
from wickwork.orders.records import ACCOUNT, LANE, ORDER
from wickwork.risk.gate import ACTIVE, known_state
from wickwork.sim.terms import Terms


def words_of(kind: np.dtype[Any], *names: str) -> list[int]:
    """The places of those fields, which must take eight bytes, in a record as words."""
    return [kind.fields[name][1] // 8 for name in names]  # type: ignore[index]


def _all_but(kind: np.dtype[Any], *names: str) -> NDArray[np.int64]:
    """A mask for the words of a record that leaves out those fields."""
    mask = np.full(kind.itemsize // 8, -1, np.int64)
    mask[words_of(kind, *names)] = 0
    return mask


_COUNT = words_of(LANE, "count")[0]
_ACCOUNT_MASK = _all_but(ACCOUNT, *COUNTERS.values())
_LANE_MASK = _all_but(LANE, "pass_number")
_ORDER_MASK = _all_but(ORDER, "acted_in_pass")


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
        self.kept = KeptOrders()

    @property
    def bars(self) -> int:
        """Bars taken so far."""
        return self.machine.done

    def client_id(self, number: int, parent: int = 0, leg_number: int = 0) -> str:
        """The name of an order towards the venue; a leg has that of its entry, and its number among the entry's legs.

        So a venue that makes legs by itself gives them the same names.
        """
        return f"{self.name}-{parent}.{leg_number}" if parent else f"{self.name}-{number}"

    def number_of(self, client_id: str) -> tuple[int, int]:
        """The id of an order and 0, or of an entry and the number of its leg.

        Raises InputError where the order is none of this run.
        """
        name, _, rest = client_id.rpartition("-")
        number, _, leg_number = rest.partition(".")
        if name != self.name or not number.isdecimal() or not (leg_number or "0").isdecimal():
            raise InputError(f"The order {client_id!r} is none of this run, whose orders begin with {self.name!r}.")
        return int(number), int(leg_number or 0)

    def is_own(self, client_id: str) -> bool:
        """Whether that is the client id of an order of this run, by its form; others on the account are not."""
        try:
            self.number_of(client_id)
        except InputError:
            return False
        return True

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
        """The number of the shorter bar that contains a time; 0 where there are none."""
        finer, timeframe = self.window.universe.finer, self.window.timeframe
        return (at - timeframe.floor(at)) // finer.milliseconds if finer else 0

    def save(self) -> dict[str, Any]:
        """Its state as plain JSON."""
        saved: dict[str, Any] = {"window": self.window.save(), "machine": self.machine.save()}
        saved["trading_state"] = self.trading_state
        saved["orders"] = self.kept.save()
        if self.reported:
            saved["reports"] = {
                "applied": self.reports_applied,
                "waiting": [to_data(report) for report in self.waiting.values()],
            }
        return saved

    def load(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `save` gave; InputError where that belongs to another program or universe."""
        try:
            self.window.load(saved["window"])
            self.machine.load(saved["machine"])
            self.trading_state = known_state(saved.get("trading_state", ACTIVE))
            self.kept = KeptOrders()
            self.kept.load(saved["orders"])
            if self.reported:
                self._load_reports(saved["reports"])
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"The saved state is not one of this bot ({type(error).__name__}: {error}).") from None
        self.machine.set_funding(self.window.funding, self.window.funding_before)
        self.point_to_bars()  # a request may come before the next bars

    def point_to_bars(self) -> None:
        """Write the addresses of the window's newest bars into the machine."""
        arrays = self.machine.arrays
        self.window.place(arrays["data"], arrays["finer"], arrays["marks"])

    def _load_reports(self, saved: Mapping[str, Any]) -> None:
        """The part of `load` that only runs with reported fills have."""
        self.reports_applied = int(saved["applied"])
        self.waiting = {
            report.number: report for report in map(from_data, saved["waiting"]) if isinstance(report, Report)
        }

    def state(self) -> str:
        """A hash of its state: account, positions, working orders, the memory of every node."""
        return state_of(self.machine)


def state_of(machine: Machine) -> str:
    """A hash of the state of a machine.

    Rows of orders that no longer work do not count, nor do `pass_number` and `acted_in_pass`, which have no meaning
    after their bar.
    """
    raw, slots = machine.raw, machine.arrays["slots"]
    sha = hashlib.blake2b((raw["account"] & _ACCOUNT_MASK).data, digest_size=8)
    sha.update((raw["lanes"] & _LANE_MASK).data)
    sha.update(machine.arrays["states"].data)
    if machine.program.order_states:
        sha.update(machine.arrays["order_states"].tobytes())
    for lane, count in enumerate(raw["lanes"][:, _COUNT].tolist()):
        if count:
            at = lane * machine.capacity
            sha.update((raw["orders"][at + slots[at : at + count]] & _ORDER_MASK).data)
    return sha.hexdigest()
