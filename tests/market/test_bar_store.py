import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_cases import START, changed, make_bars, pick

from wickwork.market.resample import resample
from wickwork.market.series import folder_of
from wickwork.market.store import Appended, Store, default_folder
from wickwork.model.bars import Bars
from wickwork.model.errors import NotFound, WickworkError
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.timeframe import DAY, HOUR, Timeframe, parse_timeframe


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "bars")


def contents(store: Store) -> dict[str, tuple[bytes, int]]:
    files = (path for path in store.folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_what_goes_in_comes_out(store: Store) -> None:
    bars = make_bars(20_000, "1h", instrument="binance:BTCUSDT")  # more than two years
    assert store.append(bars) == Appended(20_000, 0, 0)
    loaded = store.load("BTC/USDT", "1h", venue="binance")
    assert loaded.digest() == bars.digest()
    assert loaded.source == "store"
    assert loaded.instrument.venue == "binance"
    assert not loaded.close.flags.writeable
    assert store.load("BINANCE:BTC-USDT", "60").digest() == bars.digest()


def test_files_are_plain_parquet_one_a_year(store: Store) -> None:
    store.append(make_bars(800, "1d", instrument="binance:BTC-PERP"))
    folder = store.folder / "binance" / "BTC_USDT_USDT" / "1d"
    files = sorted(folder.glob("*.parquet"))
    assert [file.name.split(".")[0] for file in files] == ["2021", "2022", "2023"]
    table = pq.ParquetFile(files[0]).read()
    assert {field.name: str(field.type) for field in table.schema} == {
        "opened_at": "timestamp[ms, tz=UTC]",
        **dict.fromkeys(("open", "high", "low", "close", "volume"), "double"),
    }
    assert table.num_rows == 365
    assert pq.ParquetFile(files[0]).metadata.row_group(0).column(1).compression == "ZSTD"


def test_the_same_append_twice_changes_no_byte(store: Store) -> None:
    bars = make_bars(1000, "1d")
    store.append(bars)
    before = contents(store)
    assert store.append(bars) == Appended(0, 1000, 0)
    assert store.append(bars.slice(100, 700), accept_corrections=True) == Appended(0, 600, 0)
    assert contents(store) == before


def test_only_years_that_change_are_written(store: Store) -> None:
    bars = make_bars(1000, "1d")
    store.append(bars.slice(0, 999))
    before = contents(store)
    store.append(bars)
    untouched = [name for name, content in contents(store).items() if before.get(name) == content and "parquet" in name]
    assert sorted(Path(name).name[:4] for name in untouched) == ["2021", "2022"]


def test_old_and_new_bars_may_come_in_any_order(store: Store) -> None:
    bars = make_bars(900, "1d")
    luck = np.random.default_rng(4)
    for rows in np.array_split(luck.permutation(900), 7):
        store.append(pick(bars, np.sort(rows)))
    assert store.load("BTC", "1d").digest() == bars.digest()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 120), st.integers(0, 3), st.booleans()), max_size=6))
def test_appends_agree_with_a_dictionary(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple]) -> None:
    store, truth = Store(tmp_path_factory.mktemp("bars")), {}
    for first, count, seed, accept in steps:
        bars = make_bars(600, "1d", seed=seed).slice(first, first + count)
        columns = (bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)
        rows = {row[0]: row[1:] for row in zip(*(column.tolist() for column in columns), strict=True)}
        new = len(rows.keys() - truth.keys())
        same = sum(truth.get(when) == row for when, row in rows.items())
        assert store.append(bars, accept_corrections=accept) == Appended(new, same, len(rows) - new - same)
        truth = truth | rows if accept else rows | truth
    if truth:
        loaded = store.load("BTC", "1d")
        columns = (loaded.open, loaded.high, loaded.low, loaded.close, loaded.volume)
        values = zip(*(column.tolist() for column in columns), strict=True)
        assert dict(zip(loaded.opened_at.tolist(), values, strict=True)) == truth
        assert store.series()[0].rows == len(truth)
    else:
        assert store.series() == []


def test_a_stored_bar_keeps_its_values_and_the_difference_is_recorded(store: Store) -> None:
    bars = make_bars(10, source="first.csv")
    store.append(bars)
    other = changed(make_bars(12, source="second.csv"), 4, 99.0)
    assert store.append(other, seen_at=START + DAY) == Appended(2, 9, 1)
    assert store.load("BTC", "1h").volume[4] == bars.volume[4]
    [record] = store.corrections("BTC", "1h")
    assert (record.opened_at, record.source, record.seen_at) == (START + 4 * HOUR, "second.csv", START + DAY)
    assert (record.old[4], record.new[4], record.accepted) == (bars.volume[4], 99.0, False)
    assert record.old[:4] == record.new[:4] == (bars.open[4], bars.high[4], bars.low[4], bars.close[4])


