"""Files as MetaTrader, yfinance, Macs and spreadsheets write them, and names that say another timeframe."""

import io
import warnings
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from file_cases import BARS, put, rows_of, same, text, write
from market_cases import START, make_bars

from wickwork.market.quality import check_bars
from wickwork.market.sources import NaiveTimes, clean, import_file, load_bars, read_bars
from wickwork.market.store import Store
from wickwork.model.bars import COLUMNS, Bars, iso
from wickwork.model.errors import InputError
from wickwork.model.timeframe import HOUR


def at(ms: int, pattern: str) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime(pattern)


def naive_load(path: Path) -> Bars:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NaiveTimes)
        return load_bars(path)


def test_metatrader_4(tmp_path: Path) -> None:
    rows = [[at(row[0], "%Y.%m.%d"), at(row[0], "%H:%M"), *row[1:]] for row in rows_of(BARS)]
    for name in ("BTCUSD60.csv", "BTCUSD_H1.csv"):
        found = naive_load(put(tmp_path / name, text(rows, "")))
        assert (str(found.instrument), str(found.timeframe)) == ("BTC/USD", "1h")
        assert (found.opened_at == BARS.opened_at).all()
        assert (found.volume == BARS.volume).all()


HEAD_5 = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"


@pytest.mark.parametrize("traded", [0, 7])
def test_metatrader_5(traded: int, tmp_path: Path) -> None:
    rows = [[at(row[0], "%Y.%m.%d"), at(row[0], "%H:%M:%S"), *row[1:], traded, 3] for row in rows_of(BARS)]
    path = put(tmp_path / "BTCUSD_H1_202101010000_202101021500.csv", text(rows, HEAD_5, "\t").encode("utf-16"))
    found = naive_load(path)
    assert (str(found.instrument), str(found.timeframe)) == ("BTC/USD", "1h")
    assert (found.opened_at == BARS.opened_at).all()
    assert (found.volume == (traded or BARS.volume)).all()
    with pytest.warns(NaiveTimes):
        assert [one.kind for one in clean(read_bars(path))[1]] == ([] if traded else ["ticks"])


def test_metatrader_5_by_days(tmp_path: Path) -> None:
    days = make_bars(9, "1d")
    rows = [[at(row[0], "%Y.%m.%d"), *row[1:], 1, 3] for row in rows_of(days)]
    found = naive_load(put(tmp_path / "BTCUSD_Daily.csv", text(rows, HEAD_5.replace("<TIME>\t", ""), "\t")))
    assert (found.opened_at == days.opened_at).all()


YAHOO = {
    "now": "Price,Close,High,Low,Open,Volume\nTicker,{0},{0},{0},{0},{0}\nDatetime,,,,,\n",
    "by ticker": "Ticker,{0},{0},{0},{0},{0}\nPrice,Close,High,Low,Open,Volume\nDate,,,,,\n",
    "without tickers": ",Close,High,Low,Open,Volume\nDatetime,,,,,\n",
}


def yahoo_rows() -> str:
    order = (4, 2, 3, 1, 5)
    return text(
        [[iso(r[0]).replace("T", " ").replace("Z", "+00:00"), *(r[i] for i in order)] for r in rows_of(BARS)], ""
    )


@pytest.mark.parametrize("kind", YAHOO)
def test_the_three_lines_of_yfinance(kind: str, tmp_path: Path) -> None:
    found = load_bars(put(tmp_path / "BTC-USD.csv", YAHOO[kind].format("BTC-USD") + yahoo_rows()))
    assert str(found.instrument) == "BTC/USD"
    for name in ("opened_at", *COLUMNS):
        assert (getattr(found, name) == getattr(BARS, name)).all()


