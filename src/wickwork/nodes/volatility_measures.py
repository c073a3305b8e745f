"""Measures of volatility beyond the average true range and the standard deviation."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, BarLength, Between, Length, Series, Window
from wickwork.model.timeframe import DAY
from wickwork.nodes.trend import NOISE_FLOOR, smooth
from wickwork.nodes.volatility import Atr, range_of
from wickwork.nodes.windows import (
    BOTTOM,
    TOP,
    Period,
    Spread,
    recall,
    slide_highest,
    slide_spread,
    slide_sum,
)

nan = float("nan")
Positive = Annotated[Series, Between(0, TOP)]
BarsPerYear = Annotated[float, Between(0, 100_000_000)]
PARKINSON = 1.0 / (4.0 * math.log(2.0))
GARMAN_KLASS = 2.0 * math.log(2.0) - 1.0


def log_ratio(new: float, old: float) -> float:
    """ln(new / old); NaN where one of them is not above 0, or the ratio is beyond the range of numbers."""
    ratio = new / old if (new > 0.0) & (old > 0.0) else nan
    return math.log(ratio) if (ratio > 0.0) & (ratio <= TOP) else nan


def yearly(bars_per_year: float, length: int) -> float:
    """The bars of a year: the number given, or for 0 those of the run's timeframe (`length` in ms) in 365 days."""
    return bars_per_year if bars_per_year > 0.0 else 365.0 * DAY / length


@node(
    title="NATR",
    group="volatility",
    warmup=lambda period: period + 1,
    terms=("normalized average true range", "normalised atr", "atr percent", "atrp", "atr%"),
    source="TA-Lib NATR",
)
def natr(memory: Atr, bars: Bar, *, period: Period = 14) -> tuple[Atr, Positive]:
    """Average true range in percent of the close, so that markets of different prices can be compared.

    100 × ATR / close with Wilder's ATR; missing where the close is not above 0.
    """
    if memory.seen == 0:
        return Atr(bars.close, 0.0, 1), nan
    value = smooth(memory.value, memory.seen, range_of(bars, memory.close), period, 1.0 / period)
    share = 100.0 * (value / bars.close) if bars.close > 0.0 else nan
    return Atr(bars.close, value, memory.seen + 1), share if memory.seen >= period else nan


class LogSpread(NamedTuple):
    """Memory of `historical_volatility`: that of a `Spread` of log returns, and the last value."""

    values: Annotated[Window, Length(lambda period: period)]
    sums: Annotated[Window, Length(lambda period: period)]
    squares: Annotated[Window, Length(lambda period: period)]
    reference: float = 0.0
    sum: float = 0.0
    square: float = 0.0
    last: float = nan
    run: int = 0
    at: int = 0
    seen: int = 0
    previous: float = nan


@node(
    title="Historical volatility",
    group="volatility",
    warmup=lambda period: period + 1,
    terms=("hv", "realized volatility", "realised volatility", "annualised", "annualized", "standard deviation"),
    source="TradingView Historical Volatility",
)
def historical_volatility(
    memory: LogSpread,
    source: Series,
    length: BarLength,
    *,
    period: Annotated[int, Between(2, 5000)] = 10,
    bars_per_year: BarsPerYear = 0.0,
    sample: bool = False,
) -> tuple[LogSpread, Positive]:
    """Standard deviation of the last `period` log returns, in percent a year.

    100 × deviation × √`bars_per_year`. At 0 these are the bars of the run's timeframe in 365 days, 8760 hourly ones;
    set it where the source comes from a slower timeframe, and to 1 for the volatility of one bar. The deviation is
    divided by `period` (TradingView, which takes 365 for all intraday bars), or by `period` − 1 with `sample`. Missing,
    and the return left out, where the source or the value before is not above 0.
    """
    change = log_ratio(source, memory.previous)
    if change != change:
        return LogSpread(
            memory.values, memory.sums, memory.squares, memory.reference, memory.sum, memory.square, memory.last,
            memory.run, memory.at, memory.seen, source,
        ), nan  # fmt: skip
    spread = Spread(
        memory.values, memory.sums, memory.squares, memory.reference, memory.sum, memory.square, memory.last,
        memory.run, memory.at, memory.seen,
    )  # fmt: skip
    m, _, deviation = slide_spread(spread, change, period)
    kept = LogSpread(
        m.values, m.sums, m.squares, m.reference, m.sum, m.square, m.last, m.run, m.at, m.seen, source
    )  # fmt: skip
    share = 1.0 / (period - 1.0) if sample else 1.0 / period
    return kept, 100.0 * math.sqrt(deviation * share * yearly(bars_per_year, length)) if m.seen >= period else nan


