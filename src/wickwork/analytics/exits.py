"""The exits of trades as a table: one row for each fill that closed a trade or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wickwork.analytics.groups import by
from wickwork.analytics.ledger import Ledger
from wickwork.analytics.trades import EXITS, Columns, exit_reasons, plain, traded
from wickwork.orders.records import LEG_NAMES


def exit_table(ledger: Ledger, names: Sequence[str]) -> Columns:
    """The exits in order of time; `trade` is the number of the trade in the table of trades.

    `quantity` is what the fill closed, `share_percent` that in percent of all that the trade entered, `reason` the leg
    (`take profit 2`), the kind of the order, or `reversal`. `gain` is before fees, `fee` the part of the fill's fee for
    what it closed. `net` is the gain less that fee and the exit's share of the trade's other fees and of its funding:
    the exits of a closed trade add up to the trade's gain. `bars` counts from the first fill of the trade, `r` is `net`
    by the risk of what was closed, None without a stop loss. `names` gives the node ids by the action that orders have.
    """
    trades, reasons = ledger.trades, exit_reasons(ledger)
    numbers = _numbers_by_lane(ledger)
    at, held = [0] * len(ledger.bars), [0.0] * len(ledger.bars)
    lanes: list[int] = []
    rows: list[dict[str, Any]] = []
    exit_fees = np.zeros(len(trades))
    for fill in ledger.fills.view(np.recarray):
        lane, quantity, after = int(fill.lane), float(fill.quantity), float(fill.position)
        side, before = int(fill.side), held[lane]
        held[lane] = after
        if before * side >= 0.0 or at[lane] >= len(numbers[lane]):
            continue
        trade = numbers[lane][at[lane]]
        entered = float(trades["quantity"][trade])
        closed, ended = min(quantity, abs(before)), after * before <= 0.0
        fee = float(fill.fee) * (closed / quantity)
        exit_fees[trade] += fee
        lanes.append(lane)
        rows.append(
            {
                "trade": trade + 1,
                "exited_at": int(ledger.opened_at[fill.bar]),
                "reason": reasons[trade] if ended else LEG_NAMES[fill.leg] or EXITS.get(int(fill.kind), ""),
                "quantity": closed,
                "share_percent": 100.0 * closed / entered if entered > 0.0 else None,
                "price": float(fill.price),
                "gain": float(fill.gain),
                "fee": fee,
                "bars": int(fill.bar) - int(trades["opened"][trade]),
                "order": int(fill.order),
                "node": names[fill.action] if 0 <= fill.action < len(names) else "",
            }
        )
        at[lane] += ended
    others = trades["fees"] - exit_fees + trades["funding"]
    for row in rows:
        trade, share = row["trade"] - 1, (row["share_percent"] or 0.0) / 100.0
        row["net"] = row["gain"] - row["fee"] - float(others[trade]) * share
        risk = float(trades["risk"][trade]) * share
        row["r"] = row["net"] / risk if risk > 0.0 else None
    columns = {name: [row[name] for row in rows] for name in _COLUMNS}
    instruments = traded(ledger, lanes)
    return {**{name: columns.pop(name) for name in _COLUMNS[:2]}, **instruments, **columns}


_COLUMNS = (
    "trade", "exited_at", "reason", "quantity", "share_percent", "price", "gain", "fee", "net", "bars", "r", "order",
    "node",
)  # fmt: skip


def exits_by_reason(exits: Columns) -> list[dict[str, Any]]:
    """Exits (`exit_table`) put together by their reason, those with the largest net gain first.

    Of each the number of exits and of those with a net gain, that in percent, the mean of bars held and of R (None
    without a stop loss), and the sum of the net gains.
    """
    table = plain(exits)
    groups = by("reason", {**table, "gain": table["net"]})
    return [
        {
            "reason": one["name"],
            "exits": one["count"],
            "won": one["won"],
            "win_rate": 100.0 * one["won"] / one["count"],
            "bars": one["bars"],
            "r": one["r"],
            "net": one["gain"],
        }
        for one in groups
    ]


def _numbers_by_lane(ledger: Ledger) -> list[list[int]]:
    """For each instrument the places of its trades in the table of trades, in order of time."""
    numbers: list[list[int]] = [[] for _ in ledger.bars]
    for place, lane in enumerate(ledger.trades["lane"].tolist()):
        numbers[lane].append(place)
    return numbers