def test_the_ticker_of_yfinance_names_the_instrument(tmp_path: Path) -> None:
    for name in ("prices.csv", "btc.csv"):
        found = load_bars(put(tmp_path / name, YAHOO["now"].format("BTC-USD") + yahoo_rows()))
        assert str(found.instrument) == "BTC/USD"
    with pytest.raises(InputError, match=r"holds several instruments \(ETH-USD, BTC-USD\); save each in a file"):
        load_bars(put(tmp_path / "prices.csv", YAHOO["now"].replace("{0},", "ETH-USD,", 1).format("BTC-USD")))


def test_a_table_of_yfinance_with_two_levels(tmp_path: Path) -> None:
    columns = {"Datetime": pa.array(BARS.opened_at).cast(pa.timestamp("ms", "UTC"))}
    columns |= {f"('{name.title()}', 'BTC-USD')": getattr(BARS, name) for name in COLUMNS}
    found = load_bars(write(pa.table(columns), tmp_path / "prices.parquet"))
    assert (str(found.instrument), (found.close == BARS.close).all()) == ("BTC/USD", True)


def archive(**files: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return sink.getvalue()


def test_zips_made_on_a_mac_or_with_a_note(tmp_path: Path) -> None:
    content = text(rows_of(BARS))
    mac = {"data/": "", "data/BTCUSDT.csv": content, "__MACOSX/data/._BTCUSDT.csv": "Mac OS X", "data/._x.csv": "\0"}
    same(put(tmp_path / "BTCUSDT.zip", archive(**mac)))
    same(put(tmp_path / "BTCUSDT.zip", archive(**{"README.txt": "hello", "x.csv": content})))
    same(put(tmp_path / "BTCUSDT.zip", archive(**{"x.txt": content})))


WRITTEN = [
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S.000", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M", "%m-%d-%Y %H:%M",
    "%Y/%m/%d %H:%M", "%Y.%m.%dT%H:%M:%S", "%Y-%m-%d %I-%p", "%b %d, %Y %H:%M", "%d %B %Y %H:%M",
    "%Y%m%d %H%M%S", "%d-%b-%Y %H:%M",
]  # fmt: skip


@pytest.mark.parametrize("pattern", WRITTEN)
def test_dates_in_every_order(pattern: str, tmp_path: Path) -> None:
    bars = make_bars(400, "6h")
    rows = [[at(when, pattern), *values] for when, *values in rows_of(bars)]
    found = naive_load(put(tmp_path / "BTCUSDT.csv", text(rows, "time;open;high;low;close;volume", ";")))
    assert (found.opened_at == bars.opened_at).all()


def test_dates_without_zeros_in_front(tmp_path: Path) -> None:
    bars = make_bars(400, "6h")
    moments = [datetime.fromtimestamp(when / 1000, UTC) for when in bars.opened_at.tolist()]
    rows = [
        [f"{m.month}/{m.day}/{m.year} {m.hour}:00", *values]
        for m, (_, *values) in zip(moments, rows_of(bars), strict=True)
    ]
    assert (naive_load(put(tmp_path / "BTCUSDT.csv", text(rows))).opened_at == bars.opened_at).all()


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        (["01/05/2024 12:00 AM", "01/05/2024 1:00 AM"], r"dates such as '01/05/2024', in which either number"),
        (["13/01/2024 00:00", "01/14/2024 00:00"], r"dates in two ways: '13/01/2024 ?' begins with the day, and"),
        (["32.01.2024 00:00", "33.01.2024 00:00"], r"opened_at '32\.01\.2024 00:00', which is not a time; write"),
        (["45292.0", "45292.04"], r"opened_at '45292\.0', which is not a time"),
        (["01/13/24", "01/14/24"], r"opened_at '01/13/24', which is not a time"),
    ],
)  # fmt: skip
def test_dates_that_cannot_be_read_are_named(dates: list[str], sentence: str, tmp_path: Path) -> None:
    rows = [[date, 1, 1, 1, 1, 1] for date in dates]
    with pytest.raises(InputError, match=sentence):
        read_bars(put(tmp_path / "BTCUSDT.csv", text(rows)))


