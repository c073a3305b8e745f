"""Clock, calendar and sessions: dates of any year, windows over midnight, weekdays, and data that begins inside."""

from __future__ import annotations

import datetime

import harness
import numpy as np
import pytest
from tests.nodes.test_agreement import disagreement
from tests.nodes.twins import TWINS

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.graph.signature import Value
from wickwork.model.timeframe import DAY, HOUR, MINUTE
from wickwork.nodes import builtin

CLOCK = ("minute", "minutes_of_day", "day_of_month", "month", "year")
ANCHORED = ("new_period", "once_per_period", "previous_period")
WINDOWS: list[dict[str, Value]] = [
    {"begin": begin, "end": end, "days": days}
    for begin, end in (
        ("00:00", "08:00"),
        ("13:00", "22:00"),
        ("22:00", "02:00"),
        ("09:30", "09:30"),
        ("00:00", "24:00"),
        ("00:01", "00:00"),
        ("23:59", "24:00"),
    )
    for days in ("every_day", "weekdays", "weekend")
]


def ms(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


def columns_of(name: str, n: int, start: int, step: int, seed: int = 1) -> list[harness.Column]:
    """Hourly or other bars with gaps, from any moment on."""
    node, noise = builtin()[name], np.random.default_rng(seed)
    columns = harness.market("walk", harness.walk(n)).columns(node)
    steps = np.where(noise.random(n) < 0.05, noise.integers(2, 40, n), 1)
    steps[0] = 0
    moment = start + np.cumsum(steps) * step
    return [moment.astype(np.int64) if c.dtype == np.int64 else c for c in columns]


@pytest.mark.parametrize("name", CLOCK)
def test_the_clock_and_the_calendar_of_any_year(name: str) -> None:
    edges = [ms(f"{year}-{day}") for year in (1900, 1904, 1970, 2000, 2024, 2100) for day in ("03-01", "01-01")]
    random = np.random.default_rng(1).integers(-(10**13), 10**14, 2000)
    moment = np.array([*random, *edges, *(e - 1 for e in edges)], dtype=np.int64)
    (mine,) = harness.run(builtin()[name], [moment])
    assert mine.tolist() == TWINS[name](moment.tolist())


@pytest.mark.parametrize("anchor", ["day", "week", "month"])
@pytest.mark.parametrize("name", ANCHORED)
@pytest.mark.parametrize("start", ["2023-12-30T05:00", "2024-01-01T00:00", "2024-02-05T00:00", "1969-12-28T23:00"])
def test_days_weeks_and_months(name: str, anchor: str, start: str) -> None:
    for step in (HOUR, 8 * HOUR):
        columns = columns_of(name, 250, ms(start), step)
        assert not disagreement(builtin()[name], columns, {"anchor": anchor}, step)


@pytest.mark.parametrize("name", ["session", "session_range"])
@pytest.mark.parametrize("start", ["2024-03-01T23:00", "2024-03-02T00:00", "2024-03-04T09:30"])
def test_windows_over_midnight_and_on_some_days(name: str, start: str) -> None:
    for values in WINDOWS:
        for step in (30 * MINUTE, HOUR):
            columns = columns_of(name, 200, ms(start), step)
            assert not disagreement(builtin()[name], columns, values, step)


@pytest.mark.parametrize("length", [5 * MINUTE, 15 * MINUTE, HOUR, DAY])
@pytest.mark.parametrize("start", ["2024-03-01T23:00", "2024-03-02T00:00", "2024-03-04T13:30"])
def test_opening_ranges_of_bars_of_any_length(length: int, start: str) -> None:
    for minutes, begin in ((60, "00:00"), (30, "13:30"), (45, "00:00"), (1440, "10:00"), (1, "23:59")):
        columns = columns_of("opening_range", 300, ms(start), length)
        values: dict[str, Value] = {"minutes": minutes, "begin": begin}
        assert not disagreement(builtin()["opening_range"], columns, values, length)


def test_a_session_over_midnight_belongs_to_the_day_on_which_it_began() -> None:
    """Friday 22:00 to Saturday 02:00, by the hour, for Monday to Friday: Saturday's own session is none."""
    moment = np.arange(ms("2024-03-01T20:00"), ms("2024-03-03T04:00"), HOUR, dtype=np.int64)
    (inside,) = harness.run(builtin()["session"], [moment], {"begin": "22:00", "end": "02:00", "days": "weekdays"})
    assert np.flatnonzero(inside).tolist() == [2, 3, 4, 5]


def test_the_opening_range_is_complete_with_the_close_of_its_last_bar() -> None:
    close = np.array([10.0, 12.0, 11.0, 15.0, 9.0])
    moment = ms("2024-03-01T00:00") + np.arange(5, dtype=np.int64) * 30 * MINUTE
    columns = [close, close + 0.5, close - 0.5, close, np.ones(5), moment]
    run = harness.begin(builtin()["opening_range"], {"minutes": 60}, length=30 * MINUTE)
    high, low, high_so_far, low_so_far, complete = run.over(columns)
    np.testing.assert_array_equal(high, [np.nan, 12.5, 12.5, 12.5, 12.5])
    np.testing.assert_array_equal(low, [np.nan, 9.5, 9.5, 9.5, 9.5])
    assert high_so_far.tolist() == [10.5, 12.5, 12.5, 12.5, 12.5]
    assert low_so_far.tolist() == [9.5, 9.5, 9.5, 9.5, 9.5]
    assert complete.tolist() == [0, 1, 1, 1, 1]


def test_no_price_of_a_session_that_is_open_or_began_before_the_data() -> None:
    """Bars of 30 minutes from 00:30 on; sessions from 00:00 to 01:00 and from 01:30 to 02:30."""
    close = np.array([10.0, 12.0, 11.0, 15.0, 9.0, 20.0])
    moment = ms("2024-03-01T00:30") + np.arange(6, dtype=np.int64) * 30 * MINUTE
    columns = [close, close + 0.5, close - 0.5, close, np.ones(6), moment]

    def over(begin: str, end: str) -> tuple[harness.Column, ...]:
        values: dict[str, Value] = {"begin": begin, "end": end}
        return harness.begin(builtin()["session_range"], values, length=30 * MINUTE).over(columns)

    *early, bar, _, _ = over("00:00", "01:00")
    assert np.isnan(early).all()
    np.testing.assert_array_equal(bar, [np.nan, 0, 0, 0, 0, 0])
    opened, high, low, high_so_far, low_so_far, bar, begins, complete = over("01:30", "02:30")
    nan = np.nan
    np.testing.assert_array_equal(opened, [nan, nan, 11, 11, 11, 11])
    np.testing.assert_array_equal(high, [nan, nan, nan, 15.5, 15.5, 15.5])
    np.testing.assert_array_equal(low, [nan, nan, nan, 10.5, 10.5, 10.5])
    np.testing.assert_array_equal(high_so_far, [nan, nan, 11.5, 15.5, 15.5, 15.5])
    np.testing.assert_array_equal(low_so_far, [nan, nan, 10.5, 10.5, 10.5, 10.5])
    assert bar.tolist() == [0, 0, 1, 2, 0, 0]
    assert begins.tolist() == [0, 0, 1, 0, 0, 0]
    assert complete.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_day_that_the_data_begins_inside_of_has_no_prices() -> None:
    moment = ms("2024-03-01T12:00") + np.arange(5, dtype=np.int64) * 12 * HOUR
    close = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    *prices, known = harness.run(builtin()["previous_period"], [close, close, close, close, close, moment])
    for column, wanted in zip(prices, (2.0, 3.0, 2.0, 3.0), strict=True):
        np.testing.assert_array_equal(column, [np.nan, np.nan, np.nan, wanted, wanted])
    assert known.tolist() == [0, 0, 0, 1, 1]


def test_sessions_and_previous_days_in_a_strategy() -> None:
    with strategy("breakout") as s:
        close = s.bars.close
        asia = ta.session_range(s.bars, begin="00:00", end="08:00", name="asia")
        day = ta.previous_period(s.bars, name="day")
        europe = ta.session(begin="08:00", end="16:00", name="europe")
        first = ta.once_per_period(ta.crosses_above(close, asia.high) & europe, name="first")
        trade.buy(when=first, size=trade.quantity(0.01))
        trade.close(when=~europe | (close < day.low))
    bars = demo_bars("BTC/USDT", "1h").slice(0, 2000)
    run = backtest(s, bars)
    days = bars.opened_at // DAY
    for today in np.unique(days)[2:-1]:
        now, before = days == today, days == today - 1
        assert set(run.columns["day.high"][now]) == {bars.high[before].max()}
        assert set(run.columns["day.close"][now]) == {bars.close[before][-1]}
        morning = now & (bars.opened_at % DAY < 8 * HOUR)
        assert set(run.columns["asia.low"][now & ~morning]) == {bars.low[morning].min()}
        assert np.isnan(run.columns["asia.low"][morning][:-1]).all()
        assert run.columns["first"][now].sum() <= 1
    assert run.columns["day.known"][days > days[0] + 1].all()
    assert len(run.trades) > 5
