"""How two series move together, and how one moves together with its own past."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline, unlikely
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.windows import recall

nan = float("nan")
Count = Annotated[int, Between(2, 5000)]
SMALL = 1e-290


class Joint(NamedTuple):
    """Memory for the squares and products of two series in a window.

    As in `windows.Spread`: sums of distances from references near the means, of the current pass in `x`, `y`, `xx` …
    and of the pass before in `suffixes`, five for each place. The runs count how often the last values have come in a
    row, so that a flat window is known to be flat. `beta` and `autocorrelation` keep earlier bars in `past`; until it
    is full, `place` is their number.
    """

    pairs: Annotated[Window, Length(lambda period: 2 * period)]
    suffixes: Annotated[Window, Length(lambda period: 5 * period)]
    past: Annotated[Window, Length(lambda **numbers: int(numbers.get("lag", 2)))]
    x0: float = 0.0
    y0: float = 0.0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0
    last_x: float = nan
    last_y: float = nan
    run_x: int = 0
    run_y: int = 0
    at: int = 0
    seen: int = 0
    place: int = 0


class Sums(NamedTuple):
    """Of distances from the references: the sums, those of their squares, and that of their products."""

    x: float
    y: float
    xx: float
    yy: float
    xy: float


@force_inline
def refer(m: Joint, begin: int, x0: float, y0: float, period: int) -> Sums:
    """Write the suffixes from `begin` on as distances from other references; return the sums of what lies before."""
    x, y, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(period - 1, begin - 1, -1):
        u, v, place = m.pairs[2 * k] - x0, m.pairs[2 * k + 1] - y0, 5 * k
        x, y, xx, yy, xy = x + u, y + v, xx + u * u, yy + v * v, xy + u * v
        m.suffixes[place], m.suffixes[place + 1], m.suffixes[place + 2] = x, y, xx
        m.suffixes[place + 3], m.suffixes[place + 4] = yy, xy
    x, y, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(begin):
        u, v = m.pairs[2 * k] - x0, m.pairs[2 * k + 1] - y0
        x, y, xx, yy, xy = x + u, y + v, xx + u * u, yy + v * v, xy + u * v
    return Sums(x, y, xx, yy, xy)


@force_inline
def whole(m: Joint, part: Sums, following: int, period: int) -> Sums:
    """The sums over the whole window: of the current pass, and of what is left of the one before."""
    if following == period:
        return part
    old, place = m.suffixes, 5 * following
    return Sums(
        part.x + old[place],
        part.y + old[place + 1],
        part.xx + old[place + 2],
        part.yy + old[place + 3],
        part.xy + old[place + 4],
    )


def centred(sums: Sums, share: float) -> tuple[float, float, float]:
    """The sums of squares and products of the distances from the means: of x, of y, of both. `share` is 1 / period."""
    x, y = sums.x * share, sums.y * share
    return sums.xx - sums.x * x, sums.yy - sums.y * y, sums.xy - sums.x * y


@force_inline
def without_pair(m: Joint, place: int) -> Joint:
    """The memory after a bar that gave no pair."""
    return Joint(
        m.pairs, m.suffixes, m.past, m.x0, m.y0,
        m.x, m.y, m.xx, m.yy, m.xy, m.last_x, m.last_y, m.run_x, m.run_y, m.at, m.seen, place,
    )  # fmt: skip


@force_inline
def slide_joint(m: Joint, x: float, y: float, period: int, place: int = 0) -> tuple[Joint, Sums, float, float, float]:
    """The memory with one more pair, and of the last `period` pairs the sums, and the centred sums.

    The centred sums are those of the squares and products of the distances from the means: of x, of y, of both. They
    are 0 where a series is flat.
    """
    seen = m.seen + 1
    run_x, run_y = m.run_x + 1 if x == m.last_x else 1, m.run_y + 1 if y == m.last_y else 1
    x0, y0 = m.x0, m.y0
    if seen == 1:
        unlikely()
        x0, y0 = x, y
    m.pairs[2 * m.at], m.pairs[2 * m.at + 1] = x, y
    u, v = x - x0, y - y0
    part = Sums(m.x + u, m.y + v, m.xx + u * u, m.yy + v * v, m.xy + u * v)
    following = m.at + 1
    sums = whole(m, part, following, period)
    share = 1.0 / period
    xx, yy, xy = centred(sums, share)
    flat_x, flat_y = run_x >= period, run_y >= period
    far = ((xx < 1e-4 * sums.xx) & (not flat_x)) | ((yy < 1e-4 * sums.yy) & (not flat_y))
    if (seen >= period) & (far | (following == period)):  # a reference is far from the mean: take the means
        unlikely()
        x0, y0 = x0 + sums.x * share, y0 + sums.y * share
        x0 = x0 if x0 - x0 == 0.0 else x  # where a sum was beyond the largest number
        y0 = y0 if y0 - y0 == 0.0 else y
        following = following if following < period else 0
        part = refer(m, following, x0, y0, period)
        sums = whole(m, part, following, period)
        xx, yy, xy = centred(sums, share)
    xx = 0.0 if flat_x | (xx < 0.0) else xx
    yy = 0.0 if flat_y | (yy < 0.0) else yy
    xy = 0.0 if flat_x | flat_y else xy
    kept = Joint(
        m.pairs, m.suffixes, m.past, x0, y0,
        part.x, part.y, part.xx, part.yy, part.xy, x, y, run_x, run_y, following, seen, place,
    )  # fmt: skip
    return kept, sums, xx, yy, xy


def correlated(xx: float, yy: float, xy: float) -> float:
    """Pearson's coefficient, from −1 to 1; 0 where one of the series does not move, NaN beyond all numbers."""
    product = xx * yy
    if SMALL < product < 1.0 / SMALL:
        size = math.sqrt(product)
    else:
        unlikely()  # the product may be beyond the numbers, or lose digits below the smallest of them
        size = math.sqrt(xx) * math.sqrt(yy)
    if (xy - xy != 0.0) | (size - size != 0.0):
        return nan
    value = xy / size if size > 0.0 else 0.0
    value = value if value < 1.0 else 1.0
    return value if value > -1.0 else -1.0


