"""Trades, fills and orders as tables: columns of equal length, with names instead of codes.

Columns whose names end in `_at` are moments in ms since 1970 UTC; of a bar it is the opening. `plain` makes lists of
them that JSON takes, `to_frame` a pandas DataFrame. `names` gives the node ids by the action that orders have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics.trades import percents
from wickwork.model.bars import Times, iso
from wickwork.model.messages import Notification
from wickwork.model.order_kinds import KIND_NAMES, MARKET, NEEDS_LIMIT, ORDER_KINDS, TRAILING, has
from wickwork.orders.levels import level_of
from wickwork.orders.records import BY_STRATEGY, DENIALS, LEG_NAMES, REASONS, SEQUENCE, WORKING
from wickwork.orders.states import order_state

Columns = dict[str, NDArray[Any] | list[Any]]

EXITS = {kind.code: kind.title for kind in ORDER_KINDS} | {MARKET: "signal"}
"""What closed a position, by the kind of the order, where that is no leg."""
REVERSAL, OPEN = "reversal", "open"


def trade_table(ledger: Ledger, names: Sequence[str]) -> Columns:
    """The closed trades in the order in which they closed, behind them those that are still open, one row each.

    `quantity` is all that was entered, `entry` and `exit` are averages, `gain` is net of fees and funding and
    `gain_percent` is it in percent of `quantity × entry`; `r` is gain / initial risk, None without a stop loss. A row
    with `open` true is valued at the last close: `exit` is that price, `closed_at` is None. Nodes and reason of the
    exit are those of the fill that closed the trade.
    """
    trades, closed = ledger.trades, len(ledger.round_trips)
    still = np.arange(len(trades)) >= closed
    actions = _entry_actions(ledger)
    opened_at = ledger.opened_at[trades["opened"]]
    closed_at: list[Any] = ledger.opened_at[trades["closed"][:closed]].tolist()
    risk, gain = trades["risk"].tolist(), trades["gain"].tolist()
    against, favour = ledger.excursions
    return {
        "number": np.arange(1, len(trades) + 1),
        **traded(ledger, trades["lane"]),
        "direction": ["long" if d > 0 else "short" for d in trades["direction"].tolist()],
        "open": still,
        "opened_at": opened_at,
        "closed_at": closed_at + [None] * (len(trades) - closed),
        "bars": trades["closed"] - trades["opened"],
        "quantity": trades["quantity"].copy(),
        "entry": trades["entry"].copy(),
        "exit": trades["exit"].copy(),
        "gain": trades["gain"].copy(),
        "gain_percent": percents(trades),
        "fees": trades["fees"].copy(),
        "funding": trades["funding"].copy(),
        "r": [g / x if x > 0.0 else None for g, x in zip(gain, risk, strict=True)],
        "mae_percent": against * 100.0,
        "mfe_percent": favour * 100.0,
        "entry_node": _nodes(actions, names),
        "exit_node": _nodes(trades["exit_action"], names),
        "exit_reason": exit_reasons(ledger),
    }


def fill_table(ledger: Ledger, names: Sequence[str]) -> Columns:
    """The fills in order of time. `gain` is what a fill realised, without fees; `position` what was held after it."""
    fills = ledger.fills
    return {
        "number": np.arange(1, len(fills) + 1),
        "filled_at": ledger.opened_at[fills["bar"]],
        **traded(ledger, fills["lane"]),
        "side": _sides(fills["side"]),
        "kind": [KIND_NAMES[k] for k in fills["kind"].tolist()],
        "leg": [LEG_NAMES[k] for k in fills["leg"].tolist()],
        "quantity": fills["quantity"].copy(),
        "price": fills["price"].copy(),
        "liquidity": ["maker" if m else "taker" for m in fills["maker"].tolist()],
        "fee": fills["fee"].copy(),
        "slippage": fills["slippage"].copy(),
        "gain": fills["gain"].copy(),
        "position": fills["position"].copy(),
        "order": fills["order"].copy(),
        "node": _nodes(fills["action"], names),
    }


def order_table(
    ledger: Ledger, closed_orders: NDArray[Any], working: NDArray[Any], names: Sequence[str], latency: int = 0
) -> Columns:
    """Every order by its id: closed ones (rows of `CLOSED_ORDER`) and working ones (rows of `ORDER` with a `lane`).

    `kind` is what the order was at the end (a triggered stop-limit is a limit order), `parent` the entry that a leg
    belongs to, `price` the average of its fills, `stop` of a trailing stop its last level. What does not apply is
    None.

    `state` is a word of `orders.states`, `reason` why it ended (a word of `REASONS`; `working` while it works).
    `created_at` is when the strategy decided it, which is when a bar closes; a leg is created in the bar of its entry's
    fill. `changed_at` is when it was created, filled or ended last. `client_id` is its name towards a venue. `latency`
    is that of the terms: without one, what the strategy cancels ends when the bar closes.
    """
    live = [_working(row) for row in working.view(np.recarray)]
    names_of = [name for name in closed_orders.dtype.names or () if name not in SEQUENCE]
    table = {name: [*closed_orders[name].tolist(), *(row[name] for row in live)] for name in names_of}
    table["live_from"] = [*[0] * len(closed_orders), *(row["live_from"] for row in live)]
    by_id = np.argsort(np.array(table["order"], np.int64), kind="stable").tolist()
    c = {name: [values[i] for i in by_id] for name, values in table.items()}
    times, closes = ledger.opened_at, ledger.timeframe.milliseconds
    created = [
        int(times[t]) + (0 if leg or action < 0 else closes)
        for t, leg, action in zip(c["created_bar"], c["leg"], c["action"], strict=True)
    ]
    ended = [None if r == WORKING else int(times[t]) for t, r in zip(c["bar"], c["reason"], strict=True)]
    return {
        "order": c["order"],
        **traded(ledger, c["lane"]),
        "node": _nodes(c["action"], names),
        "side": _sides(c["side"]),
        "kind": [KIND_NAMES[k] for k in c["kind"]],
        "leg": [LEG_NAMES[k] for k in c["leg"]],
        "parent": [p or None for p in c["parent"]],
        "quantity": c["quantity"],
        "filled": c["filled"],
        "price": [p if q > 0.0 else None for p, q in zip(c["average"], c["filled"], strict=True)],
        "limit": [x if has(NEEDS_LIMIT, k) else None for x, k in zip(c["limit"], c["kind"], strict=True)],
        "stop": [x if x > 0.0 else None for x in c["stop"]],
        "placed_at": [int(times[t]) for t in c["created_bar"]],
        "ended_at": ended,
        "state": [
            order_state(r, q, arrived=live <= len(times))
            for r, q, live in zip(c["reason"], c["filled"], c["live_from"], strict=True)
        ],
        "reason": [REASONS[r] for r in c["reason"]],
        "created_at": created,
        "changed_at": _changed_at(ledger, c, created, ended, latency),
        "client_id": _client_ids(c),
    }


def _changed_at(
    ledger: Ledger, orders: Mapping[str, list[Any]], created: Sequence[int], ended: Sequence[int | None], latency: int
) -> list[int]:
    """When each order was created, filled or ended last."""
    filled = dict(zip(ledger.fills["order"].tolist(), ledger.opened_at[ledger.fills["bar"]].tolist(), strict=True))
    later = {BY_STRATEGY: 0 if latency else ledger.timeframe.milliseconds}
    return [
        max(made, filled.get(order, made), made if end is None else end + later.get(reason, 0))
        for order, made, end, reason in zip(orders["order"], created, ended, orders["reason"], strict=True)
    ]


def _client_ids(orders: Mapping[str, list[Any]]) -> list[str]:
    """The name of each order towards a venue, as `engine.bot.client_id` gives it; legs count within their entry."""
    legs: dict[int, int] = {}
    names = []
    for order, parent in zip(orders["order"], orders["parent"], strict=True):
        if parent:
            legs[parent] = legs.get(parent, 0) + 1
        names.append(f"order-{parent}.{legs[parent]}" if parent else f"order-{order}")
    return names


def _working(order: Any) -> dict[str, Any]:
    """A working order (a row of `ORDER` with a `lane`) under the names of `CLOSED_ORDER`."""
    kept = (
        "lane",
        "created_bar",
        "live_from",
        "side",
        "kind",
        "leg",
        "action",
        "quantity",
        "filled",
        "average",
        "limit",
    )
    return {
        **{name: getattr(order, name).item() for name in kept},
        "order": int(order.id),
        "bar": -1,
        "parent": int(order.group) if order.leg else 0,
        "reason": WORKING,
        "stop": float(level_of(order) if order.kind == TRAILING else order.stop),
    }


def denial_table(ledger: Ledger, denied: NDArray[Any], names: Sequence[str]) -> Columns:
    """Refused intents (rows of `DENIED`) with the reasons."""
    return {
        "denied_at": ledger.opened_at[denied["bar"]],
        **traded(ledger, denied["lane"]),
        "node": _nodes(denied["action"], names),
        "reason": [DENIALS[r] for r in denied["reason"].tolist()],
    }


def with_lane_names(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The table with `strategy: instrument` in the column of the instrument, where it is one of a portfolio."""
    if "strategy" not in columns:
        return columns
    strategies, instruments = columns["strategy"], columns["instrument"]
    names = [f"{strategy}: {instrument}" for strategy, instrument in zip(strategies, instruments, strict=True)]
    return {name: names if name == "instrument" else values for name, values in columns.items() if name != "strategy"}


