"""Two instruments traded against each other. Wire the second one from `bars_of`; the first is mostly the run's own.

The z-score of a spread is `z_score` of it.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Series
from wickwork.nodes.relations import X0, Y0, Joint, X, Y, slide_joint, total

inf = float("inf")
nan = float("nan")
GROUP = "instruments"


@node(title="Spread", group=GROUP, terms=("pair", "difference of prices", "pairs trading", "basis"))
def spread(a: Series, b: Series, ratio: Series = 1.0) -> Series:
    """The price of one instrument less `ratio` times that of another: what a pair costs that is long `a` and short `b`.

    `ratio` is how many units of `b` stand against one of `a`, mostly wired from `hedge_ratio`.
    """
    return a - ratio * b


@node(title="Ratio", group=GROUP, terms=("pair", "relative price", "price relative", "cross rate"))
def ratio(a: Series, b: Series, *, logarithm: bool = False) -> Series:
    """The price of one instrument in units of another, a / b; missing where `b` is 0.

    With `logarithm` the natural logarithm of that: as far above 0 when `a` doubles against `b` as below it when it
    halves. It is missing where the ratio is not above 0.
    """
    value = a / b if b != 0.0 else nan
    if not logarithm:
        return value
    return math.log(value) if (value > 0.0) & (value < inf) else nan


class Hedge(NamedTuple):
    """How one price follows another."""

    ratio: Series
    spread: Series


@node(
    title="Hedge ratio",
    group=GROUP,
    warmup=lambda period: period,
    terms=("pairs trading", "cointegration", "rolling regression", "ordinary least squares", "ols", "beta", "residual"),
    source="ordinary least squares over a rolling window",
)
def hedge_ratio(
    memory: Joint, a: Series, b: Series, *, period: Annotated[int, Between(2, 5000)] = 60
) -> tuple[Joint, Hedge]:
    """How many units of `b` hedge one unit of `a`: the slope of the line through their last `period` prices.

    `ratio` is the slope of `a` on `b` by least squares, with an intercept. `spread` is how far `a` now lies above that
    line, in its own units: the residual of the newest bar. Where `b` does not move the ratio is 0 and the spread is the
    distance of `a` from its mean.
    """
    kept, xx, _, xy = slide_joint(memory, b, a, period)
    if kept.seen < period:
        return kept, Hedge(nan, nan)
    slope = xy / xx if xx > 0.0 else 0.0 if xx == 0.0 else nan
    mean_b = kept.parts[X0] + total(kept, kept.sum_x, X, kept.at, period) / period
    mean_a = kept.parts[Y0] + total(kept, kept.sum_y, Y, kept.at, period) / period
    return kept, Hedge(slope, (a - mean_a) - slope * (b - mean_b))
