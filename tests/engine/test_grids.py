"""Grids in whole runs: what is held follows from the level alone, any split and any resumption gives the same bits,
and traders' words become the right nodes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from wickwork import Bars, InputError, Instrument, Strategy, Terms, backtest, strategy, ta, trade
from wickwork.engine.feed import Feed, feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.program import plan
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.orders.records import FOREVER

START = 1_704_067_200_000  # 2024-01-01

SIZE = 1500


def bars(perpetual: bool = True, size: int = SIZE) -> Bars:
    r = np.random.default_rng(3)
    wave = 0.04 * np.sin(np.arange(size * 4) / 300.0)
    points = 100.0 * np.exp(wave + r.normal(0, 0.004, size * 4)).reshape(size, 4)
    opens = np.concatenate(([100.0], points[:-1, 3]))
    high, low = np.maximum(opens, points.max(axis=1)), np.minimum(opens, points.min(axis=1))
    instrument = Instrument("C", "USDT", "USDT" if perpetual else "")
    columns = (opens, high, low, points[:, 3], np.ones(size))
    return Bars.of(instrument, Timeframe(HOUR), START + HOUR * np.arange(size), *columns)


def feed(perpetual: bool = True) -> Feed:
    return feed_of([bars(perpetual)], funding_rate=0.0001)


def always(**options: Any) -> Strategy:
    """A grid that is asked for at every bar, and so begins at the first."""
    with strategy("grid") as s:
        given = {"size": trade.quantity(0.5), "spacing": trade.percent(0.5), "levels": 3, **options}
        trade.grid(when=s.bars.close > 0.0, name="grid", **given)
    return s


def machine(built: Strategy, perpetual: bool = True, **terms: Any) -> Machine:
    return Machine(plan(built.check(), Timeframe(HOUR)), feed(perpetual), Terms(**terms))


def everything(m: Machine) -> dict[str, Any]:
    result: dict[str, Any] = {
        name: m.output(name).tolist() for name in ("fills", "closed_orders", "round_trips", "denied")
    }
    return result | {"equity": m.equity.tolist(), "working": m.working().tolist()}


def test_what_is_held_follows_from_the_level() -> None:
    m = machine(always())
    seen = set()
    for stop in range(1, SIZE + 1):
        m.run(stop)
        lane = m.arrays["lanes"][0]
        assert lane["quantity"] == -0.5 * lane["grid_level"]
        levels = [(int(o["level"]) - int(lane["grid_level"])) * int(o["side"]) for o in m.working()]
        assert sorted(levels) == [-3, -3, -2, -2, -1, -1]
        seen.add(int(lane["grid_level"]))
    assert len(seen) > 10
    assert m.written("fills") > 200
    assert m.written("denied") == 0  # it is not even asked while one runs


def test_on_spot_no_sell_asks_for_more_than_there_is() -> None:
    m = machine(always(direction="long"), perpetual=False, capital=1e6)
    for stop in range(1, SIZE + 1):
        m.run(stop)
        selling = sum(float(o["remaining"]) for o in m.working() if o["side"] < 0)
        assert selling <= m.arrays["lanes"]["quantity"][0]
    assert m.written("fills") > 200
    assert set(m.output("closed_orders")["reason"].tolist()) == {1, 11}  # filled, or canceled as the window moved


def test_any_split_gives_the_same_bits() -> None:
    whole = machine(always())
    whole.run(SIZE)
    for seed, block in ((1, 1), (2, 13), (3, 256)):
        parts = Machine(whole.program, feed(), Terms(), block=block)
        for stop in sorted({*np.random.default_rng(seed).integers(1, SIZE, 40).tolist(), SIZE}):
            parts.run(stop)
        assert repr(everything(parts)) == repr(everything(whole))


def test_a_saved_grid_goes_on_with_the_same_bits() -> None:
    whole = machine(always(), latency=1)
    for at in (1, 2, 400, 401, 977):
        whole.run(at)
        fills, saved = whole.written("fills"), json.loads(json.dumps(whole.save(), allow_nan=False))
        pending = [o for o in whole.working() if o["cancel_at"] != FOREVER]
        other = Machine(whole.program, feed(), Terms(latency=1))
        other.load(saved)
        other.run(SIZE)
        rest = machine(always(), latency=1)
        rest.run(SIZE)
        assert repr(other.output("fills").tolist()) == repr(rest.output("fills")[fills:].tolist())
        assert repr(other.equity[at:].tolist()) == repr(rest.equity[at:].tolist())
        assert repr(other.working().tolist()) == repr(rest.working().tolist())
        assert len(pending) <= 6


def test_until_ends_it_and_close_sells() -> None:
    with strategy("with an end") as s:
        close = s.bars.close
        broken = close < 97.0
        trade.grid(when=close > 0.0, until=broken, close=True, direction="long", levels=2, name="grid")
    kinds = {name: entry.type for name, entry in s.graph.nodes.items()}
    assert (kinds["grid_end"], kinds["grid_close"]) == ("cancel_orders", "close_position")
    run = backtest(s, bars(perpetual=False))
    low = np.flatnonzero(run.history.bars[0].close < 97.0)
    first = int(low[0])
    fills = run.history.fills
    assert (fills["bar"] < first).any()
    after = fills[fills["bar"] > first][0]
    assert (after["bar"], after["side"], after["position"]) == (first + 1, -1, 0.0)
    back = int(
        np.flatnonzero(np.arange(SIZE) > first)[np.flatnonzero(run.history.bars[0].close[first + 1 :] >= 97.0)[0]]
    )
    assert not ((fills["bar"] > first + 1) & (fills["bar"] <= back)).any()


def test_without_close_what_is_held_stays() -> None:
    with strategy("with an end") as s:
        trade.grid(when=s.bars.close > 0.0, until=s.bars.close < 97.0, direction="long", levels=2)
    assert sorted(e.type for e in s.graph.nodes.values() if e.type.endswith(("orders", "position"))) == [
        "cancel_orders"
    ]


def test_spacing_in_ranges_is_that_of_the_start() -> None:
    with strategy("ranges") as s:
        trade.grid(when=ta.bars_held() > -1.0, spacing=trade.atr(2, period=5), size=trade.quantity(1), levels=1)
    m = machine(s)
    m.run(40)
    lane = m.arrays["lanes"][0]
    first = m.output("closed_orders")[0] if m.written("closed_orders") else m.working()[0]
    values = machine(s)
    index = values.program.column("atr").index
    kept = Machine(values.program, feed(), Terms(), keep={"atr": index})
    kept.run(40)
    assert lane["grid_step"] == 2.0 * kept.kept["atr"][0][first["created_bar"]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"spacing": trade.r(2)}, "spacing needs trade.percent"),
        ({"spacing": 0.5}, "spacing needs trade.percent"),
        ({"size": trade.risk_percent(1)}, "A grid has no stop loss"),
        ({"until": True}, "until= needs a condition"),
        ({"levels": 32}, "between 1 and 31"),
        ({"direction": "up"}, "must be one of neutral, long, short"),
    ],
)
def test_wrong_words_are_answered_with_right_ones(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        always(**options)


def test_explanations_tell_why_orders_were_made() -> None:
    run = backtest(always(), bars())
    fill = run.history.fills[0]
    assert "so it made order 1 (buy 0.5 limit at " in str(run.explain(0))
    told = str(run.explain(int(fill["bar"])))
    assert "grid: its grid moved with a fill, so it made order 7 (" in told
    quiet = next(i for i in range(1, SIZE) if i not in set(run.history.fills["bar"].tolist()))
    assert "value is true, but a grid runs already." in str(run.explain(quiet))


def test_a_refused_grid_tells_why() -> None:
    run = backtest(always(size=trade.quantity(1000.0)), bars(size=20))
    assert "denied: the funds do not cover the grid." in str(run.explain(3))