def notification_table(
    ledger: Ledger,
    rows: NDArray[Any],
    messages: Sequence[Notification],
    values: Sequence[Mapping[str, float | None]],
) -> Columns:
    """The messages of a run (`rows` of `NOTIFIED`, what they say and the values of their wires), in their order."""
    return {
        "notified_at": ledger.opened_at[rows["bar"]],
        "instrument": [one.instrument for one in messages],
        "node": [one.node for one in messages],
        "level": [one.level for one in messages],
        "text": [one.text for one in messages],
        "values": list(values),
    }


def plain(columns: Columns, *, as_iso: bool = False) -> dict[str, list[Any]]:
    """The columns as lists for JSON, numbers that are not finite as None; with `as_iso` moments are ISO 8601 texts."""
    result = {}
    for name, column in columns.items():
        values = column.tolist() if isinstance(column, np.ndarray) else list(column)
        if as_iso and name.endswith("_at"):
            values = [None if v is None else iso(v) for v in values]
        result[name] = [None if isinstance(v, float) and not math.isfinite(v) else v for v in values]
    return result


def to_frame(columns: Mapping[str, NDArray[Any] | list[Any]]) -> Any:
    """The columns as a pandas DataFrame; moments are UTC times, or NaT."""
    import pandas as pd

    def read(name: str, column: Any) -> Any:
        if not name.endswith("_at"):
            return column
        return pd.to_datetime(pd.Series(column, dtype="Int64"), unit="ms", utc=True)

    return pd.DataFrame({name: read(name, column) for name, column in columns.items()})


