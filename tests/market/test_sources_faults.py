"""What a file does not tell, and a sentence for everything that is wrong with it."""

import gzip
import io
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from file_cases import BARS, packed, put, rows_of, same, table, text, write
from hypothesis import given, settings
from hypothesis import strategies as st
from market_cases import START, make_bars

from wickwork.market.raw import NO_TIME
from wickwork.market.sources import NaiveTimes, load_bars, read_bars
from wickwork.market.sources.formats import formats
from wickwork.model.errors import InputError, NotFound, WickworkError
from wickwork.model.timeframe import HOUR


def test_arguments_override_the_name(tmp_path: Path) -> None:
    path = put(tmp_path / "binance_spot" / "1d" / "ETHUSDT.csv", text(rows_of(BARS)))
    raw = read_bars(path)
    assert (str(raw.instrument), raw.instrument.venue, str(raw.timeframe)) == ("ETH/USDT", "binance", "1d")
    raw = read_bars(path, "okx:BTC-PERP", "30")
    assert (str(raw.instrument), raw.instrument.venue, str(raw.timeframe)) == ("BTC/USDT:USDT", "okx", "30m")
    assert read_bars(path, "BTC").instrument.venue == "binance"


def test_the_timeframe_is_the_usual_distance(tmp_path: Path) -> None:
    rows = rows_of(make_bars(50, "15m"))
    del rows[3:6], rows[20:40]
    rows[5], rows[1] = rows[1], rows[5]
    assert str(read_bars(put(tmp_path / "BTCUSDT.csv", text(rows))).timeframe) == "15m"
    weeks = rows_of(make_bars(9, "1w"))
    assert str(load_bars(put(tmp_path / "BTCUSDT.csv", text(weeks))).timeframe) == "1w"
    for few in (rows[:1], []):
        with pytest.raises(InputError, match=r"too few rows to show its timeframe: give the option timeframe"):
            read_bars(put(tmp_path / "BTCUSDT.csv", text(few)))
    assert len(load_bars(put(tmp_path / "BTCUSDT.csv", text([])), timeframe="1h")) == 0
    odd = [[START + 1500 * i, *row[1:]] for i, row in enumerate(rows)]
    with pytest.raises(InputError, match="rows that are 1500 ms apart, which is not a timeframe"):
        read_bars(put(tmp_path / "BTCUSDT.csv", text(odd)))


def test_the_instrument_may_stand_in_a_column(tmp_path: Path) -> None:
    header = "time,symbol,open,high,low,close,volume"
    rows = [[row[0], "BTC/USDT", *row[1:]] for row in rows_of(BARS)]
    same(put(tmp_path / "prices.csv", text(rows, header)))
    rows[7][1] = "ETHUSDT"
    with pytest.raises(InputError, match=r"several instruments \(BTC/USDT, ETHUSDT in the column symbol\); split it"):
        load_bars(put(tmp_path / "prices.csv", text(rows, header)))


