"""A ladder: several limit orders of one side, placed at once by one action."""

from __future__ import annotations

from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import LEG_DISTANCE, LEG_SHARE, PLACE, Between, Choice, Condition, Intent, Series
from wickwork.model.order_kinds import LIMIT

Growth = Annotated[float, Between(0.1, 10.0)]


@node(
    title="Ladder",
    group="orders",
    verb=PLACE,
    terms=("dca", "scale in", "safety orders", "martingale", "averaging down", "grid", "volume scale", "step scale"),
)
def ladder(
    when: Condition,
    size: Series = 5.0,
    spacing: Series = 1.0,
    price: Series = 0.0,
    *,
    side: Annotated[int, Choice("buy", "sell")] = 0,
    levels: Annotated[int, Between(1, 31)] = 5,
    size_as: Annotated[int, Choice("quantity", "quote", "percent_of_equity")] = 2,
    spacing_as: Annotated[int, Choice("percent", "amount")] = 0,
    size_growth: Growth = 1.0,
    spacing_growth: Growth = 1.0,
    reduce_only: bool = False,
    post_only: bool = False,
    good_for: Annotated[int, Between(0, 1_000_000)] = 0,
) -> Intent:
    """Place `levels` limit orders at once, each farther below the price than the one before (above it to sell).

    The first lies `spacing` from `price` (0: the close), in percent of that or as an amount, the second that distance
    times `spacing_growth` farther, and so on. `size` is that of the first order; each further one is `size_growth`
    times as large. Each order is denied by itself where it cannot be placed. `good_for` is the number of bars after
    which an unfilled order ends (0: never). A ladder with `reduce_only` takes a position off in parts.
    """
    return Intent(
        verb=PLACE,
        kind=LIMIT,
        side=1 if side == 0 else -1,
        size_as=size_as,
        size=size,
        limit=price,
        trail_as=LEG_SHARE if spacing_as == 0 else LEG_DISTANCE,
        trail=spacing / 100.0 if spacing_as == 0 else spacing,
        levels=levels,
        lower=size_growth,
        upper=spacing_growth,
        reduce_only=1 if reduce_only else 0,
        post_only=1 if post_only else 0,
        good_for=good_for,
    )
