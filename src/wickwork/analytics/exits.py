"""The exits of trades as a table: one row for each fill that closed a trade or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.trades import EXITS, Columns
from wickwork.orders.records import LEG_NAMES


def exit_table(ledger: Ledger, names: Sequence[str]) -> Columns:
    """The exits in order of time; `trade` is the number of the trade in the table of trades.

    `quantity` is what the fill closed, `share_percent` that in percent of all that the trade entered, `reason` the leg
    (`take profit 2`), or the kind of the order. `gain` is before fees, `fee` the part of the fill's fee for what it
    closed. `names` gives the node ids by the action that orders have.
    """
    numbers = _numbers_by_lane(ledger)
    at, held = [0] * len(ledger.bars), [0.0] * len(ledger.bars)
    rows: list[dict[str, Any]] = []
    for fill in ledger.fills.view(np.recarray):
        lane, quantity, after = int(fill.lane), float(fill.quantity), float(fill.position)
        side, before = int(fill.side), held[lane]
        held[lane] = after
        if before * side >= 0.0 or at[lane] >= len(numbers[lane]):
            continue
        trade = numbers[lane][at[lane]]
        entered = float(ledger.trades["quantity"][trade])
        closed = min(quantity, abs(before))
        rows.append(
            {
                "trade": trade + 1,
                "exited_at": int(ledger.opened_at[fill.bar]),
                "instrument": str(ledger.bars[lane].instrument),
                "reason": LEG_NAMES[fill.leg] or EXITS.get(int(fill.kind), ""),
                "quantity": closed,
                "share_percent": 100.0 * closed / entered if entered > 0.0 else None,
                "price": float(fill.price),
                "gain": float(fill.gain),
                "fee": float(fill.fee) * (closed / quantity),
                "order": int(fill.order),
                "node": names[fill.action] if 0 <= fill.action < len(names) else "",
            }
        )
        if after * before <= 0.0:
            at[lane] += 1
    return {name: [row[name] for row in rows] for name in COLUMNS}


COLUMNS = (
    "trade", "exited_at", "instrument", "reason", "quantity", "share_percent", "price", "gain", "fee", "order", "node",
)  # fmt: skip


def _numbers_by_lane(ledger: Ledger) -> list[list[int]]:
    """For each instrument the places of its trades in the table of trades, in order of time."""
    lanes = ledger.trades["lane"].tolist()
    return [[place for place, one in enumerate(lanes) if one == lane] for lane in range(len(ledger.bars))]
