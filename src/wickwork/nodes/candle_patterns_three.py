"""Candle patterns of three and five bars."""

from __future__ import annotations

from wickwork.graph.node import node
from wickwork.graph.types import Bar, ConditionOrMissing
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
    closed,
    falls,
    fell_before,
    high,
    is_doji,
    is_long,
    length_of_body,
    low,
    opened,
    push,
    rises,
    top,
)


def returns(m: Candles, side: float, into: float, long: float) -> bool:
    """Whether a long falling candle is followed, one bar later, by a rising one that closes within or above it."""
    level = closed(m, 2, side) + into * (opened(m, 2, side) - closed(m, 2, side))
    first = falls(m, 2, side) & is_long(m, 2, long)
    return first & rises(m, 0, side) & (closed(m, 0, side) > level)


def is_star(m: Candles, side: float, into: float, small: float, long: float) -> bool:
    """Whether a small body lies between the two of `returns`, in the lower half of the first or below it."""
    half = (opened(m, 2, side) + closed(m, 2, side)) * 0.5
    star = (length_of_body(m, 1) <= small * length_of_body(m, 2)) & (top(m, 1, side) <= half)
    return returns(m, side, into, long) & star


def is_doji_star(m: Candles, side: float, into: float, body: float, long: float) -> bool:
    """Whether a doji lies between the two of `returns`, in the lower half of the first or below it."""
    half = (opened(m, 2, side) + closed(m, 2, side)) * 0.5
    return returns(m, side, into, long) & is_doji(m, 1, body) & (top(m, 1, side) <= half)


@node(
    title="Morning star",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("bullish reversal", "star", "candlestick"),
    source="Nison 1991; TA-Lib CDLMORNINGSTAR",
)
def morning_star(
    memory: Candles, bars: Bar, *, into: Share = 0.5, small: Share = 0.3, long: Times = 1.0,
    period: BodyPeriod = 10, trend: TrendBars = 5,
) -> tuple[Candles, ConditionOrMissing]:  # fmt: skip
    """After a fall a long falling candle, a small one, and a rising one that wins back half of the first.

    The second body is at most `small` × the first and lies in its lower half or below (in TA-Lib, and in books about
    markets that close at night, with a gap below the first); the third closes above `into` of the first body, counted
    from below. Long: the body is longer than `long` × the mean body of the `period` bars before. The fall: the close
    before the pattern is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = is_star(m, UPRIGHT, into, small, long) & fell_before(m, 3, UPRIGHT, trend)
    return m, answer(m, found, 3, period, trend)


@node(
    title="Evening star",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("bearish reversal", "star", "candlestick"),
    source="Nison 1991; TA-Lib CDLEVENINGSTAR",
)
def evening_star(
    memory: Candles, bars: Bar, *, into: Share = 0.5, small: Share = 0.3, long: Times = 1.0,
    period: BodyPeriod = 10, trend: TrendBars = 5,
) -> tuple[Candles, ConditionOrMissing]:  # fmt: skip
    """After a rise a long rising candle, a small one, and a falling one that takes back half of the first.

    The mirror image of `morning_star`: the second body is at most `small` × the first and lies in its upper half or
    above; the third closes below `into` of the first body, counted from above. Long: the body is longer than `long` ×
    the mean body of the `period` bars before. The rise: the close before the pattern is above that of `trend` bars
    earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = is_star(m, MIRRORED, into, small, long) & fell_before(m, 3, MIRRORED, trend)
    return m, answer(m, found, 3, period, trend)


@node(
    title="Morning doji star",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("bullish reversal", "star", "doji", "candlestick"),
    source="Nison 1991; TA-Lib CDLMORNINGDOJISTAR",
)
def morning_doji_star(
    memory: Candles, bars: Bar, *, into: Share = 0.5, body: Share = 0.1, long: Times = 1.0,
    period: BodyPeriod = 10, trend: TrendBars = 5,
) -> tuple[Candles, ConditionOrMissing]:  # fmt: skip
    """After a fall a long falling candle, a doji, and a rising one that wins back half of the first.

    As `morning_star`, but the second is a doji: |close − open| ≤ `body` × (high − low), in the lower half of the first
    body or below. The third closes above `into` of the first body, counted from below. Long: the body is longer than
    `long` × the mean body of the `period` bars before. The fall: the close before the pattern is below that of `trend`
    bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = is_doji_star(m, UPRIGHT, into, body, long) & fell_before(m, 3, UPRIGHT, trend)
    return m, answer(m, found, 3, period, trend)


@node(
    title="Evening doji star",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("bearish reversal", "star", "doji", "candlestick"),
    source="Nison 1991; TA-Lib CDLEVENINGDOJISTAR",
)
def evening_doji_star(
    memory: Candles, bars: Bar, *, into: Share = 0.5, body: Share = 0.1, long: Times = 1.0,
    period: BodyPeriod = 10, trend: TrendBars = 5,
) -> tuple[Candles, ConditionOrMissing]:  # fmt: skip
    """After a rise a long rising candle, a doji, and a falling one that takes back half of the first.

    As `evening_star`, but the second is a doji: |close − open| ≤ `body` × (high − low), in the upper half of the first
    body or above. The third closes below `into` of the first body, counted from above. Long: the body is longer than
    `long` × the mean body of the `period` bars before. The rise: the close before the pattern is above that of `trend`
    bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = is_doji_star(m, MIRRORED, into, body, long) & fell_before(m, 3, MIRRORED, trend)
    return m, answer(m, found, 3, period, trend)


@node(
    title="Abandoned baby",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("island reversal", "doji", "candlestick"),
    source="Nison 1991; TA-Lib CDLABANDONEDBABY",
)
def abandoned_baby(
    memory: Candles, bars: Bar, *, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, Signals]:
    """A doji star with a gap between all ranges on both of its sides.

    `bullish`: after a fall a long falling candle, a doji whose high is below the lows of its two neighbours, and a
    rising candle that closes above the middle of the first body. Doji: |close − open| ≤ 0.1 × (high − low); long: the
    body is longer than the mean body of the `period` bars before. `bearish`: the mirror image after a rise. The fall:
    the close before the pattern is below that of `trend` bars earlier; 0 needs none. A market that trades without a
    break hardly has any.
    """
    m = push(memory, bars, period, trend)
    bullish, bearish = _abandoned(m, UPRIGHT, trend), _abandoned(m, MIRRORED, trend)
    return m, Signals(answer(m, bullish, 3, period, trend), answer(m, bearish, 3, period, trend))


def _abandoned(m: Candles, side: float, trend: int) -> bool:
    alone = (high(m, 1, side) < low(m, 2, side)) & (high(m, 1, side) < low(m, 0, side))
    return alone & is_doji_star(m, side, 0.5, 0.1, 1.0) & fell_before(m, 3, side, trend)
