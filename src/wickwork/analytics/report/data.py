"""The content of the page as plain data and columns. All figures are computed here; the page only draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wickwork.analytics import trades as tables
from wickwork.analytics.exits import exits_by_reason
from wickwork.analytics.groups import by
from wickwork.analytics.ledger import falls
from wickwork.analytics.metrics import describe
from wickwork.analytics.metrics.benchmark import held_value
from wickwork.analytics.report import assumptions, periods
from wickwork.analytics.report.doubts import FEW, doubts, headlines
from wickwork.analytics.report.pack import Packer
from wickwork.analytics.report.wires import Drawn, drawn, on_own_bars
from wickwork.analytics.result import Result
from wickwork.engine.replay import LateBars
from wickwork.graph.parts import part_name
from wickwork.graph.types import NOTIFY
from wickwork.model.bars import Bars
from wickwork.model.digits import MOST_DECIMALS, decimals_of_price, decimals_of_step

MOST_CANDLES = 3_000_000
"""Bars that are drawn; of more, those of the instruments with the most trades."""
MOST_ROWS = 100_000
"""Rows of a table; of more, the last ones."""

_TRADES = (
    *("number", "instrument", "direction", "open", "opened_at", "closed_at", "bars", "quantity", "entry", "exit"),
    *("gain", "gain_percent", "fees", "funding", "r", "mae_percent", "mfe_percent", "entry_node", "exit_node"),
    "exit_reason",
)
_NOT_SHOWN = ("reason", "created_at", "changed_at", "client_id")
"""Columns of the orders that the page leaves out."""
_FILLS = ("filled_at", "instrument", "side", "quantity", "price", "position", "node")


def page_data(run: Result, wires: Sequence[str] = (), late: Sequence[LateBars] = ()) -> tuple[dict[str, Any], Packer]:
    """What the page shows, and the packed columns that it refers to.

    `wires` are drawn beside the candles; `late` are the bars that a run on paper did not take.
    """
    history, ledger, manifest = run.history, run.ledger, run.manifest
    other = run.opposite() if ledger.ambiguous else None
    packer = Packer()
    whole = tables.plain(tables.trade_table(ledger, run.names))
    trades = tables.with_lane_names(whole)
    lines = drawn(history, wires)
    several = len(history.bars) > 1
    closed = {name: values[: len(ledger.round_trips)] for name, values in trades.items()}
    data = {
        "schema": 1,
        "title": manifest["strategy"]["name"] or "A strategy",
        "market": _market(run),
        "synthetic": assumptions.SYNTHETIC if assumptions.is_synthetic(run) else "",
        "quote": assumptions.quote_of(run),
        "timeframe": {"text": str(history.feed.timeframe), "ms": history.feed.timeframe.milliseconds},
        "hashes": _hashes(run),
        "few": FEW,
        "assumptions": assumptions.lines(run, other),
        "sources": assumptions.sources(run),
        "params": {node: {k: str(v) for k, v in given.items()} for node, given in _params(run).items()},
        "headlines": headlines(run),
        "doubts": doubts(run, other, late),
        "metrics": [{**one, "value": run.stats[one["name"]]} for one in describe()],
        "months": periods.months(ledger),
        "drawdowns": periods.drawdowns(ledger),
        "exits": exits_by_reason(run.exit_columns),
        "by_instrument": by("instrument", closed) if several else [],
        "by_strategy": by("strategy", {**closed, "strategy": whole["strategy"][: len(ledger.round_trips)]})
        if ledger.parts
        else [],
        "costs": _costs(run),
        "account": _account(run, packer),
        "wires": [
            {"name": w.name, "title": w.title, "kind": w.kind, "over": w.over, "between": w.between} for w in lines
        ],
        "instruments": _instruments(run, lines, packer),
        "trades": _table({**{name: trades[name] for name in _TRADES}, "sum": np.cumsum(trades["gain"]).tolist()}),
        "fills": _fills(run),
        "orders": _orders(run),
        "denied": _table(_named(tables.denial_table(ledger, history.denied, run.names))),
        "notifications": _notifications(run),
    }
    return data, packer


def _market(run: Result) -> str:
    feed = run.history.feed
    names = dict.fromkeys(str(one) for one in feed.instruments)
    what = next(iter(names)) if len(names) == 1 else f"{len(names)} instruments"
    strategies = f"{len(run.graph.parts)} strategies, " if run.graph.parts else ""
    return f"{strategies}{what}, {feed.timeframe}"


def _hashes(run: Result) -> list[dict[str, str]]:
    manifest = run.manifest
    data = manifest["data"]
    return [
        {"label": "strategy", "value": manifest["strategy"]["hash"]},
        {"label": "data", "value": data[0]["sha256"] if len(data) == 1 else ""},
        {"label": "engine", "value": manifest["engine"]},
    ]


def _params(run: Result) -> dict[str, dict[str, Any]]:
    params: dict[str, dict[str, Any]] = run.manifest["strategy"]["params"]
    return params


def _costs(run: Result) -> list[dict[str, Any]]:
    """From what trading made to what was left: each step in quote units."""
    ledger = run.ledger
    net = ledger.final_equity - ledger.capital
    return [
        {"label": "Before costs", "value": net + ledger.fees + ledger.slippage + ledger.funding, "total": True},
        {"label": "Fees", "value": 0.0 - ledger.fees, "total": False},
        {"label": "Slippage", "value": 0.0 - ledger.slippage, "total": False},
        {"label": "Funding", "value": 0.0 - ledger.funding, "total": False},
        {"label": "Net", "value": net, "total": True},
    ]


def _account(run: Result, packer: Packer) -> dict[str, Any]:
    """Equity and buy and hold with the same capital, and how far each is below its peak, in percent, bar by bar."""
    ledger = run.ledger
    held = held_value(ledger)
    grid = (ledger.opened_at - ledger.opened_at[0]) // ledger.timeframe.milliseconds
    result = {
        "first": int(ledger.opened_at[0]),
        "capital": ledger.capital,
        "bars": packer.whole(grid),
        "equity": packer.numbers(ledger.equity),
        "drawdown": packer.numbers(_below(ledger.drawdowns)),
    }
    if held is not None:
        result["held"] = packer.numbers(held[1:] * ledger.capital)
        result["held_drawdown"] = packer.numbers(_below(falls(held)))
    return result


def _below(shares: Any) -> Any:
    """Shares below the peak, the start left out, as percent below 0 with as many decimals as a screen shows."""
    return np.round(shares[1:] * -100.0, 4) + 0.0


def _instruments(run: Result, lines: Sequence[Drawn], packer: Packer) -> list[dict[str, Any]]:
    """The instruments that traded most first; of each the bars and the wires, as long as there is room."""
    history = run.history
    counts = np.bincount(run.ledger.trades["lane"], minlength=len(history.bars))
    room = MOST_CANDLES
    found: list[dict[str, Any]] = []
    for lane in np.argsort(-counts, kind="stable").tolist():
        bars = history.bars[lane]
        room -= len(bars)
        one = {
            "name": run.ledger.lane_names[lane],
            "base": bars.instrument.base,
            "decimals": price_decimals(bars),
            "trades": int(counts[lane]),
        }
        found.append({**one, **_candles(run, lane, lines, packer)} if room >= 0 or not found else one)
    return found


def _candles(run: Result, lane: int, lines: Sequence[Drawn], packer: Packer) -> dict[str, Any]:
    history = run.history
    bars, grid = history.bars[lane], history.feed.opened_at
    alone = len(bars) == len(grid)
    return {
        "bars": None if alone else packer.whole((bars.opened_at - grid[0]) // history.feed.timeframe.milliseconds),
        "candles": packer.candles(bars.open, bars.high, bars.low, bars.close),
        "wires": [
            packer.numbers(on_own_bars(history, bars.opened_at, w.values[lane]), prices=w.over)
            if not run.ledger.parts or part_name(w.name) == run.ledger.parts[lane]
            else None
            for w in lines
        ],
    }


def price_decimals(bars: Bars) -> int:
    """Decimals of prices: those of the tick if there is one, otherwise as many as the size of the price needs.

    Three digits of the lowest price are shown, too.
    """
    tick = bars.instrument.rules.tick
    if tick > 0.0:
        return decimals_of_step(tick)
    usual, low = float(np.median(np.abs(bars.close))), float(bars.low.min())
    needed = 2 - math.floor(math.log10(low)) if low > 0.0 else 0
    return max(decimals_of_price(usual), min(needed, MOST_DECIMALS))


def _table(columns: dict[str, list[Any]]) -> dict[str, Any]:
    """A table column by column, with the number of all its rows; of very many the last ones."""
    rows = len(next(iter(columns.values()), []))
    return {"rows": rows, "columns": {name: values[-MOST_ROWS:] for name, values in columns.items()}}


def _named(columns: tables.Columns) -> dict[str, list[Any]]:
    return tables.with_lane_names(tables.plain(columns))


def _orders(run: Result) -> dict[str, Any]:
    """The order log; what the page shows as the end of an order is the reason."""
    history = run.history
    whole = _named(tables.order_table(run.ledger, history.closed_orders, history.working, run.names))
    return _table({name: whole["reason" if name == "state" else name] for name in whole if name not in _NOT_SHOWN})


def _fills(run: Result) -> dict[str, Any]:
    """What the chart marks. Fills on instruments of which no bars are drawn are in the order log alone."""
    whole = _named(tables.fill_table(run.ledger, run.names))
    return _table({name: whole[name] for name in _FILLS})


def _notifications(run: Result) -> dict[str, Any] | None:
    """The messages of `notify`; None where the strategy has no such node."""
    if not any(node.verb == NOTIFY for node in run.history.program.validated.nodes.values()):
        return None
    last = tables.plain(run.notification_table(MOST_ROWS))
    return {"rows": len(run.history.notifications), "columns": last}


def plain_lines(data: dict[str, Any]) -> list[tuple[str, str]]:
    """The page in a few words, for a reader without JavaScript."""
    told = [(one["label"], one["value"]) for one in data["assumptions"]]
    return told + [(one["title"], f"{one['value']} ({one['beside']})") for one in data["headlines"]]
