"""Levels and zones that prices leave behind, and where an indicator disagrees with prices.

Swings are known only when the bars to their right have closed: all answers appear then, not on the bar of the swing.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, ConditionOrMissing, Length, Series, SeriesOrMissing, Window
from wickwork.nodes.windows import BOTTOM, TOP

nan = float("nan")
HIGHS, LOWS = 1.0, -1.0
Side = Annotated[int, Between(1, 100)]


class Zone(NamedTuple):
    """Memory of `fair_value_gap`: the edges of the last two bars, and the latest gap."""

    high: float = nan
    low: float = nan
    high_before: float = nan
    low_before: float = nan
    top: float = nan
    bottom: float = nan
    side: int = 0
    unfilled: int = 0


class FairValueGap(NamedTuple):
    """Outputs of `fair_value_gap`."""

    bullish: ConditionOrMissing
    bearish: ConditionOrMissing
    top: SeriesOrMissing
    bottom: SeriesOrMissing
    unfilled: ConditionOrMissing


@node(
    title="Fair value gap",
    phrase={
        "bullish": "a bullish fair value gap forms",
        "bearish": "a bearish fair value gap forms",
        "top": "the top of the last fair value gap",
        "bottom": "the bottom of the last fair value gap",
        "unfilled": "the last fair value gap is unfilled",
    },
    group="structure",
    warmup=lambda: 3,
    terms=("fvg", "imbalance", "inefficiency", "three candle gap", "smart money", "ict"),
    source="ICT; the three-bar gap",
)
def fair_value_gap(
    memory: Zone, bars: Bar, *, smallest: Annotated[float, Between(0, 100)] = 0.0
) -> tuple[Zone, FairValueGap]:
    """A range of prices that a fast bar left untouched between the bar before it and the bar after it.

    `bullish`: the low is above the high of two bars ago; `bearish`: the high is below the low of two bars ago; known
    when the third of these bars closes, and true on that bar only. The gap must have at least `smallest` percent of the
    price of its lower edge. `unfilled` is true from the bar of a gap until a price reaches its far edge (the bottom of
    a bullish one, the top of a bearish one) or another gap takes its place. `top` and `bottom` are the edges of the
    latest gap while it is unfilled, in price units; otherwise missing.
    """
    high2, low2 = memory.high_before, memory.low_before
    if high2 != high2:
        return Zone(bars.high, bars.low, memory.high, memory.low, nan, nan, 0, 0), FairValueGap(nan, nan, nan, nan, nan)
    bullish = (bars.low > high2) & (bars.low - high2 >= smallest * 0.01 * abs(high2))
    bearish = (bars.high < low2) & (low2 - bars.high >= smallest * 0.01 * abs(bars.high))
    top, bottom, side, unfilled = memory.top, memory.bottom, memory.side, memory.unfilled
    if bullish:
        top, bottom, side, unfilled = bars.low, high2, 1, 1
    elif bearish:
        top, bottom, side, unfilled = low2, bars.high, -1, 1
    elif ((side > 0) & (bars.low <= bottom)) | ((side < 0) & (bars.high >= top)):
        unfilled = 0
    kept, is_open = Zone(bars.high, bars.low, memory.high, memory.low, top, bottom, side, unfilled), unfilled > 0
    return kept, FairValueGap(
        1.0 if bullish else 0.0,
        1.0 if bearish else 0.0,
        top if is_open else nan,
        bottom if is_open else nan,
        1.0 if is_open else 0.0,
    )


def turned(values: Window, newest: int, left: int, right: int, side: float) -> bool:
    """Whether the value of `right` bars ago stands above (for `LOWS` below) all others of left + right + 1 bars."""
    middle = newest - right if newest >= right else newest + left + 1
    extreme, beyond = side * values[middle], 0
    for k in range(left + right + 1):
        beyond += 1 if side * values[k] >= extreme else 0
    return beyond == 1  # the value itself


class Levels(NamedTuple):
    """Memory of `support_resistance`.

    `highs` and `lows` of the bars among which a swing is looked for; `tops` and `bottoms`: the swings that were
    confirmed on each of the last `period` bars, `nan` where none was.
    """

    highs: Annotated[Window, Length(lambda left, right: left + right + 1)]
    lows: Annotated[Window, Length(lambda left, right: left + right + 1)]
    tops: Annotated[Window, Length(lambda period: period)]
    bottoms: Annotated[Window, Length(lambda period: period)]
    bar_at: int = 0
    at: int = 0
    seen: int = 0


class Nearest(NamedTuple):
    """Outputs of `support_resistance`."""

    support: SeriesOrMissing
    resistance: SeriesOrMissing


@node(
    title="Support and resistance",
    phrase={
        "support": "the nearest support of the last {period} bars",
        "resistance": "the nearest resistance of the last {period} bars",
    },
    group="structure",
    warmup=lambda period, left, right: max(period, left + right + 1),
    terms=("s/r", "levels", "swing levels", "pivot levels", "supply and demand"),
    source="swing points, as in TradingView's pivothigh and pivotlow",
)
def support_resistance(
    memory: Levels, bars: Bar, *, period: Annotated[int, Between(1, 5000)] = 100, left: Side = 5, right: Side = 5
) -> tuple[Levels, Nearest]:
    """The nearest level below and above the close at which prices turned before, in price units.

    A level is a high above those of `left` bars before it and `right` bars after it, or such a low; it is known `right`
    bars later, and counts for the `period` bars from then on. `resistance` is the lowest level above the close, of
    highs and lows alike, and `support` the highest one below it; missing where there is none, as at a new high. Its
    work per bar grows with `period`.
    """
    m, seen = memory, memory.seen + 1
    m.highs[m.bar_at], m.lows[m.bar_at] = bars.high, bars.low
    whole = seen >= left + right + 1
    middle = m.bar_at - right if m.bar_at >= right else m.bar_at + left + 1
    m.tops[m.at] = m.highs[middle] if whole and turned(m.highs, m.bar_at, left, right, HIGHS) else nan
    m.bottoms[m.at] = m.lows[middle] if whole and turned(m.lows, m.bar_at, left, right, LOWS) else nan
    at, bar_at = m.at + 1 if m.at + 1 < period else 0, m.bar_at + 1 if m.bar_at < left + right else 0
    kept = Levels(m.highs, m.lows, m.tops, m.bottoms, bar_at, at, seen)
    if (seen < period) | (not whole):
        return kept, Nearest(nan, nan)
    above, below = TOP, BOTTOM
    for k in range(period):
        peak, trough = m.tops[k], m.bottoms[k]
        above = peak if (peak > bars.close) & (peak < above) else above
        above = trough if (trough > bars.close) & (trough < above) else above
        below = peak if (peak < bars.close) & (peak > below) else below
        below = trough if (trough < bars.close) & (trough > below) else below
    return kept, Nearest(below if below > BOTTOM else nan, above if above < TOP else nan)


class Swings(NamedTuple):
    """Memory of `divergence`: the bars among which a swing is looked for, and the last swing on each side."""

    values: Annotated[Window, Length(lambda left, right: left + right + 1)]
    highs: Annotated[Window, Length(lambda left, right: left + right + 1)]
    lows: Annotated[Window, Length(lambda left, right: left + right + 1)]
    high_value: float = nan
    high_price: float = nan
    low_value: float = nan
    low_price: float = nan
    since_high: int = 0
    since_low: int = 0
    at: int = 0
    seen: int = 0


class Divergences(NamedTuple):
    """Outputs of `divergence`."""

    bullish: ConditionOrMissing
    bearish: ConditionOrMissing
    hidden_bullish: ConditionOrMissing
    hidden_bearish: ConditionOrMissing


@node(
    title="Divergence",
    phrase={
        "bullish": "a bullish divergence of price and {oscillator} is confirmed",
        "bearish": "a bearish divergence of price and {oscillator} is confirmed",
        "hidden_bullish": "a hidden bullish divergence of price and {oscillator} is confirmed",
        "hidden_bearish": "a hidden bearish divergence of price and {oscillator} is confirmed",
    },
    group="structure",
    warmup=lambda left, right: left + right + 1,
    terms=("rsi divergence", "macd divergence", "regular divergence", "hidden divergence", "convergence"),
    source="TradingView's RSI divergence indicator",
)
def divergence(
    memory: Swings, bars: Bar, oscillator: Series, *, left: Side = 5, right: Side = 5,
    nearest: Annotated[int, Between(1, 1000)] = 5, farthest: Annotated[int, Between(1, 1000)] = 60,
) -> tuple[Swings, Divergences]:  # fmt: skip
    """Prices and an oscillator go different ways from one swing to the next.

    A swing is a value of the oscillator above (below) those of `left` bars before it and `right` bars after it; it is
    known, and compared, `right` bars later. It is compared with the swing before it on the same side, when that one is
    `nearest` to `farthest` bars away; prices are the lows and highs of these bars.

        bullish           lower low of the price, higher low of the oscillator
        bearish           higher high of the price, lower high of the oscillator
        hidden_bullish    higher low of the price, lower low of the oscillator
        hidden_bearish    lower high of the price, higher high of the oscillator
    """
    m, seen = memory, memory.seen + 1
    m.values[m.at], m.highs[m.at], m.lows[m.at] = oscillator, bars.high, bars.low
    at = m.at + 1 if m.at < left + right else 0
    since_high, since_low = m.since_high + 1, m.since_low + 1
    high_value, high_price, low_value, low_price = m.high_value, m.high_price, m.low_value, m.low_price
    bullish, bearish, hidden_bullish, hidden_bearish = False, False, False, False
    whole = seen >= left + right + 1
    middle = m.at - right if m.at >= right else m.at + left + 1
    value, high, low = m.values[middle], m.highs[middle], m.lows[middle]
    if whole and turned(m.values, m.at, left, right, HIGHS):
        near = (since_high >= nearest) & (since_high <= farthest)
        bearish = near & (high > high_price) & (value < high_value)
        hidden_bearish = near & (high < high_price) & (value > high_value)
        high_value, high_price, since_high = value, high, 0
    if whole and turned(m.values, m.at, left, right, LOWS):
        near = (since_low >= nearest) & (since_low <= farthest)
        bullish = near & (low < low_price) & (value > low_value)
        hidden_bullish = near & (low > low_price) & (value < low_value)
        low_value, low_price, since_low = value, low, 0
    kept = Swings(
        m.values, m.highs, m.lows, high_value, high_price, low_value, low_price, since_high, since_low, at, seen
    )
    if not whole:
        return kept, Divergences(nan, nan, nan, nan)
    return kept, Divergences(
        1.0 if bullish else 0.0, 1.0 if bearish else 0.0, 1.0 if hidden_bullish else 0.0, 1.0 if hidden_bearish else 0.0
    )
