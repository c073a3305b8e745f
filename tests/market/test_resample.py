import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_cases import START, make_bars, pick

from wickwork.market.resample import resample
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import DAY, MINUTE, parse_timeframe

SLOWER = ["3m", "5m", "15m", "30m", "1h", "90m", "4h", "1d", "1w"]


def slowly(bars: Bars, timeframe: str) -> list[tuple[float, ...]]:
    """The obvious way: gather the bars of each slower bar in a dictionary."""
    frame = parse_timeframe(timeframe)
    gathered: dict[int, list[int]] = {}
    for i, moment in enumerate(bars.opened_at.tolist()):
        gathered.setdefault(frame.floor(moment), []).append(i)
    rows = []
    for opening, members in gathered.items():
        last_base = opening + frame.milliseconds - bars.timeframe.milliseconds
        if opening == max(gathered) and bars.opened_at[-1] != last_base:
            continue
        if opening == min(gathered) and bars.opened_at[0] != opening:
            continue
        high, low = max(bars.high[members]), min(bars.low[members])
        rows.append((opening, bars.open[members[0]], high, low, bars.close[members[-1]], sum(bars.volume[members])))
    return rows


def rows_of(bars: Bars) -> list[tuple[float, ...]]:
    columns = (bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_three_minutes_made_by_hand() -> None:
    minutes = Bars.of(
        parse_instrument("BTC"),
        parse_timeframe("1m"),
        START + MINUTE * np.arange(7),
        [10, 11, 12, 20, 21, 22, 30],
        [15, 14, 13, 25, 27, 26, 31],
        [9, 8, 10, 19, 18, 20, 29],
        [11, 12, 13, 21, 22, 23, 30],
        [1, 2, 3, 4, 5, 6, 7],
        source="hand",
    )
    slower = resample(minutes, "3m")
    assert rows_of(slower) == [(START, 10, 15, 8, 13, 6), (START + 3 * MINUTE, 20, 27, 18, 23, 15)]
    assert (str(slower.timeframe), slower.source) == ("3m", "hand")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SLOWER), st.integers(0, 40_000), st.integers(0, 3_000), st.integers(0, 99), st.floats(0, 0.9))
def test_agrees_with_the_obvious_way(timeframe: str, late: int, count: int, seed: int, absent: float) -> None:
    bars = make_bars(count, "1m", START + late * MINUTE, seed=seed)
    bars = pick(bars, np.random.default_rng(seed).random(count) >= absent)
    assert rows_of(resample(bars, timeframe)) == slowly(bars, timeframe)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 20_000), st.integers(0, 10_000))
def test_in_one_step_or_in_several(count: int, late: int) -> None:
    bars = make_bars(count, "1m", START + late * MINUTE)
    hours = resample(resample(bars, "15m"), "1h")
    assert resample(bars, "1h").digest() == hours.digest()
    assert resample(bars, "1d").digest() == resample(hours, "1d").digest()


def test_a_prefix_gives_the_prefix() -> None:
    bars = make_bars(1000, "1m")
    whole = resample(bars, "15m")
    for length in range(200):
        part = resample(bars.slice(0, length), "15m")
        assert part.digest() == whole.slice(0, length // 15).digest()


def test_weeks_open_on_monday() -> None:
    weeks = resample(make_bars(40, "1d"), "1w")
    assert (weeks.opened_at.astype("datetime64[ms]").astype("datetime64[D]").astype(int) % 7 == 4).all()
    assert len(weeks) == 5  # three days in front and two behind them are not whole weeks


def test_the_last_bar_is_there_only_when_closed() -> None:
    bars = make_bars(120, "1m")
    assert len(resample(bars.slice(0, 60), "1h")) == 1
    assert len(resample(bars.slice(0, 59), "1h")) == 0
    # Closed by a later bar, though its own last minute is missing.
    holed = pick(bars, np.r_[0:50, 70:120])
    assert len(resample(holed, "1h")) == 2
    assert resample(holed, "1h").close[0] == bars.close[49]
    # Its last minute is there: closed, in spite of a hole.
    assert len(resample(pick(bars, np.r_[0:10, 59]), "1h")) == 1


def test_the_first_bar_is_there_only_when_whole() -> None:
    bars = make_bars(120, "1m")
    assert resample(bars.slice(20, 120), "1h").opened_at.tolist() == [START + 60 * MINUTE]
    assert len(resample(bars.slice(20, 60), "1h")) == 0
    assert len(resample(bars.slice(1, 59), "1h")) == 0
    assert len(resample(pick(bars, np.r_[0:1, 30:60]), "1h")) == 1  # begun, in spite of a hole


def test_a_hole_of_whole_bars_stays_a_hole() -> None:
    slower = resample(pick(make_bars(300, "1m"), np.r_[0:60, 240:300]), "1h")
    assert np.diff(slower.opened_at).tolist() == [240 * MINUTE]


def test_its_own_timeframe_and_nothing_at_all() -> None:
    bars = make_bars(10)
    assert resample(bars, "60") is bars
    empty = resample(bars.slice(0, 0), "4h")
    assert (len(empty), str(empty.timeframe)) == (0, "4h")


@pytest.mark.parametrize(("base", "slower"), [("5m", "1m"), ("4h", "90m"), ("1d", "36h"), ("5d", "5w"), ("1w", "10d")])
def test_what_does_not_fit_is_refused(base: str, slower: str) -> None:
    bars = make_bars(10, base)
    with pytest.raises(
        InputError, match=f"Bars of {base} cannot be made into bars of {slower}: choose a whole multiple"
    ):
        resample(bars, slower)


def test_holes_do_not_hide_a_day() -> None:
    bars = make_bars(3 * 1440, "1m")
    days = resample(pick(bars, bars.opened_at % DAY < DAY / 2), "1d")
    assert len(days) == 2  # the third has not closed: its second half may still come
