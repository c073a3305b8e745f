"""Oscillators that look at a window of bars: where the price lies in it, and which moves prevail."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.momentum import StochasticLines, percent
from wickwork.nodes.trend import NOISE_FLOOR, smooth
from wickwork.nodes.windows import BOTTOM, TOP, Period, slide_highest, slide_lowest, slide_sum

nan = float("nan")
FLAT_RSI = 0.01
"""An RSI that moved by less than this many points stood still: its place in such a range would be rounding noise."""


def wilder(gain: float, loss: float, changes: int, change: float, period: int) -> tuple[float, float]:
    """Wilder's averages of the rises and of the falls, after the change number `changes`."""
    if change == 0.0 and gain + loss < NOISE_FLOOR:
        return gain, loss
    weight = 1.0 / period
    gain = smooth(gain, changes, change if change > 0.0 else 0.0, period, weight)
    return gain, smooth(loss, changes, -change if change < 0.0 else 0.0, period, weight)


def share(part: float, rest: float, neutral: float) -> float:
    """The part in percent of both; `neutral` where both are 0."""
    return percent(100.0 * (part / (part + rest))) if part + rest > 0.0 else neutral


class Cci(NamedTuple):
    """Memory of `cci`."""

    values: Annotated[Window, Length(lambda period: period)]
    at: int = 0
    seen: int = 0


@node(
    title="CCI",
    phrase="the {period}-bar CCI",
    group="momentum",
    warmup=lambda period: period,
    terms=("commodity channel index", "overbought", "oversold", "lambert"),
    source="TA-Lib CCI; Lambert 1980",
)
def cci(memory: Cci, bars: Bar, *, period: Annotated[int, Between(2, 5000)] = 20) -> tuple[Cci, Series]:
    """Commodity channel index: how far the typical price lies from its mean, in units of its usual distance.

    (typical − mean) / (0.015 × mean absolute deviation) of the typical prices (high + low + close) / 3 of the last
    `period` bars; mostly between −100 and 100. In a flat window it is 0. Its work grows with the period.
    """
    # Three times the typical price: the factor cancels out, and nothing is rounded by a division. Distances from the
    # newest value, because sums of prices would lose small deviations.
    price = bars.high + bars.low + bars.close
    memory.values[memory.at] = price
    at, seen = memory.at + 1 if memory.at + 1 < period else 0, memory.seen + 1
    kept = Cci(memory.values, at, seen)
    if seen < period:
        return kept, nan
    mean, deviation = 0.0, 0.0
    for k in range(period):
        mean += memory.values[k] - price
    mean *= 1.0 / period
    for k in range(period):
        deviation += abs(memory.values[k] - price - mean)
    return kept, 0.0 - mean / (0.015 * (deviation * (1.0 / period))) if deviation > 0.0 else 0.0


