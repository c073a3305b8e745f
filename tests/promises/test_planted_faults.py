"""Faults planted on purpose, each of which a promise or the agreement of the two venues must notice.

As a script this file plants them one after the other in uncompiled code, whose functions can be exchanged while it
runs, and tells which comparisons noticed: JSON on stdout.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any
from unittest import mock

import numpy as np
import pytest
from tests.engine.slow_venue import fast, slow
from tests.promises.faults_of_orders import fill_seen_late, instead, legs_as_orders, order_seen_late, reported_late
from tests.promises.live import bot_of, events, heard
from tests.promises.programs import Case, Mark, bits, case_of, different, in_new_process, mark
from tests.reference.values import default_name
from tests.sim.test_program_agreement import disagreement

from wickwork.engine import machine as machines
from wickwork.engine.advance import advance
from wickwork.engine.feed import Feed
from wickwork.engine.journal_entries import START, start_of
from wickwork.engine.loop import idle, steps
from wickwork.engine.machine import Machine
from wickwork.engine.replay import Recorded, replay
from wickwork.engine.window import BarWindow
from wickwork.graph import kernel, native
from wickwork.graph import program as programs
from wickwork.graph.node import Node
from wickwork.graph.types import Port
from wickwork.model.events import BarsClosed
from wickwork.model.order_kinds import LIQUIDATION, TRAILING
from wickwork.model.other_bars import split_column
from wickwork.orders import account, brackets, fills, levels
from wickwork.orders import reports as order_reports
from wickwork.orders import submit as submitting
from wickwork.orders import table as tables
from wickwork.orders.frame import FRAME, context_of
from wickwork.sim import match as matching
from wickwork.store.journal import Entry

BARS = 45
CUTS = (11, 23, 37)
inf = float("inf")


# ---- comparisons: True where something is wrong


def disagrees(case: Case) -> bool:
    """The machine and the slow interpreter with the reference venue report different things."""
    return bool(disagreement(case, 16)[0])


def breaks_the_prefix(case: Case) -> bool:
    """The first bars alone give something else than the first bars of all."""
    for n in CUTS:
        part, until = case.first(n).run(keep=True), case.machine(keep=True)
        until.run(n)
        whole = case.run(keep=True)
        early = whole.output("fills")[whole.output("fills")["bar"] < n]
        columns = all(whole.kept[name][:, :n].tobytes() == part.kept[name].tobytes() for name in whole.kept)
        if not columns or early.tobytes() != part.output("fills").tobytes():
            return True
        if different(bits(until, state=False), bits(part, state=False)):
            return True
    return False


def breaks_the_split(case: Case) -> bool:
    """Bar by bar gives something else than all at once."""
    return bool(different(bits(case.run(keep=True)), bits(case.run(keep=True, splits=range(case.size)))))


def breaks_the_resumption(case: Case) -> bool:
    """Stopped, saved, loaded and gone on gives something else than all at once."""
    for n in CUTS:
        stopped, other = case.machine(), case.machine(keep=True)
        stopped.run(n)
        other.load(json.loads(json.dumps(stopped.save())))
        other.run(case.size)
        if different(bits(case.run(keep=True), mark(stopped)), bits(other, Mark(n))):
            return True
    return False


def fills_too_early(case: Case) -> bool:
    """An order that is no leg fills on the bar that decided it."""
    m = case.run()
    placed = {int(o["order"]): int(o["created_bar"]) for o in m.output("closed_orders")}
    fills = [f for f in m.output("fills") if f["leg"] == 0 and f["kind"] != LIQUIDATION]
    return any(f["bar"] <= placed.get(int(f["order"]), -1) for f in fills)


def replay_tells(case: Case) -> bool:
    """The replay of a run on paper tells a difference."""
    if not all(any(m.has_bar(t) for m in case.markets) for t in range(case.size)):
        return False  # nobody hears of a moment without any bar
    bot, heard_all = bot_of(case), list(events(case))
    outcomes = [advance(bot, event) for event in heard_all]
    start = start_of(case.validated, heard(case), case.terms(), source="a test", synthetic=True, first=0)
    recorded = Recorded(Entry(0, START, 0, {}, ""), heard_all, outcomes)
    return bool(replay(recorded, start, case.plan())[0])


def slow_venue_disagrees(case: Case) -> bool:
    """A run whose fills a venue reports gives another result than one that simulates them."""
    bars = [event for event in events(case) if any(row is not None for row in event.rows)]
    run = case.plan(), heard(case), case.terms(), bars
    first, second = fast(*run)[0], slow(*run)[0]
    return first.tables["fills"] != second.tables["fills"] or first.equity != second.equity


COMPARISONS: dict[str, Callable[[Case], bool]] = {
    f.__name__: f
    for f in (
        disagrees,
        breaks_the_prefix,
        breaks_the_split,
        breaks_the_resumption,
        fills_too_early,
        replay_tells,
        slow_venue_disagrees,
    )
}


# ---- faults


def with_constant(function: Any, change: Callable[[float], float]) -> Any:
    """The function with its first constant that is neither zero nor missing changed, or itself where it has none."""
    code = function.__code__
    constants = list(code.co_consts)
    for i, value in enumerate(constants):
        if isinstance(value, float) and value != 0.0 and value == value:
            constants[i] = change(value)
            code = code.replace(co_consts=tuple(constants))
            name, closure = function.__name__, function.__closure__
            twin = FunctionType(code, function.__globals__, name, function.__defaults__, closure)
            twin.__kwdefaults__ = function.__kwdefaults__
            return twin
    return function


def other_blocks(twin_of: Callable[[Any], Any]) -> Any:
    """Other block functions than those of the nodes."""

    @cache
    def address_of(shape: Any, folder: Path | None = None) -> int:
        block = kernel.block_function(shape) if shape.node.verb else twin_of(shape)
        return native.native(block, kernel.BLOCK_ARGUMENTS)

    return mock.patch.object(programs, "address_of", address_of)


def peeking(shape: Any) -> Any:
    """Answers with what the node will answer on the next bar, where the block has one."""
    block = kernel.block_function(shape)
    many = shape.copies * sum(o.port is not Port.BARS for o in shape.node.outputs)

    def peek(state: int, inputs: int, outputs: int, params: int, offset: int, n: int, *rest: int) -> None:
        block(state, inputs, outputs, params, offset, n, *rest)
        for k in range(many):
            column = native.floats(native.integers(outputs)[k])
            for i in range(offset, offset + n - 1):
                column[i] = column[i + 1]

    return peek


def forgetful(shape: Any) -> Any:
    """Begins every block with the memory that it had at the beginning of the one before."""
    block = kernel.block_function(shape)
    size = shape.copies * sum(f.length is None for f in shape.node.fields)

    def forget(state: int, *rest: int) -> None:
        memory = native.floats(state)
        before = [memory[i] for i in range(size)]
        block(state, *rest)
        for i, value in enumerate(before):
            memory[i] = value

    return forget


def wrong_number(shape: Any) -> Any:
    """One constant of the node is one percent larger in the machine than in its definition."""
    step = with_constant(shape.node.step, lambda x: 1.01 * x)
    return kernel.block_function(replace(shape, node=replace(shape.node, step=step)))


def lost_fills() -> Any:
    real, count = account.book_fill, [0]

    def book_fill(*arguments: Any) -> float:
        count[0] += 1
        return 0.0 if count[0] % 5 == 0 else real(*arguments)

    return instead(real, book_fill)


def fee_twice() -> Any:
    real = account.book_fill

    def book_fill(ctx: Any, order: Any, now: Any, quantity: float, price: float, fee: float, *rest: Any) -> float:
        ctx.account.net_cash -= fee
        return real(ctx, order, now, quantity, price, fee, *rest)

    return instead(real, book_fill)


def siblings_stay() -> Any:
    return instead(brackets.reduce_siblings, lambda *_: None)


def fill_of_half() -> Any:
    """`apply_fill` applies half of what was filled, where that is a lot at least."""
    real = fills.apply_fill

    def half(ctx: Any, index: int, quantity: float, *rest: Any) -> float:
        return real(ctx, index, quantity if quantity < 2.0 * ctx.lane.lot else 0.5 * quantity, *rest)

    return instead(real, half)


def reported_without_fee() -> Any:
    """A reported fill is booked without its fee."""
    real = order_reports.report_fill

    def report_fill(ctx: Any, index: int, quantity: float, price: float, fee: float, *rest: Any) -> Any:
        return real(ctx, index, quantity, price, 0.0, *rest)

    return instead(real, report_fill)


def on_its_own_bar() -> Any:
    """An order fills on the bar that decided it: the venue has another turn after the strategy's."""
    real, on_bar = steps.on_close, steps.on_bar

    def on_close(address: int, number: int, e: int) -> None:
        real(address, number, e)
        frame = native.record(address, FRAME)
        ctx = context_of(frame, number)
        bar = frame.start + e
        fresh = [tables.order_at(ctx, i) for i in range(ctx.lane.count)]
        fresh = [order for order in fresh if order.created_bar == bar and order.live_from == bar + 1]
        for order in fresh:
            order.live_from = bar
        if fresh:
            on_bar(address, number, e)

    return instead(real, on_close)


