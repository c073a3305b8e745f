"""Mending rows and importing files into the store."""

from pathlib import Path

import numpy as np
import pytest
from file_cases import put, rows_of, text
from hypothesis import given, settings
from hypothesis import strategies as st
from market_cases import START, make_bars

from wickwork.market.raw import NO_TIME, RawBars
from wickwork.market.sources import NaiveTimes, clean, import_file, import_folder
from wickwork.market.store import Appended, Store
from wickwork.model.bars import COLUMNS, Bars, iso
from wickwork.model.errors import InputError, NotFound
from wickwork.model.timeframe import HOUR

BARS = make_bars(40)


def raw(bars: Bars, rows: object = slice(None), **changes: np.ndarray) -> RawBars:
    columns = {name: getattr(bars, name)[rows].copy() for name in ("opened_at", *COLUMNS)}
    return RawBars(bars.instrument, bars.timeframe, **{**columns, **changes}, source="x.csv")


def ruined(name: str, row: int, value: float) -> RawBars:
    column = getattr(BARS, name).copy()
    column[row] = value
    return raw(BARS, **{name: column})


def test_sound_rows_pass_untouched() -> None:
    bars, findings = clean(raw(BARS))
    assert bars.digest() == BARS.digest()
    assert findings == []


def test_rows_without_order_are_sorted() -> None:
    bars, [finding] = clean(raw(BARS, np.random.default_rng(2).permutation(40)))
    assert bars.digest() == BARS.digest()
    assert (finding.kind, finding.severity) == ("order", "note")


@pytest.mark.parametrize(
    ("name", "value", "kind", "reason"),
    [
        ("close", np.nan, "price", "a price is missing, not finite or not above 0"),
        ("open", -1.0, "price", "open -1"),
        ("volume", np.inf, "volume", "its volume is missing"),
        ("high", 0.001, "ohlc", "its open or close lies outside low and high"),
        ("opened_at", NO_TIME, "time", "its time is missing, unreadable or outside 2000 to 2100"),
        ("opened_at", 4_133_980_800_000, "time", "(2101-01-01T00:00:00Z) was left out"),
        ("opened_at", START + 5, "grid", "does not open on the grid"),
    ],
)
def test_a_row_that_breaks_a_rule_is_left_out_and_told(name: str, value: float, kind: str, reason: str) -> None:
    bars, [finding] = clean(ruined(name, 7, value))
    assert bars.opened_at.tolist() == np.delete(BARS.opened_at, 7).tolist()
    assert (finding.kind, finding.count) == (kind, 1)
    assert finding.sentence.startswith("Row 7")
    assert reason in finding.sentence


def test_of_rows_with_one_time_the_last_written_stays() -> None:
    volume = BARS.volume[[0, 1, 1, 2, 2]].copy()
    volume[1] = 777.0  # an unfinished bar, written again when it was finished
    bars, findings = clean(raw(BARS, [0, 1, 1, 2, 2], volume=volume))
    assert bars.volume.tolist() == BARS.volume[:3].tolist()
    assert [(one.kind, one.severity) for one in findings] == [("duplicate", "note"), ("conflict", "warning")]
    assert (
        "Row 1 (2021-01-01T01:00:00Z) was left out: a later row of the file has the same time" in findings[1].sentence
    )


def test_bars_that_have_not_closed_are_left_out_when_the_time_is_known() -> None:
    bars, [finding] = clean(raw(BARS), now=START + 40 * HOUR - 1)
    assert len(bars) == 39
    assert (finding.kind, finding.first) == ("unfinished", START + 39 * HOUR)
    assert len(clean(raw(BARS), now=START + 40 * HOUR)[0]) == 40


