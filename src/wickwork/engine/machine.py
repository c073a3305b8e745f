"""The machine: a program, its bars and the simulated venue, laid out in memory for the compiled loop.

A machine owns every array that the frame points to. `run` advances it to a bar; `save` and `load` convert its
state to plain JSON and back, so that a run can stop at any bar and continue in another process with the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.compiling import compiled_loop, orders_address, request_address
from wickwork.engine.feed import Feed
from wickwork.engine.memory import rows_of
from wickwork.engine.window import BarWindow
from wickwork.graph.kernel import INTENT, ORDER_STATE
from wickwork.graph.native import invoke
from wickwork.graph.operation import ACROSS, EQUITY
from wickwork.graph.program import Program
from wickwork.graph.slower import NEVER
from wickwork.graph.types import Intent
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.instrument import Instrument, Kind
from wickwork.orders.frame import CURSOR, FRAME
from wickwork.orders.records import (
    ACCOUNT,
    CAPACITY,
    CLOSED_ORDER,
    DENIED,
    FILL,
    FOREVER,
    LANE,
    NOTIFIED,
    ORDER,
    ROUND_TRIP,
    SLIPPAGE_MODELS,
    TABLE_ROWS,
    TERMS,
)
from wickwork.risk.rules import inverse_of
from wickwork.sim.terms import Terms

BLOCK = 1024
MANY_BLOCK = 256
"""Lanes share the cache, so a run with many of them takes smaller blocks."""
MANY_ROWS = 1 << 17
"""Initial rows of an output at most; larger ones grow as they fill."""
MOST_GROWTH = 16.0
"""How many times longer an output becomes at most when it is enlarged."""
LINE = 64
"""Bytes of a cache line."""
OUTPUTS = {
    "fills": FILL,
    "closed_orders": CLOSED_ORDER,
    "round_trips": ROUND_TRIP,
    "denied": DENIED,
    "notifications": NOTIFIED,
}
COUNTERS = {
    "fills": "fill_rows",
    "closed_orders": "closed_order_rows",
    "round_trips": "round_trip_rows",
    "denied": "denied_rows",
    "notifications": "notification_rows",
}
"""For each output the field of the account that counts its rows."""
WORKING = np.dtype([("lane", "i8"), *((n, ORDER.fields[n][0]) for n in ORDER.names or ())])  # type: ignore[index]
ROOM_FOR_ANY = 128
"""Rows of an order table that suffice for any one intent and the orders that follow from it at the next closes."""
STATE = ("account", "lanes", "orders", "slots", "states", "order_states")


class Machine:
    """One account, one program, and one lane for each instrument."""

    def __init__(
        self,
        program: Program,
        feed: Feed | BarWindow,
        terms: Terms,
        *,
        block: int = 0,
        capacity: int = CAPACITY,
        equity: bool = True,
        keep: Mapping[str, int] | None = None,
        params: NDArray[np.float64] | None = None,
        reported: bool = False,
    ) -> None:
        """Allocate all arrays.

        `capacity` is how many orders an instrument may have before its table grows (a power of two). `keep` names
        columns (by index) whose values are stored for every bar, in `kept`. With `reported` no bar fills
        anything: fills are what `engine.reports` applies.
        """
        self._reported = reported
        self.program, self.feed, self.terms, self.capacity = program, feed, terms, capacity
        self.first_capacity = capacity
        lanes = len(feed.instruments)
        refuse_strangers(terms, feed.instruments)
        self.block = block or (BLOCK if lanes == 1 else MANY_BLOCK)
        cursors = _cursors(program, lanes)
        a = self.arrays = {
            "account": np.zeros(1, ACCOUNT),
            "terms": np.concatenate([_settings(terms.of(str(i))) for i in feed.instruments]),
            "tiers": np.array(
                [t[1:] for i in feed.instruments for t in terms.of(str(i)).maintenance_tiers], np.float64
            ),
            "lanes": _lanes(feed, program, cursors),
            "orders": np.zeros(lanes * capacity, ORDER),
            "slots": np.tile(np.arange(capacity, dtype=np.int64), lanes),
            "states": np.tile(program.memory, lanes),
            "params": np.tile(program.params if params is None else params, lanes),
            "static": program.static,
            "dynamic": program.dynamic,
            "actions": program.actions,
            "wires": program.wires,
            "moving": np.flatnonzero((program.wires < 0) & (program.wires != -1 - EQUITY)).astype(np.int64),
            "arena": _arena(program, lanes, self.block),
            "inputs": np.zeros(lanes * len(program.wires), np.int64),
            "cursors": cursors,
            "next_signals": np.zeros(lanes * len(program.actions) + 1, np.int64),
            "lane_values": np.zeros(lanes * _most_wires(program)),
            "snapshot": np.zeros(program.dynamic_state + 1),
            "intent": np.zeros(1, INTENT),
            "equity_scratch": np.zeros(self.block),
            "held": np.zeros(lanes * self.block),
            "held_since": np.zeros(lanes, np.int64),
            "event_calendar": np.zeros(2 * self.block * (lanes // 32 + 1), np.int64),
            "pending_lanes": np.zeros(lanes, np.int64),
            "output_limits": np.zeros(len(OUTPUTS) + 2, np.int64),
            "suppressed_signals": np.zeros((lanes, len(program.actions)), np.int64),
            "funding": feed.funding,
            "orders_read": np.array(program.order_states, np.int64).reshape(-1, 2),
            "order_states": np.zeros(lanes * len(program.order_states), ORDER_STATE),
        }
        self.raw = {name: a[name].view(np.int64).reshape(len(a[name]), -1) for name in ("account", "lanes", "orders")}
        """The same memory as words, which numpy reads faster than records."""
        a["column_addresses"] = _column_addresses(a["arena"])
        a["account_equity"] = np.zeros((lanes, self.block))
        a["data"] = feed.addresses(a["account_equity"], program.external)
        a["finer"] = feed.finer_addresses()
        a["marks"] = feed.mark_addresses()
        self._funding_before = 0
        a["account"]["cash"] = a["account"]["net_cash"] = a["account"]["capital"] = a["account"]["equity"] = (
            terms.capital
        )
        a["account"]["peak"] = a["account"]["trough"] = terms.capital
        a["account"]["next_id"] = 1
        a["account"]["perpetuals"] = int(a["lanes"]["perpetual"].sum())
        self.equity = rows_of(feed.size if equity else 0, np.dtype(np.float64))
        self.kept = {name: np.full((lanes, feed.size), np.nan) for name in keep or {}}
        a["kept"] = np.array(
            [
                (lane, index, self.kept[name][lane].ctypes.data)
                for name, index in (keep or {}).items()
                for lane in range(lanes)
            ]
            or [(0, 0, 0)],
            np.int64,
        )
        self.spare = _spare(program)
        self._count_rooms()
        # Rows that are never written take addresses but no memory; growing needs a copy.
        rows = max(2 * self.most * lanes, min(feed.size * lanes // 8, MANY_ROWS))
        self.outputs = {name: rows_of(rows, kind) for name, kind in OUTPUTS.items()}
        self.frame = np.zeros(1, FRAME)
        self.address = self.frame.ctypes.data
        self._point(lanes)
        self.done = 0

    def _count_rooms(self) -> None:
        """Working orders for which outputs are sized, and the most rows that one event of one lane writes."""
        lanes, used = len(self.feed.instruments), int(self.arrays["lanes"]["used"].sum())
        self.most_used = max(lanes * (self.first_capacity + self.spare), 2 * (used + lanes * self.spare))
        self.most = (2 * -(-self.most_used // lanes) * max(self.feed.most_finer, 1) + 64) * 2

    def _point(self, lanes: int) -> None:
        """Write addresses and counts into the frame."""
        f, program = self.frame, self.program
        for name, array in self.arrays.items():
            if name in (FRAME.names or ()):
                f[name] = array.ctypes.data
        for name, array in self.outputs.items():
            f[name] = array.ctypes.data
        limits = [len(self.outputs[name]) for name in OUTPUTS]
        self.arrays["output_limits"][:] = [*limits, self.most * lanes, self.most_used]
        used = self.arrays["lanes"]["used"]
        self.arrays["lanes"]["used_before"] = used
        f["capacity"], f["spare"] = self.capacity, self.spare
        f["most_rows_used"], f["rows_used"] = used.max(), used.sum()
        counts = self.arrays["terms"]["tier_count"]
        self.arrays["terms"]["tiers"] = self.arrays["tiers"].ctypes.data + 16 * (np.cumsum(counts) - counts)
        f["equity"] = self.equity.ctypes.data if self.equity.size else 0
        f["finer"] = self.arrays["finer"].ctypes.data if self.feed.most_finer else 0
        f["marks"] = self.arrays["marks"].ctypes.data if len(self.arrays["marks"]) else 0
        f["action_count"] = len(program.actions)
        f["comparisons"] = np.count_nonzero(program.static[:, ACROSS])
        f["wire_count"], f["columns"] = len(program.wires), program.columns
        f["moving_count"] = len(self.arrays["moving"])
        f["params_size"] = len(self.arrays["params"]) // lanes
        f["state_size"], f["dynamic_state"] = len(program.memory), program.dynamic_state
        f["funding"] -= (
            8 * (1 + lanes) * self._funding_before
        )  # the address of the first moment as if none had been deleted
        f["funding_before"] = self._funding_before
        f["funding_count"] = self._funding_before + len(self.arrays["funding"]) // (1 + lanes)
        f["lane_count"], f["block"], f["data_width"] = lanes, self.block, self.arrays["data"].shape[1]
        f["kept_count"] = len(self.kept) * lanes
        loop = compiled_loop(self._reported, self.program.cache)
        f["next_event"], f["on_bar"], f["on_grid"] = loop.next_event, loop.on_bar, loop.on_grid
        f["on_close"], self._run = loop.on_close, loop.run
        f["order_state_count"] = len(program.order_states)
        if program.order_states:
            f["on_orders"] = orders_address(program.cache)
        f["synchronous"] = lanes > 1 and program.reads_account
        f["uses_equity"] = program.uses_equity
        f["exits_first"] = bool(program.ranges)

    def run(self, stop: int) -> None:
        """Advance the run to the bar `stop` (not included)."""
        if self.done == 0 and stop < len(self.equity):
            self.equity.fill(np.nan)  # a run from the first bar to the last writes all of them
        while self.done < stop:
            invoke(self._run, self.address, self.done, stop)
            self.done = int(self.frame["done"][0])
            if self.done < stop:
                self._grow()

    def request(self, lane: int, intent: Intent, action: int) -> None:
        """Submit an intent that does not come from the program, at the close of the last bar done.

        Raises InputError before the first bar.
        """
        if self.done == 0:
            raise InputError("No order can be requested before the first bar.")
        self._grow(ROOM_FOR_ANY)
        for name, value in intent._asdict().items():
            self.arrays["intent"][name] = value
        invoke(request_address(self.program.cache), self.address, lane, action)

    def make_room(self) -> None:
        """Grow tables and outputs, so that any one report or command of a venue fits."""
        self._grow(ROOM_FOR_ANY)

    def begin_report(self) -> None:
        """Note which rows of the outputs were there before a report: the states of orders have those already."""
        self.frame["fills_taken"] = self.written("fills")
        self.frame["closed_orders_taken"] = self.written("closed_orders")

    def _grow(self, spare: int = 0) -> None:
        """Enlarge the outputs and the order tables that are nearly full."""
        self.spare = max(self.spare, spare)
        while self.arrays["lanes"]["used"].max() + self.spare > self.capacity < TABLE_ROWS:
            self._widen(2 * self.capacity)
        self._count_rooms()
        left = (self.feed.size - self.done) / max(self.done, 1)
        for name, array in self.outputs.items():
            if self.written(name) + self.arrays["output_limits"][-2] > len(array):
                # To what a run needs that goes on like this, so that rows are seldom copied; unused rows cost nothing.
                rows = min(max(2.0, 1.1 * (1.0 + left)), MOST_GROWTH) * len(array)
                bigger, used = rows_of(int(rows), array.dtype), self.written(name) * array.itemsize
                # As bytes: records would be copied field by field.
                bigger.view(np.uint8)[:used] = array.view(np.uint8)[:used]
                self.outputs[name] = bigger
        self._point(len(self.feed.instruments))

    def _widen(self, capacity: int) -> None:
        """Resize the order table of every instrument to that many rows; working orders keep their rows."""
        lanes, before = len(self.feed.instruments), self.capacity
        orders, slots = np.zeros((lanes, capacity), ORDER), np.tile(np.arange(capacity, dtype=np.int64), (lanes, 1))
        orders[:, :before] = self.arrays["orders"].reshape(lanes, before)
        slots[:, :before] = self.arrays["slots"].reshape(lanes, before)
        self.arrays["orders"], self.arrays["slots"], self.capacity = orders.reshape(-1), slots.reshape(-1), capacity
        self.raw["orders"] = self.arrays["orders"].view(np.int64).reshape(lanes * capacity, -1)

    def written(self, name: str) -> int:
        """Rows of that output so far."""
        return int(self.arrays["account"][COUNTERS[name]][0])

    def output(self, name: str) -> NDArray[Any]:
        """The rows of an output: fills, closed_orders, round_trips, denied or notifications."""
        return self.outputs[name][: self.written(name)]

    def working(self) -> NDArray[Any]:
        """The working orders, in order of creation, with a column `lane`."""
        slots, raw = self.arrays["slots"], self.raw["orders"]
        firsts = range(0, len(slots), self.capacity)
        counts = self.arrays["lanes"]["count"].tolist()
        places = np.concatenate([at + slots[at : at + n] for at, n in zip(firsts, counts, strict=True)])
        places = places[np.argsort(self.arrays["orders"]["id"][places], kind="stable")]
        rows = np.empty((len(places), 1 + raw.shape[1]), np.int64)
        rows[:, 0] = places // self.capacity
        rows[:, 1:] = raw[places]
        return rows.view(WORKING)[:, 0]

    def save(self) -> dict[str, Any]:
        """The state of the machine as plain JSON; fills and other outputs are not part of it."""
        saved: dict[str, Any] = {"done": self.done}
        for name in self._saved_arrays():
            array = self.arrays[name]
            if array.dtype.names:
                saved[name] = {field: _plain(array[field]) for field in array.dtype.names}
            else:
                saved[name] = _plain(array)
        return saved

    def _saved_arrays(self) -> list[str]:
        """The arrays of STATE; a program that reads no states of orders has none to save."""
        return [name for name in STATE if name != "order_states" or self.program.order_states]

    def load(self, saved: Mapping[str, Any]) -> None:
        """Continue from a saved state, which does not contain earlier fills and equity.

        Raises InputError for a state of another program or of other instruments.
        """
        rows = max(len(saved.get("slots", ())), len(saved.get("orders", {}).get("id", ()))) // len(
            self.feed.instruments
        )
        if self.capacity < rows <= TABLE_ROWS and rows & (rows - 1) == 0:
            self._widen(rows)
        for name in self._saved_arrays():
            array = self.arrays[name]
            columns = [saved[name][field] for field in array.dtype.names] if array.dtype.names else [saved[name]]
            if any(len(column) != len(array) for column in columns):
                raise InputError(
                    "The saved state belongs to another program, or to other instruments; "
                    "start anew or load the right graph."
                )
        for name in self._saved_arrays():
            array = self.arrays[name]
            if array.dtype.names:
                for field in array.dtype.names:
                    array[field] = _numbers(saved[name][field])
            else:
                array[:] = _numbers(saved[name])
        for counter in COUNTERS.values():
            self.arrays["account"][counter] = 0
        self.equity.fill(np.nan)
        self._count_rooms()
        self._point(len(self.feed.instruments))
        self._find_funding()
        self.done = int(saved["done"])
        self.frame["bars_done"] = self.done

    def set_funding(self, funding: NDArray[np.int64], before: int = 0) -> None:
        """Replace the funding moments; rows as in `Feed.funding`.

        `before` is how many earlier ones are left out, at most `funding_passed`.
        """
        self.arrays["funding"], self._funding_before = funding, before
        self._point(len(self.feed.instruments))
        self._find_funding()

    @property
    def funding_passed(self) -> int:
        """The number of stored funding moments that every open position has paid."""
        lanes = self.arrays["lanes"]
        holding = (lanes["perpetual"] != 0) & (lanes["quantity"] != 0.0)
        return int(lanes["funding_at"][holding].min(initial=int(self.frame["funding_count"][0])))

    def _find_funding(self) -> None:
        """Point every lane to its next funding moment.

        The bars may reach beyond the moments with which the state was saved.
        """
        bars, lanes = self.arrays["funding"][:: 1 + len(self.feed.instruments)], self.arrays["lanes"]
        known = self._funding_before + len(bars)
        waiting = np.flatnonzero((lanes["funding_next"] == FOREVER) & (lanes["funding_at"] < known))
        lanes["funding_next"][waiting] = bars[lanes["funding_at"][waiting] - self._funding_before]
        exposed = waiting[(lanes["perpetual"][waiting] != 0) & (lanes["quantity"][waiting] != 0.0)]
        lanes["deadline"][exposed] = np.minimum(lanes["deadline"][exposed], lanes["funding_next"][exposed])


def _most_wires(program: Program) -> int:
    """The most inputs and results that one comparison of all lanes has."""
    return max((len(o.inputs) + 1 for o in program.operations if o.node.across), default=1)


def _spare(program: Program) -> int:
    """The most rows of its order table that one event of one lane needs: an order with its legs for every action.

    A ladder needs more, and a grid two windows of 62 levels: with latency the orders of the old one still work.
    """
    values = [program.validated.values[name] for name in program.action_names]
    return 2 + sum(ROOM_FOR_ANY if "levels" in given else 8 for given in values)


def _plain(array: NDArray[Any]) -> list[Any]:
    """Numbers for JSON, in which NaN and infinities are strings."""
    if array.dtype.kind == "i":
        return array.tolist()  # type: ignore[no-any-return]
    return [x if np.isfinite(x) else str(x) for x in array.tolist()]


def _numbers(values: Sequence[Any]) -> list[Any]:
    """The numbers that `_plain` wrote."""
    return [float(x) if isinstance(x, str) else x for x in values]


def refuse_strangers(terms: Terms, instruments: Sequence[Instrument]) -> None:
    """Raise InputError where terms are given for an instrument that the run does not have."""
    names = [str(instrument) for instrument in instruments]
    for name in terms.instruments:
        if name not in names:
            raise InputError(
                f"There are terms for {name}, but the run has {', '.join(names)}.{did_you_mean(name, names)}"
            )


def _settings(terms: Terms) -> NDArray[Any]:
    """The venue's terms for one instrument as a record; `tiers` is set later."""
    s = np.zeros(1, TERMS)
    s["maker"], s["taker"], s["half_spread"] = terms.maker_fee, terms.taker_fee, terms.spread / 2.0
    s["slippage_model"], s["slippage"] = SLIPPAGE_MODELS.index(terms.slippage_model), terms.slippage
    s["volume_limit"], s["latency"], s["leverage"] = terms.volume_limit, int(terms.latency), terms.leverage
    s["maintenance"], s["liquidation_fee"] = terms.maintenance, terms.liquidation_fee
    s["best"], s["tier_count"] = terms.assume == "best", len(terms.maintenance_tiers)
    return s