@contextmanager
def trails_its_own_bar() -> Iterator[None]:
    """A trailing stop follows the extreme of the bar that may hit it."""
    real = matching._inside

    def inside(ctx: Any, bar: int, finer_bar: int, o: float, h: float, low: float, *rest: Any) -> None:
        for i in range(ctx.lane.count):
            order = tables.order_at(ctx, i)
            if order.kind == TRAILING and order.live_from <= bar:
                order.extreme = max(order.extreme, h) if order.side < 0 else min(order.extreme, low)
        real(ctx, bar, finer_bar, o, h, low, *rest)

    def at_every_bar(ctx: Any, path: Any, bar: int, *span: int) -> int:
        return idle.next_breach(ctx.lane.band_low, ctx.lane.band_high, path.lows, path.highs, *span)

    with instead(real, inside), instead(idle.follow, at_every_bar):
        yield


def not_rolled_back() -> Any:
    """Operations that ran ahead of an action keep the memory that they had there."""
    real = Machine._point

    def point(self: Machine, lanes: int) -> None:
        real(self, lanes)
        self.frame["dynamic_state"] = 0

    return mock.patch.object(Machine, "_point", point)


def not_saved(part: str) -> Any:
    return mock.patch.object(machines, "STATE", tuple(name for name in machines.STATE if name != part))


