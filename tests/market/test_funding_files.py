"""Funding rates read from files as exchanges write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wickwork import FundingRates, InputError, Instrument, load_funding

SWAP = Instrument("BTC", "USDT", "USDT")
TIMES = 1_704_067_200_000 + 8 * 3_600_000 * np.arange(3)
RATES = [0.0001, -0.00005, 0.0002]


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "BTCUSDT-fundingRate-2024-01.csv",
            "calc_time,funding_interval_hours,last_funding_rate\n"
            + "".join(f"{t},8,{r}\n" for t, r in zip(TIMES, RATES, strict=True)),
        ),
        (
            "BTCUSDT.csv",
            "fundingRate,time\n0.0002,2024-01-01T16:00:00Z\n-0.00005,2024-01-01T08:00:00Z\n0.0001,2024-01-01T00:00:00Z\n",
        ),
    ],
    ids=["a monthly archive", "newest first"],
)
def test_rates_of_text_files(tmp_path: Path, name: str, text: str) -> None:
    found = load_funding(written(tmp_path / name, text))
    assert (found.instrument, found.source) == (SWAP, name)
    assert found.times.tolist() == TIMES.tolist()
    assert found.rates.tolist() == RATES


def test_rates_of_a_parquet_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"time": TIMES, "rate": RATES}), tmp_path / "rates.parquet")
    assert load_funding(tmp_path / "rates.parquet", "BTC/USDT:USDT").rates.tolist() == RATES
    with pytest.raises(InputError, match="whose funding"):
        load_funding(tmp_path / "rates.parquet")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("time,price\n1704067200000,1\n", "no column of rates"),
        ("when,rate\n1704067200000,1\n", "no column of times"),
        ("time,rate\n1704067200000,\n", "row 0 has no rate"),
        ("time,rate\n1704067200000,a\n", "'a'|a"),
        ("time,rate\n1704067200000,0.01\n1704096000000,0.01\n", "percent"),
        ("time,rate\n1704067200000,0.0001\n1704067200000,0.0001\n", "times must rise"),
        ("time,rate\n1704067200000,0.0001\n1704096000000,0.0001\n1704100000000,0.5\n", "between -0.1 and 0.1"),
    ],
)
def test_what_is_no_funding_is_refused_with_the_reason(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        load_funding(written(tmp_path / "BTCUSDT.csv", text))


def test_spot_has_no_funding_and_a_series_has_rates() -> None:
    with pytest.raises(InputError, match="is none"):
        FundingRates(Instrument("BTC", "USDT"), TIMES, np.array(RATES))
    with pytest.raises(InputError, match="one each"):
        FundingRates(SWAP, TIMES, np.array(RATES[:2]))
    with pytest.raises(InputError, match="no rates"):
        FundingRates(SWAP, TIMES[:0], np.array(RATES[:0]))


def test_moments_that_were_recorded_late_are_those_of_the_minute(tmp_path: Path) -> None:
    """Else the bar that opens at that time would be charged one bar late."""
    rows = "".join(f"{t + late},0.0001\n" for t, late in zip(TIMES, (0, 3, 1250), strict=True))
    found = load_funding(written(tmp_path / "BTCUSDT.csv", "calc_time,last_funding_rate\n" + rows))
    assert found.times.tolist() == TIMES.tolist()
