"""For every node a slow and obvious twin: plain lists in, a list out (a tuple of lists for several outputs).

Each is written from the definition and recomputes what it needs at every bar. They share no code with the nodes. They
never see missing values: `answers` leaves those bars out and puts the answers back where they belong.
"""

from __future__ import annotations

import datetime
import decimal
import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

nan = math.nan
ORACLES: dict[str, Callable[..., Any]] = {}
Numbers = list[float]


class Bars(NamedTuple):
    open: Numbers
    high: Numbers
    low: Numbers
    close: Numbers
    volume: Numbers


def oracle(function: Callable[..., Any]) -> Callable[..., Any]:
    ORACLES[function.__name__.rstrip("_")] = function
    return function


def mean(values: Numbers) -> float:
    return math.fsum(values) / len(values)


def windows(values: Numbers, n: int, of: Callable[[Numbers], float]) -> Numbers:
    """The function of the last n values at every bar, missing before there are n."""
    return [of(values[i - n + 1 : i + 1]) if i >= n - 1 else nan for i in range(len(values))]


def smoothed(values: Numbers, n: int, weight: float) -> Numbers:
    """Begins with the mean of the first n values, then each new one counts with that weight."""
    answer = [nan] * len(values)
    for i in range(n - 1, len(values)):
        answer[i] = mean(values[:n]) if i == n - 1 else answer[i - 1] * (1 - weight) + values[i] * weight
    return answer


# ---- price


@oracle
def hl2(bar: Bars) -> Numbers:
    return [mean([h, lo]) for h, lo in zip(bar.high, bar.low, strict=True)]


@oracle
def hlc3(bar: Bars) -> Numbers:
    return [mean(list(p)) for p in zip(bar.high, bar.low, bar.close, strict=True)]


@oracle
def ohlc4(bar: Bars) -> Numbers:
    return [mean(list(p)) for p in zip(bar.open, bar.high, bar.low, bar.close, strict=True)]


@oracle
def returns(source: Numbers) -> Numbers:
    return [nan] + [(b - a) / a for a, b in itertools.pairwise(source)]


@oracle
def log_returns(source: Numbers) -> Numbers:
    return [nan] + [math.log(b) - math.log(a) for a, b in itertools.pairwise(source)]


@oracle
def highest(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, max)


@oracle
def lowest(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, min)


# ---- trend


@oracle
def sma(source: Numbers, *, period: int) -> Numbers:
    return windows(source, period, mean)


@oracle
def wma(source: Numbers, *, period: int) -> Numbers:
    weights = range(1, period + 1)
    return windows(source, period, lambda w: math.fsum(k * x for k, x in zip(weights, w, strict=True)) / sum(weights))


@oracle
def ema(source: Numbers, *, period: int, seed: str) -> Numbers:
    return smoothed(source, period if seed == "mean" else 1, 2 / (period + 1))


@oracle
def rma(source: Numbers, *, period: int) -> Numbers:
    return smoothed(source, period, 1 / period)


@oracle
def macd(source: Numbers, *, fast: int, slow: int, signal: int) -> tuple[Numbers, ...]:
    fast, slow = sorted((fast, slow))
    late = slow - fast  # both averages give their first answer on the same bar
    quick = [nan] * late + smoothed(source[late:], fast, 2 / (fast + 1))
    calm = smoothed(source, slow, 2 / (slow + 1))
    line = [a - b for a, b in zip(quick, calm, strict=True)]
    average = [nan] * (slow - 1) + smoothed(line[slow - 1 :], signal, 2 / (signal + 1))
    line = [nan if math.isnan(s) else m for m, s in zip(line, average, strict=True)]
    return line, average, [m - s for m, s in zip(line, average, strict=True)]


def ranges_of(bar: Bars) -> Numbers:
    """True ranges from the second bar on."""
    return [
        max(h - lo, abs(h - c), abs(lo - c)) for h, lo, c in zip(bar.high[1:], bar.low[1:], bar.close, strict=False)
    ]