def funding_twice() -> Any:
    real = account.pay_funding
    return instead(real, lambda ctx, price, rate: real(ctx, price, 2.0 * rate))


def sleeping() -> Any:
    """The idle band has no lower end: falls wake nobody."""
    real = tables.set_band

    def set_band(ctx: Any, bar: int) -> None:
        real(ctx, bar)
        if ctx.lane.band_low < inf:
            ctx.lane.band_low = -inf

    return instead(real, set_band)


def next_bar_of_the_other() -> Any:
    """A backtest reads the bar of another instrument one bar too early."""
    real, kept = Feed.outside, []

    def outside(self: Feed, name: str) -> Any:
        columns = real(self, name)
        if split_column(name):
            columns = tuple(np.append(column[1:], np.nan) for column in columns)
            kept.append(columns)  # machines have only their addresses
        return columns

    return mock.patch.object(Feed, "outside", outside)


def last_bar_of_the_other() -> Any:
    """A bot reads the last bar that another instrument had, where it has none now."""
    real, last = BarWindow._of_lane, {}

    def of_lane(self: BarWindow, event: BarsClosed, lane: int, column: int) -> list[float | None]:
        values = real(self, event, lane, column)
        if values[0] is not None:
            last[id(self), lane, column] = values
        return last.get((id(self), lane, column), values)

    return mock.patch.object(BarWindow, "_of_lane", of_lane)


# Each fault, and the comparisons that must notice it.
FAULTS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "none": (ExitStack, ()),
    "a peek at the next bar": (
        lambda: other_blocks(peeking),
        ("disagrees", "breaks_the_prefix", "breaks_the_split", "replay_tells"),
    ),
    "a memory that is not kept": (
        lambda: other_blocks(forgetful),
        ("disagrees", "breaks_the_split", "replay_tells"),
    ),
    "a wrong constant in a node": (lambda: other_blocks(wrong_number), ("disagrees",)),
    "a wrong constant in the venue": (
        lambda: instead(levels.leg_level, with_constant(levels.leg_level, lambda x: 1.001 * x)),
        ("disagrees",),
    ),
    "lost fills": (lost_fills, ("disagrees",)),
    "a fee charged twice": (fee_twice, ("disagrees",)),
    "funding charged twice": (funding_twice, ("disagrees",)),
    "a fill of which half is applied": (fill_of_half, ("disagrees",)),
    "a reported fill without its fee": (reported_without_fee, ("slow_venue_disagrees",)),
    "a leg that leaves its sibling": (siblings_stay, ("disagrees",)),
    "a fill on the bar that decided it": (on_its_own_bar, ("disagrees", "fills_too_early")),
    "a trailing stop that sees its own bar": (trails_its_own_bar, ("disagrees",)),
    "an entry although a position is held": (
        lambda: instead(submitting._may_enter, lambda *_: submitting.ALLOWED),
        ("disagrees",),
    ),
    "a venue that sleeps": (sleeping, ("disagrees",)),
    "a fill that is seen a bar late": (fill_seen_late, ("disagrees",)),
    "orders that are seen late": (order_seen_late, ("disagrees",)),
    "legs taken for orders": (legs_as_orders, ("disagrees",)),
    "a reported fill with a wrong time": (reported_late, ("slow_venue_disagrees",)),
    "the next bar of another instrument": (next_bar_of_the_other, ("disagrees", "breaks_the_prefix", "replay_tells")),
    "the last bar of another instrument where it has none": (last_bar_of_the_other, ("replay_tells",)),
} | {
    f"{part} not saved": (lambda part=part: not_saved(part), ("breaks_the_resumption",))  # type: ignore[misc]
    for part in machines.STATE
}


