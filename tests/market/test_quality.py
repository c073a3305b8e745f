import re
from collections.abc import Callable

import numpy as np
import pytest
from market_cases import SHARED, START, make_bars, pick

from wickwork.market.quality import FROZEN_BARS, Report, check_bars
from wickwork.market.raw import NO_TIME, RawBars, Unreadable
from wickwork.market.sources import load_bars
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.timeframe import HOUR

Fault = Callable[[dict[str, np.ndarray]], None]


def raw(bars: Bars, fault: Fault | None = None) -> RawBars:
    columns = {name: getattr(bars, name).copy() for name in ("opened_at", *COLUMNS)}
    if fault:
        fault(columns)
    return RawBars(bars.instrument, bars.timeframe, **columns, source="x.csv")


def kinds(report: Report) -> set[str]:
    return {finding.kind for finding in report.findings} - {"spike"}


def put(name: str, row: int, value: float) -> Fault:
    def fault(columns: dict[str, np.ndarray]) -> None:
        columns[name][row] = value

    return fault


def swap(columns: dict[str, np.ndarray]) -> None:
    for column in columns.values():
        column[[20, 21]] = column[[21, 20]]


def test_sound_bars_have_no_findings() -> None:
    report = check_bars(make_bars(500))
    assert report.findings == ()
    assert report.sound
    assert (report.rows, report.first, report.last) == (500, START, START + 499 * HOUR)


@pytest.mark.parametrize(
    ("fault", "kind", "row", "sentence"),
    [
        (
            put("close", 7, np.nan),
            "price",
            7,
            "1 row is with a price that is missing, not finite or not above 0; the first",
        ),
        (put("low", 7, 0.0), "price", 7, "low 0"),
        (put("high", 7, np.inf), "price", 7, "high inf"),
        (put("volume", 7, np.nan), "volume", 7, "volume that is missing, not finite or negative"),
        (put("volume", 7, -1.0), "volume", 7, "volume -1"),
        (put("high", 7, 0.5), "ohlc", 7, "with an open or close outside low and high"),
        (put("low", 7, 1000.0), "ohlc", 7, r"row 7 \(2021-01-01T07:00:00Z\)"),
        (put("opened_at", 7, START + 7 * HOUR + 1), "grid", 7, "off the 1h grid"),
        (put("opened_at", 7, START + 6 * HOUR), "duplicate", 6, "1 row is with a time that another row has"),
        (swap, "order", 20, "1 row is earlier than the row in front"),
        (put("opened_at", 7, NO_TIME), "time", None, "without a readable time from 2000 to 2100; the first is row 7"),
    ],
)
def test_one_fault_one_named_error(fault: Fault, kind: str, row: int | None, sentence: str) -> None:
    report = check_bars(raw(make_bars(50), fault))
    [finding] = [one for one in report.findings if one.severity == "error"]
    assert (finding.kind, finding.count) == (kind, 1)
    assert finding.first // HOUR == (0 if row is None else START // HOUR + row)
    assert re.search(sentence, finding.sentence), finding.sentence
    assert not report.sound


def test_a_row_counts_under_the_first_rule_it_breaks() -> None:
    def ruin(columns: dict[str, np.ndarray]) -> None:
        columns["close"][[3, 4, 9]] = np.nan
        columns["volume"][3] = -1.0

    [finding] = check_bars(raw(make_bars(50), ruin)).findings
    assert (finding.kind, finding.count) == ("price", 3)
    assert (finding.first, finding.last) == (START + 3 * HOUR, START + 9 * HOUR)


def test_every_hole_is_told_with_its_span() -> None:
    report = check_bars(pick(make_bars(100), np.r_[0:10, 11:40, 60:100]))
    assert [(one.first, one.last, one.count) for one in report.of("gap")] == [
        (START + 10 * HOUR, START + 10 * HOUR, 1),
        (START + 40 * HOUR, START + 59 * HOUR, 20),
    ]
    assert report.missing == 21
    assert report.sound  # holes are allowed
    assert report.of("gap")[0].sentence == "1 bar is missing at 2021-01-01T10:00:00Z."
    assert report.of("gap")[1].sentence == "20 bars are missing from 2021-01-02T16:00:00Z to 2021-01-03T11:00:00Z."


def test_holes_are_found_in_rows_without_order() -> None:
    bars = make_bars(100)
    rows = np.random.default_rng(3).permutation(np.r_[0:50, 53:100])
    shuffled = raw(bars)
    columns = {name: getattr(shuffled, name)[rows] for name in ("opened_at", *COLUMNS)}
    report = check_bars(RawBars(bars.instrument, bars.timeframe, **columns, source="x"))
    assert report.missing == 3
    assert len(report.of("order")) == 1


