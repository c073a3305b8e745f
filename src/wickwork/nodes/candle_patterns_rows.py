"""Candle patterns of three and five bars that go one way: rows, confirmed reversals and continuations."""

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
    bottom,
    closed,
    contained,
    engulfs,
    falls,
    fell_before,
    high,
    is_long,
    length_of_body,
    low,
    opened,
    push,
    range_of_bar,
    rises,
    rose_before,
    top,
    wick_above,
)


def marches(m: Candles, side: float, wick: float, long: float) -> bool:
    """Whether three long candles rise, each from within the body before, and close near their highs."""
    steps = True
    for k in range(3):
        near_high = wick_above(m, k, side) <= wick * range_of_bar(m, k)
        steps = steps & rises(m, k, side) & is_long(m, k, long) & near_high
    for k in range(2):
        within = (opened(m, k, side) >= opened(m, k + 1, side)) & (opened(m, k, side) <= closed(m, k + 1, side))
        steps = steps & within & (closed(m, k, side) > closed(m, k + 1, side))
    return steps


@node(
    title="Three white soldiers",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("three advancing white soldiers", "bullish reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDL3WHITESOLDIERS",
)
def three_white_soldiers(
    memory: Candles, bars: Bar, *, wick: Share = 0.25, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a fall three long rising candles in a row, each opening within the body before and closing near its high.

    Each closes above the one before, its upper wick is at most `wick` × (high − low), and its body is longer than
    `long` × the mean body of the `period` bars before it. The fall: the close before the pattern is below that of
    `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    return m, answer(m, marches(m, UPRIGHT, wick, long) & fell_before(m, 3, UPRIGHT, trend), 3, period, trend)


@node(
    title="Three black crows",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("bearish reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDL3BLACKCROWS",
)
def three_black_crows(
    memory: Candles, bars: Bar, *, wick: Share = 0.25, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a rise three long falling candles in a row, each opening within the body before and closing near its low.

    Each closes below the one before, its lower wick is at most `wick` × (high − low), and its body is longer than
    `long` × the mean body of the `period` bars before it. The rise: the close before the pattern is above that of
    `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    return m, answer(m, marches(m, MIRRORED, wick, long) & fell_before(m, 3, MIRRORED, trend), 3, period, trend)


@node(
    title="Three inside",
    group="candles",
    warmup=lambda period, trend: bars_needed(3, period, trend),
    terms=("three inside up", "three inside down", "confirmed harami", "reversal", "candlestick"),
    source="Morris 1992; TA-Lib CDL3INSIDE",
)
def three_inside(
    memory: Candles, bars: Bar, *, small: Share = 0.5, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, Signals]:
    """A harami and the candle that confirms it.

    `bullish` (three inside up): after a fall a long falling candle, a body within it that is at most `small` × as long,
    then a rising candle that closes above the open of the first. `bearish` (three inside down): the mirror image after
    a rise. Long: the body is longer than `long` × the mean body of the `period` bars before. The fall: the close before
    the pattern is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    found = contained(m, 1, small) & is_long(m, 2, long)
    bullish, bearish = found & _confirmed(m, UPRIGHT, trend), found & _confirmed(m, MIRRORED, trend)
    return m, Signals(answer(m, bullish, 3, period, trend), answer(m, bearish, 3, period, trend))


def _confirmed(m: Candles, side: float, trend: int) -> bool:
    beyond = rises(m, 0, side) & (closed(m, 0, side) > opened(m, 2, side))
    return falls(m, 2, side) & beyond & fell_before(m, 3, side, trend)


@node(
    title="Three outside",
    group="candles",
    warmup=lambda trend: bars_needed(3, 0, trend),
    terms=("three outside up", "three outside down", "confirmed engulfing", "reversal", "candlestick"),
    source="Morris 1992; TA-Lib CDL3OUTSIDE",
)
def three_outside(memory: Candles, bars: Bar, *, trend: TrendBars = 5) -> tuple[Candles, Signals]:
    """An engulfing pattern and the candle that confirms it.

    `bullish` (three outside up): after a fall a bullish `engulfing`, then a candle that closes above the close of the
    second. `bearish` (three outside down): the mirror image after a rise. The fall: the close before the pattern is
    below that of `trend` bars earlier; 0 needs none. (In TA-Lib both ends of the second body lie beyond the first.)
    """
    m = push(memory, bars, 0, trend)
    bullish, bearish = _engulfed(m, UPRIGHT, trend), _engulfed(m, MIRRORED, trend)
    return m, Signals(answer(m, bullish, 3, 0, trend), answer(m, bearish, 3, 0, trend))


def _engulfed(m: Candles, side: float, trend: int) -> bool:
    return engulfs(m, 1, side) & (closed(m, 0, side) > closed(m, 1, side)) & fell_before(m, 3, side, trend)


@node(
    title="Tasuki gap",
    phrase={"bullish": "a bullish Tasuki gap forms", "bearish": "a bearish Tasuki gap forms"},
    group="candles",
    warmup=lambda trend: bars_needed(3, 0, trend),
    terms=("upside tasuki gap", "downside tasuki gap", "continuation", "candlestick"),
    source="Nison 1991; TA-Lib CDLTASUKIGAP",
)
def tasuki_gap(memory: Candles, bars: Bar, *, trend: TrendBars = 5) -> tuple[Candles, Signals]:
    """A gap in the direction of the trend that the next candle does not close.

    `bullish` (upside): in a rise two rising candles with a gap between their bodies, then a falling one that opens
    within the body of the second and closes below it, within the gap. `bearish` (downside): the mirror image in a fall.
    The rise: the close before the pattern is above that of `trend` bars earlier; 0 needs none. A market that trades
    without a break hardly has any.
    """
    m = push(memory, bars, 0, trend)
    bullish, bearish = _kept_open(m, UPRIGHT, trend), _kept_open(m, MIRRORED, trend)
    return m, Signals(answer(m, bullish, 3, 0, trend), answer(m, bearish, 3, 0, trend))


def _kept_open(m: Candles, side: float, trend: int) -> bool:
    gap = rises(m, 2, side) & rises(m, 1, side) & (bottom(m, 1, side) > top(m, 2, side))
    begins = (opened(m, 0, side) < closed(m, 1, side)) & (opened(m, 0, side) > opened(m, 1, side))
    ends = (closed(m, 0, side) < opened(m, 1, side)) & (closed(m, 0, side) > closed(m, 2, side))
    return gap & falls(m, 0, side) & begins & ends & rose_before(m, 3, side, trend)


def rests(m: Candles, side: float, small: float) -> bool:
    """Whether a rising candle holds three small falling bodies in its range, and a fifth rises beyond it."""
    rest = True
    for k in range(1, 4):
        held = (top(m, k, side) <= high(m, 4, side)) & (bottom(m, k, side) >= low(m, 4, side))
        rest = rest & held & (length_of_body(m, k) <= small * length_of_body(m, 4))
    steps = (closed(m, 2, side) < closed(m, 3, side)) & (closed(m, 1, side) < closed(m, 2, side))
    beyond = rises(m, 0, side) & (closed(m, 0, side) > closed(m, 4, side))
    return rises(m, 4, side) & rest & steps & beyond


@node(
    title="Rising three methods",
    group="candles",
    warmup=lambda period, trend: bars_needed(5, period, trend),
    terms=("bullish continuation", "candlestick"),
    source="Nison 1991; TA-Lib CDLRISEFALL3METHODS",
)
def rising_three_methods(
    memory: Candles, bars: Bar, *, small: Share = 0.5, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """In a rise a long rising candle, three small ones that come back within its range, and a long one to a new high.

    The three bodies lie within the range of the first, each at most `small` × its body, their closes falling; the fifth
    closes above the close of the first. The first and the fifth body are longer than the mean body of the `period` bars
    before them. The rise: the close before the pattern is above that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    long = is_long(m, 0, 1.0) & is_long(m, 4, 1.0)
    return m, answer(m, long & rests(m, UPRIGHT, small) & rose_before(m, 5, UPRIGHT, trend), 5, period, trend)


@node(
    title="Falling three methods",
    group="candles",
    warmup=lambda period, trend: bars_needed(5, period, trend),
    terms=("bearish continuation", "candlestick"),
    source="Nison 1991; TA-Lib CDLRISEFALL3METHODS",
)
def falling_three_methods(
    memory: Candles, bars: Bar, *, small: Share = 0.5, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """In a fall a long falling candle, three small ones that come back within its range, and a long one to a new low.

    The mirror image of `rising_three_methods`: the three bodies lie within the range of the first, each at most `small`
    × its body, their closes rising; the fifth closes below the close of the first. The first and the fifth body are
    longer than the mean body of the `period` bars before them. The fall: the close before the pattern is below that of
    `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    long = is_long(m, 0, 1.0) & is_long(m, 4, 1.0)
    return m, answer(m, long & rests(m, MIRRORED, small) & rose_before(m, 5, MIRRORED, trend), 5, period, trend)
