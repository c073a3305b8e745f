import math
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from wickwork.model.bars import COLUMNS, Bars, iso
from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument
from wickwork.model.timeframe import DAY, HOUR, parse_timeframe

START = 1_704_067_200_000  # 2024-01-01
BTC = parse_instrument("BTC/USDT")


def columns(count: int = 5) -> dict[str, Any]:
    close = 100.0 + np.arange(count)
    return {
        "opened_at": START + HOUR * np.arange(count),
        "open": close - 0.5,
        "high": close + 1.0,
        "low": close - 1.0,
        "close": close,
        "volume": np.full(count, 3.0),
    }


def make(timeframe: str = "1h", **changes: Any) -> Bars:
    return Bars.of(BTC, parse_timeframe(timeframe), **{**columns(), **changes}, source="a.csv")


def test_columns_are_copied_and_read_only() -> None:
    given = columns()
    bars = Bars.of(BTC, parse_timeframe("1h"), **given)
    given["close"][0] = 1.0
    assert bars.close[0] == 100.0
    for name in ("opened_at", *COLUMNS):
        with pytest.raises(ValueError, match="read-only"):
            getattr(bars, name)[0] = 7


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"close": [1.0]}, r"the column close has 1 values for 5 times\."),
        ({"opened_at": START + HOUR * np.array([0, 1, 1, 3, 4])}, r"bar 2 \(2024-01-01T01:00:00Z\) repeats the bar"),
        ({"opened_at": START + HOUR * np.array([0, 2, 1, 3, 4])}, r"bar 2 \(2024-01-01T01:00:00Z\) comes before the"),
        ({"opened_at": START + 60_000 + HOUR * np.arange(5)}, r"bar 0 .* does not open on the 1h grid"),
        ({"open": [1, 2, np.nan, 4, 5]}, r"bar 2 .* has the open nan; prices must be finite and above 0"),
        ({"low": [1, 0.0, 3, 4, 5]}, r"bar 1 .* has the low 0\.0; prices"),
        ({"high": [np.inf, 2, 3, 4, 5]}, r"bar 0 .* has the high inf; prices"),
        ({"close": [99.9, -1.0, 3, 4, 5]}, r"bar 1 .* has the close -1\.0; prices"),
        ({"volume": [1, 2, 3, 4, -1e-9]}, r"bar 4 .* has the volume -1e-09; volumes"),
        ({"volume": [1, 2, 3, np.nan, 5]}, r"bar 3 .* has the volume nan; volumes"),
        ({"high": [101, 100.5, 103, 104, 105]}, r"bar 1 .* has an open or close outside its low and high"),
        ({"low": [99, 100, 101, 102.9, 103]}, r"bar 3 .* has an open or close outside its low and high"),
    ],
)
def test_the_first_broken_rule_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=rf"^a\.csv: .*{sentence}"):
        make(**changes)


def test_weeks_must_open_on_monday() -> None:
    times = START + 7 * DAY * np.arange(5)  # 2024-01-01 was a Monday
    assert len(make("1w", opened_at=times)) == 5
    with pytest.raises(InputError, match="does not open on the 1w grid"):
        make("1w", opened_at=times + DAY)


def test_holes_and_no_bars_at_all_are_allowed() -> None:
    assert len(make(opened_at=START + HOUR * np.array([0, 1, 5, 6, 90]))) == 5
    empty = Bars.of(BTC, parse_timeframe("1h"), [], [], [], [], [], [])
    assert len(empty) == 0
    assert "0 bars of BTC/USDT 1h, empty" in repr(empty)


def test_between_takes_the_start_and_leaves_the_stop() -> None:
    bars = make()
    assert bars.between(START + HOUR, START + 3 * HOUR).opened_at.tolist() == [START + HOUR, START + 2 * HOUR]
    assert len(bars.between(None, None)) == 5
    assert len(bars.between(START + 1, None)) == 4
    assert len(bars.between(START + 4 * HOUR, START)) == 0
    first = datetime.fromtimestamp(START / 1000 + 3600, UTC)
    for start in (first, first.isoformat(), np.datetime64(first.replace(tzinfo=None)), np.int64(START + HOUR)):
        assert bars.between(start, START + 3 * HOUR).opened_at.tolist() == [START + HOUR, START + 2 * HOUR]
    assert len(bars.between(0, None)) == 5


@pytest.mark.parametrize("start", [START / 1000, START * 1000, "yesterday", object(), math.nan])
def test_between_refuses_what_is_no_time(start: object) -> None:
    bars = make()
    with pytest.raises(InputError, match=r"looks like|not a time|missing"):
        bars.between(start, None)


def test_slices_share_memory() -> None:
    bars = make()
    part = bars.slice(1, 3)
    assert part.close.tolist() == [101.0, 102.0]
    assert np.shares_memory(part.close, bars.close)


def test_the_digest_knows_every_value_and_nothing_else() -> None:
    bars = make()
    assert bars.digest() == make().digest()
    assert bars.slice(0, 5).digest() == bars.digest()
    others = [make(volume=[3, 3, 3, 3, 3.0000000000000004]), bars.slice(0, 4)]
    others.append(Bars.of(parse_instrument("demo:BTC"), bars.timeframe, **columns()))
    others.append(Bars.of(parse_instrument("BTC-PERP"), bars.timeframe, **columns()))
    others.append(Bars.of(BTC, parse_timeframe("30m"), **columns()))
    assert len({one.digest() for one in (bars, *others)}) == len(others) + 1


def test_bars_survive_pickling() -> None:
    assert pickle.loads(pickle.dumps(make())).digest() == make().digest()  # noqa: S301


def test_the_table_for_pandas() -> None:
    frame = make().to_pandas()
    assert list(frame.columns) == list(COLUMNS)
    assert str(frame.index.tz) == "UTC"
    assert frame.index[0].isoformat() == "2024-01-01T00:00:00+00:00"
    assert frame["close"].tolist() == make().close.tolist()


def test_iso() -> None:
    assert iso(START) == "2024-01-01T00:00:00Z"
    assert iso(-1000) == "1969-12-31T23:59:59Z"


def test_the_words_import_nothing_heavy() -> None:
    code = (
        "import sys, wickwork.model.bars, wickwork.model.instrument, wickwork.model.timeframe;"
        "sys.exit(any(name in sys.modules for name in ('pyarrow', 'pandas', 'numba')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