def test_dates_of_one_day_whose_numbers_are_equal_are_read(tmp_path: Path) -> None:
    rows = [["02/02/2024", f"{hour}:00 AM", 1, 1, 1, 1, 1] for hour in (1, 2)]
    found = naive_load(put(tmp_path / "BTCUSDT.csv", text(rows, "date,time,open,high,low,close,volume")))
    assert iso(found.opened_at[0]) == "2024-02-02T01:00:00Z"


def test_a_moment_called_time_beside_a_date(tmp_path: Path) -> None:
    rows = [[iso(row[0])[:10], row[0] // 1000, *row[1:]] for row in rows_of(BARS)]
    same(put(tmp_path / "BTCUSDT.csv", text(rows, "date,time,open,high,low,close,volume")))


SLOW, FAST = "The rows are 1h apart, and 1m is what the name", "The rows are 1m apart, and 1h is what the name"


@pytest.mark.parametrize(("name", "rows", "sentence"), [("BTCUSDT_1m", "1h", SLOW), ("1h/BTCUSDT", "1m", FAST)])
@pytest.mark.parametrize("count", [3, 600])
def test_a_name_with_another_timeframe_than_the_rows(
    name: str, rows: str, sentence: str, count: int, tmp_path: Path
) -> None:
    path, store = put(tmp_path / f"{name}.csv", text(rows_of(make_bars(count, rows)))), Store(tmp_path / "store")
    [finding] = check_bars(read_bars(path)).of("timeframe")
    assert (finding.severity, finding.count) == ("error", count)
    for call in (load_bars, lambda path: import_file(store, path)):
        with pytest.raises(InputError, match=sentence):
            call(path)
    assert store.series() == []
    assert len(load_bars(path, timeframe=rows)) == count


def test_a_timeframe_that_was_given_may_be_finer_than_rare_rows(tmp_path: Path) -> None:
    path = put(tmp_path / "BTCUSDT.csv", text(rows_of(BARS)))
    assert len(load_bars(path, timeframe="1m")) == 40
    assert [one.severity for one in clean(read_bars(path, timeframe="1m"))[1]] == ["warning"]
    with pytest.raises(InputError, match=r"The rows are 1h apart, and 4h is the timeframe that was given"):
        load_bars(path, timeframe="4h")


def test_rare_rows_and_holes_are_not_another_timeframe(tmp_path: Path) -> None:
    times = START + HOUR * np.array([0, 5, 10, 15, 16, 40])
    rows = [[when, *row[1:]] for when, row in zip(times.tolist(), rows_of(BARS), strict=False)]
    assert len(load_bars(put(tmp_path / "BTCUSDT_1h.csv", text(rows)))) == 6


@pytest.mark.parametrize(
    ("name", "symbol", "found"),
    [("btc", "BTC/EUR", "BTC/EUR"), ("BTCUSDT", "BTC/USDT:USDT", "BTC/USDT:USDT"), ("BTCUSDT", "Bitcoin", "BTC/USDT"),
     ("BTCUSDT", "ETHUSDT", None), ("BTCUSDT", "BTC/EUR", None), ("BTC-PERP", "BTCUSDT", "BTC/USDT:USDT")],
)  # fmt: skip
def test_a_name_and_a_column_that_say_the_instrument(name: str, symbol: str, found: str | None, tmp_path: Path) -> None:
    rows = [[row[0], symbol, *row[1:]] for row in rows_of(BARS)]
    path = put(tmp_path / f"{name}.csv", text(rows, "time,symbol,open,high,low,close,volume"))
    if found:
        assert str(load_bars(path).instrument) == found
        return
    with pytest.raises(InputError, match="is named after BTC/USDT, and its rows are of"):
        load_bars(path)
    assert str(load_bars(path, "BTC/USDT").instrument) == "BTC/USDT"


def test_the_folder_of_a_file_may_say_another_timeframe_to_the_reader(tmp_path: Path) -> None:
    path = put(tmp_path / "1m" / "BTCUSDT_1h.csv", text(rows_of(BARS)))
    assert str(load_bars(path).timeframe) == "1h"
