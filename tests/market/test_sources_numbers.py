"""Numbers: the sign that separates decimals follows from all cells of a file."""

from pathlib import Path

import pyarrow as pa
import pytest
from file_cases import BARS, put, rows_of, same, text, write

from wickwork.market.sources import load_bars, read_bars
from wickwork.model.bars import COLUMNS
from wickwork.model.errors import InputError

NAMES = "date;open;high;low;close;volume"
HOUR_0, HOUR_1 = "2023-03-01T00:00:00Z", "2023-03-01T01:00:00Z"


def values(tmp_path: Path, *rows: str, header: str = NAMES) -> list[list[float]]:
    path = put(tmp_path / "BTCUSDT_1h.csv", "\n".join([header, *rows]) + "\n")
    raw = read_bars(path)
    assert raw.unreadable == ()
    return [[float(getattr(raw, name)[i]) for name in COLUMNS] for i in range(len(rows))]


@pytest.mark.parametrize(
    "number",
    [
        lambda x: f"{x:,.10f}",
        lambda x: f"{x:,.10f}".translate(str.maketrans(",.", ".,")),
        lambda x: f"{x:,.10f}".replace(",", "\u00a0").replace(".", ","),
        lambda x: f"{x:,.10f}".replace(",", "'"),
        lambda x: f"{x:,.10f}".replace(",", "\u202f"),
        lambda x: f"{x:.10f}".replace(".", ","),
        lambda x: f"{x:.10e}".replace(".", ","),
    ],
)
@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
def test_one_way_of_writing_in_a_file(number: object, separator: str, tmp_path: Path) -> None:
    assert callable(number)
    rows = [[row[0], *(f'"{number(value * 40)}"' for value in row[1:])] for row in rows_of(BARS)]
    found = load_bars(
        put(tmp_path / "BTCUSDT.csv", text(rows, "time,open,high,low,close,volume".replace(",", separator), separator))
    )
    for name in COLUMNS:
        assert getattr(found, name) == pytest.approx(40 * getattr(BARS, name), rel=1e-9)


def test_thousands_of_the_us_between_semicolons(tmp_path: Path) -> None:
    row = f"{HOUR_0};23,141.57;23,219.99;23,020.03;23,101.00;12,736.94"
    assert values(tmp_path, row) == [[23141.57, 23219.99, 23020.03, 23101.0, 12736.94]]


def test_european_thousands_without_decimals(tmp_path: Path) -> None:
    rows = [f"{HOUR_0};23141,57;23219,99;23020,03;23101,00;12.736", f"{HOUR_1};23.110;23.220;23.020;23.100;7.001"]
    assert values(tmp_path, *rows) == [
        [23141.57, 23219.99, 23020.03, 23101.0, 12736.0],
        [23110.0, 23220.0, 23020.0, 23100.0, 7001.0],
    ]


def test_a_single_cell_decides_for_the_others(tmp_path: Path) -> None:
    rows = [f"{HOUR_0};1.234;1.240;1.230;1.235;5.000", f"{HOUR_1};1.234;1.240;1.230;1.235;0.5"]
    assert values(tmp_path, *rows)[0] == [1.234, 1.24, 1.23, 1.235, 5.0]
    rows[1] = f"{HOUR_1};1.234;1.240;1.230;1.235;1.000.000"
    assert values(tmp_path, *rows) == [[1234.0, 1240.0, 1230.0, 1235.0, 5000.0], [1234.0, 1240.0, 1230.0, 1235.0, 1e6]]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["23,141.57;23219,99;1;1;1"], r"in two ways: '23,141\.57' \(row 0, open\).*'23219,99' \(row 0, high\)"),
        (["1.5;2;1;1;1", "1;2;1;1;1,5"], r"'1\.5' \(row 0, open\) has a decimal point, and '1,5' \(row 1, volume\)"),
        (["1,234,567;2;1;1;1", "1;2;1;1;12,5"], "writes numbers in two ways"),
        (["23.110;23.220;23.020;23.100;7.001"], r"does not show whether '23\.110' \(row 0, open\) is a"),
        (["23,110;23,220;23,020;23,100;7,001"], r"does not show whether '23,110'"),
        (["23.110;23.220;23.020;23.100;7,001"], "does not show whether"),
    ],
)  # fmt: skip
def test_what_has_two_meanings_is_refused(rows: list[str], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        values(tmp_path, *(f"2023-03-01T0{i}:00:00Z;{row}" for i, row in enumerate(rows)))


def test_three_decimals_throughout_between_commas(tmp_path: Path) -> None:
    header = NAMES.replace(";", ",")
    assert values(tmp_path, f"{HOUR_0},150.123,151.000,149.000,150.500,7.000", header=header)[0][0] == 150.123
    with pytest.raises(InputError, match="does not show whether"):
        values(tmp_path, f'{HOUR_0},"150,123","151,000","149,000","150,500","7,000"', header=header)


def test_a_cell_that_is_no_number_is_named_as_it_stands(tmp_path: Path) -> None:
    raw = read_bars(put(tmp_path / "BTCUSDT_1h.csv", f"{NAMES}\n{HOUR_0};1,5;2;1,2.3;1_0;12.34.5\n"))
    assert [str(one) for one in raw.unreadable] == [
        "row 0 has the low '1,2.3', which is not a number",
        "row 0 has the close '1_0', which is not a number",
        "row 0 has the volume '12.34.5', which is not a number",
    ]


def test_texts_in_other_formats_are_read_in_the_same_way(tmp_path: Path) -> None:
    columns = {"time": BARS.opened_at} | {name: [f"{x:,.6f}" for x in 40 * getattr(BARS, name)] for name in COLUMNS}
    found = load_bars(write(pa.table(columns), tmp_path / "BTCUSDT.parquet"))
    assert found.close == pytest.approx(40 * BARS.close, rel=1e-6)
    columns["close"] = ["1,5" for _ in BARS.close]
    with pytest.raises(InputError, match="writes numbers in two ways"):
        read_bars(write(pa.table(columns), tmp_path / "BTCUSDT.parquet"))
    same(
        write(
            pa.table({"time": BARS.opened_at} | {n: list(map(repr, getattr(BARS, n).tolist())) for n in COLUMNS}),
            tmp_path / "BTCUSDT.parquet",
        )
    )