def test_the_last_bits_of_a_volume_are_not_a_correction(store: Store) -> None:
    minutes = make_bars(7 * 1440, "1m", start=START + 3 * DAY)
    volume = np.random.default_rng(1).random(len(minutes)) * 1e3
    columns = (minutes.opened_at, minutes.open, minutes.high, minutes.low, minutes.close)
    minutes = Bars.of(minutes.instrument, minutes.timeframe, *columns, volume)
    at_once, in_steps = resample(minutes, "1w"), resample(resample(resample(minutes, "15m"), "1d"), "1w")
    assert (at_once.volume != in_steps.volume).any()
    store.append(at_once)
    before = contents(store)
    for accept in (False, True):
        assert store.append(in_steps, accept_corrections=accept) == Appended(0, 1, 0)
    assert contents(store) == before
    for volume in (float(at_once.volume[0]) * (1 + 1e-11), 0.0):
        assert store.append(changed(at_once, 0, volume)).corrected == 1


def test_the_same_correction_is_recorded_once(store: Store) -> None:
    store.append(make_bars(10))
    for _ in range(3):
        assert store.append(changed(make_bars(10), 4, 99.0)).corrected == 1
    assert len(store.corrections("BTC", "1h")) == 1
    before = contents(store)
    store.append(changed(make_bars(10), 4, 99.0))
    assert contents(store) == before


def test_an_accepted_correction_takes_its_place_and_is_recorded(store: Store) -> None:
    bars = make_bars(10)
    store.append(bars)
    for volume in (99.0, float(bars.volume[4]), 99.0):
        assert store.append(changed(bars, 4, volume), accept_corrections=True).corrected == 1
        assert store.load("BTC", "1h").volume[4] == volume
    assert [one.new[4] for one in store.corrections("BTC", "1h")] == [99.0, bars.volume[4], 99.0]
    assert all(one.accepted for one in store.corrections("BTC", "1h"))
    [record] = store.folder.rglob("*.jsonl")
    assert [json.loads(line)["opened_at"] for line in record.read_text().splitlines()] == [START + 4 * HOUR] * 3


def test_windows(store: Store) -> None:
    bars = make_bars(900, "1d")
    store.append(bars)
    for start, stop in [(None, START + 5 * DAY), (START + 360 * DAY, START + 380 * DAY), (START + 700 * DAY + 1, None)]:
        assert store.load("BTC", "1d", start, stop).digest() == bars.between(start, stop).digest()
    assert len(store.load("BTC", "1d", START + 5000 * DAY)) == 0
    assert len(store.load("BTC", "1d", 0, START)) == 0


def test_the_list_of_series(store: Store) -> None:
    assert store.series() == []
    for name, frame in [("ETH", "1h"), ("BTC", "1d"), ("BTC", "1h"), ("binance:BTC", "1h"), ("BTC-PERP", "1h")]:
        store.append(make_bars(30, frame, instrument=name))
    listed = [(one.venue, str(one.instrument), str(one.timeframe), one.rows) for one in store.series()]
    assert listed == [
        ("", "BTC/USDT", "1h", 30),
        ("", "BTC/USDT", "1d", 30),
        ("", "BTC/USDT:USDT", "1h", 30),
        ("", "ETH/USDT", "1h", 30),
        ("binance", "BTC/USDT", "1h", 30),
    ]
    assert (store.series()[0].first, store.series()[0].last) == (START, START + 29 * HOUR)


def test_rules_of_the_instrument_are_kept(store: Store) -> None:
    rules = Rules(tick=0.1, lot=0.001, minimum_notional=5.0)
    ruled = Instrument("BTC", "USDT", venue="demo", rules=rules)
    store.append(make_bars(10, instrument="demo:BTC"))
    store.append(make_bars(10, instrument=ruled))
    assert store.load(ruled, "1h").instrument.rules == rules
    store.append(make_bars(20, instrument="demo:BTC"))  # bars that know no rules do not take them away
    assert store.load("demo:BTC", "1h").instrument.rules == rules
    assert store.series()[0].instrument.rules == rules


def test_what_is_absent_is_told_with_what_is_there(store: Store) -> None:
    with pytest.raises(NotFound, match=r"has no 1h bars of BTC/USDT\. It is empty; import or download bars first\."):
        store.load("BTC", "1h")
    store.append(make_bars(10, "1d", instrument="binance:BTCUSDT"))
    store.append(make_bars(10, "1h", instrument="binance:ETHUSDT"))
    with pytest.raises(NotFound, match=r"no 1h bars of binance:BTC/USDT\. It has 1d of the venue 'binance'"):
        store.load("BTC", "1h", venue="Binance")
    with pytest.raises(NotFound, match=r"no 1d bars of BTC/USDT\. It has 1d of the venue 'binance'"):
        store.load("BTC", "1d")
    with pytest.raises(NotFound, match=r"no 1h bars of ETH/USTD\. Did you mean 'ETH/USDT'\?"):
        store.load("ETH/USTD", "1h")
    for call in (store.remove, store.corrections):
        with pytest.raises(NotFound):
            call("SOL", "1h")


