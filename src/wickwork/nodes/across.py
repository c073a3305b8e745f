"""What compares the instruments of a run at one bar: ranks, shares and averages over all of them.

An instrument takes part where it has a bar and its input is there; where it does not, its result is missing. With one
instrument everything here works, and compares that with itself.
"""

from __future__ import annotations

import math
from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import (
    Between,
    Choice,
    ConditionOfLanes,
    ConditionToLanes,
    LaneCount,
    Lanes,
    SeriesOfLanes,
    SeriesToLanes,
)

inf = float("inf")
nan = float("nan")
GROUP = "instruments"
Percent = Annotated[SeriesToLanes, Between(0.0, 100.0)]
Most = Annotated[int, Between(1, 10_000)]


def fill(result: Lanes, count: int, value: float) -> None:
    """The same result for all."""
    for i in range(count):
        result[i] = value


def mean_of(source: Lanes, count: int) -> float:
    """The mean, as a sum of distances from the first value: equal values have exactly that mean."""
    total = 0.0
    for i in range(count):
        total += source[i] - source[0]
    return source[0] + total / count


def chosen_before(source: Lanes, i: int, count: int, sign: float) -> int:
    """How many stand in front of number i: those further up (down with a sign of −1), and equal ones listed earlier."""
    own, many = source[i] * sign, 0
    for k in range(count):
        other = source[k] * sign
        many += (other > own) | ((other == own) & (k < i))
    return many


@node(
    title="Rank",
    phrase="the rank of {source} among the instruments",
    group=GROUP,
    terms=("cross-sectional rank", "rank across", "relative strength", "league table"),
)
def rank(
    result: Annotated[SeriesToLanes, Between(1, inf)],
    count: LaneCount,
    source: SeriesOfLanes,
    *,
    ascending: bool = False,
) -> None:
    """The place of this instrument among all: 1 for the highest value, with `ascending` for the lowest.

    Equal values share the better place, and the places behind stay free: 1, 2, 2, 4.
    """
    sign = -1.0 if ascending else 1.0
    for i in range(count):
        own, place = source[i] * sign, 1
        for k in range(count):
            place += source[k] * sign > own
        result[i] = float(place)


@node(
    title="Percentile rank across",
    group=GROUP,
    terms=("cross-sectional percentile", "percent rank", "quantile"),
    source="pandas rank(pct=True), scaled to 0 … 100",
)
def percentile_rank_across(result: Percent, count: LaneCount, source: SeriesOfLanes) -> None:
    """How high this instrument stands among all, from 0 (the lowest) to 100 (the highest).

    The share of the other instruments with a lower value, in percent; equal ones count half. 50 when it is alone.
    """
    for i in range(count):
        below = 0.0
        for k in range(count):
            below += 1.0 if source[k] < source[i] else 0.5 if source[k] == source[i] else 0.0
        result[i] = 100.0 * (below - 0.5) / (count - 1.0) if count > 1 else 50.0


@node(title="Z-score across", group=GROUP, terms=("cross-sectional z-score", "standardize", "standard score", "zscore"))
def z_score_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
    """How many standard deviations this instrument lies above the mean of all, below it negative.

    The standard deviation is that of a population (divided by the number of instruments). 0 where all are equal.
    """
    mean, squares = mean_of(source, count), 0.0
    for i in range(count):
        squares += (source[i] - mean) * (source[i] - mean)
    deviation = math.sqrt(squares / count)
    for i in range(count):
        result[i] = (source[i] - mean) / deviation if deviation > 0.0 else 0.0


@node(
    title="Top",
    phrase="{source} is among the {n} highest of the instruments",
    group=GROUP,
    terms=("top n", "best", "strongest", "rotation", "selection"),
)
def top(result: ConditionToLanes, count: LaneCount, source: SeriesOfLanes, *, n: Most = 3) -> None:
    """True for the `n` instruments with the highest values.

    Never true for more of them: of equal values the instrument that the run lists first is taken.
    """
    for i in range(count):
        result[i] = 1.0 if chosen_before(source, i, count, 1.0) < n else 0.0


@node(
    title="Bottom",
    phrase="{source} is among the {n} lowest of the instruments",
    group=GROUP,
    terms=("bottom n", "worst", "weakest", "rotation", "selection"),
)
def bottom(result: ConditionToLanes, count: LaneCount, source: SeriesOfLanes, *, n: Most = 3) -> None:
    """True for the `n` instruments with the lowest values.

    Never true for more of them: of equal values the instrument that the run lists first is taken.
    """
    for i in range(count):
        result[i] = 1.0 if chosen_before(source, i, count, -1.0) < n else 0.0


@node(
    title="Breadth",
    phrase="the percentage of instruments for which {condition}",
    group=GROUP,
    terms=("market breadth", "participation", "percent of instruments above"),
)
def breadth(result: Percent, count: LaneCount, condition: ConditionOfLanes) -> None:
    """For what share of the instruments a condition is true, in percent of those for which it is known."""
    many = 0.0
    for i in range(count):
        many += condition[i]
    fill(result, count, 100.0 * many / count)