def test_many_faults_are_summed_up() -> None:
    bars = make_bars(1000)
    close = bars.close.copy()
    close[::3] = np.nan
    kept, findings = clean(raw(bars, close=close))
    assert len(findings) == 101
    assert sum(one.count for one in findings) == 1000 - len(kept) == 334


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_the_rows_what_remains_is_sound_and_was_there(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 30))
    values = st.lists(st.sampled_from([np.nan, np.inf, -1.0, 0.0, 1.0, 2.0, 3.0]), min_size=count, max_size=count)
    moments = st.lists(
        st.sampled_from([NO_TIME, *range(START, START + 5 * HOUR, HOUR // 2)]), min_size=count, max_size=count
    )
    columns = {name: np.array(data.draw(values), dtype=float) for name in COLUMNS}
    rows = raw(BARS, slice(0), opened_at=np.array(data.draw(moments), dtype=np.int64), **columns)
    bars, findings = clean(rows)  # Bars.of checks every rule
    there = {tuple(row) for row in zip(rows.opened_at, *(columns[name] for name in COLUMNS), strict=True)}
    kept = [tuple(row) for row in zip(bars.opened_at, *(getattr(bars, name) for name in COLUMNS), strict=True)]
    assert set(kept) <= there
    assert len(kept) + sum(one.count for one in findings if one.kind != "order") == count


def test_a_file_into_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    rows = rows_of(BARS)
    rows[5][2] = "abc"
    path = put(tmp_path / "binance_spot" / "1h" / "BTCUSDT.csv", text(rows[::-1]))
    done = import_file(store, path)
    assert done.appended == Appended(39, 0, 0)
    assert [one.kind for one in done.findings] == ["price", "order"]
    assert "has the high 'abc', which is not a number" in done.findings[0].sentence
    loaded = store.load("BTC", "1h", venue="binance")
    assert loaded.opened_at.tolist() == np.delete(BARS.opened_at, 5).tolist()
    assert import_file(store, path).appended == Appended(0, 39, 0)


def test_corrections_are_seen_at_the_time_of_the_import(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    rows = rows_of(BARS)
    import_file(store, put(tmp_path / "BTCUSDT_1h.csv", text(rows)))
    rows[3][5] = 4321.0
    path, now = put(tmp_path / "BTCUSDT_1h.csv", text(rows)), START + 999 * HOUR
    assert import_file(store, path, now=now).appended == Appended(0, 39, 1)
    assert store.load("BTC", "1h").volume[3] == BARS.volume[3]
    assert [(one.seen_at, one.source) for one in store.corrections("BTC", "1h")] == [(now, "BTCUSDT_1h.csv")]
    import_file(store, path, accept_corrections=True)
    assert store.load("BTC", "1h").volume[3] == 4321.0


def test_a_folder_with_everything_below_it(tmp_path: Path) -> None:
    store, top = Store(tmp_path / "store"), tmp_path / "data"
    put(top / "binance_spot" / "1h" / "BTCUSDT.csv", text(rows_of(BARS)))
    put(top / "binance_spot" / "1h" / "ETHUSDT.csv", text(rows_of(make_bars(9))))
    put(top / "binance_perp" / "1h" / "ETHUSDT.csv", text(rows_of(make_bars(8))))
    put(top / "broken" / "SOLUSDT.csv", "time,open\n1,2\n")
    put(top / "README.md", "nothing")
    put(top / ".hidden" / "BTCUSDT.csv", "rubbish")
    done = import_folder(store, top)
    told = [(one.path.parent.parent.name, str(one.instrument), one.appended.added) for one in done if not one.error]
    assert told == [
        ("binance_perp", "ETH/USDT:USDT", 8),
        ("binance_spot", "BTC/USDT", 40),
        ("binance_spot", "ETH/USDT", 9),
    ]
    assert [one.path.name for one in done if one.error] == ["SOLUSDT.csv"]
    assert "has no column for high" in next(one.error for one in done if one.error)
    assert sum(one.rows for one in store.series()) == 57


def test_a_folder_warns_once_about_zones(tmp_path: Path) -> None:
    store, top = Store(tmp_path / "store"), tmp_path / "data"
    for name in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        put(top / f"{name}.csv", text(rows_of(BARS, lambda ms: iso(ms)[:-1])))
    with pytest.warns(NaiveTimes, match=r"3 files, such as BTCUSDT\.csv, have times without a zone") as told:
        import_folder(store, top)
    assert len(told) == 1
    with pytest.warns(NaiveTimes) as told:
        import_file(store, top / "BTCUSDT.csv")
    assert len(told) == 1
    assert told[0].filename == __file__


def test_folders_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        import_folder(Store(tmp_path / "store"), tmp_path / "nowhere")
    put(tmp_path / "data" / "a.md", "")
    with pytest.raises(InputError, match="has no files that can be read"):
        import_folder(Store(tmp_path / "store"), tmp_path / "data")
    with pytest.raises(NotFound, match="There is no file"):
        import_file(Store(tmp_path / "store"), tmp_path / "BTCUSDT.csv")