def test_an_unknown_instrument_names_the_option(tmp_path: Path) -> None:
    path = put(tmp_path / "prices.csv", text(rows_of(BARS)))
    with pytest.raises(
        InputError, match=r"does not name the instrument of its bars: give the option instrument \(such as BTC/USDT\)"
    ):
        read_bars(path)
    same(path, instrument="BTC")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (text(rows_of(BARS), "time,open,high,low,clsoe,volume"),
         r"has no column for close; found: time, open, high, low, clsoe, volume\. Did you mean 'clsoe'\?"),
        (text(rows_of(BARS), "a,b,c,d,e,f"), r"has no column for time; found: a, b, c, d, e, f\."),
        (text([row[:5] for row in rows_of(BARS)], "time,open,high,low,close"), "has no column for volume; found"),
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        (text([*rows_of(BARS)[:3], [START, 1, "abc", 1, 1, 1]]), r"row 3 has the high 'abc', which is not a number;"),
        (text([*rows_of(BARS)[:3], ["soon", 1, 1, 1, 1, 1]]), r"row 3 has the opened_at 'soon', which is not a time;"),
        (text([*rows_of(BARS)[:3], [START, 1, 1]]), r"row 3 has another number of cells than the header"),
        (text([*rows_of(BARS)[:3], ["", 1, 1, 1, 1, 1]]), r"row 3 has no time"),
        (text([[20210101 + i, *row[1:]] for i, row in enumerate(rows_of(BARS)[:9])]), "'20210101', which is"),
        (text([*rows_of(BARS)[5:], *rows_of(BARS)[:5]]),
         r"BTCUSDT_1h\.csv: bar 35 .* comes before the bar in front of it; .* \(`wick data import` sorts rows and"),
        (text([*rows_of(BARS), rows_of(BARS)[-1]]), r"bar 40 .* repeats the bar in front of it"),
        (text([*rows_of(BARS)[:2], [START + 2 * HOUR, 1, 2, "", 1, 1]]), r"bar 2 .* has the low nan; prices must"),
        (text([[row[0] + 1000, *row[1:]] for row in rows_of(BARS)]), "bar 0 .* does not open on the 1h grid"),
    ],
)  # fmt: skip
def test_the_first_fault_of_a_text_is_named(content: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        load_bars(put(tmp_path / "BTCUSDT_1h.csv", content))


@pytest.mark.parametrize("ending", sorted(end for one in formats() for end in one.endings))
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"PK\x03\x04rubbish", b"PAR1PAR1", b"\x1f\x8b\x08", b"ARROW1", b"[[1,2],", b"{}", b"[1]", b"[[1,2]]",
     bytes(range(256)) * 9, packed("", "x.txt"), packed("", "x.md"), gzip.compress(b"a,b\n1,2\n"), b"[" * 100_000],
    ids=range(15),
)  # fmt: skip
def test_no_file_gives_a_foreign_error(content: bytes, ending: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        load_bars(put(tmp_path / f"BTCUSDT_1h{ending}", content))
    assert str(told.value).endswith(".")
    assert len(str(told.value)) < 500


@settings(max_examples=150, deadline=None)
@given(st.text("0123456789,;.:-TZ\n\t\"'aeopn \ufeffé", max_size=200))
def test_any_text_gives_rows_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    for content in (body, "time,open,high,low,close,volume\n" + body):
        path = put(tmp_path_factory.getbasetemp() / "BTCUSDT_1h.csv", content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NaiveTimes)
            try:
                read_bars(path)
                load_bars(path)
            except WickworkError:
                pass


def test_columns_of_types_that_cannot_be_used(tmp_path: Path) -> None:
    times = pa.array(BARS.opened_at)
    with pytest.raises(InputError, match="column open holds bool where numbers are needed"):
        load_bars(write(table(times, lambda column: column > 0), tmp_path / "BTCUSDT.parquet"))
    with pytest.raises(InputError, match=r"column opened_at holds list<.*> where times are needed"):
        load_bars(write(table(pa.array([[1]] * len(BARS))), tmp_path / "BTCUSDT.parquet"))


def test_missing_files_folders_and_endings(tmp_path: Path) -> None:
    put(tmp_path / "BTCUSDT.csv", "")
    with pytest.raises(NotFound, match=r"There is no file .*BTCUSD\.csv\. Did you mean 'BTCUSDT\.csv'\?"):
        load_bars(tmp_path / "BTCUSD.csv")
    with pytest.raises(InputError, match="is a folder; import it"):
        load_bars(tmp_path)
    with pytest.raises(InputError, match=r"no ending of a format that can be read, such as .*\.csv.* Did you mean"):
        load_bars(put(tmp_path / "BTCUSDT.parqet", ""))
    sink = io.BytesIO(packed("", "a.csv"))
    with zipfile.ZipFile(sink, "a") as archive:
        archive.writestr("b.csv", "")
    with pytest.raises(InputError, match="holds 2 CSV files; a zip must hold one"):
        load_bars(put(tmp_path / "BTCUSDT.zip", sink.getvalue()))


def test_rows_are_read_as_they_stand(tmp_path: Path) -> None:
    rows = rows_of(BARS)[::-1]
    rows[2][0], rows[3][4] = "", "x"
    raw = read_bars(put(tmp_path / "BTCUSDT.csv", text(rows)))
    assert raw.opened_at[2] == NO_TIME
    assert np.isnan(raw.close[3])
    assert [str(one) for one in raw.unreadable] == ["row 3 has the close 'x', which is not a number"]
    assert (raw.open == BARS.open[::-1]).all()
    assert not raw.naive_times


def test_every_module_of_formats_is_found() -> None:
    assert [one.name for one in formats()] == ["CSV", "Feather", "JSON rows", "Parquet"]
    endings = [end for one in formats() for end in one.endings]
    assert len(endings) == len(set(endings))
