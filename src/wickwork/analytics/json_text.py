"""JSON text in pieces, so that the tables of a long run are never in memory as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wickwork.analytics.trades import Columns, plain

ROWS = 1000
"""Rows of a table that are written at once."""

Table = Callable[[], Columns]


def json_pieces(parts: Mapping[str, Any | Table]) -> Iterator[str]:
    """One JSON object as pieces of text: joined, they are what `json.dumps(…, indent=1)` returns, and a line end.

    A part that can be called is a table: it is computed when its turn comes and becomes a list of objects, one for
    each row. Raises ValueError for a number that is not finite outside of tables; in tables it becomes null.
    """
    before = "{\n "
    for name, part in parts.items():
        yield f"{before}{json.dumps(name)}: "
        if callable(part):
            yield from _table_pieces(part())
        else:
            yield _indented(part)
        before = ",\n "
    yield "\n}\n" if parts else "{}\n"


def rows_of(columns: Columns) -> list[dict[str, Any]]:
    """A table as a list of objects that JSON takes; moments are ISO texts."""
    values = plain(columns, as_iso=True)
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _table_pieces(columns: Columns) -> Iterator[str]:
    size = len(next(iter(columns.values())))
    for start in range(0, size, ROWS):
        some = rows_of({name: column[start : start + ROWS] for name, column in columns.items()})
        text = _indented(some).removeprefix("[").removesuffix("\n ]")
        yield f"{',' if start else '['}{text}"
    yield "\n ]" if size else "[]"


def _indented(value: Any) -> str:
    """The text of a value one level deep. JSON has no line ends within its texts."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).replace("\n", "\n ")
