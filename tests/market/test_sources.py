"""Reading every format, and every spelling of the columns."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from file_cases import BARS, packed, put, rows_of, same, table, text, write
from market_cases import SHARED

from wickwork.market.raw import NO_TIME
from wickwork.market.sources import NaiveTimes, load_bars, read_bars
from wickwork.model.bars import COLUMNS, iso
from wickwork.model.timeframe import HOUR


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("timestamp,open,high,low,close,volume", ","),
        ("time,open,high,low,close,volume", ","),
        ("date,open,high,low,close,volume", ","),
        ("datetime,open,high,low,close,volume", ","),
        ("open_time,open,high,low,close,volume", ","),
        ("opened_at,open,high,low,close,volume", ","),
        ("Open Time, Open ,HIGH,Low,Close,Volume", ","),
        ("t;o;h;l;c;v", ";"),
        ("T\tO\tH\tL\tC\tV", "\t"),
        ("unix|open|high|low|close|Volume BTC", "|"),
        ('"Date","Open","High","Low","Close","Volume"', ","),
        ("Fecha;Apertura;Máximo;Mínimo;Cierre;Volumen", ";"),
        ("fecha,apertura,maximo,minimo,cierre,volumen", ","),
        ("FECHA;APERTURA;MÁXIMO;MÍNIMO;CIERRE;VOLUMEN", ";"),
    ],
)
def test_headers(header: str, separator: str, tmp_path: Path) -> None:
    same(put(tmp_path / "BTCUSDT_1h.csv", text(rows_of(BARS), header, separator)))


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    rows = [["x", row[5], row[4], row[3], row[2], row[1], 7, row[0]] for row in rows_of(BARS)]
    same(put(tmp_path / "BTCUSDT.csv", text(rows, "symbol,volume,close,low,high,open,trades,time")))


def test_decimal_commas_where_semicolons_separate(tmp_path: Path) -> None:
    rows = [
        [row[0], *(f"{value:,.10f}".translate(str.maketrans(",.", ".,")) for value in row[1:])] for row in rows_of(BARS)
    ]
    same(put(tmp_path / "BTCUSDT.csv", text(rows, "fecha;apertura;máximo;mínimo;cierre;volumen", ";")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_and_line_ends(encoding: str, tmp_path: Path) -> None:
    content = text(rows_of(BARS), "Fecha;Apertura;Máximo;Mínimo;Cierre;Volumen", ";").replace("\n", "\r\n")
    same(put(tmp_path / "BTCUSDT.csv", content.encode(encoding)))


def test_a_line_of_advertising_and_empty_lines(tmp_path: Path) -> None:
    content = "https://www.CryptoDataDownload.com\n\n" + text(rows_of(BARS), "unix,open,high,low,close,Volume BTC")
    found = load_bars(put(tmp_path / "Binance_BTCUSDT_1h.csv", content + "\n\n"))
    assert found.instrument.venue == "binance"
    assert (found.close == BARS.close).all()


def test_packed_text(tmp_path: Path) -> None:
    content = text(rows_of(BARS))
    same(put(tmp_path / "BTCUSDT.csv.gz", gzip.compress(content.encode())))
    same(put(tmp_path / "BTCUSDT.csv.zip", packed(content)))
    same(put(tmp_path / "BTCUSDT.zip", packed(content)))
    same(put(tmp_path / "BTCUSDT.tsv", content.replace(",", "\t")))


BINANCE = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)


@pytest.mark.parametrize("header", ["", BINANCE])
@pytest.mark.parametrize("scale", [1, 1000])
def test_the_public_dumps_of_binance(header: str, scale: int, tmp_path: Path) -> None:
    rows = [
        [
            row[0] * scale,
            *(f"{value:.10f}" for value in row[1:]),
            (row[0] + HOUR - 1) * scale,
            "1.0",
            5,
            "0.5",
            "0.2",
            0,
        ]
        for row in rows_of(BARS)
    ]
    name = "spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2021-01.zip"
    same(put(tmp_path / name, packed(text(rows, header), "BTCUSDT-1h-2021-01.csv")))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_tables(unit: str, ending: str, tmp_path: Path) -> None:
    for zone in ("UTC", "Europe/Madrid"):
        times = pa.array(BARS.opened_at).cast(pa.timestamp("ms")).cast(pa.timestamp(unit, zone))
        write(table(times, name="date"), tmp_path / f"BTC_USDT-1h.{ending}")
        same(tmp_path / f"BTC_USDT-1h.{ending}")


@pytest.mark.parametrize(
    "times",
    [
        pa.array(BARS.opened_at),
        pa.array(BARS.opened_at // 1000).cast(pa.int32()),
        pa.array(BARS.opened_at.astype(float)),
        pa.array([str(one) for one in BARS.opened_at]),
        pa.array([iso(one) for one in BARS.opened_at]).dictionary_encode(),
        pa.array([iso(one) for one in BARS.opened_at], pa.large_string()),
    ],
    ids=lambda column: str(column.type),
)
def test_times_of_tables(times: Any, tmp_path: Path) -> None:
    same(write(table(times, name="open_time"), tmp_path / "BTCUSDT.parquet"))


def test_prices_of_tables_may_be_texts_or_decimals(tmp_path: Path) -> None:
    times = pa.array(BARS.opened_at)
    same(write(table(times, lambda column: [repr(float(one)) for one in column]), tmp_path / "BTCUSDT.parquet"))
    decimal = lambda column: pa.array(column).cast(pa.decimal128(30, 12), safe=False)  # noqa: E731
    found = load_bars(write(table(times, decimal), tmp_path / "BTCUSDT.parquet"))
    assert np.abs(found.close - BARS.close).max() < 1e-9


def test_missing_cells_of_tables_are_missing_not_zero(tmp_path: Path) -> None:
    for number in (pa.float64(), pa.float32(), pa.int64(), pa.string()):
        for moment in (pa.int64(), pa.timestamp("ms", "UTC"), pa.string()):
            times = pa.array([None if row == 5 else int(when) for row, when in enumerate(BARS.opened_at)])
            closes = pa.array([None if row % 7 == 3 else 100 + row for row in range(len(BARS))])
            columns = {"time": times.cast(moment)}
            columns |= dict.fromkeys(COLUMNS, closes.cast(number))
            path = tmp_path / "BTCUSDT_1h.parquet"
            pq.write_table(pa.table(columns), path, row_group_size=9)
            raw = read_bars(path)
            assert np.flatnonzero(raw.opened_at == NO_TIME).tolist() == [5]
            assert np.flatnonzero(np.isnan(raw.close)).tolist() == list(range(3, 40, 7))
            assert raw.close[4] == 104.0
            assert (np.delete(raw.opened_at, 5) == np.delete(BARS.opened_at, 5)).all()


def test_tables_without_a_zone_warn(tmp_path: Path) -> None:
    naive = pa.array(BARS.opened_at).cast(pa.timestamp("ms"))
    with pytest.warns(NaiveTimes):
        same(write(table(naive), tmp_path / "BTCUSDT.parquet"))


def test_a_table_of_pandas_with_times_as_its_index(tmp_path: Path) -> None:
    BARS.to_pandas().rename_axis(None).to_parquet(tmp_path / "BTCUSDT.parquet")
    same(tmp_path / "BTCUSDT.parquet")


def test_json_of_freqtrade(tmp_path: Path) -> None:
    same(put(tmp_path / "BTC_USDT-1h.json", json.dumps(rows_of(BARS))))
    same(put(tmp_path / "BTC_USDT-1h.json.gz", gzip.compress(json.dumps(rows_of(BARS)).encode())))
    texts = [[row[0], *map(repr, row[1:]), "more"] for row in rows_of(BARS)]
    same(put(tmp_path / "BTC_USDT-1h.json", json.dumps(texts)))


def test_the_layout_of_hugging_face(tmp_path: Path) -> None:
    for times in (pa.array(BARS.opened_at), pa.array([iso(one) for one in BARS.opened_at])):
        path = tmp_path / "klines" / "BTCUSDT" / "BTC_1h.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        same(write(table(times, lambda column: [str(one) for one in column], name="open_time"), path))


@pytest.mark.skipif(not SHARED.exists(), reason="the folder of real bars is not beside the repository")
def test_real_files() -> None:
    hour, day = (load_bars(SHARED / "hf_layout" / "klines" / "BTCUSDT" / f"BTC_{one}.parquet") for one in ("1h", "1d"))
    assert (str(hour.instrument), str(hour.timeframe), len(hour)) == ("BTC/USDT", "1h", 8759)
    assert (str(day.instrument), str(day.timeframe), len(day)) == ("BTC/USDT", "1d", 1460)
    assert hour.instrument.venue == ""
    spot = load_bars(SHARED / "binance_spot" / "1d" / "BTCUSDT.parquet").between(int(day.opened_at[0]), None)
    assert (spot.close == day.close).all()
    perpetual = load_bars(SHARED / "okx_perp" / "15m" / "BTCUSDT.parquet")
    assert (str(perpetual.instrument), perpetual.instrument.venue) == ("BTC/USDT:USDT", "okx")
