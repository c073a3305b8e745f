"""Averages and what follows the trend."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline, unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Choice, Length, Series, Window
from wickwork.nodes.windows import Period, slide_sum, slide_weighted

nan = float("nan")
MEAN, FIRST = range(2)
NOISE_FLOOR = 1e-280
"""Averages of moves fade to this only in a market whose price does not change for a very long time.

Of two that went on to fade until the last bits are left, the share would be chance.
"""


class Sma(NamedTuple):
    """Memory of `sma`."""

    sums: Annotated[Window, Length(lambda period: period)]
    part: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="SMA",
    group="trend",
    warmup=lambda period: period,
    terms=("simple moving average", "ma", "mean", "average"),
    source="TA-Lib SMA",
)
def sma(memory: Sma, source: Series, *, period: Period = 20) -> tuple[Sma, Series]:
    """Simple moving average: the mean of the last `period` values. Same unit as the source."""
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, source, period)
    # Among equal prices the mean is that price to the last bit, or a flat market would be full of crossings.
    value = total * (1.0 / period)
    if run >= period:
        unlikely()
        value = source
    if seen < period:
        unlikely()
        value = nan
    return Sma(memory.sums, part, source, run, at, seen), value


class Ema(NamedTuple):
    """Memory of `ema` and `rma`."""

    value: float = 0.0
    seen: int = 0


def smooth(value: float, seen: int, source: float, count: int, weight: float) -> float:
    """The mean of the first `count` values; after them each new one moves the average by `weight`."""
    if seen <= count:
        unlikely()  # a division
        weight = 1.0 / seen
    return value + (source - value) * weight


@node(
    title="EMA",
    group="trend",
    warmup=lambda period, seed: period if seed == MEAN else 1,
    terms=("exponential moving average", "ewm"),
    source="TA-Lib EMA",
)
def ema(
    memory: Ema, source: Series, *, period: Period = 20, seed: Annotated[int, Choice("mean", "first")] = MEAN
) -> tuple[Ema, Series]:
    """Exponential moving average: old values fade smoothly, the newest has weight 2 / (period + 1).

    Seeded with the mean of the first `period` values (as TA-Lib does), or with the first value alone
    (`adjust=False` in pandas), which has a value from the first bar on. Same unit as the source.
    """
    seen = memory.seen + 1
    count = period if seed == MEAN else 1
    value = smooth(memory.value, seen, source, count, 2.0 / (period + 1.0))
    return Ema(value, seen), value if seen >= count else nan


class Wma(NamedTuple):
    """Memory of `wma`."""

    sums: Annotated[Window, Length(lambda period: period)]
    plain: float = 0.0
    weighted: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0


@node(
    title="WMA",
    group="trend",
    warmup=lambda period: period,
    terms=("weighted moving average", "linearly weighted"),
    source="TA-Lib WMA",
)
@force_inline
def wma(memory: Wma, source: Series, *, period: Period = 20) -> tuple[Wma, Series]:
    """Weighted moving average: the newest of `period` values counts `period` times, the oldest once.

    Same unit as the source.
    """
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    at, plain, weighted, total = slide_weighted(memory.sums, memory.at, memory.plain, memory.weighted, source, period)
    value = total * (2.0 / (period * (period + 1.0)))
    if run >= period:
        unlikely()
        value = source
    if seen < period:
        unlikely()
        value = nan
    return Wma(memory.sums, plain, weighted, source, run, at, seen), value


@node(
    title="RMA",
    group="trend",
    warmup=lambda period: period,
    terms=("wilder", "smma", "smoothed moving average", "running moving average"),
    source="TA-Lib RMA; Wilder 1978",
)
def rma(memory: Ema, source: Series, *, period: Period = 14) -> tuple[Ema, Series]:
    """Wilder's moving average, the one inside RSI, ATR and ADX: the newest value has weight 1 / period.

    Seeded with the mean of the first `period` values. Same unit as the source.
    """
    seen = memory.seen + 1
    value = smooth(memory.value, seen, source, period, 1.0 / period)
    return Ema(value, seen), value if seen >= period else nan


class Macd(NamedTuple):
    """Memory of `macd`."""

    fast: float = 0.0
    slow: float = 0.0
    signal: float = 0.0
    seen: int = 0


class MacdLines(NamedTuple):
    """Outputs of `macd`."""

    macd: Series
    signal: Series
    histogram: Series


@node(
    title="MACD",
    phrase={
        "macd": "the MACD ({fast}, {slow}) of {source}",
        "signal": "the signal line of the MACD ({fast}, {slow}, {signal}) of {source}",
        "histogram": "the histogram of the MACD ({fast}, {slow}, {signal}) of {source}",
    },
    group="trend",
    warmup=lambda fast, slow, signal: max(fast, slow) + signal - 1,
    terms=("moving average convergence divergence",),
    source="TA-Lib MACD",
)
def macd(
    memory: Macd, source: Series, *, fast: Period = 12, slow: Period = 26, signal: Period = 9
) -> tuple[Macd, MacdLines]:
    """Moving average convergence divergence: how far the fast EMA is above the slow one.

    `macd` = EMA(fast) − EMA(slow), `signal` = EMA of macd, `histogram` = macd − signal; all in the unit of the source.
    As in TA-Lib both averages begin at the same bar (the fast one with the mean of the last `fast` of the first `slow`
    values), and all outputs are missing until the signal has a value. If `fast` is longer than `slow`, they change
    places.
    """
    seen = memory.seen + 1
    quick = fast if fast < slow else slow
    calm = slow if fast < slow else fast
    slower = smooth(memory.slow, seen, source, calm, 2.0 / (calm + 1.0))
    faster, line = memory.fast, memory.signal
    if seen > calm - quick:
        faster = smooth(faster, seen - calm + quick, source, quick, 2.0 / (quick + 1.0))
    if seen >= calm:
        line = smooth(line, seen - calm + 1, faster - slower, signal, 2.0 / (signal + 1.0))
    kept = Macd(faster, slower, line, seen)
    if seen < calm + signal - 1:
        return kept, MacdLines(nan, nan, nan)
    return kept, MacdLines(faster - slower, line, faster - slower - line)
