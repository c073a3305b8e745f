"""Oscillators that combine several periods or several measures."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.counts import count_below
from wickwork.nodes.momentum import percent
from wickwork.nodes.oscillators import share, wilder
from wickwork.nodes.volatility import range_of
from wickwork.nodes.windows import (
    BOTTOM,
    TOP,
    Period,
    recall,
    slide_highest,
    slide_lowest,
    slide_sum,
)

nan = float("nan")


class Ultimate(NamedTuple):
    """Memory of `ultimate_oscillator`."""

    short_up: Annotated[Window, Length(lambda short: short)]
    short_range: Annotated[Window, Length(lambda short: short)]
    medium_up: Annotated[Window, Length(lambda medium: medium)]
    medium_range: Annotated[Window, Length(lambda medium: medium)]
    long_up: Annotated[Window, Length(lambda long: long)]
    long_range: Annotated[Window, Length(lambda long: long)]
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0
    short_at: int = 0
    medium_at: int = 0
    long_at: int = 0
    close: float = nan
    seen: int = 0


@node(
    title="Ultimate oscillator",
    phrase="the ultimate oscillator ({short}, {medium}, {long})",
    group="momentum",
    warmup=lambda short, medium, long: max(short, medium, long) + 1,
    terms=("ultosc", "uo", "larry williams", "buying pressure"),
    source="TA-Lib ULTOSC; Williams 1985",
)
def ultimate_oscillator(
    memory: Ultimate, bars: Bar, *, short: Period = 7, medium: Period = 14, long: Period = 28
) -> tuple[Ultimate, Annotated[Series, Between(0, 100)]]:
    """Buying pressure as a share of the true range, over three periods at once, from 0 to 100.

    100 × (4 × short + 2 × medium + long) / 7, each the sum of close − min(low, previous close) divided by the sum of
    true ranges. Where prices did not move within a period, its share is a half (TA-Lib: 0).
    """
    m, seen = memory, memory.seen + 1
    if seen == 1:
        start = Ultimate(
            m.short_up, m.short_range, m.medium_up, m.medium_range, m.long_up, m.long_range,
            0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, bars.close, seen,
        )  # fmt: skip
        return start, nan
    up = bars.close - (bars.low if bars.low < m.close else m.close)
    reach = range_of(bars, m.close)
    _, a, ups = slide_sum(m.short_up, m.short_at, m.a, up, short)
    short_at, b, ranges = slide_sum(m.short_range, m.short_at, m.b, reach, short)
    value = 4.0 * share(ups, ranges - ups, 50.0)
    _, c, ups = slide_sum(m.medium_up, m.medium_at, m.c, up, medium)
    medium_at, d, ranges = slide_sum(m.medium_range, m.medium_at, m.d, reach, medium)
    value += 2.0 * share(ups, ranges - ups, 50.0)
    _, e, ups = slide_sum(m.long_up, m.long_at, m.e, up, long)
    long_at, f, ranges = slide_sum(m.long_range, m.long_at, m.f, reach, long)
    value += share(ups, ranges - ups, 50.0)
    kept = Ultimate(
        m.short_up, m.short_range, m.medium_up, m.medium_range, m.long_up, m.long_range,
        a, b, c, d, e, f, short_at, medium_at, long_at, bars.close, seen,
    )  # fmt: skip
    return kept, percent(value / 7.0) if seen > short and seen > medium and seen > long else nan


@node(
    title="Balance of power",
    phrase="the balance of power",
    group="momentum",
    terms=("bop", "livshin"),
    source="TA-Lib BOP; Livshin 2001",
)
def balance_of_power(bars: Bar) -> Annotated[Series, Between(-1, 1)]:
    """How much of its range a bar went up (1: from low to high) or down (−1: from high to low).

    (close − open) / (high − low); 0 where high and low are equal. Usually smoothed with an SMA of 14 bars.
    """
    value = (bars.close - bars.open) / (bars.high - bars.low) if bars.high > bars.low else 0.0
    value = value if value < 1.0 else 1.0
    return value if value > -1.0 else -1.0


class Fisher(NamedTuple):
    """Memory of `fisher_transform`."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    high: float = BOTTOM
    low: float = TOP
    position: float = 0.0
    fisher: float = 0.0
    at: int = 0
    seen: int = 0


class FisherLines(NamedTuple):
    """Outputs of `fisher_transform`."""

    fisher: Annotated[Series, Between(-8, 8)]
    trigger: Annotated[Series, Between(-8, 8)]


