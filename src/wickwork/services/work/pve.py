"""What PVE's endpoints need of graphs and runs, in the forms of PVE: unix seconds in the chart, else ISO times."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from wickwork.analytics.run import Run
from wickwork.analytics.trades import order_table, plain
from wickwork.compat.pve import import_litegraph
from wickwork.compat.pve.envelope import timeframe_text
from wickwork.compat.pve.exporting import EMPTY
from wickwork.graph.document import from_text, to_text
from wickwork.model.bars import Bars, iso
from wickwork.model.errors import InputError, NotFound, shown
from wickwork.services.child import Tools
from wickwork.services.pve_names import CHART_FILE, SUMMARY_FILE
from wickwork.services.work import backtest
from wickwork.services.work.exports import for_pve
from wickwork.services.work.graphs import loaded, read_data

_BARS = ("open", "high", "low", "close", "volume")
_RUN = {"symbol": "instrument", "timeframe": "timeframe", "startDate": "start", "endDate": "end"}
"""PVE's names of what the suggested run of a graph has."""
_FORMS = {
    "instrument": "write it as BTCUSDT",
    "timeframe": "write it as 3min or 1h",
    "start": "write it as 2024-01-31T00:00:00",
    "end": "write it as 2024-01-31T00:00:00",
}
_MARKS = "$£@"
"""What the name of a marker begins with in PVE's chart: its shape."""
_STATUS = {
    "filled": "executed",
    "canceled": "cancelled",
    "expired": "cancelled",
    "denied": "error",
    "rejected": "error",
}
"""PVE's words for the states of an order; it calls all others `open`."""


