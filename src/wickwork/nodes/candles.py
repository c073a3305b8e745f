"""Parts of candles, Heikin-Ashi candles, and how a bar lies beside the one before it."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, ConditionOrMissing, Series
from wickwork.nodes.windows import TOP

nan = float("nan")


class HeikinAshi(NamedTuple):
    """Memory of `heikin_ashi`: the middle of the candle before."""

    middle: float = nan


@node(
    title="Heikin-Ashi",
    phrase={
        "bars": "the Heikin-Ashi bars",
        "open": "the Heikin-Ashi open",
        "high": "the Heikin-Ashi high",
        "low": "the Heikin-Ashi low",
        "close": "the Heikin-Ashi close",
        "volume": "the Heikin-Ashi volume",
    },
    group="candles",
    terms=("ha", "heiken ashi", "heikinashi", "average bar", "smoothed candles"),
    source="TA-Lib HA; Valcu 2004",
)
def heikin_ashi(memory: HeikinAshi, bars: Bar) -> tuple[HeikinAshi, Bar]:
    """Candles of averaged prices, in which a trend shows as a row of one colour. Not prices to trade at.

    close = (open + high + low + close) / 4 of the bar; open = the middle of the body of the Heikin-Ashi candle before,
    on the first bar the middle of the bar's own body; high and low = the furthest of the bar's own and these two. The
    volume is that of the bar. All prices in price units.
    """
    close = ((bars.open + bars.close) + (bars.high + bars.low)) * 0.25
    first = (bars.open + bars.close) * 0.5
    opened = memory.middle if memory.middle == memory.middle else first
    high = bars.high if bars.high > opened else opened
    high = high if high > close else close
    low = bars.low if bars.low < opened else opened
    low = low if low < close else close
    return HeikinAshi((opened + close) * 0.5), Bar(opened, high, low, close, bars.volume)


class Body(NamedTuple):
    """Outputs of `body`."""

    size: Series
    share: Annotated[Series, Between(0, 1)]


class Wick(NamedTuple):
    """Outputs of `upper_wick` and `lower_wick`."""

    size: Annotated[Series, Between(0, TOP)]
    share: Annotated[Series, Between(0, 1)]


def share_of_range(size: float, bars: Bar) -> float:
    """The size as a share of the range of the bar, from 0 to 1; 0 of a bar without a range."""
    if bars.high > bars.low:
        share = size / (bars.high - bars.low)
        return share if share < 1.0 else 1.0
    return 0.0


@node(
    title="Candle body",
    phrase={"size": "the size of the candle's body", "share": "the body's share of the candle"},
    group="candles",
    terms=("real body", "candle size", "open close range"),
)
def body(bars: Bar) -> Body:
    """How far the close is from the open: above 0 for a rising candle, below 0 for a falling one.

    `size` = close − open, in price units; `share` = |close − open| / (high − low), from 0 to 1, and 0 where the bar has
    no range.
    """
    size = bars.close - bars.open
    return Body(size, share_of_range(abs(size), bars))


@node(
    title="Upper wick",
    phrase={"size": "the size of the upper wick", "share": "the upper wick's share of the candle"},
    group="candles",
    terms=("upper shadow", "tail", "upper tail", "rejection"),
)
def upper_wick(bars: Bar) -> Wick:
    """How far the high is above the body.

    `size` = high − max(open, close), in price units; `share` = size / (high − low), from 0 to 1, and 0 where the bar
    has no range.
    """
    size = bars.high - (bars.open if bars.open > bars.close else bars.close)
    size = size if size > 0.0 else 0.0
    return Wick(size, share_of_range(size, bars))


@node(
    title="Lower wick",
    phrase={"size": "the size of the lower wick", "share": "the lower wick's share of the candle"},
    group="candles",
    terms=("lower shadow", "tail", "lower tail", "rejection"),
)
def lower_wick(bars: Bar) -> Wick:
    """How far the low is below the body.

    `size` = min(open, close) − low, in price units; `share` = size / (high − low), from 0 to 1, and 0 where the bar
    has no range.
    """
    size = (bars.open if bars.open < bars.close else bars.close) - bars.low
    size = size if size > 0.0 else 0.0
    return Wick(size, share_of_range(size, bars))


class Before(NamedTuple):
    """Memory of nodes that compare a bar with the one before."""

    high: float = nan
    low: float = nan
    close: float = nan


@node(
    title="Inside bar",
    phrase="the bar is an inside bar",
    group="candles",
    warmup=lambda: 2,
    terms=("inside day", "ib", "contraction", "narrow range"),
    source="Bulkowski 2008",
)
def inside_bar(memory: Before, bars: Bar, *, touching: bool = False) -> tuple[Before, ConditionOrMissing]:
    """True on a bar whose whole range lies inside that of the bar before.

    high < previous high and low > previous low; with `touching` an equal high or low counts too (≤ and ≥). Missing on
    the first bar.
    """
    inside = (bars.high < memory.high) & (bars.low > memory.low)
    if touching:
        inside = (bars.high <= memory.high) & (bars.low >= memory.low)
    known = 1.0 if inside else 0.0
    return Before(bars.high, bars.low, bars.close), known if memory.high == memory.high else nan


class Outside(NamedTuple):
    """Outputs of `outside_bar`."""

    bullish: ConditionOrMissing
    bearish: ConditionOrMissing


@node(
    title="Outside bar",
    phrase={"bullish": "the bar is a bullish outside bar", "bearish": "the bar is a bearish outside bar"},
    group="candles",
    warmup=lambda: 2,
    terms=("outside day", "ob", "range expansion", "engulfing range"),
    source="Bulkowski 2008",
)
def outside_bar(memory: Before, bars: Bar, *, touching: bool = False) -> tuple[Before, Outside]:
    """True on a bar whose range goes beyond that of the bar before at both ends.

    high > previous high and low < previous low; with `touching` an equal high or low counts too (≥ and ≤). `bullish`
    when it also closes above its open, `bearish` when below; one that closes at its open is neither. Both are missing
    on the first bar.
    """
    outside = (bars.high > memory.high) & (bars.low < memory.low)
    if touching:
        outside = (bars.high >= memory.high) & (bars.low <= memory.low)
    kept = Before(bars.high, bars.low, bars.close)
    if memory.high != memory.high:
        return kept, Outside(nan, nan)
    rising, falling = bars.close > bars.open, bars.close < bars.open
    return kept, Outside(1.0 if outside & rising else 0.0, 1.0 if outside & falling else 0.0)


class Gap(NamedTuple):
    """Outputs of `gap`."""

    up: ConditionOrMissing
    down: ConditionOrMissing
    percent: Series
    opening: Series


@node(
    title="Gap",
    phrase={
        "up": "there is a gap up",
        "down": "there is a gap down",
        "percent": "the size of the gap in percent",
        "opening": "the gap of the open in percent",
    },
    group="candles",
    warmup=lambda: 2,
    terms=("gap up", "gap down", "opening gap", "window", "price jump", "overnight"),
    source="Nison 1991 (windows)",
)
def gap(memory: Before, bars: Bar) -> tuple[Before, Gap]:
    """A range of prices between two bars at which neither was traded.

    `up`: low > previous high; `down`: high < previous low. `percent` = the height of the gap in percent of the previous
    high (up, above 0) or the previous low (down, below 0), and 0 without a gap. `opening` = 100 × (open / previous
    close − 1): how far the open alone is from the previous close, gap or not. Missing on the first bar; a percentage is
    also missing where the price that it is a share of is 0.
    """
    kept = Before(bars.high, bars.low, bars.close)
    if memory.high != memory.high:
        return kept, Gap(nan, nan, nan, nan)
    up, down = bars.low > memory.high, bars.high < memory.low
    percent = 0.0
    if up:
        percent = 100.0 * ((bars.low - memory.high) / memory.high) if memory.high != 0.0 else nan
    elif down:
        percent = 100.0 * ((bars.high - memory.low) / memory.low) if memory.low != 0.0 else nan
    opening = 100.0 * (bars.open / memory.close - 1.0) if memory.close != 0.0 else nan
    return kept, Gap(1.0 if up else 0.0, 1.0 if down else 0.0, percent, opening)