class Squares(NamedTuple):
    """Memory of `parkinson` and `garman_klass`."""

    values: Annotated[Window, Length(lambda period: period)]
    part: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Parkinson volatility",
    phrase="the {period}-bar Parkinson volatility",
    group="volatility",
    warmup=lambda period: period,
    terms=("high low volatility", "range volatility", "realized volatility", "annualised", "estimator"),
    source="Parkinson 1980",
)
def parkinson(
    memory: Squares, bars: Bar, length: BarLength, *, period: Period = 10, bars_per_year: BarsPerYear = 0.0
) -> tuple[Squares, Positive]:
    """Volatility estimated from highs and lows, in percent a year: needs fewer bars than one from closes.

    100 × √(`bars_per_year` × mean of ln(high / low)² / (4 ln 2)) over `period` bars. `bars_per_year` is 0 for the run's
    timeframe, as in `historical_volatility`. It takes no account of gaps between bars. Missing, and the bar left out,
    where a price is not above 0.
    """
    span = log_ratio(bars.high, bars.low)
    if span != span:
        return memory, nan
    seen = memory.seen + 1
    at, part, total = slide_sum(memory.values, memory.at, memory.part, span * span, period)
    variance = total * (1.0 / period) * PARKINSON
    kept = Squares(memory.values, part, at, seen)
    return kept, 100.0 * math.sqrt(variance * yearly(bars_per_year, length)) if seen >= period else nan


@node(
    title="Garman-Klass volatility",
    phrase="the {period}-bar Garman-Klass volatility",
    group="volatility",
    warmup=lambda period: period,
    terms=("ohlc volatility", "range volatility", "realized volatility", "annualised", "estimator"),
    source="Garman and Klass 1980",
)
def garman_klass(
    memory: Squares, bars: Bar, length: BarLength, *, period: Period = 10, bars_per_year: BarsPerYear = 0.0
) -> tuple[Squares, Positive]:
    """Volatility estimated from all four prices of each bar, in percent a year.

    100 × √(`bars_per_year` × mean of ln(high / low)² / 2 − (2 ln 2 − 1) × ln(close / open)²) over `period` bars.
    `bars_per_year` is 0 for the run's timeframe, as in `historical_volatility`. It takes no account of gaps between
    bars. Missing, and the bar left out, where a price is not above 0.
    """
    span, move = log_ratio(bars.high, bars.low), log_ratio(bars.close, bars.open)
    if (span != span) | (move != move):
        return memory, nan
    seen = memory.seen + 1
    square = 0.5 * (span * span) - GARMAN_KLASS * (move * move)
    at, part, total = slide_sum(memory.values, memory.at, memory.part, square, period)
    variance = total * (1.0 / period) if total > 0.0 else 0.0
    kept = Squares(memory.values, part, at, seen)
    return kept, 100.0 * math.sqrt(variance * yearly(bars_per_year, length)) if seen >= period else nan


class Ulcer(NamedTuple):
    """Memory of `ulcer_index`."""

    highs: Annotated[Window, Length(lambda period: period)]
    squares: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    square: float = 0.0
    at: int = 0
    square_at: int = 0
    seen: int = 0
    drawdowns: int = 0


@node(
    title="Ulcer index",
    group="volatility",
    warmup=lambda period: 2 * period - 1,
    terms=("ui", "drawdown", "downside risk", "martin"),
    source="Martin 1987; TradingView and pandas-ta Ulcer Index",
)
def ulcer_index(memory: Ulcer, source: Series, *, period: Period = 14) -> tuple[Ulcer, Positive]:
    """How deep and how long the price stays below its recent highs, in percent; rises are no risk.

    The root of the mean square of the last `period` drawdowns, each in percent of the highest of the `period` values up
    to its bar. 0 at steady highs. Missing, and the drawdown left out, where that highest value is not above 0.
    """
    seen, square, square_at, drawdowns, value = memory.seen + 1, memory.square, memory.square_at, memory.drawdowns, nan
    at, high, highest = slide_highest(memory.highs, memory.at, memory.high, source, period)
    if (seen >= period) & (highest > 0.0):
        drawdown = 100.0 * ((source - highest) / highest)
        square_at, square, total = slide_sum(memory.squares, square_at, square, drawdown * drawdown, period)
        drawdowns += 1
        value = math.sqrt(total * (1.0 / period)) if drawdowns >= period else nan
    return Ulcer(memory.highs, memory.squares, high, square, at, square_at, seen, drawdowns), value


class Chaikin(NamedTuple):
    """Memory of `chaikin_volatility`."""

    past: Annotated[Window, Length(lambda roc_period: roc_period)]
    average: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Chaikin volatility",
    phrase="the Chaikin volatility ({period}, {roc_period})",
    group="volatility",
    warmup=lambda period, roc_period: period + roc_period,
    terms=("cvi", "chaikins volatility", "chv", "range expansion"),
    source="TA-Lib CVI; Chaikin",
)
def chaikin_volatility(
    memory: Chaikin, bars: Bar, *, period: Period = 10, roc_period: Period = 10
) -> tuple[Chaikin, Annotated[Series, Between(-100, TOP)]]:
    """By how many percent the average range of the bars has grown within `roc_period` bars; below 0 it shrinks.

    The rate of change of EMA(high − low, `period`). 0 where the old average is 0, as in TA-Lib.
    """
    seen, at, old = memory.seen + 1, memory.at, 0.0
    average = smooth(memory.average, seen, bars.high - bars.low, period, 2.0 / (period + 1.0))
    if seen >= period:
        at, old = recall(memory.past, at, average, roc_period)
    value = 100.0 * ((average - old) / old) if old > NOISE_FLOOR else 0.0
    return Chaikin(memory.past, average, at, seen), value if seen >= period + roc_period else nan
