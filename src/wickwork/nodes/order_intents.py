"""Intents of actions from the inputs and parameters of their nodes. Compiled as parts of them."""

from __future__ import annotations

from typing import NamedTuple

from wickwork.graph.types import LEG_DISTANCE, LEG_SHARE, Intent
from wickwork.model.order_kinds import ENTRY_CODES, NEEDS_LIMIT, NEEDS_TRIGGER, has

nan = float("nan")

PERCENT, ATR, AMOUNT = 2, 3, 1
"""Places of these among the ways in which a level is meant; of a trailing stop AMOUNT is where others have a price."""


def level_amount(mode: int, value: float, atr: float) -> float:
    """A leg's value in the venue's terms: shares instead of percent, distances instead of ATR multiples."""
    return value / 100.0 if mode == PERCENT else value * atr if mode == ATR else value


def leg_code(leg: int, target: int) -> int:
    """The number of a leg in an intent: 1 stop loss, 2 take profit, 3 trailing stop, 4 to 6 take profits 2 to 4."""
    return 2 + target if leg == 2 and target > 1 else leg


class Targets(NamedTuple):
    """The shares of the targets in percent, and the targets behind the first one."""

    share: float
    mode_2: int
    level_2: float
    share_2: float
    mode_3: int
    level_3: float
    share_3: float
    mode_4: int
    level_4: float
    share_4: float


def entry_intent(
    side: int,
    size: float,
    price: float,
    trigger: float,
    trail: float,
    stop_loss: float,
    take_profit: float,
    trailing: float,
    trailing_after: float,
    atr: float,
    order: int,
    size_as: int,
    trail_as: int,
    stop_loss_as: int,
    take_profit_as: int,
    trailing_as: int,
    trailing_after_as: int,
    add: bool,
    good_for: int,
    post_only: bool,
    time_in_force: int,
    verb: int,
    targets: Targets,
) -> Intent:
    """The intent of an entry, or of a reversal; the arguments are those of its node, as its step receives them."""
    kind = ENTRY_CODES[order]
    limit = price if has(NEEDS_LIMIT, kind) else nan
    stop = nan if not has(NEEDS_TRIGGER, kind) else trigger if has(NEEDS_LIMIT, kind) else price
    return order_intent(
        verb,
        kind,
        side,
        size,
        limit,
        stop,
        trail,
        stop_loss,
        take_profit,
        trailing,
        trailing_after,
        atr,
        size_as,
        trail_as,
        stop_loss_as,
        take_profit_as,
        trailing_as,
        trailing_after_as,
        1 if add else 0,
        good_for,
        0,
        1 if post_only else 0,
        time_in_force,
        0,
        targets,
    )


def order_intent(
    verb: int,
    kind: int,
    side: int,
    size: float,
    limit: float,
    stop: float,
    trail: float,
    stop_loss: float,
    take_profit: float,
    trailing: float,
    trailing_after: float,
    atr: float,
    size_as: int,
    trail_as: int,
    stop_loss_as: int,
    take_profit_as: int,
    trailing_as: int,
    trailing_after_as: int,
    add: int,
    good_for: int,
    reduce_only: int,
    post_only: int,
    time_in_force: int,
    oco: int,
    targets: Targets,
) -> Intent:
    """The intent of one order with its bracket; `limit` and `stop` (the trigger) are prices, NaN where it has none."""
    distance_as = LEG_SHARE if trail_as == 0 else LEG_DISTANCE  # numba allows no choices within so long a call
    distance = trail / 100.0 if trail_as == 0 else trail
    leg_trail_as = LEG_DISTANCE if trailing_as == AMOUNT else trailing_as
    return Intent(
        verb=verb,
        kind=kind,
        side=side,
        size_as=size_as,
        size=size,
        limit=limit,
        stop=stop,
        trail_as=distance_as,
        trail=distance,
        stop_loss_as=stop_loss_as,
        stop_loss=level_amount(stop_loss_as, stop_loss, atr),
        take_profit_as=take_profit_as,
        take_profit=level_amount(take_profit_as, take_profit, atr),
        take_profit_share=targets.share / 100.0,
        take_profit_2_as=targets.mode_2,
        take_profit_2=level_amount(targets.mode_2, targets.level_2, atr),
        take_profit_2_share=targets.share_2 / 100.0,
        take_profit_3_as=targets.mode_3,
        take_profit_3=level_amount(targets.mode_3, targets.level_3, atr),
        take_profit_3_share=targets.share_3 / 100.0,
        take_profit_4_as=targets.mode_4,
        take_profit_4=level_amount(targets.mode_4, targets.level_4, atr),
        take_profit_4_share=targets.share_4 / 100.0,
        leg_trail_as=leg_trail_as,
        leg_trail=level_amount(trailing_as, trailing, atr),
        trail_after_as=trailing_after_as,
        trail_after=level_amount(trailing_after_as, trailing_after, atr),
        add=add,
        reduce_only=reduce_only,
        post_only=post_only,
        time_in_force=time_in_force,
        good_for=good_for,
        oco=oco,
    )


def request_intent(verb: int, size: float, price: float, target: int, legs: int) -> Intent:
    """An intent that places no new kind of order."""
    return Intent(
        verb=verb,
        size=size,
        limit=price,
        legs=legs,
        target=target,
    )
