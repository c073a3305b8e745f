"""Trend systems: direction and strength of a trend, and stops that follow it."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline
from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.trend import smooth
from wickwork.nodes.volatility import range_of
from wickwork.nodes.windows import BOTTOM, TOP, Period, slide_highest, slide_lowest, slide_sum

nan = float("nan")


@force_inline
def slide_latest_highest(
    window: Window, places: Window, at: int, part: float, place: int, value: float, length: int
) -> tuple[float, int, float]:
    """How many values ago the highest of the last `length` values was, the latest among equal ones.

    As `slide_highest`, with the place of each highest value beside it. Returns the state of the pass and the age.
    """
    if value >= part:
        part, place = value, at
    window[at] = value
    following = at + 1
    if following < length:
        ahead = window[following] > part  # the pass before holds a higher one: among equal ones this pass is later
        return part, place, at + length - places[following] if ahead else float(at - place)
    best, where = BOTTOM, length - 1
    for k in range(length - 1, -1, -1):
        if window[k] > best:
            best, where = window[k], k
        window[k] = best
        places[k] = float(where)
    return BOTTOM, 0, float(at - where)


class Aroon(NamedTuple):
    """Memory of `aroon`. The lows are kept with the opposite sign."""

    highs: Annotated[Window, Length(lambda period: period + 1)]
    high_places: Annotated[Window, Length(lambda period: period + 1)]
    lows: Annotated[Window, Length(lambda period: period + 1)]
    low_places: Annotated[Window, Length(lambda period: period + 1)]
    high: float = BOTTOM
    high_place: int = 0
    low: float = BOTTOM
    low_place: int = 0
    at: int = 0
    seen: int = 0


class AroonLines(NamedTuple):
    """Outputs of `aroon`."""

    up: Annotated[Series, Between(0, 100)]
    down: Annotated[Series, Between(0, 100)]
    oscillator: Annotated[Series, Between(-100, 100)]


@node(
    title="Aroon",
    phrase={
        "up": "the {period}-bar Aroon up",
        "down": "the {period}-bar Aroon down",
        "oscillator": "the {period}-bar Aroon oscillator",
    },
    group="trend",
    warmup=lambda period: period + 1,
    terms=("aroon up", "aroon down", "aroonosc", "aroon oscillator", "bars since high"),
    source="TA-Lib AROON, AROONOSC; Chande 1995",
)
def aroon(memory: Aroon, bars: Bar, *, period: Period = 14) -> tuple[Aroon, AroonLines]:
    """How recent the highest high (`up`) and the lowest low (`down`) are: 100 on this bar, 0 `period` bars ago.

    100 × (period − bars since the extreme) / period, over the last `period` + 1 bars; `oscillator` = up − down, from
    −100 to 100. Among equal extremes the latest counts, as in TA-Lib; so in a flat market both lines are 100.
    """
    seen, length = memory.seen + 1, period + 1
    high, high_place, high_age = slide_latest_highest(
        memory.highs, memory.high_places, memory.at, memory.high, memory.high_place, bars.high, length
    )
    low, low_place, low_age = slide_latest_highest(
        memory.lows, memory.low_places, memory.at, memory.low, memory.low_place, -bars.low, length
    )
    at = memory.at + 1 if memory.at + 1 < length else 0
    kept = Aroon(
        memory.highs, memory.high_places, memory.lows, memory.low_places, high, high_place, low, low_place, at, seen
    )
    if seen <= period:
        return kept, AroonLines(nan, nan, nan)
    up, down = 100.0 * ((period - high_age) / period), 100.0 * ((period - low_age) / period)
    return kept, AroonLines(up, down, up - down)


class Psar(NamedTuple):
    """Memory of `psar`: the bar before, and the stop of the next bar."""

    high: float = 0.0
    low: float = 0.0
    line: float = 0.0
    extreme: float = 0.0
    acceleration: float = 0.0
    direction: int = 1
    seen: int = 0


class PsarLines(NamedTuple):
    """Outputs of `psar`."""

    line: Series
    direction: Annotated[Series, Between(-1, 1)]


@node(
    title="Parabolic SAR",
    phrase={"line": "the parabolic SAR", "direction": "the direction of the parabolic SAR (1 up, −1 down)"},
    group="trend",
    warmup=lambda: 2,
    terms=("sar", "stop and reverse", "trailing stop", "wilder"),
    source="TA-Lib SAR; Wilder 1978",
)
def psar(
    memory: Psar,
    bars: Bar,
    *,
    start: Annotated[float, Between(0, 1)] = 0.02,
    increment: Annotated[float, Between(0, 1)] = 0.02,
    maximum: Annotated[float, Between(0, 1)] = 0.2,
) -> tuple[Psar, PsarLines]:
    """Wilder's stop that follows the price faster the longer the trend lasts, and changes sides when it is touched.

    `line` is below the bar in an up-trend and above it in a down-trend (price units), `direction` is +1 or −1. From bar
    to bar it comes nearer to the extreme of the trend by an acceleration that begins at `start` and grows by
    `increment` with each new extreme up to `maximum`; it stays outside the last two bars. As in TA-Lib it begins on the
    second bar, downwards when that bar's low is further below the last low than its high is above the last high,
    otherwise upwards, with the opposite end of the first bar as the stop.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Psar(bars.high, bars.low, 0.0, 0.0, 0.0, 1, seen), PsarLines(nan, nan)
    first = start if start < maximum else maximum
    high, low, line, extreme = memory.high, memory.low, memory.line, memory.extreme
    acceleration, direction = memory.acceleration, memory.direction
    if seen == 2:
        up, down = bars.high - high, low - bars.low
        direction = -1 if down > 0.0 and down > up else 1
        line, extreme = (low, bars.high) if direction > 0 else (high, bars.low)
        high, low, acceleration = bars.high, bars.low, first
    top = high if high > bars.high else bars.high
    bottom = low if low < bars.low else bars.low
    stopped = bars.low <= line if direction > 0 else bars.high >= line
    further = bars.high > extreme if direction > 0 else bars.low < extreme
    if stopped:
        direction = -direction
        line = extreme
        if direction > 0:
            line = line if line < bottom else bottom
        else:
            line = line if line > top else top
    if stopped or further:
        extreme = bars.high if direction > 0 else bars.low
        faster = acceleration + increment if further and not stopped else first
        acceleration = faster if faster < maximum else maximum
    ahead = _next_stop(line, extreme, acceleration, direction, top, bottom)
    return Psar(bars.high, bars.low, ahead, extreme, acceleration, direction, seen), PsarLines(line, float(direction))


