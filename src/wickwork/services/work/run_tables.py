"""Reading the tables that were kept of runs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wickwork.model.bars import iso
from wickwork.services.child import Tools
from wickwork.services.work.window import grid, lowest_and_highest, time_window
from wickwork.store.files import Files

SPANS = {
    "trades": ("opened_at", "closed_at"),
    "orders": ("created_at", "ended_at"),
    "fills": ("filled_at", "filled_at"),
    "exits": ("exited_at", "exited_at"),
    "notifications": ("notified_at", "notified_at"),
    "denied": ("denied_at", "denied_at"),
}
"""For each table the columns with the beginning and the end of a row; a row without an end goes on."""
ROWS_OF_PIECE = 20_000
_MOST_KEPT = 200_000_000
_KEY = "run_tables"


def rows(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The rows of `table` behind the first `after`, at most `count`, of those that were going on in the window.

    Returns `items`, `total` (all rows in the window) and `next`, the `after` of the page that follows, or None.
    """
    table = _table(request["file"], tools)
    begin, end = (table[name] for name in SPANS[request["table"]])
    inside: Any = pa.array(np.ones(len(table), bool))
    if request.get("to") is not None:
        inside = pc.and_(inside, pc.less(begin, request["to"]))
    if request.get("from") is not None:
        inside = pc.and_(inside, pc.or_kleene(pc.is_null(end), pc.greater_equal(end, request["from"])))
    found = table.filter(inside)
    page = found.slice(request["after"], request["count"])
    after = request["after"] + len(page)
    return {
        "items": [{name: _finite(value) for name, value in row.items()} for row in page.to_pylist()],
        "total": len(found),
        "next": after if len(page) and after < len(found) else None,
    }


def csv_piece(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Some rows behind the first `after` as CSV, the first with a header: `text`, and `next` or None."""
    table = _table(request["file"], tools)
    after = request["after"]
    page = table.slice(after, ROWS_OF_PIECE)
    text = io.StringIO()
    writer = csv.writer(text)
    if after == 0:
        writer.writerow([_cell("", name) for name in page.column_names])
    names = page.column_names
    writer.writerows([_cell(name, row[name]) for name in names] for row in page.to_pylist())
    after += len(page)
    return {"text": text.getvalue(), "next": after if after < len(table) else None}


def equity(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The curves of equity and of drawdown, in percent below the highest equity so far."""
    times, values = _equity(request["file"], tools)
    window = time_window(times, request.get("from"), request.get("to"))
    drawdown = _drawdown(values, request.get("capital"))
    points = request["points"]
    return {
        "bars": window.stop - window.start,
        "equity": lowest_and_highest(times, values, window, points),
        "drawdown_percent": lowest_and_highest(times, drawdown, window, points),
    }


def compared(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The equity of each of `curves` at common `times`, and its growth in percent of the capital.

    A value is the one of the last bar that opened at or before the time; null before and after the run.
    """
    spans = [_span(one["file"], tools) if one else None for one in request["curves"]]
    known = [span for span in spans if span]
    if not known:
        empty = [None] * len(spans)
        return {"times": [], "equity": empty, "growth_percent": empty}
    times = grid(min(first for first, _ in known), max(last for _, last in known), request["points"])
    curves = [
        _at(times, one, tools) if span else (None, None) for one, span in zip(request["curves"], spans, strict=True)
    ]
    return {
        "times": times.tolist(),
        "equity": [equity for equity, _ in curves],
        "growth_percent": [growth for _, growth in curves],
    }


def _span(sha256: str, tools: Tools) -> tuple[int, int] | None:
    """When the first and the last bar of a run opened; None for a run without bars."""
    times, _ = _equity(sha256, tools)
    return (int(times[0]), int(times[-1])) if len(times) else None


def _at(times: Any, curve: Mapping[str, Any], tools: Tools) -> tuple[list[Any], list[Any]]:
    """The equity of a run at these times, and its growth in percent of the capital."""
    opened_at, values = _equity(curve["file"], tools)
    place = np.searchsorted(opened_at, times, side="right") - 1
    inside = (place >= 0) & (times <= opened_at[-1])
    taken = np.where(inside, values[np.maximum(place, 0)], np.nan)
    capital = curve["capital"] or float(values[0])
    growth = (taken / capital - 1.0) * 100.0 if capital else np.full(len(times), np.nan)
    return _listed(taken), _listed(growth)


def _table(sha256: str, tools: Tools) -> pa.Table:
    """A kept table; its moments are ms since 1970, UTC. A process keeps the last ones that it has read."""
    known: dict[str, pa.Table] = tools.memory.setdefault(_KEY, {})
    table = known.pop(sha256, None)
    if table is None:
        table = pq.read_table(pa.BufferReader(Files(tools.place.files).read(sha256)))
        for place, field in enumerate(table.schema):
            if pa.types.is_timestamp(field.type):
                moments = table.column(place).cast(pa.timestamp("ms", field.type.tz), safe=False).cast(pa.int64())
                table = table.set_column(place, field.name, moments)
    known[sha256] = table
    while len(known) > 1 and sum(one.nbytes for one in known.values()) > _MOST_KEPT:
        del known[next(iter(known))]
    return table


def _equity(sha256: str, tools: Tools) -> tuple[Any, Any]:
    table = _table(sha256, tools)
    return table["opened_at"].to_numpy(), table["equity"].to_numpy()


def _drawdown(values: Any, capital: float | None) -> Any:
    highest = np.maximum.accumulate(np.append(values[:1] if capital is None else capital, values))[1:]
    with np.errstate(all="ignore"):
        return np.where(highest > 0.0, (highest - values) / highest * 100.0, np.nan)


def _listed(values: Any) -> list[float | None]:
    return [_finite(value) for value in values.tolist()]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(column: str, value: Any) -> Any:
    """A cell of a spreadsheet. A text that a spreadsheet would compute as a formula has an apostrophe in front."""
    if value is None or _finite(value) is None:
        return ""
    if column.endswith("_at") and isinstance(value, int):
        return iso(value)
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
