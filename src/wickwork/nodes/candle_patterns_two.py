"""Candle patterns of two bars."""

from __future__ import annotations

from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, ConditionOrMissing
from wickwork.nodes.candle_history import (
    MIRRORED,
    UPRIGHT,
    BodyPeriod,
    Candles,
    Share,
    Signals,
    Times,
    TrendBars,
    answer,
    bars_needed,
    bottom,
    closed,
    contained,
    engulfs,
    falls,
    fell_before,
    is_doji,
    is_long,
    low,
    opened,
    push,
    range_of_bar,
    rises,
)

Tolerance = Annotated[float, Between(0, 1)]


@node(
    title="Engulfing",
    group="candles",
    warmup=lambda trend: bars_needed(2, 0, trend),
    terms=("bullish engulfing", "bearish engulfing", "reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLENGULFING",
)
def engulfing(memory: Candles, bars: Bar, *, trend: TrendBars = 5) -> tuple[Candles, Signals]:
    """A candle whose body covers the whole body of the one before, of the other colour.

    `bullish`: after a fall a falling candle, then a rising one with open ≤ its close and close ≥ its open, of which one
    may be equal but not both. `bearish`: the mirror image after a rise. The fall: the close before the pattern is below
    that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    bullish = engulfs(m, 0, UPRIGHT) & fell_before(m, 2, UPRIGHT, trend)
    bearish = engulfs(m, 0, MIRRORED) & fell_before(m, 2, MIRRORED, trend)
    return m, Signals(answer(m, bullish, 2, 0, trend), answer(m, bearish, 2, 0, trend))


@node(
    title="Harami",
    group="candles",
    warmup=lambda period, trend: bars_needed(2, period, trend),
    terms=("inside body", "reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLHARAMI",
)
def harami(
    memory: Candles, bars: Bar, *, small: Share = 0.5, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, Signals]:
    """A small body within the long body of the candle before: the move loses its force.

    `bullish`: after a fall a long falling candle (body longer than `long` × the mean body of the `period` bars before),
    then a body within it, of any colour, at most `small` × as long; ends may be equal. `bearish`: the mirror image
    after a rise. The fall: the close before the pattern is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = contained(m, 0, small) & is_long(m, 1, long)
    return m, after_trend(m, found, period, trend)


@node(
    title="Harami cross",
    group="candles",
    warmup=lambda period, trend: bars_needed(2, period, trend),
    terms=("doji", "inside body", "reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLHARAMICROSS",
)
def harami_cross(
    memory: Candles, bars: Bar, *, body: Share = 0.1, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, Signals]:
    """A doji within the long body of the candle before: a `harami` whose second body is (nearly) nothing.

    `bullish`: after a fall a long falling candle (body longer than `long` × the mean body of the `period` bars before),
    then one with |close − open| ≤ `body` × (high − low) whose body lies within; ends may be equal. `bearish`: the
    mirror image after a rise. The fall: the close before the pattern is below that of `trend` bars earlier; 0 needs
    none.
    """
    m = push(memory, bars, period, trend)
    found = contained(m, 0, 1.0) & is_doji(m, 0, body) & is_long(m, 1, long)
    return m, after_trend(m, found, period, trend)


def after_trend(m: Candles, found: bool, period: int, trend: int) -> Signals:
    """Bullish where the first of two candles falls after a fall, bearish where it rises after a rise."""
    bullish = found & falls(m, 1, UPRIGHT) & fell_before(m, 2, UPRIGHT, trend)
    bearish = found & falls(m, 1, MIRRORED) & fell_before(m, 2, MIRRORED, trend)
    return Signals(answer(m, bullish, 2, period, trend), answer(m, bearish, 2, period, trend))


def pierces(m: Candles, side: float, long: float, into: float) -> bool:
    """Whether a rising candle closes within the body of the long falling one before, `into` of it or more."""
    begin = opened(m, 0, side) <= closed(m, 1, side)
    level = closed(m, 1, side) + into * (opened(m, 1, side) - closed(m, 1, side))
    within = (closed(m, 0, side) > level) & (closed(m, 0, side) < opened(m, 1, side))
    return falls(m, 1, side) & is_long(m, 1, long) & rises(m, 0, side) & begin & within


@node(
    title="Piercing line",
    group="candles",
    warmup=lambda period, trend: bars_needed(2, period, trend),
    terms=("piercing pattern", "bullish reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLPIERCING",
)
def piercing_line(
    memory: Candles, bars: Bar, *, into: Share = 0.5, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a fall a long falling candle, then a rising one that wins back more than half of it.

    The second closes above `into` of the first body, counted from below, and below its top. It opens at or below the
    first close (in TA-Lib, and in books about markets that close at night, below the first low). Long: the body is
    longer than `long` × the mean body of the `period` bars before. The fall: the close before the pattern is below that
    of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = pierces(m, UPRIGHT, long, into) & fell_before(m, 2, UPRIGHT, trend)
    return m, answer(m, found, 2, period, trend)


@node(
    title="Dark cloud cover",
    group="candles",
    warmup=lambda period, trend: bars_needed(2, period, trend),
    terms=("bearish reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLDARKCLOUDCOVER",
)
def dark_cloud_cover(
    memory: Candles, bars: Bar, *, into: Share = 0.5, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a rise a long rising candle, then a falling one that takes back more than half of it.

    The mirror image of `piercing_line`: the second closes below `into` of the first body, counted from above, and above
    its bottom. It opens at or above the first close. Long: the body is longer than `long` × the mean body of the
    `period` bars before. The rise: the close before the pattern is above that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = pierces(m, MIRRORED, long, into) & fell_before(m, 2, MIRRORED, trend)
    return m, answer(m, found, 2, period, trend)


def equal_lows(m: Candles, side: float, tolerance: float) -> bool:
    """Whether a falling and a rising candle have nearly the same low, as a share of the range of the first."""
    near = abs(low(m, 0, side) - low(m, 1, side)) <= tolerance * range_of_bar(m, 1)
    return falls(m, 1, side) & rises(m, 0, side) & near


@node(
    title="Tweezer bottom",
    group="candles",
    warmup=lambda trend: bars_needed(2, 0, trend),
    terms=("double bottom", "equal lows", "bullish reversal", "candlestick"),
    source="Nison 1991",
)
def tweezer_bottom(
    memory: Candles, bars: Bar, *, tolerance: Tolerance = 0.05, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a fall two candles that turn at the same low.

    A falling candle, then a rising one; the lows differ by at most `tolerance` × the range of the first. The fall: the
    close before the pattern is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    return m, answer(m, equal_lows(m, UPRIGHT, tolerance) & fell_before(m, 2, UPRIGHT, trend), 2, 0, trend)


@node(
    title="Tweezer top",
    group="candles",
    warmup=lambda trend: bars_needed(2, 0, trend),
    terms=("double top", "equal highs", "bearish reversal", "candlestick"),
    source="Nison 1991",
)
def tweezer_top(
    memory: Candles, bars: Bar, *, tolerance: Tolerance = 0.05, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a rise two candles that turn at the same high.

    A rising candle, then a falling one; the highs differ by at most `tolerance` × the range of the first. The rise: the
    close before the pattern is above that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    return m, answer(m, equal_lows(m, MIRRORED, tolerance) & fell_before(m, 2, MIRRORED, trend), 2, 0, trend)


@node(
    title="Kicker",
    phrase={"bullish": "a bullish kicker forms", "bearish": "a bearish kicker forms"},
    group="candles",
    warmup=lambda period: bars_needed(2, period, 0),
    terms=("kicking", "gap reversal", "candlestick"),
    source="Morris 1992; TA-Lib CDLKICKING",
)
def kicker(memory: Candles, bars: Bar, *, period: BodyPeriod = 10) -> tuple[Candles, Signals]:
    """Two long candles of opposite colours with a gap between their bodies: opinion turned from one to the next.

    `bullish`: a falling candle, then a rising one that opens above the open of the first; both bodies are longer than
    the mean body of the `period` bars before. `bearish`: the mirror image. A trend is not needed. (In TA-Lib there
    are no wicks either, and a gap between the ranges.) A market that trades without a break hardly has any.
    """
    m = push(memory, bars, period, 0)
    long = is_long(m, 0, 1.0) & is_long(m, 1, 1.0)
    bullish, bearish = long & _kicked(m, UPRIGHT), long & _kicked(m, MIRRORED)
    return m, Signals(answer(m, bullish, 2, period, 0), answer(m, bearish, 2, period, 0))


def _kicked(m: Candles, side: float) -> bool:
    return falls(m, 1, side) & rises(m, 0, side) & (opened(m, 0, side) > opened(m, 1, side))


@node(
    title="On neck",
    group="candles",
    warmup=lambda period, trend: bars_needed(2, period, trend),
    terms=("on-neck line", "bearish continuation", "candlestick"),
    source="Nison 1991; TA-Lib CDLONNECK",
)
def on_neck(
    memory: Candles, bars: Bar, *, tolerance: Tolerance = 0.05, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """In a fall a long falling candle, then a rising one that only comes back to its low: the fall goes on.

    The second opens at or below the first close and closes within `tolerance` × the first range of the first low. Long:
    the body is longer than the mean body of the `period` bars before. The fall: the close before the pattern
    is below that of `trend` bars earlier; 0 needs none. (In TA-Lib the second opens below the first low.)
    """
    m = push(memory, bars, period, trend)
    near = abs(m.close[0] - m.low[1]) <= tolerance * range_of_bar(m, 1)
    below = bottom(m, 0, UPRIGHT) <= m.close[1]
    shape = falls(m, 1, UPRIGHT) & is_long(m, 1, 1.0) & rises(m, 0, UPRIGHT) & near & below
    return m, answer(m, shape & fell_before(m, 2, UPRIGHT, trend), 2, period, trend)
