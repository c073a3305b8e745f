"""Moving averages that become faster or slower with the market."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window
from wickwork.nodes.trend import smooth
from wickwork.nodes.windows import BOTTOM, TOP, Period, recall, slide_highest, slide_lowest, slide_sum

nan = float("nan")


class Kaufman(NamedTuple):
    """Memory of `kama`."""

    values: Annotated[Window, Length(lambda period: period)]
    moves: Annotated[Window, Length(lambda period: period)]
    path: float = 0.0
    last: float = nan
    value: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="KAMA",
    group="trend",
    warmup=lambda period: period + 1,
    terms=("kaufman adaptive moving average", "ama", "efficiency ratio"),
    source="TA-Lib KAMA; Kaufman 1995",
)
def kama(
    memory: Kaufman, source: Series, *, period: Period = 10, fast: Period = 2, slow: Period = 30
) -> tuple[Kaufman, Series]:
    """Kaufman's adaptive moving average: fast in a trend, slow where prices go to and fro. Same unit as the source.

    Each new value moves the average by (E × (2 / (fast + 1) − 2 / (slow + 1)) + 2 / (slow + 1))², where the efficiency
    E is the distance between now and `period` bars ago, divided by the sum of the movements from bar to bar in
    between. Without any movement E is 1, as in TA-Lib. It begins with the value before its first output.
    """
    seen = memory.seen + 1
    move = abs(source - memory.last) if seen > 1 else 0.0
    at, old = recall(memory.values, memory.at, source, period)
    _, path, moved = slide_sum(memory.moves, memory.at, memory.path, move, period)
    if seen <= period:
        unlikely()
        return Kaufman(memory.values, memory.moves, path, source, source, at, seen), nan
    distance = abs(source - old)
    efficiency = distance / moved if moved > distance else 1.0
    quick, calm = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
    weight = efficiency * (quick - calm) + calm
    value = memory.value + (source - memory.value) * (weight * weight)
    return Kaufman(memory.values, memory.moves, path, source, value, at, seen), value


class Chande(NamedTuple):
    """Memory of `vidya`."""

    rises: Annotated[Window, Length(lambda cmo_period: cmo_period)]
    falls: Annotated[Window, Length(lambda cmo_period: cmo_period)]
    rise: float = 0.0
    fall: float = 0.0
    last: float = nan
    value: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="VIDYA",
    phrase="the {period}-bar VIDYA of {source}",
    group="trend",
    warmup=lambda cmo_period: cmo_period + 1,
    terms=("variable index dynamic average", "chande", "cmo"),
    source="Chande 1995",
)
def vidya(memory: Chande, source: Series, *, period: Period = 14, cmo_period: Period = 9) -> tuple[Chande, Series]:
    """Variable index dynamic average: an EMA that is fast while prices go one way. Same unit as the source.

    Each new value moves the average by 2 / (period + 1) × |CMO| / 100, with Chande's momentum oscillator: the rises
    minus the falls of the last `cmo_period` changes, in percent of their sum. Without any movement the average stays.
    It begins with the value before its first output.
    """
    seen = memory.seen + 1
    change = source - memory.last if seen > 1 else 0.0
    up, down = change if change > 0.0 else 0.0, -change if change < 0.0 else 0.0
    _, rise, rises = slide_sum(memory.rises, memory.at, memory.rise, up, cmo_period)
    at, fall, falls = slide_sum(memory.falls, memory.at, memory.fall, down, cmo_period)
    if seen <= cmo_period:
        unlikely()
        return Chande(memory.rises, memory.falls, rise, fall, source, source, at, seen), nan
    share = abs(rises - falls) / (rises + falls) if rises + falls > 0.0 else 0.0
    value = memory.value + (source - memory.value) * (share * (2.0 / (period + 1.0)))
    return Chande(memory.rises, memory.falls, rise, fall, source, value, at, seen), value


class Dynamic(NamedTuple):
    """Memory of `mcginley`."""

    value: float = 0.0
    seen: int = 0


@node(
    title="McGinley dynamic",
    phrase="the {period}-bar McGinley dynamic of {source}",
    group="trend",
    warmup=lambda period: period,
    terms=("mcgd", "mcginley dynamic indicator", "md"),
    source="McGinley 1997",
)
def mcginley(
    memory: Dynamic, source: Series, *, period: Period = 14, factor: Annotated[float, Between(0.1, 10)] = 0.6
) -> tuple[Dynamic, Series]:
    """McGinley dynamic: a moving average that follows falling prices faster than rising ones. Same unit as the source.

    MD + (source − MD) / (factor × period × (source / MD)⁴), seeded with the mean of the first `period` values.
    TradingView leaves the factor out: there it is 1. Where the price has fallen so far that the formula would jump
    beyond it, the average is the price.
    """
    seen, last = memory.seen + 1, memory.value
    if seen <= period:
        unlikely()
        value = smooth(last, seen, source, period, 0.0)
        return Dynamic(value, seen), value if seen == period else nan
    ratio = source / last if last != 0.0 else 0.0
    brake = factor * period * (ratio * ratio * ratio * ratio)
    value = last + (source - last) / brake if brake > 1.0 else source
    return Dynamic(value, seen), value


class Jurik(NamedTuple):
    """Memory of `jma`."""

    smooth: float = 0.0
    lead: float = 0.0
    step: float = 0.0
    value: float = 0.0
    seen: int = 0


@node(
    title="JMA (approximation)",
    phrase="the {period}-bar JMA of {source}",
    group="trend",
    warmup=lambda period: period,
    terms=("jurik moving average", "jma"),
    source="the approximation that is common on TradingView; Jurik's formula is not published",
)
def jma(
    memory: Jurik,
    source: Series,
    *,
    period: Period = 7,
    phase: Annotated[float, Between(-100, 100)] = 50.0,
    power: Annotated[int, Between(1, 10)] = 2,
) -> tuple[Jurik, Series]:
    """An open approximation of Jurik's moving average, whose own formula is not published. Same unit as the source.

    With b = 0.45 (period − 1) / (0.45 (period − 1) + 2), a = b^power and r = 1.5 + phase / 100:
    e0 = (1 − a) source + a e0', e1 = (1 − b) (source − e0) + b e1', e2 = (1 − a)² (e0 + r e1 − J') + a² e2',
    J = J' + e2; ' marks the bar before. A high phase follows faster and overshoots. Begins with e0 = J = source and is
    shown from `period` bars on.
    """
    if memory.seen == 0:
        unlikely()
        return Jurik(source, 0.0, 0.0, source, 1), source if period == 1 else nan
    seen, length = memory.seen + 1, 0.45 * (period - 1.0)
    beta, alpha = length / (length + 2.0), 1.0
    for _ in range(power):
        alpha *= beta
    slow = source + (memory.smooth - source) * alpha
    lead = (source - slow) * (1.0 - beta) + memory.lead * beta
    target = slow + (1.5 + phase / 100.0) * lead
    step = (target - memory.value) * ((1.0 - alpha) * (1.0 - alpha)) + memory.step * (alpha * alpha)
    value = memory.value + step
    return Jurik(slow, lead, step, value, seen), value if seen >= period else nan


class Fractal(NamedTuple):
    """Memory of `frama`."""

    highs: Annotated[Window, Length(lambda period: (period + 1) // 2)]
    lows: Annotated[Window, Length(lambda period: (period + 1) // 2)]
    tops: Annotated[Window, Length(lambda period: (period + 1) // 2)]
    bottoms: Annotated[Window, Length(lambda period: (period + 1) // 2)]
    high: float = BOTTOM
    low: float = TOP
    weight: float = 1.0
    value: float = 0.0
    at: int = 0
    seen: int = 0


@node(
    title="FRAMA",
    phrase="the {period}-bar FRAMA",
    group="trend",
    warmup=lambda period: (period + 1) // 2 * 2 + 1,
    terms=("fractal adaptive moving average", "ehlers", "fractal dimension"),
    source="Ehlers 2005, Fractal Adaptive Moving Averages",
)
def frama(memory: Fractal, bars: Bar, *, period: Annotated[int, Between(2, 5000)] = 16) -> tuple[Fractal, Series]:
    """Ehlers' fractal adaptive moving average of (high + low) / 2: fast in a trend, slow in a range. In price units.

    Each new price moves the average by exp(−4.6 (D − 1)), at least 0.01 and at most 1. The fractal dimension D is
    1 + log2((R1 + R2) / R), with the ranges (highest high − lowest low) of the newer and the older half of the window
    and of the whole. Where one of the halves has no range, the weight stays. An odd period counts as the next even
    one. It begins with the price before its first output.
    """
    half, seen, price = (period + 1) // 2, memory.seen + 1, 0.5 * bars.high + 0.5 * bars.low
    _, high, top = slide_highest(memory.highs, memory.at, memory.high, bars.high, half)
    _, low, bottom = slide_lowest(memory.lows, memory.at, memory.low, bars.low, half)
    _, old_top = recall(memory.tops, memory.at, top, half)
    at, old_bottom = recall(memory.bottoms, memory.at, bottom, half)
    weight, value = memory.weight, price
    if seen > 2 * half:
        newer, older = top - bottom, old_top - old_bottom
        whole = (top if top > old_top else old_top) - (bottom if bottom < old_bottom else old_bottom)
        if (newer > 0.0) & (older > 0.0):
            share = (newer + older) / whole
            weight = math.exp(-4.6 * (math.log(share) / math.log(2.0))) if share > 1.0 else 1.0
            weight = weight if weight > 0.01 else 0.01
        value = memory.value + (price - memory.value) * weight
    kept = Fractal(memory.highs, memory.lows, memory.tops, memory.bottoms, high, low, weight, value, at, seen)
    return kept, value if seen > 2 * half else nan
