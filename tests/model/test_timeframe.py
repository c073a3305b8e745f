from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wickwork.model.errors import InputError
from wickwork.model.timeframe import DAY, HOUR, MINUTE, SECOND, WEEK, Timeframe, parse_timeframe


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1m", "1m"),
        ("1min", "1m"),
        ("3min", "3m"),
        ("1minute", "1m"),
        ("15", "15m"),
        ("60", "1h"),
        ("240", "4h"),
        ("15T", "15m"),
        ("1h", "1h"),
        ("1hour", "1h"),
        ("4H", "4h"),
        ("H4", "4h"),
        ("M15", "15m"),
        ("D1", "1d"),
        ("D", "1d"),
        ("1D", "1d"),
        ("1day", "1d"),
        ("W", "1w"),
        ("1W", "1w"),
        ("1week", "1w"),
        ("7d", "1w"),
        ("90m", "90m"),
        ("30s", "30s"),
        (" 5 m ", "5m"),
        ("120", "2h"),
        ("24h", "1d"),
    ],
)
def test_aliases(text: str, canonical: str) -> None:
    assert str(parse_timeframe(text)) == canonical


@pytest.mark.parametrize("text", ["", "0m", "m5m", "abc", "-5m", "1.5h", "1y", "5mm5", "１ｍ"])
def test_nonsense_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError, match="is not a timeframe; write one like 1m"):
        parse_timeframe(text)


@pytest.mark.parametrize("text", ["1M", "M", "3M"])
def test_months_are_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match="months"):
        parse_timeframe(text)


@pytest.mark.parametrize("size", [0, -MINUTE, 1, SECOND + 1])
def test_lengths_are_whole_seconds(size: int) -> None:
    with pytest.raises(InputError, match="whole number of seconds"):
        Timeframe(size)


@given(st.integers(1, 10**7))
def test_text_and_back(seconds: int) -> None:
    timeframe = Timeframe(seconds * SECOND)
    assert parse_timeframe(str(timeframe)) == timeframe
    assert parse_timeframe(timeframe) is timeframe


@given(st.sampled_from([MINUTE, 90 * MINUTE, HOUR, DAY, WEEK, 2 * WEEK]), st.integers(-(10**13), 10**13))
def test_floor_is_the_opening_of_the_bar_that_contains_the_moment(size: int, moment: int) -> None:
    timeframe = Timeframe(size)
    opening = timeframe.floor(moment)
    assert opening <= moment < opening + size
    assert timeframe.floor(opening) == opening


def test_days_open_at_midnight_and_weeks_on_monday() -> None:
    moment = int(datetime(2024, 2, 1, 13, 45, tzinfo=UTC).timestamp()) * 1000  # a Thursday
    opening = {name: datetime.fromtimestamp(parse_timeframe(name).floor(moment) / 1000, UTC) for name in ("1d", "1w")}
    assert opening["1d"] == datetime(2024, 2, 1, tzinfo=UTC)
    assert opening["1w"] == datetime(2024, 1, 29, tzinfo=UTC)
    assert opening["1w"].weekday() == 0


def test_division_and_order() -> None:
    minute, hour, week = Timeframe(MINUTE), Timeframe(HOUR), Timeframe(WEEK)
    assert minute.divides(hour)
    assert not hour.divides(minute)
    assert not Timeframe(7 * HOUR).divides(Timeframe(DAY))
    assert minute < hour < week
    assert hour.bars_per_year == 8760