@node(title="Count across", group=GROUP, terms=("number of instruments", "how many"))
def count_across(
    result: Annotated[SeriesToLanes, Between(0, inf)], count: LaneCount, condition: ConditionOfLanes
) -> None:
    """For how many instruments a condition is true."""
    many = 0.0
    for i in range(count):
        many += condition[i]
    fill(result, count, many)


@node(
    title="Sum across",
    phrase="the sum of {source} over the instruments",
    group=GROUP,
    terms=("total", "cross-sectional sum"),
)
def sum_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
    """The sum of the values of all instruments."""
    total = 0.0
    for i in range(count):
        total += source[i]
    fill(result, count, total)


@node(
    title="Mean across",
    phrase="the mean of {source} over the instruments",
    group=GROUP,
    terms=("average of instruments", "market average", "equal-weighted index"),
)
def mean_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
    """The mean of the values of all instruments."""
    fill(result, count, mean_of(source, count))


@node(
    title="Median across",
    phrase="the median of {source} over the instruments",
    group=GROUP,
    terms=("cross-sectional median", "middle"),
)
def median_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
    """The middle value of all instruments; of an even number the mean of the two in the middle."""
    for i in range(count):  # sorted by insertion
        k = i
        while k > 0 and result[k - 1] > source[i]:
            result[k] = result[k - 1]
            k -= 1
        result[k] = source[i]
    low, high = result[(count - 1) // 2], result[count // 2]
    fill(result, count, low + (high - low) / 2.0)


@node(
    title="Highest across",
    phrase="the highest {source:bare} of the instruments",
    group=GROUP,
    terms=("maximum of instruments", "best value"),
)
def highest_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
    """The highest of the values of all instruments."""
    value = source[0]
    for i in range(count):
        value = source[i] if source[i] > value else value
    fill(result, count, value)


@node(
    title="Lowest across",
    phrase="the lowest {source:bare} of the instruments",
    group=GROUP,
    terms=("minimum of instruments", "worst value"),
)
def lowest_across(result: SeriesToLanes, count: LaneCount, source: SeriesOfLanes) -> None:
    """The lowest of the values of all instruments."""
    value = source[0]
    for i in range(count):
        value = source[i] if source[i] < value else value
    fill(result, count, value)


@node(
    title="Relative to mean",
    phrase="{source} less its mean over the instruments",
    group=GROUP,
    terms=("demeaned", "excess", "market neutral", "outperformance"),
)
def relative_to_mean(
    result: SeriesToLanes,
    count: LaneCount,
    source: SeriesOfLanes,
    *,
    measure: Annotated[int, Choice("difference", "percent")] = 0,
) -> None:
    """How far this instrument lies above the mean of all, below it negative.

    As a difference, or in percent of the mean; in percent it is missing where the mean is 0.
    """
    mean = mean_of(source, count)
    for i in range(count):
        gap = source[i] - mean
        result[i] = gap if measure == 0 else 100.0 * gap / abs(mean) if mean != 0.0 else nan


@node(
    title="Target weights",
    group=GROUP,
    requires=lambda weighting: ("value",) if weighting > 0 else (),
    terms=("portfolio weights", "allocation", "equal weight", "inverse volatility", "risk parity", "rebalance"),
)
def target_weights(
    result: Annotated[SeriesToLanes, Between(-100.0, 100.0)],
    count: LaneCount,
    chosen: ConditionOfLanes,
    value: SeriesOfLanes = nan,  # type: ignore[assignment]  # what a wire has that is not there
    *,
    weighting: Annotated[int, Choice("equal", "inverse", "proportional")] = 0,
    total: Annotated[float, Between(0.0, 100.0)] = 100.0,
    maximum: Annotated[float, Between(0.0, 100.0)] = 100.0,
) -> None:
    """What share of equity each instrument shall have, in percent: `total` divided among the chosen ones, 0 for others.

    `equal`: the same for each. `inverse`: in proportion to 1 / `value` (a volatility, an ATR in percent); what is not
    above 0 gets nothing. `proportional`: in proportion to `value` (a score); negative ones get a negative weight, and
    it is the sizes of all that add up to `total`. No weight is above `maximum`; what that cuts off stays in cash. An
    instrument whose `value` is missing takes no part. Wire it to `rebalance`.
    """
    sizes = 0.0
    for i in range(count):
        share = 0.0
        if chosen[i] > 0.0:
            share = 1.0
            if weighting == 1:
                share = 1.0 / value[i] if value[i] > 0.0 else 0.0
            elif weighting == 2:
                share = value[i]
        result[i] = share if share - share == 0.0 else 0.0
        sizes += abs(result[i])
    for i in range(count):
        weight = total * (result[i] / sizes) if (sizes > 0.0) & (sizes < inf) else 0.0
        result[i] = maximum if weight > maximum else -maximum if weight < -maximum else weight
