"""Channels: a line in the middle of the price and one on each side."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Choice, ConditionOrMissing, Length, Series, Window
from wickwork.nodes.price import typical
from wickwork.nodes.trend import Sma, smooth
from wickwork.nodes.volatility import range_of
from wickwork.nodes.windows import (
    BOTTOM,
    TOP,
    Period,
    Spread,
    slide_highest,
    slide_lowest,
    slide_spread,
    slide_sum,
    slide_weighted,
)

nan = float("nan")
CLOSE, TYPICAL = range(2)
Multiplier = Annotated[float, Between(0, 100)]


class Channel(NamedTuple):
    """Outputs of a channel."""

    lower: Series
    middle: Series
    upper: Series


class Donchian(NamedTuple):
    """Memory of `donchian`; `upper` and `lower` are those of the bar before."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    upper: float = nan
    lower: float = nan
    at: int = 0
    seen: int = 0


@node(
    title="Donchian channel",
    phrase={
        "lower": "the lower line of the {period}-bar Donchian channel",
        "middle": "the middle of the {period}-bar Donchian channel",
        "upper": "the upper line of the {period}-bar Donchian channel",
    },
    group="trend",
    warmup=lambda period, current_bar: period if current_bar else period + 1,
    terms=("dc", "donchian channels", "price channel", "turtle", "breakout", "highest high", "lowest low"),
    source="TA-Lib DONCHIAN",
)
def donchian(memory: Donchian, bars: Bar, *, period: Period = 20, current_bar: bool = True) -> tuple[Donchian, Channel]:
    """The highest high and the lowest low of the last `period` bars, and the middle between them, in price units.

    The current bar counts, as in TA-Lib and TradingView: so the close is never above `upper`. For a breakout set
    `current_bar` to false: then they are the `period` bars before this one, as in Stock.Indicators.
    """
    seen = memory.seen + 1
    _, high, upper = slide_highest(memory.highs, memory.at, memory.high, bars.high, period)
    at, low, lower = slide_lowest(memory.lows, memory.at, memory.low, bars.low, period)
    kept = Donchian(memory.highs, memory.lows, high, low, upper, lower, at, seen)
    if not current_bar:
        seen, upper, lower = seen - 1, memory.upper, memory.lower
    if seen < period:
        return kept, Channel(nan, nan, nan)
    return kept, Channel(lower, (lower + upper) * 0.5, upper)


class Keltner(NamedTuple):
    """Memory of `keltner`."""

    close: float = nan
    middle: float = 0.0
    atr: float = 0.0
    seen: int = 0


@node(
    title="Keltner channel",
    phrase={
        "lower": "the lower line of the Keltner channel ({period} bars, {multiplier} ATR)",
        "middle": "the middle of the Keltner channel ({period} bars)",
        "upper": "the upper line of the Keltner channel ({period} bars, {multiplier} ATR)",
    },
    group="volatility",
    warmup=lambda period, atr_period: max(period, atr_period + 1),
    terms=("kc", "keltner channels", "atr bands", "atr channel"),
    source="TA-Lib KC; Keltner 1960, Raschke",
)
def keltner(
    memory: Keltner,
    bars: Bar,
    *,
    period: Period = 20,
    multiplier: Multiplier = 2.0,
    atr_period: Period = 10,
    price: Annotated[int, Choice("close", "typical")] = CLOSE,
) -> tuple[Keltner, Channel]:
    """An EMA of the price with a band of `multiplier` × ATR on each side, in price units.

    The EMA is one of the closes (TradingView) or, with `price` typical, of (high + low + close) / 3 (TA-Lib, Keltner).
    The ATR is Wilder's. As in TA-Lib both averages begin on the same bar: the shorter one with the mean of the values
    up to there.
    """
    seen = memory.seen + 1
    source = typical(bars) if price == TYPICAL else bars.close
    need = period if period > atr_period + 1 else atr_period + 1
    middle, atr = memory.middle, memory.atr
    if seen > need - period:
        middle = smooth(middle, seen - need + period, source, period, 2.0 / (period + 1.0))
    if seen > need - atr_period:
        atr = smooth(atr, seen - need + atr_period, range_of(bars, memory.close), atr_period, 1.0 / atr_period)
    kept = Keltner(bars.close, middle, atr, seen)
    if seen < need:
        return kept, Channel(nan, nan, nan)
    reach = multiplier * atr
    return kept, Channel(middle - reach, middle, middle + reach)


@node(
    title="Envelope",
    phrase={
        "lower": "the lower line of the envelope ({period} bars, {percent} %) of {source}",
        "middle": "the middle of the envelope ({period} bars, {percent} %) of {source}",
        "upper": "the upper line of the envelope ({period} bars, {percent} %) of {source}",
    },
    group="trend",
    warmup=lambda period: period,
    terms=("env", "envelopes", "moving average envelope", "percent bands"),
    source="TradingView Envelope",
)
def envelope(
    memory: Sma, source: Series, *, period: Period = 20, percent: Annotated[float, Between(0, 100)] = 10.0
) -> tuple[Sma, Channel]:
    """A simple moving average with a line `percent` percent of it below and one as far above, in the source's unit."""
    seen = memory.seen + 1
    run = memory.run + 1 if source == memory.last else 1
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, source, period)
    kept = Sma(memory.sums, part, source, run, at, seen)
    if seen < period:
        return kept, Channel(nan, nan, nan)
    middle = source if run >= period else total * (1.0 / period)
    reach = middle * (percent * 0.01)
    return kept, Channel(middle - reach, middle, middle + reach)