@oracle
def supertrend(bar: Bars, *, period: int, multiplier: float) -> tuple[Numbers, Numbers]:
    average = [nan, *smoothed(ranges_of(bar), period, 1 / period)]
    line, direction = [nan] * len(average), [nan] * len(average)
    upper = lower = 0.0
    trend = 1.0
    for i in range(period, len(average)):
        middle = (bar.high[i] + bar.low[i]) / 2
        above, below = middle + multiplier * average[i], middle - multiplier * average[i]
        if i == period:
            upper, lower = above, below
        else:
            before = bar.close[i - 1]
            upper = above if before > upper else min(above, upper)
            lower = below if before < lower else max(below, lower)
            if trend == 1.0 and bar.close[i] < lower:
                trend = -1.0
            elif trend == -1.0 and bar.close[i] > upper:
                trend = 1.0
        line[i], direction[i] = (lower if trend == 1.0 else upper), trend
    return line, direction


@oracle
def adx(bar: Bars, *, period: int) -> tuple[Numbers, ...]:
    n = len(bar.close)
    plus, minus = [0.0], [0.0]
    for i in range(1, n):
        up, down = bar.high[i] - bar.high[i - 1], bar.low[i - 1] - bar.low[i]
        plus.append(up if up > down and up > 0 else 0.0)
        minus.append(down if down > up and down > 0 else 0.0)
    ranges = [0.0, *ranges_of(bar)]

    def summed(values: Numbers) -> Numbers:
        """Wilder's sum: that of the first period − 1 values, from then on a period-th is forgotten at each step."""
        answer = [nan] * n
        for i in range(period - 1, n):
            answer[i] = math.fsum(values[:period]) if i == period - 1 else answer[i - 1] * (1 - 1 / period) + values[i]
        return answer

    def share(part: float, whole: float) -> float:
        return nan if math.isnan(whole) else 100 * part / whole if whole > 1e-280 else 0.0

    whole = summed(ranges)
    rise = [share(a, b) for a, b in zip(summed(plus), whole, strict=True)]
    fall = [share(a, b) for a, b in zip(summed(minus), whole, strict=True)]
    strength = [share(abs(a - b), a + b) for a, b in zip(rise, fall, strict=True)]
    answer = [nan] * n
    for i in range(2 * period - 1, n):
        if i == 2 * period - 1:
            answer[i] = mean(strength[period : 2 * period])
        elif rise[i] + fall[i] > 1e-280:
            answer[i] = (answer[i - 1] * (period - 1) + strength[i]) / period
        else:
            answer[i] = answer[i - 1]
    blank = [nan] * min(n, 2 * period - 1)
    return answer, blank + rise[len(blank) :], blank + fall[len(blank) :]


# ---- momentum


@oracle
def rsi(source: Numbers, *, period: int) -> Numbers:
    rises, falls = moves(source)
    return strength(smoothed(rises, period, 1 / period), smoothed(falls, period, 1 / period))


@oracle
def cutler_rsi(source: Numbers, *, period: int) -> Numbers:
    rises, falls = moves(source)
    return strength(windows(rises, period, mean), windows(falls, period, mean))


def moves(source: Numbers) -> tuple[Numbers, Numbers]:
    """The rises and the falls from bar to bar."""
    changes = [b - a for a, b in itertools.pairwise(source)]
    return [max(c, 0.0) for c in changes], [max(-c, 0.0) for c in changes]


def strength(up: Numbers, down: Numbers) -> Numbers:
    return [nan] + [100 - 100 / (1 + u / d) if d else 100.0 if u else 50.0 for u, d in zip(up, down, strict=True)]


@oracle
def stochastic(bar: Bars, *, k_period: int, smooth: int, d_period: int) -> tuple[Numbers, Numbers]:
    tops, bottoms = windows(bar.high, k_period, max), windows(bar.low, k_period, min)
    raw = [
        100 * (c - b) / (t - b) if t > b else 50.0
        for c, t, b in zip(bar.close[k_period - 1 :], tops[k_period - 1 :], bottoms[k_period - 1 :], strict=True)
    ]
    k = windows(raw, smooth, mean)[smooth - 1 :]
    d = windows(k, d_period, mean)[d_period - 1 :]
    blank = [nan] * (len(bar.close) - len(d))
    return blank + k[d_period - 1 :], blank + d


@oracle
def roc(source: Numbers, *, period: int) -> Numbers:
    return [100 * (x - source[i - period]) / source[i - period] if i >= period else nan for i, x in enumerate(source)]


# ---- volatility


@oracle
def true_range(bar: Bars) -> Numbers:
    return [nan, *ranges_of(bar)]


