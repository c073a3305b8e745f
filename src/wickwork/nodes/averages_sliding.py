"""Moving averages made of sliding sums: their work does not grow with the window."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.trend import Wma, wma
from wickwork.nodes.windows import Period, slide_sum

nan = float("nan")


class Hull(NamedTuple):
    """Memory of `hma`: three weighted averages, of half the period, of the period, and of what follows from them."""

    halves: Annotated[Window, Length(lambda period: period // 2)]
    wholes: Annotated[Window, Length(lambda period: period)]
    roots: Annotated[Window, Length(lambda period: math.isqrt(period))]
    half_plain: float = 0.0
    half_weighted: float = 0.0
    whole_plain: float = 0.0
    whole_weighted: float = 0.0
    plain: float = 0.0
    weighted: float = 0.0
    last: float = nan
    last_raw: float = nan
    run: int = 0
    raw_run: int = 0
    half_at: int = 0
    whole_at: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="HMA",
    group="trend",
    warmup=lambda period: period + math.isqrt(period) - 1,
    terms=("hull moving average",),
    source="TA-Lib HMA; Hull 2005",
)
def hma(memory: Hull, source: Series, *, period: Annotated[int, Between(2, 5000)] = 9) -> tuple[Hull, Series]:
    """Hull moving average: smooth, and with hardly any lag. Same unit as the source.

    The WMA over √period bars of 2 × WMA(period / 2) − WMA(period); half and root are rounded down.
    """
    m = memory
    half, whole = period // 2, period
    near, fast = wma(
        Wma(m.halves, m.half_plain, m.half_weighted, m.last, m.run, m.half_at, m.seen), source, period=half
    )
    far, slow = wma(
        Wma(m.wholes, m.whole_plain, m.whole_weighted, m.last, m.run, m.whole_at, m.seen), source, period=whole
    )
    seen, value = m.seen + 1, nan
    plain, weighted, last_raw, raw_run, at = m.plain, m.weighted, m.last_raw, m.raw_run, m.at
    if seen >= period:
        raw = fast + (fast - slow)
        end, value = wma(
            Wma(m.roots, plain, weighted, last_raw, raw_run, at, seen - period), raw, period=int(math.sqrt(period))
        )
        plain, weighted, last_raw, raw_run, at = end.plain, end.weighted, raw, end.run, end.at
    return Hull(
        m.halves, m.wholes, m.roots, near.plain, near.weighted, far.plain, far.weighted, plain, weighted, source,
        last_raw, near.run, raw_run, near.at, far.at, at, seen,
    ), value  # fmt: skip


class Triangle(NamedTuple):
    """Memory of `trima`."""

    sums: Annotated[Window, Length(lambda period: period // 2 + 1)]
    means: Annotated[Window, Length(lambda period: (period + 1) // 2)]
    part: float = 0.0
    mean_part: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    mean_at: int = 0
    seen: int = 0


@node(
    title="TRIMA",
    group="trend",
    warmup=lambda period: period,
    terms=("triangular moving average", "tma", "swma", "symmetrically weighted moving average"),
    source="TA-Lib TRIMA",
)
def trima(memory: Triangle, source: Series, *, period: Period = 20) -> tuple[Triangle, Series]:
    """Triangular moving average: the middle of the window weighs most, its ends least. Same unit as the source.

    The weights of the last `period` values are 1, 2, 3 … 3, 2, 1: an SMA of an SMA of about half the period. Over 4
    bars they are 1, 2, 2, 1, TradingView's symmetrically weighted average (SWMA).
    """
    inner, outer = period // 2 + 1, (period + 1) // 2
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, source, inner)
    if seen < inner:
        unlikely()
        return Triangle(memory.sums, memory.means, part, 0.0, source, run, at, 0, seen), nan
    mean_at, mean_part, total = slide_sum(memory.means, memory.mean_at, memory.mean_part, total * (1.0 / inner), outer)
    value = total * (1.0 / outer)
    if run >= period:
        unlikely()
        value = source
    if seen < period:
        unlikely()
        value = nan
    return Triangle(memory.sums, memory.means, part, mean_part, source, run, at, mean_at, seen), value


class ByVolume(NamedTuple):
    """Memory of `vwma`."""

    products: Annotated[Window, Length(lambda period: period)]
    volumes: Annotated[Window, Length(lambda period: period)]
    values: Annotated[Window, Length(lambda period: period)]
    product: float = 0.0
    volume: float = 0.0
    value: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="VWMA",
    phrase="the {period}-bar VWMA of {source}, weighted with {volume}",
    group="trend",
    warmup=lambda period: period,
    terms=("volume weighted moving average",),
    source="TA-Lib VWMA",
)
def vwma(memory: ByVolume, source: Series, volume: Series, *, period: Period = 20) -> tuple[ByVolume, Series]:
    """Volume-weighted moving average: of the last `period` values those of bars with much volume weigh more.

    Sum of source × volume / sum of volume, in the unit of the source. While there was no volume in the window it is
    the simple mean.
    """
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    _, product, products = slide_sum(memory.products, memory.at, memory.product, source * volume, period)
    _, amount, amounts = slide_sum(memory.volumes, memory.at, memory.volume, volume, period)
    at, part, total = slide_sum(memory.values, memory.at, memory.value, source, period)
    value = products / amounts if amounts > 0.0 else total * (1.0 / period)
    if run >= period:
        unlikely()
        value = source
    kept = ByVolume(memory.products, memory.volumes, memory.values, product, amount, part, source, run, at, seen)
    return kept, value if seen >= period else nan
