"""Turning points of the price, and levels taken from them. Each appears on the bar on which it is known."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline
from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Choice, Event, Length, Series, SeriesOrMissing, Window
from wickwork.nodes.price import typical
from wickwork.nodes.windows import BOTTOM, TOP, recall, slide_highest

nan = float("nan")
TRADITIONAL, CLASSIC, FIBONACCI, CAMARILLA = range(4)
Side = Annotated[int, Between(1, 1000)]


class PivotLevels(NamedTuple):
    """Outputs of `pivots`."""

    pivot: Series
    r1: Series
    r2: Series
    r3: Series
    s1: Series
    s2: Series
    s3: Series
    r4: SeriesOrMissing
    s4: SeriesOrMissing


@node(
    title="Pivot points",
    phrase={
        "pivot": "the {method} pivot point",
        "r1": "the {method} pivot resistance R1",
        "r2": "the {method} pivot resistance R2",
        "r3": "the {method} pivot resistance R3",
        "s1": "the {method} pivot support S1",
        "s2": "the {method} pivot support S2",
        "s3": "the {method} pivot support S3",
    },
    group="price",
    terms=(
        "pivot levels",
        "daily pivots",
        "support",
        "resistance",
        "floor pivots",
        "fibonacci",
        "camarilla",
        "r1",
        "s1",
    ),
    source="TradingView Pivot Points Standard",
)
def pivots(
    bars: Bar, *, method: Annotated[int, Choice("traditional", "classic", "fibonacci", "camarilla")] = TRADITIONAL
) -> PivotLevels:
    """Support and resistance for the next bar, from high, low and close of this one; for days, wire in daily bars.

    With `timeframe` (`1d` or `1w`, UTC) as its input the levels of the last complete day or week stay until the next
    one is complete. `pivot` = (high + low + close) / 3; in price units. With range = high − low:
    traditional: r1, s1 = 2 × pivot − low, − high; r2, s2 = pivot ± range; r3, s3 = r1, s1 ± range; r4, s4 = 3 × pivot +
    high − 3 × low, + low − 3 × high. classic: the same, but r3, s3 = pivot ± 2 × range and r4, s4 = pivot ± 3 × range.
    fibonacci: pivot ± 0.382, 0.618 and 1 × range; there is no r4 and s4. camarilla: close ± 1.1 × range / 12, / 6, / 4
    and / 2.
    """
    pivot, extent = typical(bars), bars.high - bars.low
    if method == FIBONACCI:
        first, second = 0.382 * extent, 0.618 * extent
        return PivotLevels(
            pivot,
            pivot + first,
            pivot + second,
            pivot + extent,
            pivot - first,
            pivot - second,
            pivot - extent,
            nan,
            nan,
        )
    if method == CAMARILLA:
        first = extent * 1.1 / 12.0
        return PivotLevels(
            pivot, bars.close + first, bars.close + 2.0 * first, bars.close + 3.0 * first,
            bars.close - first, bars.close - 2.0 * first, bars.close - 3.0 * first,
            bars.close + 6.0 * first, bars.close - 6.0 * first,
        )  # fmt: skip
    r1, s1 = 2.0 * pivot - bars.low, 2.0 * pivot - bars.high
    r2, s2 = pivot + extent, pivot - extent
    if method == CLASSIC:
        return PivotLevels(pivot, r1, r2, r2 + extent, s1, s2, s2 - extent, pivot + 3.0 * extent, pivot - 3.0 * extent)
    r4, s4 = 3.0 * (pivot - bars.low) + bars.high, bars.low - 3.0 * (bars.high - pivot)
    return PivotLevels(pivot, r1, r2, r1 + extent, s1, s2, s1 - extent, r4, s4)


class ZigZag(NamedTuple):
    """Memory of `zigzag`: the extremes of the current leg, and the last turning points."""

    top: float = BOTTOM
    bottom: float = TOP
    high: float = nan
    low: float = nan
    direction: int = 0


class ZigZagLines(NamedTuple):
    """Outputs of `zigzag`."""

    high: SeriesOrMissing
    low: SeriesOrMissing
    direction: Annotated[Series, Between(-1, 1)]


@node(
    title="ZigZag",
    phrase={
        "high": "the last high of the {percent} % ZigZag",
        "low": "the last low of the {percent} % ZigZag",
        "direction": "the direction of the {percent} % ZigZag (1 up, −1 down)",
    },
    group="price",
    terms=("zig zag", "swing", "reversal", "turning points", "last high", "last low", "non repainting"),
    source="ZigZag by percent, each point shown when it is confirmed",
)
def zigzag(
    memory: ZigZag, bars: Bar, *, percent: Annotated[float, Between(0.001, 99)] = 5.0
) -> tuple[ZigZag, ZigZagLines]:
    """The last high and low from which the price turned by `percent`, each shown once it did: never repainted.

    A high is confirmed on the bar whose low is `percent` percent below it, a low on the bar whose high is as far above
    it. A bar that makes a new extreme only extends the leg, as the order of its prices is unknown. `direction` is +1
    after a confirmed low, −1 after a confirmed high, 0 before the first (of two on one bar, the bar's own direction
    decides). `high` and `low` are missing until one is confirmed; in price units.
    """
    top, bottom, high, low, direction = memory.top, memory.bottom, memory.high, memory.low, memory.direction
    higher, lower = bars.high > top, bars.low < bottom
    if direction >= 0:
        top = bars.high if higher else top
    if direction <= 0:
        bottom = bars.low if lower else bottom
    falls = (direction >= 0) & (not higher) & (bars.low <= top * (1.0 - percent / 100.0))
    rises = (direction <= 0) & (not lower) & (bars.high >= bottom * (1.0 + percent / 100.0))
    if falls & rises:
        falls, rises = bars.close < bars.open, bars.close >= bars.open
    if falls:
        direction, high, bottom = -1, top, bars.low
    elif rises:
        direction, low, top = 1, bottom, bars.high
    return ZigZag(top, bottom, high, low, direction), ZigZagLines(high, low, float(direction))


class Swing(NamedTuple):
    """Memory of `swing_high` and `swing_low`; the lows have the opposite sign there."""

    values: Annotated[Window, Length(lambda right: right)]
    rights: Annotated[Window, Length(lambda right: right)]
    lefts: Annotated[Window, Length(lambda left: left)]
    right: float = BOTTOM
    left: float = BOTTOM
    before: float = BOTTOM
    price: float = nan
    at: int = 0
    left_at: int = 0
    seen: int = 0


class SwingLines(NamedTuple):
    """Outputs of `swing_high` and `swing_low`."""

    price: SeriesOrMissing
    confirmed: Event


@force_inline
def _swing(m: Swing, value: float, left: int, right: int) -> tuple[Swing, float, bool]:
    """The last value above the `left` values before it and the `right` values after it, and whether it is new."""
    seen = m.seen + 1
    _, part, after = slide_highest(m.rights, m.at, m.right, value, right)
    at, candidate = recall(m.values, m.at, value, right)
    confirmed = (seen > left + right) & (candidate > after) & (candidate > m.before)
    left_part, left_at, before = m.left, m.left_at, m.before
    if seen > right:
        left_at, left_part, before = slide_highest(m.lefts, left_at, left_part, candidate, left)
    price = candidate if confirmed else m.price
    return Swing(m.values, m.rights, m.lefts, part, left_part, before, price, at, left_at, seen), price, confirmed


@node(
    title="Swing high",
    phrase={
        "price": "the last swing high ({left} bars before, {right} after)",
        "confirmed": "a swing high ({left} bars before, {right} after) is confirmed",
    },
    group="price",
    warmup=lambda left, right: left + right + 1,
    terms=("fractal", "pivothigh", "pivot high", "williams fractal", "resistance", "local maximum", "peak"),
    source="TA-Lib FRACTAL",
)
def swing_high(memory: Swing, bars: Bar, *, left: Side = 2, right: Side = 2) -> tuple[Swing, SwingLines]:
    """The last high that stands above the highs of `left` bars before it and `right` bars after it.

    It appears `right` bars later, when it is known: `confirmed` is true on that bar, `price` stays until the next one.
    Of equal highs none is a swing high, as in TA-Lib. Until there is one, `price` is missing.
    """
    kept, price, confirmed = _swing(memory, bars.high, left, right)
    return kept, SwingLines(price, confirmed)


@node(
    title="Swing low",
    phrase={
        "price": "the last swing low ({left} bars before, {right} after)",
        "confirmed": "a swing low ({left} bars before, {right} after) is confirmed",
    },
    group="price",
    warmup=lambda left, right: left + right + 1,
    terms=("fractal", "pivotlow", "pivot low", "williams fractal", "support", "local minimum", "trough"),
    source="TA-Lib FRACTAL",
)
def swing_low(memory: Swing, bars: Bar, *, left: Side = 2, right: Side = 2) -> tuple[Swing, SwingLines]:
    """The last low that stands below the lows of `left` bars before it and `right` bars after it.

    It appears `right` bars later, when it is known: `confirmed` is true on that bar, `price` stays until the next one.
    Of equal lows none is a swing low, as in TA-Lib. Until there is one, `price` is missing.
    """
    kept, price, confirmed = _swing(memory, -bars.low, left, right)
    return kept, SwingLines(-price, confirmed)
