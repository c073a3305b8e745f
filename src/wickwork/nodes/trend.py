"""Averages and what follows the trend."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Choice, Series

nan = float("nan")
Period = Annotated[int, Between(1, 5000)]
MEAN, FIRST = range(2)


class Ema(NamedTuple):
    total: float = 0.0
    value: float = nan
    seen: int = 0


@node(
    title="EMA",
    group="trend",
    warmup=lambda period, seed: period if seed == MEAN else 1,
    terms=("exponential moving average",),
    source="TA-Lib EMA",
)
def ema(
    memory: Ema, source: Series, *, period: Period = 20, seed: Annotated[int, Choice("mean", "first")] = MEAN
) -> tuple[Ema, Series]:
    """Exponential moving average: forgets old values smoothly, with weight 2 / (period + 1) for the newest.

    Seeded with the mean of the first `period` values (as TA-Lib does), or with the first value alone (`adjust=False` in pandas).
    """
    seen = memory.seen + 1
    if seen > period:
        value = memory.value + (source - memory.value) * (2.0 / (period + 1.0))
        return Ema(0.0, value, seen), value
    if seed == FIRST:
        value = source if seen == 1 else memory.value + (source - memory.value) * (2.0 / (period + 1.0))
        return Ema(0.0, value, seen), value
    total = memory.total + source
    if seen < period:
        return Ema(total, nan, seen), nan
    return Ema(0.0, total / period, seen), total / period
