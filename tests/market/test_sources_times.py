"""Times in every spelling, and the one warning about those without a zone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from file_cases import BARS, put, rows_of, same, text

from wickwork.market.sources import NaiveTimes
from wickwork.model.bars import iso
from wickwork.model.timeframe import HOUR


@pytest.mark.parametrize(
    "time",
    [
        lambda ms: ms // 1000,
        lambda ms: f"{ms / 1000:.1f}",
        lambda ms: f"{ms // 1000:.4e}".replace("e+09", "e9") if ms % 10**8 == 0 else ms // 1000,
        lambda ms: ms,
        lambda ms: ms * 1000,
        lambda ms: ms * 1_000_000,
        lambda ms: iso(ms),
        lambda ms: iso(ms).replace("T", " ").replace("Z", "+00:00"),
        lambda ms: iso(ms + 2 * HOUR).replace("Z", "+02:00"),
        lambda ms: iso(ms - 5 * HOUR).replace("Z", "-0500"),
        lambda ms: iso(ms).replace("T", " ").replace("Z", " UTC"),
        lambda ms: iso(ms).replace("Z", ".000Z"),
        lambda ms: iso(ms) if ms % 7 else ms,  # epochs and texts mixed
    ],
)
def test_times_with_a_zone_or_as_numbers(time: Callable[[int], Any], tmp_path: Path) -> None:
    same(put(tmp_path / "BTCUSDT.csv", text(rows_of(BARS, time))))


@pytest.mark.parametrize(
    "time",
    [
        lambda ms: iso(ms)[:-1],
        lambda ms: iso(ms)[:-1].replace("T", " "),
        lambda ms: iso(ms)[:16].replace("T", " "),
        lambda ms: iso(ms)[:13],
        lambda ms: iso(ms)[:-1] if ms % 7 else iso(ms),  # some with, some without
    ],
)
def test_times_without_a_zone_are_utc_and_warn_once(time: Callable[[int], Any], tmp_path: Path) -> None:
    path = put(tmp_path / "BTCUSDT.csv", text(rows_of(BARS, time)))
    with pytest.warns(NaiveTimes, match=r"BTCUSDT\.csv has times without a zone; they were taken as UTC") as told:
        same(path)
    assert len(told) == 1
    assert told[0].filename.endswith("file_cases.py")


def test_day_and_hour_in_two_columns(tmp_path: Path) -> None:
    rows = [[iso(row[0])[:10], iso(row[0])[11:-1], *row[1:]] for row in rows_of(BARS)]
    with pytest.warns(NaiveTimes):
        same(put(tmp_path / "BTCUSDT.csv", text(rows, "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>")))
