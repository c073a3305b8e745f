"""PVE's analysis of a backtest: its keys, with the figures of Wickwork at full precision.

Equity is marked to market at every bar and begins with the capital, so a loss of the first trade and losses of open
positions count in the drawdown; fees and funding are deducted; Sharpe is that of the returns of all bars.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics.drawdown import max_drawdown
from wickwork.analytics.metrics.risk import sharpe
from wickwork.model.bars import iso
from wickwork.model.timeframe import parse_timeframe
from wickwork.orders.records import FILL, ROUND_TRIP
from wickwork.services.child import Tools
from wickwork.services.pve_names import CHART_FILE
from wickwork.store.files import Files, StoredFile


def run(request: Mapping[str, Any], tools: Tools) -> StoredFile:
    """Analyze a run, as if it had begun with `initial_capital`, and keep the result. `files` has hashes by name."""
    kept = Files(tools.place.files)
    tools.progress(0.1, "loading")
    content = {name: kept.read(sha256) for name, sha256 in request["files"].items()}
    tools.progress(0.3, "analyzing")
    result = analyze(content, request["capital"], request["initial_capital"])
    tools.progress(0.9, "saving")
    return kept.put(gzip.compress(json.dumps(result, ensure_ascii=False, allow_nan=False).encode(), 6, mtime=0))


def analyze(content: Mapping[str, bytes], capital: float, initial_capital: float) -> dict[str, Any]:
    """The result in PVE's form; `content` has the files of the run, which began with `capital`."""
    import pandas as pd

    chart = json.loads(gzip.decompress(content[CHART_FILE]))
    tables = {name: pd.read_parquet(io.BytesIO(content[f"{name}.parquet"])) for name in ("equity", "trades", "fills")}
    closed = tables["trades"][~tables["trades"]["open"]]
    times = pd.DatetimeIndex(tables["equity"].index).as_unit("ms").asi8
    equity = tables["equity"].iloc[:, 0].to_numpy(float) - capital + initial_capital
    frame = parse_timeframe(chart["timeframe"])
    ledger = Ledger(
        frame, times, initial_capital, equity, (), np.zeros(0, FILL), np.zeros(0, ROUND_TRIP), np.zeros(0, ROUND_TRIP)
    )
    final = float(equity[-1])
    ends = [_moment(at) for at in closed["closed_at"]]
    return {
        "graph_name": chart["graph_name"],
        "symbol": chart["symbol"],
        "timeframe": chart["timeframe"],
        "Symbol": chart["symbol"],
        "Initial Capital": initial_capital,
        "Final Capital": final,
        "First Date": iso(int(times[0])),
        "Last Date": iso(int(times[-1])),
        "DF Duration": _duration(int(times[-1] - times[0]), days=True),
        "Total PnL": final - initial_capital,
        "Total Fees": float(tables["fills"]["fee"].sum()),
        "Total Funding Cost": float(tables["trades"]["funding"].sum()),
        "Number of Trades": len(closed),
        "Win Rate (%)": float((closed["gain"] > 0.0).mean() * 100.0) if len(closed) else None,
        "Sharpe Ratio": sharpe(ledger),
        "Max Drawdown (%)": max_drawdown(ledger),
        "Average Trade Duration": _duration(_mean_duration(closed)),
        "Global Return (%)": (final / initial_capital - 1.0) * 100.0,
        "Equity Curve": _curve(times, equity, initial_capital, ends),
        "Trades Details": _trades(closed, tables["fills"]),
    }


def _curve(times: Any, equity: Any, capital: float, ends: list[int]) -> list[dict[str, Any]]:
    """The capital, then equity where a trade closed, then at the last bar; all marked to market."""
    places = sorted({*np.searchsorted(times, ends).clip(max=len(times) - 1).tolist(), len(times) - 1})
    points = [{"time": iso(int(times[i])), "equity": float(equity[i])} for i in places]
    return [{"time": iso(int(times[0])), "equity": capital}, *points]


def _trades(closed: Any, fills: Any) -> list[dict[str, Any]]:
    groups = _fills_by_trade(fills)
    taken: dict[str, int] = {}
    found = []
    for row in closed.to_dict("records"):
        number = taken[row["instrument"]] = taken.get(row["instrument"], -1) + 1
        orders = groups.get(row["instrument"], [])[number : number + 1] or [[]]
        found.append(
            {
                "entry_time": iso(_moment(row["opened_at"])),
                "exit_time": iso(_moment(row["closed_at"])),
                "entry_price": row["entry"],
                "exit_price": row["exit"],
                "qty": row["quantity"],
                "fees": row["fees"],
                "profit": row["gain"],
                "return_pct": row["gain_percent"],
                "funding_cost": row["funding"],
                "num_orders": len(orders[0]),
                "notional": row["entry"] * row["quantity"],
                "orders": orders[0],
            }
        )
    return found


def _fills_by_trade(fills: Any) -> dict[str, list[list[dict[str, Any]]]]:
    """The fills of each trade, by instrument. One that turns a position is divided between two trades."""
    groups: dict[str, list[list[dict[str, Any]]]] = {}
    held: dict[str, float] = {}
    for row in fills.to_dict("records"):
        name, before, after = row["instrument"], held.get(row["instrument"], 0.0), row["position"]
        mine = groups.setdefault(name, [])
        if before == 0.0:
            mine.append([])
        if before * after < 0.0:
            closing = abs(before) / row["quantity"]
            mine[-1].append(_fill(row, closing))
            mine.append([_fill(row, 1.0 - closing)])
        else:
            mine[-1].append(_fill(row, 1.0))
        held[name] = after
    return groups


def _fill(row: Mapping[str, Any], share: float) -> dict[str, Any]:
    quantity = row["quantity"] * share
    return {
        "time": iso(_moment(row["filled_at"])),
        "price": row["price"],
        "qty": quantity,
        "side": row["side"].upper(),
        "fee": row["fee"] * share,
        "notional": row["price"] * quantity,
    }


def _mean_duration(closed: Any) -> int:
    """In ms; 0 without a trade."""
    spans = [_moment(row["closed_at"]) - _moment(row["opened_at"]) for row in closed.to_dict("records")]
    return sum(spans) // len(spans) if spans else 0


def _moment(at: Any) -> int:
    """A time of a table in ms."""
    return int(at.value // 1_000_000)


def _duration(milliseconds: int, *, days: bool = False) -> str:
    """As PVE writes it: `1d 2h 3m 4s`, or hours without end."""
    seconds = milliseconds // 1000
    whole = timedelta(seconds=seconds).days if days else 0
    hours, rest = divmod(seconds - whole * 86_400, 3600)
    text = f"{hours}h {rest // 60}m {rest % 60}s"
    return f"{whole}d {text}" if whole else text
