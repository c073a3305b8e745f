"""Targets: several take profits of one entry, each with a share of its quantity. docs/matching.md, section 6."""

from __future__ import annotations

from wickwork.graph.types import LEG_NONE, LEG_PRICE, LEG_R, Intent
from wickwork.orders.records import (
    ALLOWED,
    MISSING_VALUE,
    NO_STOP_FOR_SIZE,
    SHARES_ABOVE_WHOLE,
    TAKE_LEG,
    TAKE_LEG_2,
    TAKE_LEG_3,
    TAKE_LEG_4,
    TARGET_ON_WRONG_SIDE,
    Lane,
    Order,
)
from wickwork.risk.rules import is_dust, is_positive, nearest_lot, round_down

TARGETS = (TAKE_LEG, TAKE_LEG_2, TAKE_LEG_3, TAKE_LEG_4)
"""Their codes as legs, in their order."""
WHOLE = 1.0 - 1e-9
"""From which sum of shares on nothing is left: thirds may be given as 33.3333333333."""

nan = float("nan")


def has_targets(carrier: Intent) -> bool:
    """Whether its take profits have shares: there are several, or the only one does not close everything."""
    return (
        carrier.take_profit_2_as != LEG_NONE
        or carrier.take_profit_3_as != LEG_NONE
        or carrier.take_profit_4_as != LEG_NONE
        or (carrier.take_profit_as != LEG_NONE and carrier.take_profit_share != 1.0)
    )


def is_target(leg: int) -> bool:
    """Whether a leg is a take profit."""
    return leg == TAKE_LEG or leg >= TAKE_LEG_2


def target_of(carrier: Intent | Order, which: int) -> tuple[int, float, float]:
    """Of one target: what its amount means (LEG_… of `graph.types`), the amount, and the share (1.0: the whole)."""
    if which == TAKE_LEG:
        return carrier.take_profit_as, carrier.take_profit, carrier.take_profit_share
    if which == TAKE_LEG_2:
        return carrier.take_profit_2_as, carrier.take_profit_2, carrier.take_profit_2_share
    if which == TAKE_LEG_3:
        return carrier.take_profit_3_as, carrier.take_profit_3, carrier.take_profit_3_share
    return carrier.take_profit_4_as, carrier.take_profit_4, carrier.take_profit_4_share


def received_by(order: Order, which: int) -> float:
    """The quantity that a target of the entry has received so far."""
    if which == TAKE_LEG:
        return order.take_profit_received
    if which == TAKE_LEG_2:
        return order.take_profit_2_received
    return order.take_profit_3_received if which == TAKE_LEG_3 else order.take_profit_4_received


def set_received(order: Order, which: int, quantity: float) -> None:
    """Note how much a target of the entry has received so far."""
    if which == TAKE_LEG:
        order.take_profit_received = quantity
    elif which == TAKE_LEG_2:
        order.take_profit_2_received = quantity
    elif which == TAKE_LEG_3:
        order.take_profit_3_received = quantity
    else:
        order.take_profit_4_received = quantity


def count_targets(carrier: Intent | Order) -> int:
    """How many take profits it carries."""
    count = 0
    for which in TARGETS:
        mode, _, _ = target_of(carrier, which)
        count += int(mode != LEG_NONE)
    return count


def sum_of_shares(carrier: Intent | Order) -> float:
    """The shares of all targets together; NaN where one is missing or not above 0."""
    total = 0.0
    for which in TARGETS:
        mode, _, share = target_of(carrier, which)
        if mode != LEG_NONE:
            total += share if is_positive(share) else nan
    return total


def last_target(carrier: Intent | Order) -> int:
    """The target that takes all that the others leave; 0 where the shares add up to less than the whole."""
    last = 0
    for which in TARGETS:
        mode, _, _ = target_of(carrier, which)
        if mode != LEG_NONE:
            last = which
    return last if sum_of_shares(carrier) >= WHOLE else 0


def part_of(opened: float, share: float, received: float, left: float, lane: Lane) -> float:
    """What a target takes of the `left` part of a fill: what it lacks of its share of all that was opened."""
    lacking = round_down(opened * share, lane.lot, lane.lot_inverse) - received
    part = min(nearest_lot(lacking, lane.lot, lane.lot_inverse), left)
    return 0.0 if is_dust(part, opened, lane.lot) else part


def check_targets(intent: Intent, side: int, reference: float) -> int:
    """ALLOWED where the targets are complete, on their side and not more than the whole, else the reason.

    `reference` is the expected price of the entry in quote units.
    """
    shares = sum_of_shares(intent)
    if shares != shares:
        return MISSING_VALUE
    for which in TARGETS:
        mode, amount, _ = target_of(intent, which)
        if mode != LEG_NONE and not is_positive(amount):
            return MISSING_VALUE
        if mode == LEG_R and intent.stop_loss_as == LEG_NONE:
            return NO_STOP_FOR_SIZE
        if mode == LEG_PRICE and (amount - reference) * side <= 0.0:
            return TARGET_ON_WRONG_SIDE
    return ALLOWED if shares <= 2.0 - WHOLE else SHARES_ABOVE_WHOLE


def smallest_target(intent: Intent, quantity: float, lane: Lane) -> float:
    """The smallest quantity that a target gets when the entry fills whole."""
    left, smallest, last = quantity, quantity, last_target(intent)
    for which in TARGETS:
        mode, _, share = target_of(intent, which)
        if mode != LEG_NONE:
            part = left if which == last else part_of(quantity, share, 0.0, left, lane)
            smallest = min(smallest, part)
            left = nearest_lot(left - part, lane.lot, lane.lot_inverse)
    return smallest


def carry_targets(order: Order, intent: Intent) -> None:
    """Give an entry the targets of its intent, apart from the level of the first one."""
    order.targets = count_targets(intent)
    order.take_profit_share = intent.take_profit_share
    order.take_profit_2_as = intent.take_profit_2_as
    order.take_profit_2 = intent.take_profit_2
    order.take_profit_2_share = intent.take_profit_2_share
    order.take_profit_3_as = intent.take_profit_3_as
    order.take_profit_3 = intent.take_profit_3
    order.take_profit_3_share = intent.take_profit_3_share
    order.take_profit_4_as = intent.take_profit_4_as
    order.take_profit_4 = intent.take_profit_4
    order.take_profit_4_share = intent.take_profit_4_share
