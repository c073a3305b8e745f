"""A case as a bot hears it: its markets, one moment after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.promises.programs import Case

from wickwork.engine.bot import Bot
from wickwork.engine.window import Universe
from wickwork.market.stream import stream
from wickwork.model.events import BarsClosed
from wickwork.model.timeframe import Timeframe

QUARTERS = 4
"""Shorter bars inside a bar of a random universe, where there are any."""


def heard(case: Case) -> Universe:
    """Which bars the bot hears."""
    feed = case.feed()
    finer = None
    if case.finer:
        finer = case.finer[0].timeframe
    elif any(m.finer for m in case.markets):
        finer = Timeframe(feed.timeframe.milliseconds // QUARTERS)
    return Universe(feed.instruments, feed.timeframe, finer)


def events(case: Case) -> Iterator[BarsClosed]:
    """The bars of the case; those of random markets from their lists."""
    if case.bars:
        yield from stream(case.bars, {b.instrument: b for b in case.finer})
        return
    for t, moment in enumerate(case.markets[0].opened_at):
        rows = tuple(m.bar(t) if m.has_bar(t) else None for m in case.markets)
        inside = [m.finer[t] if m.finer and m.has_bar(t) else [] for m in case.markets]
        within = tuple(tuple(f) if len(f) == QUARTERS else None for f in inside)
        yield BarsClosed(moment, rows, within, {name: outside(case, name, t) for name in case.markets[0].columns})


def outside(case: Case, name: str, t: int) -> tuple[float | None, ...]:
    """The values of a column from outside at one moment."""
    return tuple(None if math.isnan(m.columns[name][t]) else m.columns[name][t] for m in case.markets)


def bot_of(case: Case) -> Bot:
    return Bot(case.plan(), heard(case), case.terms())