@oracle
def atr(bar: Bars, *, period: int) -> Numbers:
    return [nan, *smoothed(ranges_of(bar), period, 1 / period)]


def deviation(values: Numbers, degrees: int) -> float:
    """In exact decimals, because the squares of near equal prices leave nothing of floats."""
    if min(values) == max(values):  # a third has no end in decimals either
        return 0.0
    with decimal.localcontext(prec=60):
        exact = [decimal.Decimal(v) for v in values]
        middle = sum(exact, decimal.Decimal(0)) / len(exact)
        squares = sum(((v - middle) ** 2 for v in exact), decimal.Decimal(0))
        return float((squares / degrees).sqrt())


@oracle
def standard_deviation(source: Numbers, *, period: int, sample: bool) -> Numbers:
    return windows(source, period, lambda w: deviation(w, period - 1 if sample else period))


@oracle
def bollinger(source: Numbers, *, period: int, multiplier: float) -> tuple[Numbers, ...]:
    middle = windows(source, period, mean)
    reach = [multiplier * s for s in windows(source, period, lambda w: deviation(w, period))]
    lower = [m - r for m, r in zip(middle, reach, strict=True)]
    upper = [m + r for m, r in zip(middle, reach, strict=True)]
    width = [2 * r / m for m, r in zip(middle, reach, strict=True)]
    percent = [
        nan if math.isnan(r) else 0.5 + (x - m) / (2 * r) if r > 0 else 0.5
        for x, m, r in zip(source, middle, reach, strict=True)
    ]
    return lower, middle, upper, width, percent


# ---- volume


@oracle
def vwap(bar: Bars, moment: list[int], *, anchor: str) -> Numbers:
    def session(ms: int) -> Any:
        day = (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).date()
        return day if anchor == "day" else day.isocalendar()[:2]

    price = hlc3(bar)
    answer = []
    for i, now in enumerate(moment):
        mine = [k for k in range(i + 1) if session(moment[k]) == session(now)]
        volume = math.fsum(bar.volume[k] for k in mine)
        answer.append(math.fsum(price[k] * bar.volume[k] for k in mine) / volume if volume else price[i])
    return answer


@oracle
def obv(bar: Bars) -> Numbers:
    signed = [bar.volume[0]]
    for before, now, volume in zip(bar.close, bar.close[1:], bar.volume[1:], strict=False):
        signed.append(volume if now > before else -volume if now < before else 0.0)
    return [math.fsum(signed[: i + 1]) for i in range(len(signed))]


# ---- maths


def each(function: Callable[..., float]) -> Callable[..., Numbers]:
    """An oracle that looks at one bar only."""
    return lambda *columns: [function(*values) for values in zip(*columns, strict=True)]


ORACLES |= {
    "add": each(lambda a, b: a + b),
    "subtract": each(lambda a, b: a - b),
    "multiply": each(lambda a, b: a * b),
    "divide": each(lambda a, b: a / b if b else nan),
    "min": each(min),
    "max": each(max),
    "absolute": each(math.fabs),
    "clip": each(lambda value, low, high: sorted((value, low, high))[1]),  # the middle one of the three
    "negate": each(lambda value: 0.0 - value),
    "logarithm": each(lambda value: math.log(value) if value > 0 else nan),
    "greater": each(lambda a, b: a > b),
    "less": each(lambda a, b: a < b),
    "between": each(lambda value, low, high: low <= value <= high),
    "and": each(lambda a, b: a and b),
    "or": each(lambda a, b: a or b),
    "not": each(lambda value: not value),
    "exclusive_or": each(lambda a, b: a != b),
    "choose": each(lambda condition, then, otherwise: then if condition else otherwise),
}


@oracle
def power(value: Numbers, exponent: Numbers) -> Numbers:
    def one(base: float, to: float) -> float:
        try:
            answer = base**to
        except (ZeroDivisionError, OverflowError):
            return nan
        return nan if isinstance(answer, complex) else answer

    return [one(b, e) for b, e in zip(value, exponent, strict=True)]


@oracle
def round_(value: Numbers, *, decimals: int) -> Numbers:
    return [round(v, decimals) for v in value]


@oracle
def number(unused: Numbers, *, value: float) -> Numbers:
    return [value] * len(unused)


# ---- logic


