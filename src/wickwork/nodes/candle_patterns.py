"""Candle patterns of one bar."""

from __future__ import annotations

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Condition, ConditionOrMissing
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
    fell_before,
    is_long,
    length_of_body,
    push,
    range_of_bar,
    rises,
    rose_before,
    wick_above,
    wick_below,
)


def is_doji_bar(bars: Bar, share: float) -> bool:
    """Whether open and close are at most that share of the range apart."""
    return abs(bars.close - bars.open) <= share * (bars.high - bars.low)


def above_body(bars: Bar) -> float:
    """The upper wick."""
    return bars.high - (bars.open if bars.open > bars.close else bars.close)


def below_body(bars: Bar) -> float:
    """The lower wick."""
    return (bars.open if bars.open < bars.close else bars.close) - bars.low


@node(
    title="Doji",
    phrase="a doji forms",
    group="candles",
    terms=("indecision", "cross", "candlestick"),
    source="Nison 1991; TA-Lib CDLDOJI",
)
def doji(bars: Bar, *, body: Share = 0.1) -> Condition:
    """Open and close are (nearly) the same: neither side has won.

    |close − open| ≤ `body` × (high − low). A bar without a range is a doji.
    """
    return is_doji_bar(bars, body)


@node(
    title="Dragonfly doji",
    group="candles",
    terms=("doji", "candlestick", "bullish"),
    source="Nison 1991; TA-Lib CDLDRAGONFLYDOJI",
)
def dragonfly_doji(bars: Bar, *, body: Share = 0.1, wick: Share = 0.1) -> Condition:
    """A doji at the high of its bar: the price fell and came all the way back.

    A `doji` whose upper wick is at most `wick` × (high − low), and whose lower wick is longer than the upper one.
    """
    above, below = above_body(bars), below_body(bars)
    return is_doji_bar(bars, body) & (above <= wick * (bars.high - bars.low)) & (below > above)


@node(
    title="Gravestone doji",
    group="candles",
    terms=("doji", "candlestick", "bearish"),
    source="Nison 1991; TA-Lib CDLGRAVESTONEDOJI",
)
def gravestone_doji(bars: Bar, *, body: Share = 0.1, wick: Share = 0.1) -> Condition:
    """A doji at the low of its bar: the price rose and fell all the way back.

    A `doji` whose lower wick is at most `wick` × (high − low), and whose upper wick is longer than the lower one.
    """
    above, below = above_body(bars), below_body(bars)
    return is_doji_bar(bars, body) & (below <= wick * (bars.high - bars.low)) & (above > below)


@node(
    title="Long-legged doji",
    group="candles",
    terms=("doji", "rickshaw man", "candlestick", "indecision"),
    source="Nison 1991; TA-Lib CDLLONGLEGGEDDOJI, CDLRICKSHAWMAN",
)
def long_legged_doji(bars: Bar, *, body: Share = 0.1, wick: Share = 0.3) -> Condition:
    """A doji with long wicks on both sides.

    A `doji` with a range whose wicks are each at least `wick` × (high − low). (TA-Lib's long-legged doji needs one long
    wick only; both are its rickshaw man.)
    """
    least = wick * (bars.high - bars.low)
    legs = (above_body(bars) >= least) & (below_body(bars) >= least)
    return is_doji_bar(bars, body) & legs & (bars.high > bars.low)


@node(
    title="Spinning top",
    group="candles",
    terms=("indecision", "small body", "candlestick"),
    source="Nison 1991; TA-Lib CDLSPINNINGTOP",
)
def spinning_top(bars: Bar, *, body: Share = 0.33, wick: Times = 1.0) -> Signals:
    """A small body in the middle of a bar: neither side could keep its ground.

    |close − open| ≤ `body` × (high − low), and each wick longer than `wick` × the body. `bullish` when it closes above
    its open, `bearish` when below.
    """
    size = abs(bars.close - bars.open)
    wicks = (above_body(bars) > wick * size) & (below_body(bars) > wick * size)
    found = wicks & (size <= body * (bars.high - bars.low))
    return Signals(
        1.0 if found & (bars.close > bars.open) else 0.0,
        1.0 if found & (bars.close < bars.open) else 0.0,
    )


@node(
    title="Marubozu",
    group="candles",
    warmup=lambda period: bars_needed(1, period, 0),
    terms=("long candle", "no wicks", "shaven", "candlestick"),
    source="Nison 1991; TA-Lib CDLMARUBOZU",
)
def marubozu(
    memory: Candles, bars: Bar, *, wick: Share = 0.05, long: Times = 1.0, period: BodyPeriod = 10
) -> tuple[Candles, Signals]:
    """A long body with (nearly) no wicks: one side had the whole bar.

    Both wicks at most `wick` × (high − low); the body longer than `long` × the mean body of the `period` bars before.
    `bullish` when it closes above its open, `bearish` when below.
    """
    m = push(memory, bars, period, 0)
    most = wick * range_of_bar(m, 0)
    bare = (wick_above(m, 0, UPRIGHT) <= most) & (wick_below(m, 0, UPRIGHT) <= most)
    found = bare & is_long(m, 0, long)
    return m, Signals(
        answer(m, found & rises(m, 0, UPRIGHT), 1, period, 0), answer(m, found & rises(m, 0, MIRRORED), 1, period, 0)
    )


