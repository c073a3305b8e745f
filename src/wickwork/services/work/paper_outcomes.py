"""What a run on paper reports while it goes on: lines for the log, and events for those who follow it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from wickwork.engine.advance import FIELDS, Outcome
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import Start
from wickwork.orders.records import DENIALS
from wickwork.services.tools import Tools

_PAUSE = 0.2
"""Seconds between two messages on how the run stands; every fill and every message of the strategy is sent."""


class Outcomes:
    """Receives each outcome after it was written to the journal."""

    def __init__(self, start: Start, bars: int, tools: Tools) -> None:
        """`bars` is how many the run takes in all."""
        self._names = list(map(str, start.universe.instruments))
        self._step = start.universe.timeframe.milliseconds
        self._bars, self._tools = bars, tools
        self._sent = 0.0

    def take(self, outcome: Outcome) -> None:
        """Report one outcome."""
        at = outcome.opened_at + self._step
        for row in outcome.fills:
            fill = dict(zip(FIELDS["fills"], row, strict=True))
            side, quantity, price = "buy" if fill["side"] > 0 else "sell", float(fill["quantity"]), float(fill["price"])
            name = self._names[int(fill["lane"])]
            self._tools.log(f"{'bought' if side == 'buy' else 'sold'} {quantity:.10g} {name} at {price:.10g}")
            self._publish("fill", at, {"instrument": name, "side": side, "quantity": quantity, "price": price})
        for row in outcome.denied:
            denial = DENIALS[int(dict(zip(FIELDS["denied"], row, strict=True))["reason"])]
            self._tools.log(f"denied: {denial}")
            self._publish("denied", at, {"reason": denial})
        for message in outcome.notifications:
            self._tools.log(f"{message.level}: {message.text}")
            self._publish("notification", at, {"level": message.level, "text": message.text})
        for fault in outcome.faults:
            self._tools.log(f"{fault.name}: {fault.text}")
            self._publish("fault", at, {"name": fault.name, "text": fault.text})
        now, done = time.monotonic(), outcome.bar + 1
        if now - self._sent >= _PAUSE or done >= self._bars:
            self._sent = now
            self._tools.progress(min(done / self._bars, 1.0), "running")
            self._publish("standing", at, {"bars": done, "equity": float(outcome.equity)})

    def standing(self, bot: Bot) -> dict[str, Any]:
        """How the run stands: bars taken, the close of the last one, equity, round trips."""
        account, opened = bot.machine.arrays["account"][0], bot.window.opened_at
        return {
            "bars": bot.bars,
            "at": None if opened is None else opened + self._step,
            "equity": float(account["equity"]),
            "trades": int(account["round_trip_total"]),
        }

    def _publish(self, kind: str, at: int, data: Mapping[str, Any]) -> None:
        self._tools.publish({"type": kind, "at": at, **data})