def test_runs_without_volume_and_frozen_prices() -> None:
    def freeze(columns: dict[str, np.ndarray]) -> None:
        columns["volume"][[5, 30, 31, 32]] = 0.0
        for name in ("open", "high", "low", "close"):
            columns[name][60 : 60 + FROZEN_BARS + 1] = 100.0
            columns[name][80 : 80 + FROZEN_BARS] = 100.0  # the first of them moved there: one too short

    report = check_bars(raw(make_bars(120), freeze))
    assert [(one.first // HOUR - START // HOUR, one.count) for one in report.of("zero volume")] == [(5, 1), (30, 3)]
    [frozen] = report.of("frozen")
    assert (frozen.first, frozen.count, frozen.severity) == (START + 61 * HOUR, FROZEN_BARS, "warning")


def test_many_runs_are_summed_up() -> None:
    def silence(columns: dict[str, np.ndarray]) -> None:
        columns["volume"][::3] = 0.0
        columns["volume"][1] = 0.0
        columns["volume"][300:310] = 0.0

    found = check_bars(raw(make_bars(3000), silence)).of("zero volume")
    assert len(found) == 6
    assert sum(one.count for one in found) == int((np.arange(3000) % 3 == 0).sum()) + 1 + 6
    assert max(one.count for one in found[:-1]) >= 10
    assert any("shorter runs" in one.sentence for one in found)


def test_a_wrong_tick_is_a_spike_and_usual_moves_are_none() -> None:
    def tick(columns: dict[str, np.ndarray]) -> None:
        columns["close"][200] *= 1.5
        columns["high"][200] = columns["close"][200]
        columns["low"][400] *= 0.4

    spikes = check_bars(raw(make_bars(1000, seed=5), tick)).of("spike")
    by_hour = {(one.first - START) // HOUR: one for one in spikes}
    assert {200, 400} <= set(by_hour) <= {200, 201, 400}
    assert by_hour[200].severity == "warning"
    assert "and the next bar takes it back" in by_hour[200].sentence
    assert "has a wick of -6" in by_hour[400].sentence
    assert check_bars(make_bars(1000, seed=5)).of("spike") == []


def test_a_flat_series_is_checked_too() -> None:
    def flatten(columns: dict[str, np.ndarray]) -> None:
        for name in ("open", "high", "low", "close"):
            columns[name][:] = 1.0

    report = check_bars(raw(make_bars(1000), flatten))
    assert kinds(report) - {"zero volume"} == {"frozen"}
    assert report.of("spike") == []


def test_nothing_and_nearly_nothing() -> None:
    assert [one.kind for one in check_bars(make_bars(0)).findings] == ["empty"]
    assert check_bars(make_bars(1)).findings == ()
    assert check_bars(make_bars(2)).sound


def test_unreadable_cells_are_errors() -> None:
    rows = raw(make_bars(5))
    report = check_bars(RawBars(**{**vars(rows), "unreadable": (Unreadable(2, "close", "abc"),)}))
    assert "row 2 has the close 'abc', which is not a number" in report.of("unreadable")[0].sentence
    assert not report.sound


def test_lag_is_told_when_the_time_is_known() -> None:
    bars = make_bars(10)
    end = START + 10 * HOUR
    assert check_bars(bars, now=end + HOUR - 1).of("lag") == []
    assert check_bars(bars, now=end + 3 * HOUR).of("lag")[0].count == 3


def test_errors_come_first() -> None:
    def ruin(columns: dict[str, np.ndarray]) -> None:
        columns["volume"][5] = 0.0
        columns["close"][30] = np.nan

    report = check_bars(pick_raw(raw(make_bars(50), ruin)))
    assert [one.severity for one in report.findings] == ["error", "warning", "note"]


def pick_raw(rows: RawBars) -> RawBars:
    keep = np.r_[0:10, 12:50]
    return RawBars(**{**vars(rows), **{name: getattr(rows, name)[keep] for name in ("opened_at", *COLUMNS)}})


def table_of_real_files() -> list[tuple[str, list[int]]]:
    """Path, rows, holes, missing bars and bars without volume, from the description that lies beside the files."""
    readme = SHARED / "README.md"
    lines = readme.read_text("utf-8").splitlines() if readme.exists() else []
    cells = [[cell.strip() for cell in line.split("|")[1:]] for line in lines if re.match(r"\| \w+/", line)]
    return [(row[0], [int(row[i]) for i in (1, 4, 5, 6)]) for row in cells]


@pytest.mark.skipif(not table_of_real_files(), reason="the folder of real bars is not beside the repository")
def test_real_bars_have_the_holes_that_are_known() -> None:
    known = table_of_real_files()
    for path, figures in known:
        report = check_bars(load_bars(SHARED / path))
        quiet = sum(one.count for one in report.of("zero volume"))
        assert [report.rows, len(report.of("gap")), report.missing, quiet] == figures, path
        assert report.sound
    assert dict(known)["binance_spot/1h/BTCUSDT.parquet"][1:3] == [28, 128]
