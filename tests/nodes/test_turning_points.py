"""Turning points, by hand and against TA-Lib."""

from __future__ import annotations

import itertools

import harness
import numpy as np
import pytest
import talib
from harness import market, walk

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.model.timeframe import DAY, HOUR
from wickwork.nodes import builtin

WALK = market("walk", walk(3000, 8), 8)
COARSE = market("coarse", walk(2000, 9), 9)
COARSE.high[:], COARSE.low[:] = np.ceil(COARSE.high), np.floor(COARSE.low)  # many equal highs and lows


def of(name: str, where: harness.Market = WALK, **values: object) -> tuple[harness.Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)  # type: ignore[arg-type]


def bars(*each: tuple[float, float, float, float]) -> harness.Market:
    where = market("by hand", np.array([close for *_, close in each]), wick=0.0)
    for column, values in zip((where.open, where.high, where.low), zip(*each, strict=True), strict=False):
        column[:] = values
    return where


def test_traditional_and_classic_pivots_of_a_day_differ_in_their_third_levels() -> None:
    day = bars((100, 120, 90, 111))
    assert [c[0] for c in of("pivots", day)] == [107, 124, 137, 154, 94, 77, 64, 171, 51]
    assert [c[0] for c in of("pivots", day, method="classic")] == [107, 124, 137, 167, 94, 77, 47, 197, 17]


def test_fibonacci_and_camarilla_pivots_of_a_day() -> None:
    day = bars((100, 120, 90, 108))
    wanted = [106, 117.46, 124.54, 136, 94.54, 87.46, 76, np.nan, np.nan]
    np.testing.assert_allclose([c[0] for c in of("pivots", day, method="fibonacci")], wanted)
    wanted = [106, 110.75, 113.5, 116.25, 105.25, 102.5, 99.75, 124.5, 91.5]
    np.testing.assert_allclose([c[0] for c in of("pivots", day, method="camarilla")], wanted)


@pytest.mark.parametrize(("left", "right"), [(2, 2), (5, 5), (1, 4), (6, 1)])
@pytest.mark.parametrize("where", [WALK, COARSE])
def test_swings_are_the_fractals_of_talib(left: int, right: int, where: harness.Market) -> None:
    tops, bottoms = talib.FRACTAL(where.high, where.low, left, right)
    for name, theirs, prices in (("swing_high", tops, where.high), ("swing_low", bottoms, where.low)):
        price, confirmed = of(name, where, left=left, right=right)
        found = np.flatnonzero(theirs)
        assert len(found) > 5
        assert np.flatnonzero(confirmed).tolist() == found.tolist()
        assert price[found].tolist() == prices[found - right].tolist()


def test_a_swing_appears_when_it_is_known_and_stays() -> None:
    highs = [1, 2, 5, 4, 3, 6, 6, 4, 3, 3, 3]
    where = bars(*((1.0, float(high), 0.0, 1.0) for high in highs))
    price, confirmed = of("swing_high", where)
    assert np.flatnonzero(confirmed).tolist() == [4]  # of the two of 6, neither is above the other
    assert np.isnan(price[:4]).all()
    assert price[4:].tolist() == [5.0] * 7


def test_there_is_no_swing_before_the_first_one() -> None:
    rising = bars(*((float(k), k + 1.0, k - 1.0, float(k)) for k in range(1, 20)))
    for name in ("swing_high", "swing_low"):
        assert np.isnan(of(name, rising)[0]).all()
    high, low, _ = of("zigzag", rising, percent=50.0)
    assert np.isnan(high).all()
    assert np.isfinite(low[1:]).all()


def test_zigzag_confirms_a_turn_when_the_price_has_come_far_enough() -> None:
    where = bars(
        (100, 101, 99, 100),
        (100, 104, 100, 104),  # 5 % above 99: the low is confirmed
        (104, 110, 103, 109),
        (109, 112, 100, 101),  # a new high; its fall of 10 % is not counted, the order being unknown
        (101, 107, 105, 106),  # 112 is confirmed
        (106, 108, 102, 103),
        (103, 109, 103, 108),  # 102 is confirmed
    )
    high, low, direction = of("zigzag", where, percent=5.0)
    assert direction.tolist() == [0, 1, 1, 1, -1, -1, 1]
    nan = np.nan
    np.testing.assert_array_equal(high, [nan, nan, nan, nan, 112, 112, 112])
    np.testing.assert_array_equal(low, [nan, 99, 99, 99, 99, 99, 102])


@pytest.mark.parametrize(("close", "direction"), [(91.0, -1), (99.0, 1)])
def test_of_two_first_turns_on_one_bar_its_own_direction_decides(close: float, direction: int) -> None:
    where = bars((95, 100, 90, 95), (95, 99, 91, close))
    assert of("zigzag", where)[2].tolist() == [0, direction]


def test_each_turn_of_a_zigzag_is_at_least_as_far_as_it_says() -> None:
    high, low, direction = of("zigzag", WALK, percent=3.0)
    turns = np.flatnonzero(np.diff(direction)) + 1
    assert len(turns) > 50
    for before, turn in itertools.pairwise(turns):
        if direction[turn] < 0:
            assert high[turn] == WALK.high[before : turn + 1].max() >= low[turn] * 1.03
            assert WALK.low[turn] <= high[turn] * (1 - 3.0 / 100)
        else:
            assert low[turn] == WALK.low[before : turn + 1].min() <= high[turn] * 0.97
            assert WALK.high[turn] >= low[turn] * (1 + 3.0 / 100)


def test_a_flat_market_has_no_turns_and_levels_without_width() -> None:
    flat = market("flat", np.full(40, 0.1), wick=0.0)
    for method in ("traditional", "classic", "fibonacci", "camarilla"):
        levels = {level[-1] for level in of("pivots", flat, method=method)}
        assert {level for level in levels if level == level} == {0.1}
    high, low, direction = of("zigzag", flat)
    assert np.isnan([high, low]).all()
    assert not direction.any()
    price, confirmed = of("swing_low", flat)
    assert np.isnan(price).all()
    assert not confirmed.any()


def test_pivots_of_daily_bars_stay_through_the_next_day() -> None:
    """They change on the last bar of a day, with whose close they are known."""
    with strategy("above the pivot") as s:
        levels = ta.pivots(s.bars("1d"), name="levels")
        above = ta.subtract(s.bars.close, levels.r1, name="above")
        trade.buy(when=above > 0, size=trade.quantity(1.0))
    day, hours = 20_000 * DAY, 24 * 4
    given = demo_bars("BTC/USDT", "1h", day, day + hours * HOUR)
    mine = given.close - backtest(s, given).columns["above"]
    high, low, close = (getattr(given, name).reshape(4, 24) for name in ("high", "low", "close"))
    r1 = (2 * (high.max(axis=1) + low.min(axis=1) + close[:, -1]) / 3) - low.min(axis=1)
    assert np.isnan(mine[:23]).all()
    np.testing.assert_allclose(mine[23:], np.repeat(r1, 24)[: hours - 23], rtol=1e-12)
