"""How two series move together, and how one moves together with its own past."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from wickwork.graph.native import force_inline
from wickwork.graph.node import node
from wickwork.graph.types import Between, Length, Series, Window
from wickwork.nodes.windows import recall

nan = float("nan")
Count = Annotated[int, Between(2, 5000)]
X0, Y0, X, Y, XX, YY, XY, BARS = range(8)  # the places in `Joint.parts`


class Joint(NamedTuple):
    """Memory for the squares and products of two series in a window.

    As in `windows.Spread`: sums of distances from references near the means, of the current pass in `parts` and as
    suffixes of the pass before in `sum_x` …. The runs count how often the last values have come in a row, so that a
    flat window is known to be flat. `beta` and `autocorrelation` keep earlier bars in `past`, their number in
    `parts[BARS]`.
    """

    xs: Annotated[Window, Length(lambda period: period)]
    ys: Annotated[Window, Length(lambda period: period)]
    sum_x: Annotated[Window, Length(lambda period: period)]
    sum_y: Annotated[Window, Length(lambda period: period)]
    sum_xx: Annotated[Window, Length(lambda period: period)]
    sum_yy: Annotated[Window, Length(lambda period: period)]
    sum_xy: Annotated[Window, Length(lambda period: period)]
    parts: Annotated[Window, Length(lambda: 8)]
    past: Annotated[Window, Length(lambda **numbers: int(numbers.get("lag", 2)))]
    last_x: float = nan
    last_y: float = nan
    run_x: int = 0
    run_y: int = 0
    at: int = 0
    seen: int = 0


def refer(m: Joint, begin: int, x0: float, y0: float, period: int) -> None:
    """Write the suffixes from `begin` on as distances from other references, and the sums of what lies before."""
    x, y, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(period - 1, begin - 1, -1):
        u, v = m.xs[k] - x0, m.ys[k] - y0
        x, y, xx, yy, xy = x + u, y + v, xx + u * u, yy + v * v, xy + u * v
        m.sum_x[k], m.sum_y[k], m.sum_xx[k], m.sum_yy[k], m.sum_xy[k] = x, y, xx, yy, xy
    m.parts[X0], m.parts[Y0] = x0, y0
    for part in range(X, XY + 1):
        m.parts[part] = 0.0
    for k in range(begin):
        collect(m, m.xs[k] - x0, m.ys[k] - y0)


def collect(m: Joint, u: float, v: float) -> None:
    """Add one pair of distances to the sums of the current pass."""
    m.parts[X] += u
    m.parts[Y] += v
    m.parts[XX] += u * u
    m.parts[YY] += v * v
    m.parts[XY] += u * v


def total(m: Joint, suffixes: Window, part: int, following: int, period: int) -> float:
    """The sum over the whole window: the current pass and what is left of the one before."""
    return m.parts[part] + suffixes[following] if following < period else m.parts[part]


def centred(m: Joint, following: int, period: int) -> tuple[float, float, float]:
    """The sums of squares and of products of the distances from the means: of x, of y, of both."""
    x = total(m, m.sum_x, X, following, period)
    y = total(m, m.sum_y, Y, following, period)
    xx = total(m, m.sum_xx, XX, following, period) - x * x / period
    yy = total(m, m.sum_yy, YY, following, period) - y * y / period
    return xx, yy, total(m, m.sum_xy, XY, following, period) - x * y / period


@force_inline
def slide_joint(m: Joint, x: float, y: float, period: int) -> tuple[Joint, float, float, float]:
    """The memory with one more pair; and of the last `period` pairs what `centred` gives, 0 where a series is flat."""
    seen = m.seen + 1
    run_x, run_y = m.run_x + 1 if x == m.last_x else 1, m.run_y + 1 if y == m.last_y else 1
    if seen == 1:
        m.parts[X0], m.parts[Y0] = x, y
    m.xs[m.at], m.ys[m.at] = x, y
    collect(m, x - m.parts[X0], y - m.parts[Y0])
    following = m.at + 1
    xx, yy, xy = centred(m, following, period)
    flat_x, flat_y = run_x >= period, run_y >= period
    squares_x, squares_y = (
        total(m, m.sum_xx, XX, following, period),
        total(m, m.sum_yy, YY, following, period),
    )
    far = ((xx < 1e-4 * squares_x) & (not flat_x)) | ((yy < 1e-4 * squares_y) & (not flat_y))
    if (seen >= period) & (far | (following == period)):  # a reference is far from the mean: take the means
        x0 = m.parts[X0] + total(m, m.sum_x, X, following, period) / period
        y0 = m.parts[Y0] + total(m, m.sum_y, Y, following, period) / period
        x0 = x0 if x0 - x0 == 0.0 else x  # where a sum was beyond the largest number
        y0 = y0 if y0 - y0 == 0.0 else y
        refer(m, following if following < period else 0, x0, y0, period)
        following = following if following < period else 0
        xx, yy, xy = centred(m, following, period)
    xx = 0.0 if flat_x | (xx < 0.0) else xx
    yy = 0.0 if flat_y | (yy < 0.0) else yy
    xy = 0.0 if flat_x | flat_y else xy
    kept = Joint(
        m.xs, m.ys, m.sum_x, m.sum_y, m.sum_xx, m.sum_yy, m.sum_xy, m.parts, m.past,
        x, y, run_x, run_y, following, seen,
    )  # fmt: skip
    return kept, xx, yy, xy


def correlated(xx: float, yy: float, xy: float) -> float:
    """Pearson's coefficient, from −1 to 1; 0 where one of the series does not move, NaN beyond all numbers."""
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
    kept, xx, yy, xy = slide_joint(memory, a, b, period)
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
    kept, _, _, xy = slide_joint(memory, a, b, period)
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
    parts, past = memory.parts, memory.past
    x = (benchmark - past[1]) / past[1] if past[1] != 0.0 else 0.0
    y = (source - past[0]) / past[0] if past[0] != 0.0 else 0.0
    past[0], past[1] = source, benchmark
    parts[BARS] += 1.0
    if parts[BARS] < 2.0:
        return memory, nan
    kept, xx, _, xy = slide_joint(memory, x, y, period)
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
    bars = int(memory.parts[BARS])
    memory.parts[BARS] += 1.0
    _, old = recall(memory.past, bars % lag, source, lag)
    if bars < lag:
        return memory, nan
    kept, xx, yy, xy = slide_joint(memory, source, old, period)
    return kept, correlated(xx, yy, xy) if kept.seen >= period else nan
