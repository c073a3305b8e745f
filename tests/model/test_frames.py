"""Bars out of DataFrames, and times in every unit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import HOUR, Timeframe

START = 1_704_067_200_000  # 2024-01-01
BTC = parse_instrument("BTC/USDT")
ONES = np.ones(4)
BARS = Bars.of(BTC, Timeframe(HOUR), START + HOUR * np.arange(4), ONES, ONES + 1, ONES / 2, ONES, ONES * 7)


def of(times: Any) -> Bars:
    return Bars.of(BTC, BARS.timeframe, times, *(getattr(BARS, name) for name in COLUMNS))


@pytest.fixture(params=["s", "ms", "us", "ns"])
def unit(request: Any) -> str:
    return str(request.param)


@pytest.fixture(params=[None, "UTC", "Europe/Madrid"])
def index(request: Any, unit: str) -> pd.DatetimeIndex:
    made = pd.date_range("2024-01-01", periods=4, freq="h", tz="UTC").as_unit(unit)  # type: ignore[arg-type]
    return made.tz_convert(request.param)


def test_the_unit_of_an_index_is_read(index: pd.DatetimeIndex) -> None:
    for times in (index, index.to_series(), index.to_numpy(), list(index), index.to_pydatetime()):
        assert of(times).digest() == BARS.digest()
    assert of([datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(4)]).digest() == BARS.digest()


def test_a_frame_is_read_by_its_index_or_by_a_column(index: pd.DatetimeIndex) -> None:
    frame = BARS.to_pandas().set_index(index).rename(columns=str.upper)
    assert Bars.from_frame(frame, "BTCUSDT").digest() == BARS.digest()
    for name in ("Date", "TIMESTAMP", "open time"):
        columns = frame.reset_index(names=name)
        assert Bars.from_frame(columns, BTC, "1h").digest() == BARS.digest()
        assert Bars.from_frame(columns.astype({name: str}), BTC).digest() == BARS.digest()
    numbers = frame.assign(time=BARS.opened_at).reset_index(drop=True)
    assert Bars.from_frame(numbers, BTC).digest() == BARS.digest()


def test_a_frame_goes_there_and_back() -> None:
    assert Bars.from_frame(BARS.to_pandas(), BTC).digest() == BARS.digest()


@pytest.mark.parametrize(("factor", "unit"), [(0.001, "seconds"), (1000, "microseconds"), (1_000_000, "nanoseconds")])
def test_numbers_in_another_unit_are_refused(factor: float, unit: str) -> None:
    with pytest.raises(InputError, match=rf"opens outside 2000 to 2100; the numbers look like {unit}"):
        of((BARS.opened_at * factor).astype(np.int64))


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        (BARS.opened_at - START, r"bar 0 \(1970-01-01T00:00:00Z\) opens outside 2000 to 2100"),
        (np.array(["2024-01-01", "NaT", "2024-01-01", "2024-01-01"], "M8[us]"), "time at position 1 is missing"),
        ([pd.NaT] * 4, "NaT is not a time"),
        ([np.nan] * 4, "time at position 0 is missing"),
        (["a"] * 4, "cannot be read; give datetimes"),
    ],
)
def test_what_is_no_time_is_refused(times: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        of(times)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ([1, 2], "A DataFrame of pandas is needed, and this is a list"),
        (BARS.to_pandas().reset_index(drop=True), "has no times: give it a DatetimeIndex, or a column"),
        (BARS.to_pandas().drop(columns="volume"), "has no column volume; its columns are open, high, low, close"),
        (BARS.to_pandas().assign(Close=1.0), "has 2 columns named close"),
        (BARS.to_pandas().assign(close="x"), "column close of the DataFrame does not hold numbers"),
        (BARS.to_pandas().head(1), "too few rows to derive the timeframe"),
        (BARS.to_pandas().reset_index(drop=True).assign(date="soon"), "column date of the DataFrame does not hold"),
        (BARS.to_pandas()[::-1], "comes before the bar in front of it"),
    ],
)
def test_what_is_wrong_with_a_frame_is_named(frame: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Bars.from_frame(frame, BTC)