@node(
    title="Fisher transform",
    phrase={
        "fisher": "the {period}-bar Fisher transform",
        "trigger": "the trigger line of the {period}-bar Fisher transform",
    },
    group="momentum",
    warmup=lambda period: period + 1,
    terms=("ehlers", "turning points"),
    source="Ehlers 2002, as TradingView has it",
)
def fisher_transform(memory: Fisher, bars: Bar, *, period: Period = 9) -> tuple[Fisher, FisherLines]:
    """The place of the price in its range, spread so that turning points become sharp peaks; within −8 to 8.

    x = 0.66 × ((price − lowest) / (highest − lowest) − 0.5) + 0.67 × previous x, with price = (high + low) / 2 and its
    extremes of `period` bars; |x| above 0.99 becomes 0.999. `fisher` = ½ ln((1 + x) / (1 − x)) + ½ × previous fisher,
    `trigger` is fisher of the bar before. In a flat window the price counts as in the middle.
    """
    price, seen = (bars.high + bars.low) * 0.5, memory.seen + 1
    _, high, highest = slide_highest(memory.highs, memory.at, memory.high, price, period)
    at, low, lowest = slide_lowest(memory.lows, memory.at, memory.low, price, period)
    x, fisher = memory.position, memory.fisher
    if seen >= period:
        place = (price - lowest) / (highest - lowest) if highest > lowest else 0.5
        x = 0.66 * (place - 0.5) + 0.67 * x
        x = x if x <= 0.99 else 0.999
        x = x if x >= -0.99 else -0.999
        fisher = 0.5 * math.log((1.0 + x) / (1.0 - x)) + 0.5 * fisher
    kept = Fisher(memory.highs, memory.lows, high, low, x, fisher, at, seen)
    return kept, FisherLines(fisher, memory.fisher) if seen > period else FisherLines(nan, nan)


class ConnorsRsi(NamedTuple):
    """Memory of `connors_rsi`."""

    ratios: Annotated[Window, Length(lambda rank_period: rank_period)]
    previous: float = nan
    gain: float = 0.0
    loss: float = 0.0
    streak: float = 0.0
    streak_gain: float = 0.0
    streak_loss: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="Connors RSI",
    phrase="the Connors RSI ({rsi_period}, {streak_period}, {rank_period}) of {source}",
    group="momentum",
    warmup=lambda rsi_period, streak_period, rank_period: max(rsi_period + 1, streak_period + 1, rank_period + 2),
    terms=("crsi", "percent rank", "streak", "mean reversion"),
    source="Connors and Alvarez 2012",
)
def connors_rsi(
    memory: ConnorsRsi,
    source: Series,
    *,
    rsi_period: Annotated[int, Between(2, 5000)] = 3,
    streak_period: Annotated[int, Between(2, 5000)] = 2,
    rank_period: Annotated[int, Between(2, 5000)] = 100,
) -> tuple[ConnorsRsi, Annotated[Series, Between(0, 100)]]:
    """Connors' RSI for short-term reversals: the mean of an RSI, the RSI of the streak and a rank; from 0 to 100.

    The streak is the number of bars in a row that rose (falls count negative, an unchanged bar is 0). The rank is the
    percentage of the last `rank_period` one-bar returns below the newest one; equal ones do not count (TradingView
    counts them). After a value of 0 the return counts as 0. Its work grows with `rank_period`.
    """
    m, seen = memory, memory.seen + 1
    if seen == 1:
        return ConnorsRsi(m.ratios, source, 0.0, 0.0, 0.0, 0.0, 0.0, 0, seen), nan
    change = source - m.previous
    if change > 0.0:
        streak = m.streak + 1.0 if m.streak > 0.0 else 1.0
    elif change < 0.0:
        streak = m.streak - 1.0 if m.streak < 0.0 else -1.0
    else:
        streak = 0.0
    gain, loss = wilder(m.gain, m.loss, seen - 1, change, rsi_period)
    streak_gain, streak_loss = wilder(m.streak_gain, m.streak_loss, seen - 1, streak - m.streak, streak_period)
    ratio = source / m.previous if m.previous != 0.0 else 1.0
    need = rank_period + 2
    need = need if need > rsi_period else rsi_period + 1
    need = need if need > streak_period else streak_period + 1
    value = nan
    if seen >= need:
        rank = 100.0 * count_below(m.ratios, rank_period, ratio) / rank_period
        value = percent((share(gain, loss, 50.0) + share(streak_gain, streak_loss, 50.0) + rank) / 3.0)
    at, _ = recall(m.ratios, m.at, ratio, rank_period)
    return ConnorsRsi(m.ratios, source, gain, loss, streak, streak_gain, streak_loss, at, seen), value