def read_file(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The graph of the text `graph_data` with the run that was given, and what has no counterpart, as sentences.

    Raises InputError for what is no LiteGraph file, and GraphFaults for links that run in a circle.
    """
    del tools
    envelope = {key: request[key] for key in _RUN if request.get(key)}
    try:
        data = json.loads(request["graph_data"])
        bare = not isinstance(data, dict) or "graph" not in data
        text = json.dumps({**({"graph": data} if bare else data), **envelope}, ensure_ascii=False)
    except (ValueError, RecursionError):
        raise InputError("graph_data is not JSON; send the graph as LiteGraph serializes it.") from None
    found = import_litegraph(text.encode("utf-8", "surrogatepass"), request["name"])
    for theirs, ours in _RUN.items():
        if theirs in envelope and ours not in found.graph.suggested_run:
            raise InputError(f"The {theirs} {shown(envelope[theirs])!r} cannot be read; {_FORMS[ours]}.")
    unknown = [str(line) for line in found.report.placeholders]
    return {**read_data(found.graph), "warnings": [*unknown, *found.file.notes]}


def as_file(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """A graph as PVE loads it: the graph, the run that it was made for, and what of it PVE does not have."""
    del tools
    if request["text"] is None:
        return {"graph_data": dict(EMPTY), **dict.fromkeys(_ENVELOPE, ""), "left_out": []}
    exported = for_pve(from_text(request["text"]))
    data = exported.data
    run = data if "graph" in data else {}
    return {
        "graph_data": data.get("graph", data),
        **{ours: str(run.get(theirs) or "") for ours, theirs in _ENVELOPE.items()},
        "left_out": exported.problems,
    }


_ENVELOPE = {"start_date": "startDate", "end_date": "endDate", "symbol": "symbol", "timeframe": "timeframe"}


def request_of(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The request of a backtest of the strategy `name` over the run that its graph was made for.

    Raises GraphFaults for a graph that cannot run, which names its nodes, and InputError where its run is not known.
    """
    found = loaded(request["text"], tools)
    found.check()
    made_for = found.graph.suggested_run
    if "instrument" not in made_for or "timeframe" not in made_for:
        raise InputError("The strategy names no symbol and timeframe to run on; choose both and save it again.")
    chosen = {key: made_for[key] for key in ("timeframe", "start", "end") if key in made_for}
    graph = json.loads(to_text(replace(found.graph, name=request["name"])))
    return {"graph": graph, "data": request["data"], "instruments": [made_for["instrument"]], **chosen}


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """A backtest that also keeps its chart in the form of PVE."""
    return backtest.run(request, tools, lambda done: pve_files(done, request))


def pve_files(done: Run, request: Mapping[str, Any]) -> dict[str, bytes]:
    """What lists of backtests show of a run, and its chart: JSON objects without what is known later."""
    bars = done.history.bars[0]
    precision, least = _steps(bars)
    exported = for_pve(from_text(json.dumps(request["graph"]))).data
    summary = {
        "graph_name": done.graph.name,
        "orders": _orders(done),
        "symbol": f"{bars.instrument.base}{bars.instrument.quote}",
        "timeframe": timeframe_text(str(bars.timeframe)) or str(bars.timeframe),
        "start_date": iso(int(bars.opened_at[0])),
        "end_date": iso(int(bars.opened_at[-1])),
    }
    chart = {
        "backtest_data": _records(done, bars),
        "precision": precision,
        "min_move": least,
        "minMove": least,
        "graph": exported.get("graph", exported),
    }
    return {SUMMARY_FILE: _packed(summary), CHART_FILE: _packed({**summary, **chart})}


def _packed(record: Mapping[str, Any]) -> bytes:
    return gzip.compress(json.dumps(record, ensure_ascii=False, allow_nan=False).encode(), 6, mtime=0)


def _records(done: Run, bars: Bars) -> list[dict[str, Any]]:
    """One record a bar: when it opens in unix seconds, its prices, and the lines and markers that the graph draws."""
    grid = np.searchsorted(done.history.feed.opened_at, bars.opened_at)
    columns: dict[str, list[Any]] = {"date": (bars.opened_at // 1000).tolist()}
    columns |= {name: getattr(bars, name).tolist() for name in _BARS}
    for drawn in _drawn(done.graph.layout.get("drawn")):
        try:
            values = np.atleast_2d(done.columns[drawn["wire"]])[0][grid]
        except (InputError, NotFound):
            continue  # its node was removed after the import
        is_marker = drawn["kind"] == "marker"
        label = drawn["name"] or drawn["wire"]
        if is_marker and label[0] not in _MARKS:
            label = _MARKS[0] + label
        while label in columns:
            label += "_"
        columns[label] = [None if v != v else bool(v) if is_marker else float(v) for v in values.tolist()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _drawn(given: Any) -> list[dict[str, str]]:
    """What is drawn according to the layout of the graph, which may hold anything."""
    keys = ("kind", "wire", "name")
    listed = given if isinstance(given, list) else []
    return [one for one in listed if isinstance(one, dict) and all(isinstance(one.get(key), str) for key in keys)]


def _steps(bars: Bars) -> tuple[int, float]:
    """The decimals of prices, and their least step: the venue's, else as many as the prices have, at most 8."""
    tick = bars.instrument.rules.tick
    precision = next((n for n in range(9) if np.allclose(np.round(bars.close, n), bars.close, rtol=0, atol=1e-12)), 8)
    if tick:
        precision = next((n for n in range(19) if abs(round(tick, n) - tick) < tick * 1e-9), 18)
    return precision, tick or 10.0**-precision


def _orders(done: Run) -> list[dict[str, Any]]:
    """Every order as PVE records it."""
    h = done.history
    table = plain(order_table(done.ledger, h.closed_orders, h.working, done.names, h.terms.latency))
    return [_order(dict(zip(table, row, strict=True))) for row in zip(*table.values(), strict=True)]


def _order(row: Mapping[str, Any]) -> dict[str, Any]:
    filled = row["filled"] > 0.0 and row["state"] != "partially filled"
    conditional = row["kind"] not in ("market", "limit")
    price = next((one for one in (row["price"], row["limit"], row["stop"]) if one is not None), None)
    return {
        "id": f"local_{row['order']}_{row['created_at']}",
        "remote_id": None,
        "direction": row["side"] == "buy",
        "type": "limit" if "limit" in row["kind"] else "market",
        "price": price,
        "quantity": row["filled"] if filled else row["quantity"],
        "status": "executed" if filled else _STATUS.get(row["state"], "open"),
        "time_created": iso(row["created_at"]),
        "time_executed": iso(row["changed_at"]) if filled else None,
        "order_category": "conditional" if conditional else "normal",
        "trigger_price": row["stop"] if conditional else None,
        "modifications": [],
    }
