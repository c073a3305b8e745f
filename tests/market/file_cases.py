"""Files for the tests of the sources: the same forty bars in every form."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from market_cases import make_bars
from pyarrow import feather

from wickwork.market.sources import load_bars
from wickwork.model.bars import COLUMNS, Bars

BARS = make_bars(40, "1h")
Rows = list[list[Any]]


def rows_of(bars: Bars, time: Callable[[int], Any] = int) -> Rows:
    columns = [getattr(bars, name).tolist() for name in COLUMNS]
    return [[time(when), *values] for when, *values in zip(bars.opened_at.tolist(), *columns, strict=True)]


def text(rows: Rows, header: str = "timestamp,open,high,low,close,volume", separator: str = ",") -> str:
    lines = [separator.join(map(str, row)) for row in rows]
    return "\n".join(([header] if header else []) + lines) + "\n"


def table(time: Any, values: Any = None, name: str = "timestamp") -> pa.Table:
    columns = {name: time}
    for field in COLUMNS:
        column = getattr(BARS, field)
        columns[field] = values(column) if values else column
    return pa.table(columns)


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def same(path: Path, **told: Any) -> None:
    """The file holds BARS, value for value."""
    found = load_bars(path, **told)
    assert found.digest() == BARS.digest()
    assert found.source == path.name


def packed(content: str, name: str = "x.csv") -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(name, content)
    return sink.getvalue()


def write(rows: pa.Table, path: Path) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(rows, path)
    else:
        feather.write_feather(rows, str(path))
    return path
