"""Which way the market goes, measured by the ranges of its bars."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Series
from wickwork.nodes.trend import NOISE_FLOOR, smooth
from wickwork.nodes.volatility import range_of
from wickwork.nodes.windows import Period

nan = float("nan")


class Supertrend(NamedTuple):
    """Memory of `supertrend`."""

    close: float = nan
    atr: float = 0.0
    upper: float = 0.0
    lower: float = 0.0
    direction: int = 1
    seen: int = 0


class SupertrendLines(NamedTuple):
    """Outputs of `supertrend`."""

    line: Series
    direction: Annotated[Series, Between(-1, 1)]


@node(
    title="Supertrend",
    phrase={
        "line": "the Supertrend line ({period} bars, {multiplier} ATR)",
        "direction": "the direction of the Supertrend ({period} bars, {multiplier} ATR; 1 up, −1 down)",
    },
    group="trend",
    warmup=lambda period: period + 1,
    terms=("trailing stop", "atr bands"),
    source="TA-Lib SUPERTREND",
)
def supertrend(
    memory: Supertrend, bars: Bar, *, period: Period = 10, multiplier: Annotated[float, Between(0.01, 100)] = 3.0
) -> tuple[Supertrend, SupertrendLines]:
    """A line that trails the price at `multiplier` × ATR and changes sides when the close breaks through it.

    `line` is below the price in an up-trend and above it in a down-trend (price unit), `direction` is +1 or −1.
    It begins as an up-trend. The bands are (high + low) / 2 ± multiplier × ATR(period, Wilder) and only ever tighten,
    until the close of the bar before lay beyond them.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Supertrend(bars.close, 0.0, 0.0, 0.0, 1, seen), SupertrendLines(nan, nan)
    atr = smooth(memory.atr, seen - 1, range_of(bars, memory.close), period, 1.0 / period)
    if seen <= period:
        return Supertrend(bars.close, atr, 0.0, 0.0, 1, seen), SupertrendLines(nan, nan)
    middle = (bars.high + bars.low) * 0.5
    upper, lower = middle + multiplier * atr, middle - multiplier * atr
    direction = memory.direction
    if seen > period + 1:
        upper = upper if upper < memory.upper or memory.close > memory.upper else memory.upper
        lower = lower if lower > memory.lower or memory.close < memory.lower else memory.lower
        if direction > 0:
            direction = -1 if bars.close < lower else 1
        else:
            direction = 1 if bars.close > upper else -1
    line = lower if direction > 0 else upper
    return Supertrend(bars.close, atr, upper, lower, direction, seen), SupertrendLines(line, float(direction))


class Adx(NamedTuple):
    """Memory of `adx`."""

    high: float = nan
    low: float = nan
    close: float = nan
    plus: float = 0.0
    minus: float = 0.0
    ranges: float = 0.0
    average: float = 0.0
    seen: int = 0


class AdxLines(NamedTuple):
    """Outputs of `adx`."""

    adx: Annotated[Series, Between(0, 100)]
    plus: Annotated[Series, Between(0, 100)]
    minus: Annotated[Series, Between(0, 100)]


@node(
    title="ADX",
    phrase={"adx": "the {period}-bar ADX", "plus": "the {period}-bar +DI", "minus": "the {period}-bar −DI"},
    group="trend",
    warmup=lambda period: 2 * period,
    terms=("average directional index", "dmi", "directional movement", "di", "trend strength"),
    source="TA-Lib ADX, PLUS_DI, MINUS_DI; Wilder 1978",
)
def adx(memory: Adx, bars: Bar, *, period: Annotated[int, Between(2, 5000)] = 14) -> tuple[Adx, AdxLines]:
    """Wilder's strength of the trend, 0 to 100, whichever its direction; above 25 is usually called a trend.

    `plus` and `minus` (0 to 100) are the upward and the downward movement in percent of the true range; `adx` is the
    Wilder average of 100 × |plus − minus| / (plus + minus). Seeded as in TA-Lib. A market that never
    moved, or not for so long that nothing is left of it (some 600 times the period), has 0.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Adx(bars.high, bars.low, bars.close, 0.0, 0.0, 0.0, 0.0, seen), AdxLines(nan, nan, nan)
    up, down = bars.high - memory.high, memory.low - bars.low
    plus, minus, ranges, average = memory.plus, memory.minus, memory.ranges, memory.average
    share = 1.0 / period
    keep = 1.0 - share if seen > period else 1.0  # Wilder's sums: they only grow at first, then decay
    plus = plus * keep + (up if up > down and up > 0.0 else 0.0)
    minus = minus * keep + (down if down > up and down > 0.0 else 0.0)
    ranges = ranges * keep + range_of(bars, memory.close)
    rising, falling = _percent(plus, ranges), _percent(minus, ranges)
    if seen > period:
        both = rising + falling
        strength = _percent(abs(rising - falling), both)
        if both > NOISE_FLOOR or seen <= 2 * period:  # without movement the last value stays
            average = smooth(average, seen - period, strength, period, share)
            average = average if average < 100.0 else 100.0
    kept = Adx(bars.high, bars.low, bars.close, plus, minus, ranges, average, seen)
    if seen < 2 * period:
        return kept, AdxLines(nan, nan, nan)
    return kept, AdxLines(average, rising, falling)


def _percent(part: float, whole: float) -> float:
    """The part in percent of the whole; 0 of nothing, and of what has faded to its last bits."""
    share = part / whole if whole > NOISE_FLOOR else 0.0
    return 100.0 * share if share < 1.0 else 100.0