class Squeeze(NamedTuple):
    """Memory of `squeeze`: that of a `Spread`, and of the mean of the true ranges."""

    values: Annotated[Window, Length(lambda period: period)]
    sums: Annotated[Window, Length(lambda period: period)]
    squares: Annotated[Window, Length(lambda period: period)]
    ranges: Annotated[Window, Length(lambda period: period)]
    reference: float = 0.0
    sum: float = 0.0
    square: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0
    range: float = 0.0
    range_at: int = 0


@node(
    title="Squeeze",
    phrase="the market is in a squeeze ({period} bars)",
    group="volatility",
    warmup=lambda period: period + 1,
    terms=("ttm squeeze", "squeeze momentum", "lazybear", "sqzmom", "bollinger inside keltner", "john carter"),
    source="Carter 2005; LazyBear's Squeeze Momentum",
)
def squeeze(
    memory: Squeeze,
    bars: Bar,
    *,
    period: Annotated[int, Between(2, 5000)] = 20,
    multiplier: Multiplier = 2.0,
    range_multiplier: Multiplier = 1.5,
) -> tuple[Squeeze, ConditionOrMissing]:
    """True while the Bollinger bands lie inside the Keltner channel: the market is quiet, a large move often follows.

    Both are drawn around the same simple average of the closes, so this is `multiplier` standard deviations (of a
    population) < `range_multiplier` × the simple mean of the true ranges, both of the last `period` bars. False
    in a flat market, where both are 0. `squeeze_momentum` shows the direction.
    """
    spread = Spread(
        memory.values, memory.sums, memory.squares, memory.reference, memory.sum, memory.square, memory.last,
        memory.run, memory.at, memory.seen,
    )  # fmt: skip
    m, _, deviation = slide_spread(spread, bars.close, period)
    part, range_at, total = memory.range, memory.range_at, 0.0
    if m.seen > 1:
        range_at, part, total = slide_sum(memory.ranges, range_at, part, range_of(bars, memory.last), period)
    kept = Squeeze(
        m.values, m.sums, m.squares, memory.ranges, m.reference, m.sum, m.square, m.last, m.run, m.at, m.seen,
        part, range_at,
    )  # fmt: skip
    share = 1.0 / period
    inside = multiplier * math.sqrt(deviation * share) < range_multiplier * (total * share)
    return kept, (1.0 if inside else 0.0) if m.seen > period else nan


class SqueezeMomentum(NamedTuple):
    """Memory of `squeeze_momentum`."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    closes: Annotated[Window, Length(lambda period: period)]
    plains: Annotated[Window, Length(lambda period: period)]
    weights: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    close: float = 0.0
    plain: float = 0.0
    weighted_plain: float = 0.0
    weighted: float = 0.0
    at: int = 0
    distance_at: int = 0
    seen: int = 0


@node(
    title="Squeeze momentum",
    phrase="the {period}-bar squeeze momentum",
    group="momentum",
    warmup=lambda period: 2 * period - 1,
    terms=("ttm squeeze", "lazybear", "sqzmom", "sqzmom_lb", "john carter", "linear regression"),
    source="LazyBear's Squeeze Momentum",
)
def squeeze_momentum(
    memory: SqueezeMomentum, bars: Bar, *, period: Annotated[int, Between(2, 5000)] = 20
) -> tuple[SqueezeMomentum, Series]:
    """How far the price is above the middle of its recent range, smoothed; in price units, above 0 while it rises.

    The end of the regression line through the last `period` distances: close − ((highest high + lowest low) / 2 +
    SMA(close)) / 2, all over `period` bars; exactly 0 in a flat market. It is the histogram of TradingView's "Squeeze
    Momentum Indicator".
    """
    seen = memory.seen + 1
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, bars.high, period)
    _, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, bars.low, period)
    at, close, total = slide_sum(memory.closes, memory.at, memory.close, bars.close, period)
    plain, weighted_plain, weighted, following = (
        memory.plain, memory.weighted_plain, memory.weighted, memory.distance_at,
    )  # fmt: skip
    value = nan
    if seen >= period:
        # Exactly 0 in a flat window, or the signs of rounding errors would be crossings.
        centre = ((highest + lowest) * 0.5 + total * (1.0 / period)) * 0.5
        distance = bars.close - centre if highest > lowest else 0.0
        _, plain, distances = slide_sum(memory.plains, memory.distance_at, plain, distance, period)
        following, weighted_plain, weighted, slanted = slide_weighted(
            memory.weights, memory.distance_at, weighted_plain, weighted, distance, period
        )
        # The end of a least-squares line is 3 × WMA − 2 × SMA of its points.
        value = 3.0 * (slanted * (2.0 / (period * (period + 1.0)))) - 2.0 * (distances * (1.0 / period))
    kept = SqueezeMomentum(
        memory.highs, memory.lows, memory.closes, memory.plains, memory.weights, high, low, close, plain,
        weighted_plain, weighted, at, following, seen,
    )  # fmt: skip
    return kept, value if seen >= 2 * period - 1 else nan
