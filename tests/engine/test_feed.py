"""Bars on one grid: holes, finer bars, funding moments and the ATR column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wickwork import InputError
from wickwork.engine.feed import average_true_range, feed_of, funding_of
from wickwork.graph.operation import AVERAGE_RANGE, CLOSE, HIGH, LAST_CLOSE, LOW, OPEN, TIME, VOLUME
from wickwork.model.bars import Bars
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import DAY, HOUR, MINUTE, Timeframe

SPOT, OTHER, SWAP = Instrument("A", "USDT"), Instrument("B", "USDT"), Instrument("C", "USDT", "USDT")
BEGIN = 1_700_000_000_000 // DAY * DAY
NUMBERS = (OPEN, HIGH, LOW, CLOSE, VOLUME)


def bars(instrument: Instrument, times: Any, length: int = HOUR, seed: int = 0) -> Bars:
    """Random bars that open at these numbers of their length after the beginning."""
    r = np.random.default_rng(seed)
    times = np.asarray(times)
    points = 100.0 + r.normal(size=(len(times), 4)).cumsum(axis=1)
    low, high = points.min(axis=1), points.max(axis=1)
    opens, closes = points[:, 0], points[:, 3]
    return Bars.of(
        instrument, Timeframe(length), BEGIN + times * length, opens, high, low, closes, r.random(len(times))
    )


def test_one_instrument_keeps_its_own_columns() -> None:
    b = bars(SPOT, [0, 1, 2, 5])
    feed = feed_of([b])
    assert feed.size == 4
    for k, name in zip(NUMBERS, ("open", "high", "low", "close", "volume"), strict=True):
        assert feed.columns[0][k] is getattr(b, name)
    assert feed.columns[0][LAST_CLOSE] is b.close
    assert (feed.columns[0][TIME] == b.opened_at).all()
    assert feed.columns[0][AVERAGE_RANGE] is None
    assert (feed.finer, feed.most_finer, len(feed.funding)) == ((), 0, 0)


def test_several_instruments_share_the_union_of_their_times() -> None:
    a, b = bars(SPOT, [0, 1, 2, 5, 6], seed=1), bars(OTHER, [2, 3, 5], seed=2)
    feed = feed_of([a, b])
    hours = [0, 1, 2, 3, 5, 6]
    assert ((feed.opened_at - BEGIN) // HOUR).tolist() == hours
    for lane, source in enumerate((a, b)):
        there = np.isin(feed.opened_at, source.opened_at)
        for k, name in zip(NUMBERS, ("open", "high", "low", "close", "volume"), strict=True):
            column = feed.columns[lane][k]
            assert (column[there] == getattr(source, name)).all()
            assert np.isnan(column[~there]).all()
        assert (feed.columns[lane][TIME] == feed.opened_at).all()
    # valued at the last close: nothing before the first bar, the last known one in holes and after the end
    assert feed.columns[1][LAST_CLOSE].tolist() == [0.0, 0.0, b.close[0], b.close[1], b.close[2], b.close[2]]
    assert feed.columns[0][LAST_CLOSE].tolist() == [*a.close[:3], a.close[2], *a.close[3:]]


def test_spans_that_do_not_overlap_follow_one_another() -> None:
    feed = feed_of([bars(SPOT, [0, 1]), bars(OTHER, [7, 8])])
    assert feed.size == 4
    assert np.isnan(feed.columns[0][CLOSE]).tolist() == [False, False, True, True]
    assert np.isnan(feed.columns[1][CLOSE]).tolist() == [True, True, False, False]


def test_there_must_be_bars_of_one_timeframe() -> None:
    with pytest.raises(InputError, match="There are no bars"):
        feed_of([])
    with pytest.raises(InputError, match="There are no bars"):
        feed_of([bars(SPOT, []), bars(OTHER, [])])
    with pytest.raises(InputError, match="one timeframe"):
        feed_of([bars(SPOT, [0]), bars(OTHER, [0], DAY)])


def test_an_instrument_may_have_no_bar_yet() -> None:
    feed = feed_of([bars(SPOT, []), bars(OTHER, [0, 1])])
    assert feed.size == 2
    assert np.isnan(feed.columns[0][CLOSE]).all()
    assert feed.columns[0][LAST_CLOSE].tolist() == [0.0, 0.0]


def test_the_range_is_carried_over_holes() -> None:
    """What slippage is a share of: after a hole it is that of the bar before the hole."""
    there = [*range(20), 22]
    feed = feed_of([bars(SPOT, there), bars(OTHER, range(23))], needs_average_range=True)
    ranges = feed.columns[0][AVERAGE_RANGE]
    assert ranges[19] == ranges[20] == ranges[21] > 0.0
    assert np.isnan(ranges[:14]).all()


# ---- finer bars


def quarter_hours(hours: int, seed: int = 3) -> tuple[Bars, Bars]:
    """Quarter hours, and the hours that they make."""
    fine = bars(SPOT, np.arange(4 * hours), 15 * MINUTE, seed)
    return fine, hours_of(fine)


def hours_of(fine: Bars) -> Bars:
    opens, high, low, close, volume = (
        getattr(fine, n).reshape(-1, 4) for n in ("open", "high", "low", "close", "volume")
    )
    return Bars.of(
        SPOT,
        Timeframe(HOUR),
        fine.opened_at[::4],
        opens[:, 0],
        high.max(axis=1),
        low.min(axis=1),
        close[:, 3],
        volume.sum(axis=1),
    )


def test_finer_bars_lie_behind_the_bars_that_they_make() -> None:
    fine, coarse = quarter_hours(5)
    feed = feed_of([coarse], finer={SPOT: fine})
    assert feed.most_finer == 4
    starts, *columns = feed.finer[0]  # type: ignore[misc]
    assert starts.tolist() == [0, 4, 8, 12, 16, 20]
    for column, name in zip(columns, ("open", "high", "low", "close", "volume"), strict=True):
        assert (column == getattr(fine, name)).all()


@pytest.mark.parametrize("name", ["open", "high", "low", "close"])
def test_finer_bars_that_disagree_with_their_bar_are_left_out(name: str) -> None:
    fine, coarse = quarter_hours(5)
    changed = {n: getattr(coarse, n).copy() for n in ("open", "high", "low", "close")}
    o, h, low, c = (changed[n] for n in ("open", "high", "low", "close"))
    if name in ("high", "low"):
        changed[name][2] += 0.5 if name == "high" else -0.5
    else:
        changed[name][2] = (h[2] + low[2]) / 2 + 1e-9
    other = Bars.of(SPOT, coarse.timeframe, coarse.opened_at, o, h, low, c, coarse.volume)
    starts = feed_of([other], finer={SPOT: fine}).finer[0][0]  # type: ignore[index]
    assert np.diff(starts).tolist() == [4, 4, 0, 4, 4]


def test_finer_bars_that_do_not_cover_their_bar_are_left_out() -> None:
    fine, coarse = quarter_hours(6)
    keep = np.ones(len(fine), bool)
    keep[[5, 20, 21, 22, 23]] = False
    holed = Bars.of(
        SPOT, fine.timeframe, *(getattr(fine, n)[keep] for n in ("opened_at", "open", "high", "low", "close", "volume"))
    )
    feed = feed_of([coarse], finer={SPOT: holed})
    starts, opens, *_ = feed.finer[0]  # type: ignore[misc]
    assert np.diff(starts).tolist() == [4, 0, 4, 4, 4, 0]
    assert (opens == np.delete(fine.open, [4, 5, 6, 7, 20, 21, 22, 23])).all()


def test_finer_bars_find_their_place_on_a_grid_with_holes() -> None:
    fine, coarse = quarter_hours(4)
    feed = feed_of([coarse, bars(OTHER, [-2, 1, 9])], finer={SPOT: fine})
    assert ((feed.opened_at - BEGIN) // HOUR).tolist() == [-2, 0, 1, 2, 3, 9]
    assert np.diff(feed.finer[0][0]).tolist() == [0, 4, 4, 4, 4, 0]  # type: ignore[index]
    assert feed.finer[1] is None
    assert (feed.finer_addresses()[1] == 0).all()


def test_finer_bars_of_which_none_fits_are_none() -> None:
    _, coarse = quarter_hours(3)
    feed = feed_of([coarse], finer={SPOT: bars(SPOT, np.arange(12), 15 * MINUTE, seed=99)})
    assert (feed.finer, feed.most_finer) == ((), 0)


@pytest.mark.parametrize("length", [HOUR, 2 * HOUR, 25 * MINUTE])
def test_finer_bars_must_divide_the_bars(length: int) -> None:
    with pytest.raises(InputError, match="does not divide"):
        feed_of([bars(SPOT, [0, 1])], finer={SPOT: bars(SPOT, [0], length)})


# ---- funding


def charged(opened_at: Any, rate: float = 2.0**-10) -> dict[int, float]:
    pairs = funding_of(np.asarray(opened_at, np.int64), rate)
    return dict(zip(pairs[::2].tolist(), pairs[1::2].view(np.float64).tolist(), strict=True))


def by_brute_force(opened_at: Any, rate: float = 2.0**-10) -> dict[int, float]:
    """Walk through every minute between two openings and count the moments."""
    result = {}
    for i in range(1, len(opened_at)):
        moments = sum(m % (8 * HOUR) == 0 for m in range(opened_at[i - 1] + MINUTE, opened_at[i] + 1, MINUTE))
        if moments:
            result[i] = moments * rate
    return result


@pytest.mark.parametrize("length", [MINUTE * 15, HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 3 * HOUR, 7 * HOUR])
@pytest.mark.parametrize("odd", [0, 1, 5])
def test_funding_moments_of_every_timeframe_and_start(length: int, odd: int) -> None:
    times = (BEGIN + odd * length) + length * np.arange(60)
    assert charged(times) == by_brute_force(times)


def test_funding_on_known_hours() -> None:
    """Hours from 05:00: the bars that open at 08:00 and 16:00. Days: three moments each, the first bar none."""
    assert charged(BEGIN + HOUR * np.arange(5, 18)) == {3: 2.0**-10, 11: 2.0**-10}
    assert charged(BEGIN + DAY * np.arange(4)) == {1: 3 * 2.0**-10, 2: 3 * 2.0**-10, 3: 3 * 2.0**-10}


def test_the_moments_of_a_hole_are_charged_after_it() -> None:
    assert charged(BEGIN + HOUR * np.array([1, 2, 30, 31])) == {2: 3 * 2.0**-10}


def test_only_perpetuals_and_rates_that_are_not_zero_are_charged() -> None:
    spot, swap = bars(SPOT, np.arange(48)), bars(SWAP, np.arange(48))
    assert len(feed_of([spot], funding_rate=0.001).funding) == 0
    assert len(feed_of([swap], funding_rate=0.0).funding) == 0
    assert len(feed_of([spot, swap], funding_rate=0.001).funding) == 3 * 5  # rows of a bar and two rates


def test_a_series_is_charged_at_its_own_moments_and_other_lanes_at_theirs() -> None:
    """Hours from 00:00; a moment on an opening belongs to that bar, one between two openings to the later."""
    times = BEGIN + HOUR * np.arange(10)
    moments = BEGIN + np.array([-HOUR, 0, 1, HOUR, 2 * HOUR + 1, 2 * HOUR + 2, 9 * HOUR, 9 * HOUR + 1])
    rates = np.array([0.01, 0.02, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006])
    rows = funding_of(times, FundingRates(SWAP, moments, rates), 0.0001).reshape(-1, 3)
    assert rows[:, 0].tolist() == [1, 3, 8, 9]
    assert rows[:, 1].view(np.float64).tolist() == [0.001 + 0.002, 0.003 + 0.004, 0.0, 0.005]
    assert rows[:, 2].view(np.float64).tolist() == [0.0, 0.0, 0.0001, 0.0]


# ---- average true range


def ranges_by_brute_force(b: Bars) -> list[float]:
    result, true = [float("nan")] * len(b), []
    for i in range(1, len(b)):
        before = b.close[i - 1]
        true.append(max(b.high[i] - b.low[i], abs(b.high[i] - before), abs(b.low[i] - before)))
        if len(true) == 14:
            result[i] = sum(true) / 14
        elif len(true) > 14:
            result[i] = (result[i - 1] * 13 + true[-1]) / 14
    return result


@pytest.mark.parametrize("size", [1, 2, 14, 15, 16, 500])
def test_the_average_true_range_is_wilders(size: int) -> None:
    b = bars(SPOT, np.arange(size), seed=size)
    assert average_true_range(b) == pytest.approx(ranges_by_brute_force(b), rel=1e-12, nan_ok=True)
    assert np.isnan(average_true_range(b)).sum() == min(size, 14)


def test_the_range_column_counts_only_the_bars_of_its_instrument() -> None:
    a, b = bars(SPOT, np.arange(60), seed=5), bars(OTHER, np.arange(0, 60, 2), seed=6)
    feed = feed_of([a, b], needs_average_range=True)
    expected = np.full(60, np.nan)
    expected[::2] = expected[1::2] = average_true_range(b)
    assert feed.columns[1][AVERAGE_RANGE].tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    assert feed.columns[0][AVERAGE_RANGE].tolist() == pytest.approx(average_true_range(a).tolist(), nan_ok=True)