def _lanes(feed: Feed | BarWindow, program: Program, cursors: NDArray[Any]) -> NDArray[Any]:
    """A lane for each instrument, with its rules and the bars of its strategy, before the first bar."""
    lanes = np.zeros(len(feed.instruments), LANE)
    lanes["band_low"], lanes["band_high"] = -np.inf, np.inf
    lanes["deadline"], lanes["ambiguous_bar"] = FOREVER, -1
    lanes["ratio"], lanes["own_length"] = cursors["ratio"], cursors["ratio"] * feed.timeframe.milliseconds
    lanes["own_opened"] = lanes["own_before"] = NEVER
    if program.order_states:
        lanes["deadline"][cursors["ratio"] > 1] = 0
    for lane, instrument in zip(lanes, feed.instruments, strict=True):
        rules = instrument.rules
        lane["perpetual"] = instrument.kind is Kind.PERPETUAL
        lane["tick"], lane["tick_inverse"] = rules.tick, inverse_of(rules.tick)
        lane["lot"], lane["lot_inverse"] = rules.lot, inverse_of(rules.lot)
        lane["minimum_quantity"], lane["minimum_notional"] = rules.minimum_quantity, rules.minimum_notional
    return lanes


def _cursors(program: Program, lanes: int) -> NDArray[Any]:
    """A cursor for each lane, with the rows of the program that it runs.

    Raises InputError where the parts of a portfolio do not have that many instruments.
    """
    cursors = np.zeros(lanes, CURSOR)
    if not program.ranges:
        cursors["statics"], cursors["dynamics"] = len(program.static), len(program.dynamic)
        cursors["action_stop"], cursors["ratio"] = len(program.actions), 1
        return cursors
    owners = [(part, own) for part, own in enumerate(program.ranges) for _ in range(own.lanes)]
    if len(owners) != lanes:
        raise InputError(
            f"The parts of the portfolio trade {len(owners)} instruments in all; bars of {lanes} were given."
        )
    for cursor, (part, own) in zip(cursors, owners, strict=True):
        cursor["part"] = part
        cursor["static"], cursor["statics"] = own.static, own.statics
        cursor["dynamic"], cursor["dynamics"] = own.dynamic, own.dynamics
        cursor["action"], cursor["action_stop"] = own.action, own.action + own.actions
        cursor["first_entry"] = own.action + own.exits
        cursor["ratio"], cursor["own_closes"] = own.ratio, own.close
    return cursors


def _arena(program: Program, lanes: int, block: int) -> NDArray[np.float64]:
    """Columns of a block for every lane; constant ones are filled once.

    They begin where a line of the cache does: wide loads and stores that straddle two lines cost twice.
    """
    shape = (lanes, max(program.columns, 1), block)
    room = np.zeros(math.prod(shape) + LINE // 8)
    skip = -room.ctypes.data % LINE // 8
    arena = room[skip : skip + math.prod(shape)].reshape(shape)
    if program.ranges:
        arena.fill(np.nan)  # no lane computes the columns of other strategies
    for column, value in program.constants.items():
        arena[:, column, :] = value
    return arena


def _column_addresses(arena: NDArray[np.float64]) -> NDArray[np.int64]:
    """The address of each column of the arena, lane by lane."""
    lanes, columns, block = arena.shape
    return np.array([arena.ctypes.data + 8 * block * i for i in range(lanes * columns)], dtype=np.int64)