def traded(ledger: Ledger, lanes: NDArray[Any] | Sequence[int]) -> dict[str, list[str]]:
    """The instrument of each row, and before it the strategy where the run is one of a portfolio."""
    numbers, words = _listed(lanes), [str(bars.instrument) for bars in ledger.bars]
    strategies = {"strategy": [ledger.parts[lane] for lane in numbers]} if ledger.parts else {}
    return {**strategies, "instrument": [words[lane] for lane in numbers]}


def _nodes(actions: NDArray[Any] | Sequence[int], names: Sequence[str]) -> list[str]:
    """The node that made each order; empty for those that the venue made."""
    return [names[action] if 0 <= action < len(names) else "" for action in _listed(actions)]


def _sides(sides: NDArray[Any] | Sequence[int]) -> list[str]:
    return ["buy" if side > 0 else "sell" for side in _listed(sides)]


def _listed(values: NDArray[Any] | Sequence[int]) -> Sequence[int]:
    return values.tolist() if isinstance(values, np.ndarray) else values


def _entry_actions(ledger: Ledger) -> NDArray[Any]:
    """The number of the action that opened each trade, -1 where it is not known."""
    opener = ledger.openers
    return np.where(opener >= 0, np.append(ledger.fills["action"], -1)[opener], -1)


def exit_reasons(ledger: Ledger) -> list[str]:
    """What closed each trade: a leg, the venue, a reversal, or an order; `open` for those that are still open."""
    trades, closed = ledger.trades, len(ledger.round_trips)
    turned = _turned(trades, _entry_actions(ledger))
    codes = zip(trades["exit_leg"].tolist(), trades["exit_kind"].tolist(), turned.tolist(), strict=True)
    words = [LEG_NAMES[leg] or (REVERSAL if turn else EXITS.get(kind, "")) for leg, kind, turn in codes]
    return words[:closed] + [OPEN] * (len(trades) - closed)


def _turned(trades: NDArray[Any], actions: Times) -> NDArray[np.bool_]:
    """Mask of trades closed by the order, or by the action, that opened one on the other side in the same bar."""
    order = np.argsort(trades["lane"], kind="stable")
    ends, begins = order[:-1], order[1:]
    a, b = trades[ends], trades[begins]
    together = (a["lane"] == b["lane"]) & (a["closed"] == b["opened"]) & (a["direction"] != b["direction"])
    same_order = a["exit_order"] == b["entry_order"]
    same_action = (a["exit_action"] == actions[begins]) & (a["exit_action"] >= 0) & (a["exit_kind"] == MARKET)
    result = np.zeros(len(trades), np.bool_)
    result[ends] = together & (same_order | same_action)
    return result
