"""Why a signal did not become a trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wickwork.analytics.run import Run
from wickwork.compat.valvulin.rules import DAY_R, DIRECTION, FLAT, HALTED, EntryKind
from wickwork.compat.valvulin.signals import TradeSignal

HELD = "a position is held"
HALT = "the drawdown has halted the trading"
DAY = "the loss of the day is at its limit"
NO_NEXT_BAR = "the bars end before its order could be filled"
NOT_FILLED = "its limit order was not reached"


def reasons_of(run: Run, by_bar: Mapping[int, TradeSignal]) -> list[tuple[TradeSignal, str]]:
    """Each of these signals, by the bar of its decision, with the reason for which no trade came of it."""
    kinds = {EntryKind.of(one).name for one in by_bar.values()}
    refused = run.denied[run.denied["node"].isin(kinds)]
    denied = dict(zip(bars_of(run, refused["denied_at"]), refused["reason"], strict=True))
    orders = run.orders[run.orders["leg"] == ""]
    ended = dict(
        zip(bars_of(run, orders["placed_at"]), zip(orders["kind"], orders["reason"], strict=True), strict=True)
    )
    return [(one, _reason(run, bar, one, denied, ended)) for bar, one in by_bar.items()]


def _reason(
    run: Run, bar: int, signal: TradeSignal, denied: Mapping[int, str], ended: Mapping[int, tuple[str, str]]
) -> str:
    if bar in denied:
        return denied[bar]
    if bar in ended:
        kind, reason = ended[bar]
        if reason == "working":
            return NO_NEXT_BAR if kind == "market" else NOT_FILLED
        return reason
    if run.columns[DIRECTION][bar] != FLAT:
        return HELD
    if HALTED in run.graph.nodes and run.columns[HALTED][bar]:
        return HALT
    return DAY if DAY_R in run.graph.nodes else f"the action {EntryKind.of(signal).name} did not act"


def bars_of(run: Run, times: Any) -> list[int]:
    """The numbers of the bars that opened at these times of a table."""
    moments = times.astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    found: list[int] = np.searchsorted(run.history.feed.opened_at, moments).tolist()
    return found
