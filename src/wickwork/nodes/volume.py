"""Prices and the volume that moved them."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.slower import NEVER, opening_of
from wickwork.graph.types import Bar, Choice, Moment, Series
from wickwork.model.timeframe import DAY, WEEK
from wickwork.nodes.price import typical

nan = float("nan")
BY_DAY, BY_WEEK = range(2)


class Vwap(NamedTuple):
    """Memory of `vwap`."""

    value: float = 0.0
    volume: float = 0.0
    until: int = NEVER


@node(
    title="VWAP",
    phrase="the VWAP of the {anchor}",
    group="volume",
    terms=("volume weighted average price", "session", "anchored"),
    source="TA-Lib VWAP, restarted each day or week",
)
def vwap(
    memory: Vwap, bars: Bar, moment: Moment, *, anchor: Annotated[int, Choice("day", "week")] = BY_DAY
) -> tuple[Vwap, Series]:
    """Volume-weighted average price since the day or the week began (UTC, weeks begin on Monday), in price units.

    The mean of the typical prices (high + low + close) / 3, each weighted with the volume of its bar. While there was
    no volume yet it is the typical price. Where the data begins inside a day or a week, it begins with the data.
    """
    price = typical(bars)
    value, volume, until = memory.value, memory.volume, memory.until
    if moment >= until:
        length = DAY if anchor == BY_DAY else WEEK
        volume, until = 0.0, opening_of(moment, length) + length
    volume += bars.volume
    # Written as a step towards the new price, so that among equal prices it is that price to the last bit.
    value = value + (price - value) * (bars.volume / volume) if volume > bars.volume else price
    return Vwap(value, volume, until), value


class Obv(NamedTuple):
    """Memory of `obv`."""

    close: float = nan
    total: float = 0.0
    lost: float = 0.0


@node(
    title="OBV",
    phrase="the on-balance volume (OBV)",
    group="volume",
    terms=("on balance volume", "accumulation"),
    source="TA-Lib OBV; Granville 1963",
)
def obv(memory: Obv, bars: Bar) -> tuple[Obv, Series]:
    """On-balance volume: adds the volume of bars that close higher and takes away that of bars that close lower.

    Begins with the volume of the first bar, as in TA-Lib. What rounding loses is kept and added, so it never drifts.
    """
    change = bars.volume if not bars.close < memory.close else -bars.volume
    change = 0.0 if bars.close == memory.close else change
    total = memory.total + change
    added = total - memory.total
    lost = memory.lost + ((memory.total - (total - added)) + (change - added))
    return Obv(bars.close, total, lost), total + lost