class Extremes(NamedTuple):
    """Memory of `williams_r`."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    at: int = 0
    seen: int = 0


@node(
    title="Williams %R",
    phrase="the {period}-bar Williams %R",
    group="momentum",
    warmup=lambda period: period,
    terms=("willr", "percent range", "overbought", "oversold"),
    source="TA-Lib WILLR; Williams 1979",
)
def williams_r(
    memory: Extremes, bars: Bar, *, period: Period = 14
) -> tuple[Extremes, Annotated[Series, Between(-100, 0)]]:
    """Where the close lies between the highest high (0) and the lowest low (−100) of the last `period` bars.

    −100 × (highest − close) / (highest − lowest). In a flat window it is −50 (TA-Lib: 0).
    """
    seen = memory.seen + 1
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, bars.high, period)
    at, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, bars.low, period)
    value = 0.0 - percent(100.0 * ((highest - bars.close) / (highest - lowest))) if highest > lowest else -50.0
    return Extremes(memory.highs, memory.lows, high, low, at, seen), value if seen >= period else nan


class StochasticRsi(NamedTuple):
    """Memory of `stochastic_rsi`."""

    highs: Annotated[Window, Length(lambda k_period: k_period)]
    lows: Annotated[Window, Length(lambda k_period: k_period)]
    raws: Annotated[Window, Length(lambda smooth: smooth)]
    ks: Annotated[Window, Length(lambda d_period: d_period)]
    previous: float = nan
    gain: float = 0.0
    loss: float = 0.0
    high: float = BOTTOM
    low: float = TOP
    raw: float = 0.0
    k: float = 0.0
    at: int = 0
    raw_at: int = 0
    k_at: int = 0
    seen: int = 0


@node(
    title="Stochastic RSI",
    phrase={
        "k": "the stochastic RSI %K ({rsi_period}, {k_period}, {smooth}) of {source}",
        "d": "the stochastic RSI %D ({rsi_period}, {k_period}, {smooth}, {d_period}) of {source}",
    },
    group="momentum",
    warmup=lambda rsi_period, k_period, smooth, d_period: rsi_period + k_period + smooth + d_period - 2,
    terms=("stochrsi", "stoch rsi", "overbought", "oversold"),
    source="TA-Lib STOCHRSI with k averaged, as TradingView has it; Chande and Kroll 1994",
)
def stochastic_rsi(
    memory: StochasticRsi,
    source: Series,
    *,
    rsi_period: Annotated[int, Between(2, 5000)] = 14,
    k_period: Period = 14,
    smooth: Period = 3,
    d_period: Period = 3,
) -> tuple[StochasticRsi, StochasticLines]:
    """Where the RSI lies between its own lowest (0) and highest (100) of the last `k_period` bars.

    `k` is that place averaged over `smooth` bars, `d` is k averaged over `d_period` bars; both simple means, missing
    until both have a value. Where the RSI moved by less than 0.01 points in the window, the place is 50.
    `smooth` = 1 gives the fast form of TA-Lib.
    """
    seen = memory.seen + 1
    gain, loss, high, low, at = memory.gain, memory.loss, memory.high, memory.low, memory.at
    raw, k, raw_at, k_at = memory.raw, memory.k, memory.raw_at, memory.k_at
    quick, slow = nan, nan
    if seen > 1:
        gain, loss = wilder(gain, loss, seen - 1, source - memory.previous, rsi_period)
    if seen > rsi_period:
        rsi = share(gain, loss, 50.0)
        _, high, highest = slide_highest(memory.highs, at, high, rsi, k_period)
        at, low, lowest = slide_lowest(memory.lows, at, low, rsi, k_period)
        if seen >= rsi_period + k_period:
            place = 100.0 * ((rsi - lowest) / (highest - lowest)) if highest - lowest >= FLAT_RSI else 50.0
            raw_at, raw, total = slide_sum(memory.raws, raw_at, raw, place, smooth)
            if seen >= rsi_period + k_period + smooth - 1:
                quick = percent(total * (1.0 / smooth))
                k_at, k, total = slide_sum(memory.ks, k_at, k, quick, d_period)
                slow = percent(total * (1.0 / d_period))
    kept = StochasticRsi(
        memory.highs, memory.lows, memory.raws, memory.ks, source, gain, loss, high, low, raw, k, at, raw_at, k_at, seen
    )
    if seen < rsi_period + k_period + smooth + d_period - 2:
        return kept, StochasticLines(nan, nan)
    return kept, StochasticLines(quick, slow)


class Flows(NamedTuple):
    """Memory of `mfi` and `cmo`."""

    ups: Annotated[Window, Length(lambda period: period)]
    downs: Annotated[Window, Length(lambda period: period)]
    previous: float = nan
    up: float = 0.0
    down: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Money flow index",
    phrase="the {period}-bar money flow index",
    group="momentum",
    warmup=lambda period: period + 1,
    terms=("mfi", "volume weighted rsi", "overbought", "oversold"),
    source="TA-Lib MFI; Quong and Soudack 1989",
)
def mfi(memory: Flows, bars: Bar, *, period: Period = 14) -> tuple[Flows, Annotated[Series, Between(0, 100)]]:
    """Money flow index: the turnover of bars with a rising typical price as a share of all turnover, 0 to 100.

    100 × rising / (rising + falling), sums over `period` bars of (high + low + close) / 3 × volume; bars whose typical
    price did not change count for neither. Without any turnover it is 50 (TA-Lib: 0, also where the sum is below 1).
    """
    seen, price = memory.seen + 1, bars.high + bars.low + bars.close  # three times the typical price, for both shares
    if seen == 1:
        return Flows(memory.ups, memory.downs, price, 0.0, 0.0, 0, seen), nan
    flow = price * bars.volume
    _, up, rising = slide_sum(memory.ups, memory.at, memory.up, flow if price > memory.previous else 0.0, period)
    at, down, falling = slide_sum(
        memory.downs, memory.at, memory.down, flow if price < memory.previous else 0.0, period
    )
    kept = Flows(memory.ups, memory.downs, price, up, down, at, seen)
    return kept, share(rising, falling, 50.0) if seen > period else nan


@node(
    title="Chande momentum oscillator",
    phrase="the {period}-bar Chande momentum oscillator of {source}",
    group="momentum",
    warmup=lambda period: period + 1,
    terms=("cmo", "chandemo", "cmou"),
    source="TA-Lib CMOU; Chande and Kroll 1994",
)
def cmo(memory: Flows, source: Series, *, period: Period = 9) -> tuple[Flows, Annotated[Series, Between(-100, 100)]]:
    """Chande momentum oscillator: rises minus falls in percent of all movement, −100 (only falls) to 100 (only rises).

    100 × (rises − falls) / (rises + falls), plain sums of the last `period` changes as Chande published it. (TA-Lib's
    CMO takes Wilder's averages instead.) Without any movement it is 0.
    """
    seen = memory.seen + 1
    if seen == 1:
        return Flows(memory.ups, memory.downs, source, 0.0, 0.0, 0, seen), nan
    change = source - memory.previous
    _, up, rises = slide_sum(memory.ups, memory.at, memory.up, change if change > 0.0 else 0.0, period)
    at, down, falls = slide_sum(memory.downs, memory.at, memory.down, -change if change < 0.0 else 0.0, period)
    kept = Flows(memory.ups, memory.downs, source, up, down, at, seen)
    return kept, 2.0 * share(rises, falls, 50.0) - 100.0 if seen > period else nan