def _next_stop(line: float, extreme: float, acceleration: float, direction: int, top: float, bottom: float) -> float:
    """The stop of the next bar: nearer to the extreme, but outside the last two bars."""
    ahead = line + acceleration * (extreme - line)
    if direction > 0:
        return ahead if ahead < bottom else bottom
    return ahead if ahead > top else top


class Vortex(NamedTuple):
    """Memory of `vortex`."""

    pluses: Annotated[Window, Length(lambda period: period)]
    minuses: Annotated[Window, Length(lambda period: period)]
    ranges: Annotated[Window, Length(lambda period: period)]
    high: float = nan
    low: float = nan
    close: float = nan
    plus: float = 0.0
    minus: float = 0.0
    range: float = 0.0
    at: int = 0
    seen: int = 0


class VortexLines(NamedTuple):
    """Outputs of `vortex`."""

    plus: Annotated[Series, Between(0, TOP)]
    minus: Annotated[Series, Between(0, TOP)]


@node(
    title="Vortex",
    phrase={"plus": "the {period}-bar Vortex +VI", "minus": "the {period}-bar Vortex −VI"},
    group="trend",
    warmup=lambda period: period + 1,
    terms=("vi", "vi+", "vi-", "vortex indicator", "trend reversal"),
    source="TA-Lib VORTEX; Botes and Siepman 2010",
)
def vortex(memory: Vortex, bars: Bar, *, period: Period = 14) -> tuple[Vortex, VortexLines]:
    """Upward (`plus`) and downward movement (`minus`) as shares of the true range, near 1; the larger leads.

    Sums over `period` bars of |high − previous low| and of |low − previous high|, each divided by the sum of the true
    ranges. Both are 0 in a flat market, as in TA-Lib.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Vortex(
            memory.pluses, memory.minuses, memory.ranges, bars.high, bars.low, bars.close, 0.0, 0.0, 0.0, 0, seen
        ), VortexLines(nan, nan)
    _, plus, rising = slide_sum(memory.pluses, memory.at, memory.plus, abs(bars.high - memory.low), period)
    _, minus, falling = slide_sum(memory.minuses, memory.at, memory.minus, abs(bars.low - memory.high), period)
    at, part, total = slide_sum(memory.ranges, memory.at, memory.range, range_of(bars, memory.close), period)
    kept = Vortex(
        memory.pluses, memory.minuses, memory.ranges, bars.high, bars.low, bars.close, plus, minus, part, at, seen
    )
    if seen <= period:
        return kept, VortexLines(nan, nan)
    return kept, VortexLines(rising / total if total > 0.0 else 0.0, falling / total if total > 0.0 else 0.0)


class Chandelier(NamedTuple):
    """Memory of `chandelier_exit`."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    close: float = nan
    atr: float = 0.0
    at: int = 0
    seen: int = 0


class ChandelierLines(NamedTuple):
    """Outputs of `chandelier_exit`."""

    long: Series
    short: Series


@node(
    title="Chandelier exit",
    phrase={
        "long": "the chandelier exit of longs ({period} bars, {multiplier} ATR)",
        "short": "the chandelier exit of shorts ({period} bars, {multiplier} ATR)",
    },
    group="trend",
    warmup=lambda period: period + 1,
    terms=("ce", "trailing stop", "atr stop", "le beau"),
    source="LeBeau 1992; Elder 2002",
)
def chandelier_exit(
    memory: Chandelier, bars: Bar, *, period: Period = 22, multiplier: Annotated[float, Between(0, 100)] = 3.0
) -> tuple[Chandelier, ChandelierLines]:
    """Trailing stops that hang from the highest high (`long`) and stand on the lowest low (`short`), in price units.

    `long` = highest high − `multiplier` × ATR, `short` = lowest low + `multiplier` × ATR, all over `period` bars, the
    current one among them; the ATR is Wilder's. The lines may also loosen, when the ATR grows.
    """
    seen = memory.seen + 1
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, bars.high, period)
    at, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, bars.low, period)
    atr = memory.atr
    if seen > 1:
        atr = smooth(atr, seen - 1, range_of(bars, memory.close), period, 1.0 / period)
    kept = Chandelier(memory.highs, memory.lows, high, low, bars.close, atr, at, seen)
    if seen <= period:
        return kept, ChandelierLines(nan, nan)
    return kept, ChandelierLines(highest - multiplier * atr, lowest + multiplier * atr)