@node(
    title="Belt hold",
    group="candles",
    warmup=lambda period, trend: bars_needed(1, period, trend),
    terms=("yorikiri", "opening marubozu", "reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLBELTHOLD",
)
def belt_hold(
    memory: Candles, bars: Bar, *, wick: Share = 0.05, long: Times = 1.0, period: BodyPeriod = 10, trend: TrendBars = 5
) -> tuple[Candles, Signals]:
    """After a fall a long rising candle that opens at its low (`bullish`); after a rise its mirror image (`bearish`).

    The lower wick is at most `wick` × (high − low), the body longer than `long` × the mean body of the `period` bars
    before. The fall: the close before the candle is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, period, trend)
    bullish = _held(m, UPRIGHT, wick, long, trend)
    bearish = _held(m, MIRRORED, wick, long, trend)
    return m, Signals(answer(m, bullish, 1, period, trend), answer(m, bearish, 1, period, trend))


def _held(m: Candles, side: float, wick: float, long: float, trend: int) -> bool:
    bare = wick_below(m, 0, side) <= wick * range_of_bar(m, 0)
    return rises(m, 0, side) & bare & is_long(m, 0, long) & fell_before(m, 1, side, trend)


def hammer_shape(m: Candles, side: float, wick: float, other: float) -> bool:
    """Whether the lower wick is long beside the body, and the upper one short."""
    below, above = wick_below(m, 0, side), wick_above(m, 0, side)
    long_below = (below >= wick * length_of_body(m, 0)) & (below > above)
    return long_below & (above <= other * range_of_bar(m, 0))


@node(
    title="Hammer",
    phrase="a hammer forms",
    group="candles",
    warmup=lambda trend: bars_needed(1, 0, trend),
    terms=("pin bar", "bullish reversal", "rejection", "candlestick"),
    source="Nison 1991; TA-Lib CDLHAMMER",
)
def hammer(
    memory: Candles, bars: Bar, *, wick: Times = 2.0, other_wick: Share = 0.1, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a fall a small body at the top of a long lower wick: sellers were met by buyers.

    The lower wick is at least `wick` × the body, the upper one at most `other_wick` × (high − low); the colour does not
    matter. The fall: the close before the candle is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    found = hammer_shape(m, UPRIGHT, wick, other_wick) & fell_before(m, 1, UPRIGHT, trend)
    return m, answer(m, found, 1, 0, trend)


@node(
    title="Hanging man",
    phrase="a hanging man forms",
    group="candles",
    warmup=lambda trend: bars_needed(1, 0, trend),
    terms=("bearish reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLHANGINGMAN",
)
def hanging_man(
    memory: Candles, bars: Bar, *, wick: Times = 2.0, other_wick: Share = 0.1, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a rise a small body at the top of a long lower wick: the shape of a `hammer`, as a warning.

    The lower wick is at least `wick` × the body, the upper one at most `other_wick` × (high − low); the colour does not
    matter. The rise: the close before the candle is above that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    found = hammer_shape(m, UPRIGHT, wick, other_wick) & rose_before(m, 1, UPRIGHT, trend)
    return m, answer(m, found, 1, 0, trend)


@node(
    title="Inverted hammer",
    group="candles",
    warmup=lambda trend: bars_needed(1, 0, trend),
    terms=("bullish reversal", "candlestick"),
    source="Nison 1991; TA-Lib CDLINVERTEDHAMMER",
)
def inverted_hammer(
    memory: Candles, bars: Bar, *, wick: Times = 2.0, other_wick: Share = 0.1, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a fall a small body at the bottom of a long upper wick: buyers have tried for the first time.

    The upper wick is at least `wick` × the body, the lower one at most `other_wick` × (high − low); the colour does not
    matter. The fall: the close before the candle is below that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    found = hammer_shape(m, MIRRORED, wick, other_wick) & fell_before(m, 1, UPRIGHT, trend)
    return m, answer(m, found, 1, 0, trend)


@node(
    title="Shooting star",
    group="candles",
    warmup=lambda trend: bars_needed(1, 0, trend),
    terms=("pin bar", "bearish reversal", "rejection", "candlestick"),
    source="Nison 1991; TA-Lib CDLSHOOTINGSTAR",
)
def shooting_star(
    memory: Candles, bars: Bar, *, wick: Times = 2.0, other_wick: Share = 0.1, trend: TrendBars = 5
) -> tuple[Candles, ConditionOrMissing]:
    """After a rise a small body at the bottom of a long upper wick: buyers were met by sellers.

    The upper wick is at least `wick` × the body, the lower one at most `other_wick` × (high − low); the colour does not
    matter. The rise: the close before the candle is above that of `trend` bars earlier; 0 needs none.
    """
    m = push(memory, bars, 0, trend)
    found = hammer_shape(m, MIRRORED, wick, other_wick) & rose_before(m, 1, UPRIGHT, trend)
    return m, answer(m, found, 1, 0, trend)
