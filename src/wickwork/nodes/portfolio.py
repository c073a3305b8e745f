"""The action that brings a position to a share of equity."""

from __future__ import annotations

from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import ANY_POSITION, REBALANCE, Between, Condition, Intent, Series

nan = float("nan")


@node(
    title="Rebalance",
    group="orders",
    verb=REBALANCE,
    positions=lambda: ANY_POSITION,
    requires=lambda: ("weight",),
    terms=("target weight", "target percent", "order target percent", "allocation", "portfolio", "rotation"),
)
def rebalance(
    when: Condition, weight: Series = nan, *, tolerance: Annotated[float, Between(0.0, 100.0)] = 1.0
) -> Intent:
    """Bring the position to `weight` percent of equity, at market; below 0 to a short (perpetuals only).

    One order for the difference between what is held and the weight, reduce-only where it makes the position smaller.
    Through zero it is two: one closes what is held, one opens the other side. A `weight` of 0 closes the position.
    Nothing is placed where the weight of what is held is within `tolerance` (percent of equity) of the target, or where
    the difference is below the minimum of the venue. Where several instruments rebalance on one bar, what is sold comes
    before what is bought.
    """
    return Intent(verb=REBALANCE, size=weight, tolerance=tolerance)