@node(
    title="Correlation",
    phrase="the {period}-bar correlation of {a} and {b}",
    group="statistics",
    warmup=lambda period: period,
    terms=("correlation coefficient", "correl", "pearson", "r", "cc"),
    source="TA-Lib CORREL",
)
def correlation(
    memory: Joint, a: Series, b: Series, *, period: Count = 30
) -> tuple[Joint, Annotated[Series, Between(-1, 1)]]:
    """How closely two series move together over the last `period` bars: 1 together, −1 opposite, 0 not at all.

    Pearson's coefficient of the values as they are wired (prices of two markets, or better their `returns`). 0 where
    one of them does not move.
    """
    kept, _, xx, yy, xy = slide_joint(memory, a, b, period)
    return kept, correlated(xx, yy, xy) if kept.seen >= period else nan


@node(
    title="Covariance",
    phrase="the {period}-bar covariance of {a} and {b}",
    group="statistics",
    warmup=lambda period: period,
    terms=("cov", "joint variance"),
    source="textbook; pandas rolling.cov with `sample`",
)
def covariance(
    memory: Joint, a: Series, b: Series, *, period: Count = 30, sample: bool = False
) -> tuple[Joint, Series]:
    """The mean product of the distances of two series from their means, in the product of their units.

    Over the last `period` values; divided by `period` (of a population), or by `period` − 1 with `sample`. 0 where one
    of them does not move.
    """
    kept, _, _, _, xy = slide_joint(memory, a, b, period)
    return kept, xy / (period - 1.0 if sample else float(period)) if kept.seen >= period else nan


@node(
    title="Beta",
    phrase="the {period}-bar beta of {source} to {benchmark}",
    group="statistics",
    warmup=lambda period: period + 1,
    terms=("market beta", "hedge ratio", "sensitivity", "benchmark"),
    source="TA-Lib BETA",
)
def beta(memory: Joint, source: Series, benchmark: Series, *, period: Count = 30) -> tuple[Joint, Series]:
    """By how many percent the source moves when the benchmark moves by one.

    The covariance of the returns of both from bar to bar over the last `period` of them, divided by the variance of
    those of the benchmark. 0 where the benchmark does not move. As in TA-Lib (whose first argument is the benchmark)
    the inputs are prices, and a return from a price of 0 counts as 0.
    """
    past = memory.past
    x = (benchmark - past[1]) / past[1] if past[1] != 0.0 else 0.0
    y = (source - past[0]) / past[0] if past[0] != 0.0 else 0.0
    past[0], past[1] = source, benchmark
    if memory.place == 0:
        unlikely()
        return without_pair(memory, 1), nan
    kept, _, xx, _, xy = slide_joint(memory, x, y, period, 1)
    value = xy / xx if xx > 0.0 else 0.0 if xx == 0.0 else nan
    return kept, value if kept.seen >= period else nan


@node(
    title="Autocorrelation",
    phrase="the {period}-bar autocorrelation of {source} at a lag of {lag} bars",
    group="statistics",
    warmup=lambda period, lag: period + lag,
    terms=("serial correlation", "acf", "lagged correlation", "persistence"),
    source="pandas rolling.corr with shift",
)
def autocorrelation(
    memory: Joint, source: Series, *, period: Count = 50, lag: Annotated[int, Between(1, 5000)] = 1
) -> tuple[Joint, Annotated[Series, Between(-1, 1)]]:
    """How closely a series follows its own past: 1 when it repeats what it did `lag` bars ago, −1 when it turns it.

    Pearson's coefficient of the last `period` values and those `lag` bars before each of them; mostly taken of
    `returns`. 0 where they do not move.
    """
    if memory.place < lag:
        unlikely()
        memory.past[memory.place] = source
        return without_pair(memory, memory.place + 1), nan
    at, old = recall(memory.past, memory.place - lag, source, lag)
    kept, _, xx, yy, xy = slide_joint(memory, source, old, period, lag + at)
    return kept, correlated(xx, yy, xy) if kept.seen >= period else nan
