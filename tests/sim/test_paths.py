"""What a bar hides: the true path lies between the worst and the best that its coarse bars allow.

The true price moves tick by tick. Its points, one-minute bars and quarter-hour bars tell the same story in ever less
detail, and for one trade with a stop loss and a take profit the results are in order, exactly:

    worst of 15 min ≤ worst of 1 min ≤ truth ≤ best of 1 min ≤ best of 15 min

What this needs, and each of these conditions is needed (the last tests show where it ends):
- the price crosses every level on its way: no gaps between bars or inside them;
- the same quantity in both runs, one trade at a time, and the same end for what is still open;
- maker fees not above taker fees;
- no trailing stop after a limit entry: what it saw in the bar of the entry is not known;
- no stop-limit order that carries a bracket.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.sim.both import empty_program, fast_intent
from tests.sim.random_markets import random_intent
from wickwork.engine.feed import Feed, feed_of
from wickwork.engine.machine import Machine
from wickwork.graph import types as t
from wickwork.model import order_kinds
from wickwork.model.bars import Bars, Floats
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.timeframe import MINUTE, Timeframe
from wickwork.sim.terms import Terms

TICK = 0.25
COIN = Instrument("C", "USDT", "USDT", rules=Rules(tick=TICK, lot=2.0**-4))
START = 1_700_000_000_000 // (15 * MINUTE) * 15 * MINUTE
POINTS, MINUTES, QUARTERS = (1, MINUTE // 4), (4, MINUTE), (60, 15 * MINUTE)  # points in a bar, its length
LENGTH = 6  # quarter hours of one trade, the first of which decides
FREE = Terms(capital=2.0**20, maker_fee=0.0, taker_fee=0.0, slippage=0.0, funding_rate=0.0)
COSTLY = replace(FREE, maker_fee=2.0**-10, taker_fee=2.0**-9, slippage=2.0**-10)
TRADES = 1500


def tick_by_tick(seed: int, trades: int) -> Floats:
    """A price that moves by one tick at most, between two walls."""
    walk = np.cumsum(np.random.default_rng(seed).choice([-1, 0, 1], trades * LENGTH * 60))
    return 75 + np.abs((walk + 200) % 400 - 200) * TICK


def bars_of(points: Floats, how: tuple[int, int], volume: Floats | None = None) -> Bars:
    per, length = how
    p = points.reshape(-1, per)
    v = np.ones(len(p)) if volume is None else volume.reshape(len(p), -1).sum(axis=1)
    times = START + np.arange(len(p)) * length
    return Bars.of(COIN, Timeframe(length), times, p[:, 0], p.max(axis=1), p.min(axis=1), p[:, -1], v)


def one_trade(r: random.Random, close: float, kinds: Sequence[int], legs: str) -> t.Intent:
    """An entry near the close with a stop loss, a take profit or both, in every way in which they can be said."""
    side, kind, off = r.choice((1, -1)), r.choice(kinds), r.randint(0, 12) * TICK
    near = close - side * off if kind == order_kinds.LIMIT else close + side * off
    asked: dict[str, Any] = {"verb": t.ENTER, "kind": kind, "side": side, "size": 1.0}
    if kind in (order_kinds.STOP, order_kinds.STOP_LIMIT):
        asked["stop"] = near
    if kind in (order_kinds.LIMIT, order_kinds.STOP_LIMIT):
        near = near - side * r.randint(-6, 6) * TICK if kind == order_kinds.STOP_LIMIT else near
        asked["limit"] = near
    reference = close if kind == order_kinds.MARKET else near
    ways = (t.LEG_PRICE, t.LEG_SHARE, t.LEG_DISTANCE)
    which = r.choice(("both", "both", "stop", "target")) if legs != "none" else legs
    if which in ("both", "stop"):
        way, ticks = r.choice(ways), r.randint(1, 12)
        values = {t.LEG_PRICE: reference - side * ticks * TICK, t.LEG_SHARE: ticks / 400, t.LEG_DISTANCE: ticks * TICK}
        asked |= {"stop_loss_as": way, "stop_loss": values[way]}
    if which in ("both", "target"):
        way, ticks = r.choice(ways if which == "target" else (*ways, t.LEG_R)), r.randint(1, 16)
        values = {t.LEG_PRICE: reference + side * ticks * TICK, t.LEG_SHARE: ticks / 400, t.LEG_DISTANCE: ticks * TICK}
        asked |= {"take_profit_as": way, "take_profit": values.get(way, r.choice((0.5, 1.0, 2.0)))}
    if legs == "trailing":
        asked |= {"leg_trail_as": t.LEG_DISTANCE, "leg_trail": r.randint(1, 10) * TICK}
    return t.Intent(**asked)


def results(feed: Feed, terms: Terms, intents: Sequence[t.Intent], per: int = 1) -> tuple[Floats, Machine]:
    """Trade after trade: decided at the close of its first quarter hour, ended by hand at its last."""
    machine, gains = Machine(empty_program(), feed, terms), []
    for k, intent in enumerate(intents):
        first = k * LENGTH
        machine.run((first + 1) * per)
        before = machine.equity[machine.done - 1]
        machine.request(0, intent, k)
        machine.run((first + LENGTH - 1) * per)
        machine.request(0, t.Intent(verb=t.CANCEL, legs=1), k)
        if machine.arrays["lanes"]["quantity"][0] != 0.0:
            machine.request(0, t.Intent(verb=t.CLOSE, size=100.0), k)
        machine.run((first + LENGTH) * per)
        gains.append(machine.equity[machine.done - 1] - before)
    return np.array(gains), machine


def five_views(seed: int, terms: Terms, kinds: Sequence[int], legs: str) -> list[Floats]:
    r, points = random.Random(seed), tick_by_tick(seed, TRADES)
    quarters, minutes, ticks = (bars_of(points, how) for how in (QUARTERS, MINUTES, POINTS))
    intents = [one_trade(r, float(quarters.close[k * LENGTH]), kinds, legs) for k in range(TRADES)]
    best = replace(terms, assume="best")
    views = ((quarters, terms, 1), (minutes, terms, 15), (ticks, terms, 60), (ticks, best, 60), (minutes, best, 15))
    return [results(feed_of([b]), how, intents, per)[0] for b, how, per in (*views, (quarters, best, 1))]


KINDS = {"market": order_kinds.MARKET, "limit": order_kinds.LIMIT, "stop": order_kinds.STOP}
BOUNDED = [(kind, "bracket") for kind in KINDS] + [("market", "trailing"), ("stop", "trailing")]


@pytest.mark.parametrize("terms", [FREE, COSTLY], ids=["free", "costly"])
@pytest.mark.parametrize(("kind", "legs"), BOUNDED)
def test_the_truth_lies_between_worst_and_best(kind: str, legs: str, terms: Terms) -> None:
    worst, minutes_worst, truth, same_truth, minutes_best, best = five_views(
        10 + KINDS[kind], terms, [KINDS[kind]], legs
    )
    assert (truth == same_truth).all()  # points leave no doubt
    assert (worst <= minutes_worst).all()
    assert (minutes_worst <= truth).all()
    assert (truth <= minutes_best).all()
    assert (minutes_best <= best).all()
    assert (worst < best).sum() >= 10  # there was something to doubt
    assert (truth != 0.0).sum() > TRADES // 4


def test_a_stop_limit_without_bracket_lies_between_as_well() -> None:
    worst, minutes_worst, truth, _, minutes_best, best = five_views(5, FREE, [order_kinds.STOP_LIMIT], "none")
    for less, more in ((worst, minutes_worst), (minutes_worst, truth), (truth, minutes_best), (minutes_best, best)):
        assert (less <= more).all()
    assert (worst < best).sum() >= 10


def with_gaps(r: random.Random, quarters: int) -> tuple[Floats, Floats]:
    """Points on the tick grid that jump as they like, and a volume for each minute."""
    price, points = 100.0, []
    for k in range(quarters * 60):
        jump = (
            r.choice((0, 0, r.randint(-2, 2), r.randint(-8, 8))) if k % 4 else r.choice((0, 0, 0, r.randint(-12, 12)))
        )
        price = min(150.0, max(50.0, price + jump * TICK))
        points.append(price)
    return np.array(points), np.array([r.choice((0.0, 1.0, 5.0, 50.0)) for _ in range(quarters * 15)])


@pytest.mark.parametrize("seed", range(40))
def test_finer_bars_are_as_good_as_a_run_on_them(seed: int) -> None:
    """Coarse bars with one-minute bars inside give the fills of a run on these, decided at the same moments.

    Any orders, several at a time, gaps and all. (Not with latency, which counts bars, or slippage by ATR, which is
    that of the run's bars.)
    """
    r = random.Random(seed)
    count = 120
    points, volume = with_gaps(r, count)
    quarters, minutes = bars_of(points, QUARTERS, volume), bars_of(points, MINUTES, volume)
    terms = Terms(
        capital=r.choice((300.0, 10_000.0)),
        maker_fee=0.0002,
        taker_fee=0.001,
        spread=r.choice((0.0, 0.002)),
        slippage=0.001,
        slippage_model=r.choice(("none", "percent", "fixed", "volume")),
        volume_limit=r.choice((0.0, 0.0, 0.3)),
        leverage=r.choice((1.0, 5.0, 20.0)),
        assume=r.choice(("worst", "best")),
    )
    rate = terms.funding_rate
    coarse = Machine(empty_program(), feed_of([quarters], finer={COIN: minutes}, funding_rate=rate), terms)
    fine = Machine(empty_program(), feed_of([minutes], funding_rate=rate), terms)
    assert coarse.feed.most_finer == 15
    for bar in range(count):
        coarse.run(bar + 1)
        fine.run((bar + 1) * 15)
        for _ in range(r.choice((0, 0, 1, 1, 2))):
            asked = random_intent(r, float(quarters.close[bar]), None)
            intent = fast_intent(asked)
            coarse.request(0, intent, asked.action)
            fine.request(0, intent._replace(good_for=15 * intent.good_for), asked.action)
    mine, theirs = coarse.output("fills"), fine.output("fills")
    assert (mine["bar"] * 15 + mine["finer_bar"] == theirs["bar"]).all()
    for name in set(mine.dtype.names or ()) - {"bar", "finer_bar"}:
        assert mine[name].tolist() == theirs[name].tolist(), name
    closed_orders, same = coarse.output("closed_orders"), fine.output("closed_orders")
    assert (closed_orders["bar"] == same["bar"] // 15).all()
    for name in ("order", "action", "reason", "quantity", "filled", "average", "limit", "stop"):
        assert closed_orders[name].tolist() == same[name].tolist(), name
    assert coarse.output("denied")["reason"].tolist() == fine.output("denied")["reason"].tolist()
    assert coarse.equity.tolist() == fine.equity[14::15].tolist()
    for name in ("cash", "fees", "funding", "slippage", "next_id"):
        assert coarse.arrays["account"][name] == fine.arrays["account"][name]
    assert len(mine) > 10


# ---- where the order of results ends


Rows = Sequence[Sequence[float]]


def gain(rows: Rows, intent: t.Intent, finer: Rows = (), **terms: Any) -> float:
    """What one order gains over hand-made quarter hours, decided at the close of the first."""
    first = [float(v) for v in rows[0]]
    fine = [[first[0]] * 4] * 14 + [first] if finer else []
    fine += [list(map(float, row)) for row in finer]

    def table(values: Rows, length: int) -> Bars:
        o, h, l, c = np.array(values, float).T  # noqa: E741
        return Bars.of(COIN, Timeframe(length), START + np.arange(len(o)) * length, o, h, l, c, np.ones(len(o)))

    feed = feed_of([table(rows, 15 * MINUTE)], finer={COIN: table(fine, MINUTE)} if finer else None)
    assert feed.most_finer == (15 if finer else 0)
    machine = Machine(empty_program(), feed, replace(FREE, **terms))
    machine.run(1)
    machine.request(0, intent, 0)
    machine.run(len(rows))
    return float(machine.equity[-1]) - FREE.capital


FLAT = (100, 100, 100, 100)


def path(*points: float) -> list[tuple[float, float, float, float]]:
    """One-minute bars that hold these points, and the last one until the quarter hour is full."""
    return [(p, p, p, p) for p in (*points, *[points[-1]] * (15 - len(points)))]


def test_exception_a_gap_can_hurt_more_than_the_stop_that_was_assumed() -> None:
    """The worst of bar 1 is the stop at 99. In truth the low came before the entry, and the gap costs much more."""
    order = t.Intent(
        verb=t.ENTER, kind=order_kinds.STOP, size=1.0, stop=102.0, stop_loss_as=t.LEG_PRICE, stop_loss=99.0
    )
    rows = [FLAT, (100, 103, 99, 103), (90, 90, 90, 90)]
    truth = gain(rows, order, [*path(100, 99, 100, 101, 102, 103), *path(90)])
    assert gain(rows, order) == -3.0
    assert truth == 90.0 - 102.0


def test_exception_a_gap_can_bring_more_than_the_target_that_was_assumed() -> None:
    order = t.Intent(
        verb=t.ENTER, kind=order_kinds.LIMIT, size=1.0, limit=98.0, take_profit_as=t.LEG_PRICE, take_profit=101.0
    )
    rows = [FLAT, (100, 101, 98, 98), (120, 120, 120, 120)]
    truth = gain(rows, order, [*path(100, 101, 100, 99, 98), *path(120)], assume="best")
    assert gain(rows, order, assume="best") == 3.0
    assert truth == 22.0


def test_exception_a_gap_inside_a_bar_jumps_over_the_stop() -> None:
    order = t.Intent(verb=t.ENTER, size=1.0, stop_loss_as=t.LEG_PRICE, stop_loss=97.0)
    rows = [FLAT, (100, 100, 94, 96)]
    assert gain(rows, order) == -3.0
    assert gain(rows, order, path(100, 94, 96)) == -6.0


def test_exception_a_trailing_stop_in_the_bar_of_a_limit_entry() -> None:
    """`worst` leaves at the low, after a rise. In truth the low came first, and the next bar left at 95."""
    order = t.Intent(
        verb=t.ENTER, kind=order_kinds.LIMIT, size=1.0, limit=97.0, leg_trail_as=t.LEG_DISTANCE, leg_trail=2.0
    )
    rows = [FLAT, (100, 101, 96, 97), (97, 97, 90, 90)]
    assert gain(rows, order) == -1.0
    assert gain(rows, order, [*path(100, 101, 97, 96, 97), *path(97, 95, 90)]) == -2.0


def test_a_trailing_stop_is_doubted_in_the_bar_that_moves_it() -> None:
    order = t.Intent(verb=t.ENTER, size=1.0, leg_trail_as=t.LEG_DISTANCE, leg_trail=2.0)
    up, down = [FLAT, (100, 110, 100, 110)], [FLAT, (100, 110, 98, 99)]
    assert gain(up, order, path(100, 105, 103, 110)) == 3.0
    assert (gain(up, order), gain(up, order, assume="best")) == (0.0, 10.0)
    assert gain(down, order, path(100, 105, 103, 110, 98, 99)) == 3.0
    assert (gain(down, order), gain(down, order, assume="best")) == (-2.0, 8.0)


STOP_LIMIT = t.Intent(
    verb=t.ENTER,
    kind=order_kinds.STOP_LIMIT,
    size=1.0,
    stop=102.0,
    limit=101.0,
    stop_loss_as=t.LEG_DISTANCE,
    stop_loss=1.0,
)


def test_exception_a_stop_limit_that_fills_only_to_be_stopped_out() -> None:
    """`worst` looks at one order at a time: the limit need not have filled, so it did not. Stopped out was worse."""
    rows = [FLAT, (100, 102, 100, 102)]
    assert gain(rows, STOP_LIMIT, path(100, 102, 101, 100, 102)) == -1.0
    assert gain(rows, STOP_LIMIT) == 0.0


def test_best_is_not_worse_than_the_truth_for_a_stop_limit() -> None:
    """The low of 100 is the open, before the trigger at 102: after the fill at 101 no path has to come back to 100."""
    rows = [FLAT, (100, 102, 100, 102)]
    assert gain(rows, STOP_LIMIT, path(100, 102, 101, 102), assume="best") == 1.0
    assert gain(rows, STOP_LIMIT, assume="best") >= 1.0
