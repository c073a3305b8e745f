"""What candle patterns are made of: the last bars, what bodies usually are, and where prices came from.

A bearish pattern is the bullish one of prices turned upside down. So rules are written once, for the bullish form, and
read prices through functions that take a `side`: 1 for prices as they are, −1 for their mirror image.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline
from wickwork.graph.types import Bar, Between, ConditionOrMissing, Length, Window
from wickwork.nodes.windows import slide_sum

nan = float("nan")
DEPTH = 6  # the longest pattern has five bars; one more says how prices moved before it
UPRIGHT, MIRRORED = 1.0, -1.0
TIE = 1.0 + 1e-9  # a body as long as the mean of equal bodies is not longer, whatever the mean was rounded to

BodyPeriod = Annotated[int, Between(1, 500)]
TrendBars = Annotated[int, Between(0, 500)]
Times = Annotated[float, Between(0, 10)]
Share = Annotated[float, Between(0, 1)]


class Candles(NamedTuple):
    """Memory of candle patterns. In the windows of fixed length, [k] is what was k bars ago.

    `usual`: the mean body of the `period` bars before that bar; `moved`: its close minus that of `trend` bars before.
    """

    open: Annotated[Window, Length(lambda: DEPTH)]
    high: Annotated[Window, Length(lambda: DEPTH)]
    low: Annotated[Window, Length(lambda: DEPTH)]
    close: Annotated[Window, Length(lambda: DEPTH)]
    usual: Annotated[Window, Length(lambda: DEPTH)]
    moved: Annotated[Window, Length(lambda: DEPTH)]
    bodies: Annotated[Window, Length(lambda **numbers: int(numbers.get("period", 1)))]
    closes: Annotated[Window, Length(lambda **numbers: max(1, int(numbers.get("trend", 1))))]
    part: float = 0.0
    total: float = 0.0
    body_at: int = 0
    close_at: int = 0
    seen: int = 0


class Signals(NamedTuple):
    """Outputs of patterns that have a bullish and a bearish form."""

    bullish: ConditionOrMissing
    bearish: ConditionOrMissing


@force_inline
def push(m: Candles, bars: Bar, period: int, trend: int) -> Candles:
    """The memory with one more bar. `period` 0 and `trend` 0: the pattern does not read `usual`, `moved`."""
    for k in range(DEPTH - 1, 0, -1):
        m.open[k], m.high[k], m.low[k], m.close[k] = m.open[k - 1], m.high[k - 1], m.low[k - 1], m.close[k - 1]
        m.usual[k], m.moved[k] = m.usual[k - 1], m.moved[k - 1]
    m.open[0], m.high[0], m.low[0], m.close[0] = bars.open, bars.high, bars.low, bars.close
    body_at, part, total, close_at = m.body_at, m.part, m.total, m.close_at
    if period > 0:
        m.usual[0] = total / period
        body_at, part, total = slide_sum(m.bodies, body_at, part, abs(bars.close - bars.open), period)
    if trend > 0:
        m.moved[0] = bars.close - m.closes[close_at]
        m.closes[close_at] = bars.close
        close_at = close_at + 1 if close_at + 1 < trend else 0
    return Candles(
        m.open, m.high, m.low, m.close, m.usual, m.moved, m.bodies, m.closes,
        part, total, body_at, close_at, m.seen + 1,
    )  # fmt: skip


def bars_needed(length: int, period: int, trend: int) -> int:
    """The bars that a pattern of `length` bars needs: `period` before its first, and `trend` before the one before."""
    before = trend + 1 if trend > 0 else 0
    return length + (period if period > before else before)


def answer(m: Candles, found: bool, length: int, period: int, trend: int) -> float:
    """Whether the pattern is there: 1.0, 0.0, or NaN while bars are missing to say so."""
    if m.seen < bars_needed(length, period, trend):
        return nan
    return 1.0 if found else 0.0


# ---- one bar, k bars ago


def opened(m: Candles, k: int, side: float) -> float:
    """The open."""
    return side * m.open[k]


def closed(m: Candles, k: int, side: float) -> float:
    """The close."""
    return side * m.close[k]


def high(m: Candles, k: int, side: float) -> float:
    """The high; of the mirror image the low."""
    return m.high[k] if side > 0.0 else -m.low[k]


def low(m: Candles, k: int, side: float) -> float:
    """The low; of the mirror image the high."""
    return m.low[k] if side > 0.0 else -m.high[k]


def rises(m: Candles, k: int, side: float) -> bool:
    """Whether the candle closes above its open (a white one)."""
    return closed(m, k, side) > opened(m, k, side)


def falls(m: Candles, k: int, side: float) -> bool:
    """Whether the candle closes below its open (a black one)."""
    return closed(m, k, side) < opened(m, k, side)


def top(m: Candles, k: int, side: float) -> float:
    """The upper end of the body."""
    a, b = opened(m, k, side), closed(m, k, side)
    return a if a > b else b


def bottom(m: Candles, k: int, side: float) -> float:
    """The lower end of the body."""
    a, b = opened(m, k, side), closed(m, k, side)
    return a if a < b else b


def length_of_body(m: Candles, k: int) -> float:
    """The distance of open and close."""
    return abs(m.close[k] - m.open[k])


def range_of_bar(m: Candles, k: int) -> float:
    """The distance of high and low."""
    return m.high[k] - m.low[k]


def wick_above(m: Candles, k: int, side: float) -> float:
    """The distance of the high from the body."""
    return high(m, k, side) - top(m, k, side)


def wick_below(m: Candles, k: int, side: float) -> float:
    """The distance of the low from the body."""
    return bottom(m, k, side) - low(m, k, side)


def is_long(m: Candles, k: int, times: float) -> bool:
    """Whether the body is longer than `times` the mean of those before it."""
    return length_of_body(m, k) > times * m.usual[k] * TIE


def is_doji(m: Candles, k: int, share: float) -> bool:
    """Whether the body is at most that share of the range."""
    return length_of_body(m, k) <= share * range_of_bar(m, k)


# ---- several bars


def fell_before(m: Candles, length: int, side: float, trend: int) -> bool:
    """Whether prices fell over the `trend` bars before a pattern of that length; always true for a trend of 0."""
    return (trend == 0) | (side * m.moved[length] < 0.0)


def rose_before(m: Candles, length: int, side: float, trend: int) -> bool:
    """Whether prices rose over the `trend` bars before a pattern of that length; always true for a trend of 0."""
    return (trend == 0) | (side * m.moved[length] > 0.0)


def engulfs(m: Candles, k: int, side: float) -> bool:
    """Whether a rising candle engulfs the body of the falling one before it; one end may be equal, not both."""
    covers = (closed(m, k, side) >= opened(m, k + 1, side)) & (opened(m, k, side) <= closed(m, k + 1, side))
    longer = length_of_body(m, k) > length_of_body(m, k + 1)
    return falls(m, k + 1, side) & rises(m, k, side) & covers & longer


def contained(m: Candles, k: int, share: float) -> bool:
    """Whether the body lies within that of the bar before and is at most that share of it."""
    within = (top(m, k, UPRIGHT) <= top(m, k + 1, UPRIGHT)) & (bottom(m, k, UPRIGHT) >= bottom(m, k + 1, UPRIGHT))
    return within & (length_of_body(m, k) <= share * length_of_body(m, k + 1))