def test_removing(store: Store) -> None:
    store.append(make_bars(10))
    store.append(changed(make_bars(10), 3, 9.0))
    store.append(make_bars(10, instrument="ETH"))
    assert store.remove("BTC", "1h") == 10
    assert [str(one.instrument) for one in store.series()] == ["ETH/USDT"]
    with pytest.raises(NotFound):
        store.remove("BTC", "1h")
    assert store.append(make_bars(5)) == Appended(5, 0, 0)
    assert store.corrections("BTC", "1h") == []


def test_no_bars_leave_no_trace(store: Store) -> None:
    assert store.append(make_bars(0)) == Appended(0, 0, 0)
    assert not store.folder.exists()


def test_every_series_has_a_folder_of_its_own() -> None:
    hour = parse_timeframe("1h")
    names = ["BTC", "btc", "B_TC", "B", "TC", "B/TC", "ß", "%42TC", "..", "CON", "币", ""]
    instruments = [Instrument(base, quote, settle, venue) for base in names for quote in ("USDT", "usdt", "_")
                   for settle in ("", "USDT") for venue in ("", "local", "LOCAL", "binance", "..", "a/b")]  # fmt: skip
    folders = [folder_of(Path("r"), one, hour) for one in instruments]
    assert len({str(folder).lower() for folder in folders}) == len(instruments)
    assert all(len(folder.parts) == 4 and ".." not in folder.parts for folder in folders)
    assert str(folder_of(Path("r"), Instrument("BTC", "USDT", "USDT", "binance"), hour)) == os.path.join(
        "r", "binance", "BTC_USDT_USDT", "1h"
    )


def test_odd_names_are_kept(store: Store) -> None:
    odd = Instrument("币x", "usd/t", "", "My Venue")
    store.append(make_bars(5, instrument=odd))
    assert store.load(odd, "1h").instrument == odd
    assert store.series()[0].venue == "My Venue"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WickworkError, match=r"The store could not write BTC/USDT 1h in .*: "):
        Store(tmp_path / "file").append(make_bars(5))


def test_nothing_here_imports_pandas(store: Store, tmp_path: Path) -> None:
    """It would take longer than most commands do; pyarrow imports it by itself when asked for a numpy array."""
    lines = "\n".join(f"{START + HOUR * hour},1,1,1,1,1" for hour in range(20))
    (tmp_path / "BTCUSDT_1h.csv").write_text(f"time,open,high,low,close,volume\n{lines}\n")
    code = (
        "import sys; from pathlib import Path; from wickwork.market.store import Store;"
        "from wickwork.market.sources import import_file;"
        "store = Store(Path(sys.argv[1])); import_file(store, sys.argv[2]);"
        "sys.exit(len(store.load('BTC', '1h')) != 20 or 'pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(store.folder), str(tmp_path / "BTCUSDT_1h.csv")]
    assert subprocess.run(command, check=False).returncode == 0  # noqa: S603


def test_where_bars_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path))
    assert default_folder() == Store().folder == tmp_path / "bars"
    monkeypatch.delenv("WICKWORK_HOME")
    assert default_folder().name == "bars"
    assert "wickwork" in str(default_folder())


def test_timeframes_are_kept_apart(store: Store) -> None:
    for size in (60_000, 90 * 60_000, 30_000):
        frame = Timeframe(size)
        store.append(make_bars(7, str(frame)))
        assert len(store.load("BTC", frame)) == 7
    assert [str(one.timeframe) for one in store.series()] == ["30s", "1m", "90m"]


def test_what_a_venue_was_asked_for_is_kept_with_the_bars(store: Store) -> None:
    bars, hour = make_bars(10, instrument="binance:BTCUSDT"), HOUR
    name = ("BTC/USDT", "1h", "binance")
    assert store.append(bars.slice(0, 0), covered=[(START, START + hour)]) == Appended(0, 0, 0)
    with pytest.raises(NotFound):
        store.covered(*name)
    store.append(bars, covered=[(START, START + 20 * hour), (START + 20 * hour, START + 30 * hour)])
    assert store.covered(*name) == ((START, START + 30 * hour),)
    store.append(bars.slice(0, 0), covered=[(START - 9 * hour, START - hour)])
    assert store.append(bars) == Appended(0, 10, 0)
    assert store.covered(*name) == ((START - 9 * hour, START - hour), (START, START + 30 * hour))
    before = contents(store)
    store.append(bars, covered=[(START, START + hour)])
    assert contents(store) == before
    store.remove(*name)
    store.append(bars)
    assert store.covered(*name) == ()


def test_spans_that_an_earlier_version_requested_do_not_count_as_covered(store: Store) -> None:
    bars = make_bars(10)
    store.append(bars, covered=[(START, START + DAY)])
    [manifest] = store.folder.glob("*/*/*/manifest.json")
    data = json.loads(manifest.read_text())
    data["asked"] = data.pop("covered")
    manifest.write_text(json.dumps(data))
    assert store.covered("BTC/USDT", "1h") == ()
    assert store.load("BTC/USDT", "1h").digest() == bars.digest()