@oracle
def equal(a: Numbers, b: Numbers, *, tolerance: float) -> list[bool]:
    return [max(x, y) - min(x, y) <= tolerance for x, y in zip(a, b, strict=True)]


@oracle
def crosses_above(a: Numbers, b: Numbers) -> list[bool]:
    return [i > 0 and a[i - 1] <= b[i - 1] and a[i] > b[i] for i in range(len(a))]


@oracle
def crosses_below(a: Numbers, b: Numbers) -> list[bool]:
    return [i > 0 and a[i - 1] >= b[i - 1] and a[i] < b[i] for i in range(len(a))]


@oracle
def crosses(a: Numbers, b: Numbers) -> list[bool]:
    return [up or down for up, down in zip(crosses_above(a, b), crosses_below(a, b), strict=True)]


@oracle
def rising(source: Numbers, *, bars: int) -> list[bool]:
    return [i >= bars and x > source[i - bars] for i, x in enumerate(source)]


@oracle
def falling(source: Numbers, *, bars: int) -> list[bool]:
    return [i >= bars and x < source[i - bars] for i, x in enumerate(source)]


@oracle
def becomes_true(condition: list[bool]) -> list[bool]:
    return [i > 0 and now and not condition[i - 1] for i, now in enumerate(condition)]


@oracle
def latch(set_: list[bool], reset: list[bool]) -> list[bool]:
    """True if it was set after the last reset."""

    def last(flags: list[bool], i: int) -> int:
        return max((k for k in range(i + 1) if flags[k]), default=-1)

    return [last(set_, i) > last(reset, i) for i in range(len(set_))]


@oracle
def count_in_window(condition: list[bool], *, period: int) -> Numbers:
    return windows([float(c) for c in condition], period, sum)


# ---- time


@oracle
def previous(source: Numbers, *, bars: int) -> Numbers:
    return ([nan] * bars + source)[: len(source)]


@oracle
def change(source: Numbers, *, bars: int) -> Numbers:
    return [x - y for x, y in zip(source, previous(source, bars=bars), strict=True)]


@oracle
def bars_since(condition: list[bool]) -> Numbers:
    return [next((float(ago) for ago in range(i + 1) if condition[i - ago]), nan) for i in range(len(condition))]


def when(ms: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=ms)


@oracle
def hour(moment: list[int]) -> Numbers:
    return [when(ms).hour for ms in moment]


@oracle
def weekday(moment: list[int]) -> Numbers:
    return [when(ms).weekday() for ms in moment]


@oracle
def timeframe(bar: Bars, moment: list[int], length: int, *, to: int) -> tuple[Numbers, ...]:
    """Sort the bars into slower ones; find the bar on which each is known to be complete; the newest one is shown."""
    monday = 4 * 86_400_000 if to % (7 * 86_400_000) == 0 else 0
    groups: dict[int, list[int]] = {}
    for i, ms in enumerate(moment):
        groups.setdefault((ms - monday) // to * to + monday, []).append(i)
    starts = sorted(groups)
    answer = [[nan] * len(moment) for _ in range(5)]
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        rows = groups[start]
        if start == starts[0] and moment[rows[0]] != start:
            continue
        if moment[rows[-1]] + length == start + to:
            shown = rows[-1]
        elif following is not None:
            shown = groups[following][0]
        else:
            continue
        answer[0][shown] = bar.open[rows[0]]
        answer[1][shown] = max(bar.high[k] for k in rows)
        answer[2][shown] = min(bar.low[k] for k in rows)
        answer[3][shown] = bar.close[rows[-1]]
        answer[4][shown] = math.fsum(bar.volume[k] for k in rows)
    return tuple(answer)


# ---- the user's node of examples/user_node.py


@oracle
def efficiency(source: Numbers, *, period: int) -> Numbers:
    """The smoothed steps over the smoothed lengths of the steps, each written out as a weighted sum."""
    keep, answers = 1.0 - 2.0 / (period + 1.0), [nan]
    steps = [b - a for a, b in itertools.pairwise(source)]
    for n in range(1, len(source)):
        way = sum((1.0 - keep) * keep ** (n - 1 - i) * steps[i] for i in range(n))
        walked = sum((1.0 - keep) * keep ** (n - 1 - i) * abs(steps[i]) for i in range(n))
        answers.append(way / walked if walked > 0.0 else 0.0)
    return answers
