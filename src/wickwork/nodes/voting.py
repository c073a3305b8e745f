"""Several conditions made into one: all, any, at least k of them, and a score of weighted votes.

Inputs that are not wired do not count. Where conditions are missing, the answer is known if the known ones decide.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, ConditionOrMissing, Series
from wickwork.nodes.logic import both, either

nan = float("nan")
ROUNDING = 1e-9
"""By how much a score may miss what is needed: sums of weights such as 0.1 are not exact."""
Weight = Annotated[float, Between(-1000, 1000)]


@node(
    title="All of",
    phrase="all of ({inputs}) are true",
    group="logic",
    terms=("and", "every", "confluence", "all conditions", "&"),
)
def all_of(
    a: ConditionOrMissing,
    b: ConditionOrMissing = 1.0,
    c: ConditionOrMissing = 1.0,
    d: ConditionOrMissing = 1.0,
    e: ConditionOrMissing = 1.0,
    f: ConditionOrMissing = 1.0,
    g: ConditionOrMissing = 1.0,
    h: ConditionOrMissing = 1.0,
) -> ConditionOrMissing:
    """True while all wired conditions are true, false while one is false; otherwise missing."""
    return both(both(both(a, b), both(c, d)), both(both(e, f), both(g, h)))


@node(
    title="Any of",
    phrase="any of ({inputs}) is true",
    group="logic",
    terms=("or", "some", "at least one", "any condition", "|"),
)
def any_of(
    a: ConditionOrMissing,
    b: ConditionOrMissing = 0.0,
    c: ConditionOrMissing = 0.0,
    d: ConditionOrMissing = 0.0,
    e: ConditionOrMissing = 0.0,
    f: ConditionOrMissing = 0.0,
    g: ConditionOrMissing = 0.0,
    h: ConditionOrMissing = 0.0,
) -> ConditionOrMissing:
    """True while at least one wired condition is true, false while all are false; otherwise missing."""
    return either(either(either(a, b), either(c, d)), either(either(e, f), either(g, h)))


def at_most(condition: float, weight: float) -> float:
    """The most that a vote may add to the score: of a missing one what is better."""
    if condition == condition:
        return weight if condition > 0.0 else 0.0
    return weight if weight > 0.0 else 0.0


def at_least(condition: float, weight: float) -> float:
    """The least that a vote may add to the score: of a missing one what is worse."""
    if condition == condition:
        return weight if condition > 0.0 else 0.0
    return weight if weight < 0.0 else 0.0


@node(
    title="K of n",
    phrase="at least {k} of ({inputs}) are true",
    group="logic",
    terms=("at least", "quorum", "majority", "two of three", "confirmations"),
    requires=lambda k: ("b", "c", "d", "e", "f", "g", "h")[: int(k) - 1],
)
def k_of_n(
    a: ConditionOrMissing,
    b: ConditionOrMissing = 0.0,
    c: ConditionOrMissing = 0.0,
    d: ConditionOrMissing = 0.0,
    e: ConditionOrMissing = 0.0,
    f: ConditionOrMissing = 0.0,
    g: ConditionOrMissing = 0.0,
    h: ConditionOrMissing = 0.0,
    *,
    k: Annotated[int, Between(1, 8)] = 2,
) -> ConditionOrMissing:
    """True while at least `k` of the wired conditions are true; false while they cannot be; otherwise missing.

    At least the first `k` inputs must be wired.
    """
    least, most = 0.0, 0.0
    for condition in (a, b, c, d, e, f, g, h):
        least += at_least(condition, 1.0)
        most += at_most(condition, 1.0)
    return 1.0 if least >= k else 0.0 if most < k else nan


class Score(NamedTuple):
    """Outputs of `votes`."""

    score: Series
    passed: ConditionOrMissing


@node(
    title="Votes",
    phrase={
        "score": "the sum of the votes of ({inputs}), of which {needed} are needed",
        "passed": "({inputs}) give at least {needed} votes",
    },
    group="logic",
    terms=("weighted vote", "score", "points", "scoring", "ensemble", "confluence"),
)
def votes(
    a: ConditionOrMissing,
    b: ConditionOrMissing = 0.0,
    c: ConditionOrMissing = 0.0,
    d: ConditionOrMissing = 0.0,
    e: ConditionOrMissing = 0.0,
    f: ConditionOrMissing = 0.0,
    g: ConditionOrMissing = 0.0,
    h: ConditionOrMissing = 0.0,
    *,
    needed: Annotated[float, Between(-8000, 8000)] = 2.0,
    weight_a: Weight = 1.0,
    weight_b: Weight = 1.0,
    weight_c: Weight = 1.0,
    weight_d: Weight = 1.0,
    weight_e: Weight = 1.0,
    weight_f: Weight = 1.0,
    weight_g: Weight = 1.0,
    weight_h: Weight = 1.0,
) -> Score:
    """Adds up the weights of all conditions that are true; true while the score is at least `needed`.

    `score` is the sum, `passed` whether it is enough (to within 1e-9). A condition with a negative weight votes
    against. Where conditions are missing, the score is, and `passed` is known where they cannot change it.
    """
    least, most = 0.0, 0.0
    for condition, weight in (
        (a, weight_a), (b, weight_b), (c, weight_c), (d, weight_d),
        (e, weight_e), (f, weight_f), (g, weight_g), (h, weight_h),
    ):  # fmt: skip
        least += at_least(condition, weight)
        most += at_most(condition, weight)
    enough = needed - ROUNDING
    return Score(least if least == most else nan, 1.0 if least >= enough else 0.0 if most < enough else nan)
