"""Rows that cannot be taken: each has a finding, and a file of which nothing is taken has an error."""

from pathlib import Path

import pytest
from file_cases import BARS, put, rows_of, same

from wickwork.market.quality import check_bars
from wickwork.market.sources import clean, import_file, import_folder, load_bars, read_bars
from wickwork.market.store import Appended, Store
from wickwork.model.errors import InputError

HEADER = "timestamp,open,high,low,close,volume"


def lines(count: int = 40) -> list[str]:
    return [",".join(map(str, row)) for row in rows_of(BARS)[:count]]


def csv(tmp_path: Path, rows: list[str], header: str = HEADER) -> Path:
    return put(tmp_path / "BTCUSDT_1h.csv", "\n".join([header, *rows]) + "\n")


def test_rows_with_another_number_of_cells_have_findings(tmp_path: Path) -> None:
    rows = lines(20)
    rows[3] = f"{BARS.opened_at[3]},105,112,95,108,1,234"
    rows[7] = f"{BARS.opened_at[7]},105"
    rows[9] = rows[9].replace(",", ",-", 1)
    path = csv(tmp_path, rows)
    bars, findings = clean(read_bars(path))
    assert len(bars) == 17
    assert [(one.kind, one.severity, one.count) for one in findings] == [
        ("cells", "warning", 1), ("cells", "warning", 1), ("price", "warning", 1),
    ]  # fmt: skip
    assert findings[0].sentence.startswith("Row 3 was left out: it has another number of cells than the header ('16094")
    assert findings[2].sentence.startswith("Row 9 (2021-01-01T09:00:00Z)")  # as counted in the file
    [cells] = check_bars(read_bars(path)).of("cells")
    assert (cells.severity, cells.count) == ("error", 2)
    with pytest.raises(InputError, match="row 3 has another number of cells than the header"):
        load_bars(path)


def test_every_malformed_row_counts(tmp_path: Path) -> None:
    rows = [line if i % 2 else line + ",7" for i, line in enumerate(lines() * 10)]
    _, findings = clean(read_bars(csv(tmp_path, rows)))
    malformed = [one for one in findings if one.kind == "cells"]
    assert (len(malformed), sum(one.count for one in malformed)) == (101, 200)
    assert check_bars(read_bars(csv(tmp_path, rows))).of("cells")[0].count == 200


@pytest.mark.parametrize(
    ("header", "end"), [(HEADER, ","), (HEADER + ",", ""), (HEADER + ",", ","), (HEADER, ",,"), (HEADER, ", ")]
)
def test_separators_at_the_end_of_rows(header: str, end: str, tmp_path: Path) -> None:
    same(csv(tmp_path, [line + end for line in lines()], header))


def test_a_separator_at_the_end_of_some_rows(tmp_path: Path) -> None:
    same(csv(tmp_path, [line + "," * (i % 3 == 0) for i, line in enumerate(lines())]))
    raw = read_bars(csv(tmp_path, [line.rpartition(",")[0] + "," for line in lines()]))
    assert len(raw) == 40  # with an empty volume, which no row has lost
    assert raw.unreadable == ()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([line + ",234" for line in lines()], r"none of its 40 rows can be taken \(40 cells\); the first: Row 0 was"),
        ([line.replace(",", ",-") for line in lines()], r"none of its 40 rows can be taken \(40 price\)"),
        (["soon,1,1,1,1,1", "later,1,1,1,1,1"], r"none of its 2 rows can be taken \(2 time\).*opened_at 'soon'"),
        (["1700000000,1,1,1,1,1"], "1 grid"),
        ([], "has a header and no rows"),
    ],
)
def test_a_file_of_which_nothing_is_taken_is_an_error(rows: list[str], sentence: str, tmp_path: Path) -> None:
    store, path = Store(tmp_path / "store"), csv(tmp_path, rows)
    with pytest.raises(InputError, match=sentence):
        import_file(store, path)
    [done] = import_folder(store, tmp_path)
    assert done.error
    assert done.appended == Appended(0, 0, 0)
    assert sum(one.count for one in done.findings) == len(rows)
    assert store.series() == []


def test_a_file_that_was_imported_before_is_not_an_error(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "store"), csv(tmp_path, lines())
    import_file(store, path)
    assert import_file(store, path).appended == Appended(0, 40, 0)


def test_rows_from_the_newest_to_the_oldest_are_reversed(tmp_path: Path) -> None:
    same(csv(tmp_path, lines()[::-1]))


@pytest.mark.parametrize("change", [lambda rows: rows[20:] + rows[:20], lambda rows: [*rows[::-1], rows[0]]])
def test_rows_in_no_order_point_to_the_import(change: object, tmp_path: Path) -> None:
    assert callable(change)
    with pytest.raises(InputError, match=r"`wick data import` sorts rows and leaves faulty ones out"):
        load_bars(csv(tmp_path, change(lines())))


def test_bars_that_have_not_closed_are_left_out_with_a_warning(tmp_path: Path) -> None:
    from wickwork.market.sources import UnfinishedBars

    path, end = csv(tmp_path, lines()), int(BARS.opened_at[-1]) + 3_600_000
    assert len(load_bars(path)) == len(load_bars(path, now=end)) == 40
    with pytest.warns(UnfinishedBars, match=r"BTCUSDT_1h\.csv has 1 bar that has not closed yet; left out"):
        assert len(load_bars(path, now=end - 1)) == 39
    with pytest.warns(UnfinishedBars, match="40 bars that have"):
        assert len(load_bars(path, now=0)) == 0