def busy_cases(many: int = 24, with_holes: int = 4) -> list[Case]:
    """Cases in which much happens; in some of them a traded instrument is read by others, and has no bar at times."""
    found: list[Case] = []
    seed, holes = 80_000, 0
    while len(found) < many or holes < with_holes:
        seed += 1
        case = case_of(f"random {seed} {BARS}")
        reads_holes = _reads_holes(case)
        if (len(found) < many or reads_holes) and case.run().written("fills") >= 6:
            found.append(case)
            holes += reads_holes
    return found


def _reads_holes(case: Case) -> bool:
    """Whether the strategy reads the bars of one traded instrument on others, and it lacks some of their bars."""
    read = programs.instruments_read(case.validated)
    return len(case.markets) > 1 and any(
        (one.name or default_name(lane, one)) in read and any(close != close for close in one.close)
        for lane, one in enumerate(case.markets)
    )


def noticed(cases: Sequence[Case], fault: str) -> dict[str, int]:
    """For each comparison that must notice the fault, the first case in which it did, −1 for none.

    Where nothing is planted, that is every comparison.
    """
    plant, by = FAULTS[fault]
    with plant():
        return {
            name: next((i for i, case in enumerate(cases) if COMPARISONS[name](case)), -1) for name in by or COMPARISONS
        }


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        chosen = busy_cases()
        json.dump([{fault: noticed(chosen, fault) for fault in json.load(sys.stdin)}], sys.stdout)


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, int]]:
    """What was noticed, by fault. One process for all."""
    return in_new_process(list(FAULTS), compiled=False, module=f"tests.promises.{Path(__file__).stem}")[0]  # type: ignore[no-any-return,arg-type]


def test_without_a_fault_nothing_is_noticed(answers: dict[str, dict[str, int]]) -> None:
    assert answers["none"] == dict.fromkeys(COMPARISONS, -1)


@pytest.mark.parametrize("fault", list(FAULTS)[1:])
def test_a_planted_fault_is_noticed(fault: str, answers: dict[str, dict[str, int]]) -> None:
    assert set(answers[fault]) == set(FAULTS[fault][1])
    missed = [name for name, case in answers[fault].items() if case < 0]
    assert not missed, f"{fault} was not noticed by: {', '.join(missed)}"


# ---- faults that need no other code


@pytest.mark.parametrize("comparison", [disagrees, breaks_the_split])
def test_readers_that_are_not_rolled_back_are_noticed(comparison: Callable[[Case], bool]) -> None:
    """Of many cases, because few have an action that waits for something that remembers the position."""

    def notices(case: Case) -> bool:
        with not_rolled_back():
            return comparison(case)

    cases = (case_of(f"random {seed} {BARS}") for seed in range(300))
    found = next((case for case in cases if case.plan().dynamic_state > 0 and notices(case)), None)
    assert found is not None
    assert not comparison(found)


# ---- warm-up: what is declared is changed, not what is done


@pytest.mark.parametrize("error", [-1, 1])
def test_a_warm_up_off_by_one_is_noticed(error: int) -> None:
    from tests.promises.test_warm_up import warm_up_faults, warm_up_graphs

    def faults() -> list[str]:
        with np.errstate(all="ignore"):
            return [
                fault for seed, validated in list(warm_up_graphs())[:12] for fault in warm_up_faults(validated, seed)[0]
            ]

    assert not faults()
    real = Node.warmup_bars
    with mock.patch.object(Node, "warmup_bars", lambda self, values: max(1, real(self, values) + error)):
        found = faults()
    assert any(("after" if error < 0 else "before") in fault for fault in found)
