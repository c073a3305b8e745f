"""The funds that an order needs, and the margin that positions hold: docs/matching.md, sections 5 and 10."""

from __future__ import annotations

from wickwork.graph.native import floats, records
from wickwork.orders.frame import Context
from wickwork.orders.records import SLIPPAGE_FIXED, SLIPPAGE_PERCENT, Lane, VenueTerms


def expected_cost(terms: VenueTerms, price: float) -> float:
    """Spread and slippage of a taker at that price as a fraction of it: the parts that do not depend on the bar."""
    share = terms.half_spread
    if terms.slippage_model == SLIPPAGE_PERCENT:
        share += terms.slippage
    elif terms.slippage_model == SLIPPAGE_FIXED:
        share += terms.slippage / price
    return share


def share_of_notional(terms: VenueTerms, lane: Lane, fee_rate: float) -> float:
    """The cash that each quote unit of notional needs: all of it on spot, the margin of perpetuals, and the fee."""
    if lane.perpetual:
        return 1.0 / terms.leverage + fee_rate
    return 1.0 + fee_rate


def reserved_margin(ctx: Context, excluded: int) -> float:
    """What open perpetual positions reserve of the account's net cash, in quote units, without lane `excluded`.

    Of each lane margin − quantity × average price: the net cash contains the notional of perpetuals. `excluded` below 0
    excludes none.
    """
    total = 0.0
    if ctx.account.perpetuals > 0:
        lanes = records(ctx.frame.lanes, Lane)
        for g in range(ctx.frame.lane_count):
            if lanes[g].perpetual and g != excluded:
                total += lanes[g].margin - lanes[g].quantity * lanes[g].average
    return total


def liquidation_price(terms: VenueTerms, lane: Lane) -> float:
    """The price (quote units) at which the venue closes the position by force; 0 where it never does.

    Of tiers the one holds that demands the most, which makes its level the nearest.
    """
    if not lane.perpetual or lane.quantity == 0.0:
        return 0.0
    level = _level(lane, terms.maintenance, 0.0)
    if terms.tier_count > 0:
        tiers = floats(terms.tiers)
        level = _level(lane, tiers[0], tiers[1])
        for k in range(1, terms.tier_count):
            other = _level(lane, tiers[2 * k], tiers[2 * k + 1])
            level = max(level, other) if lane.quantity > 0.0 else min(level, other)
    return max(level, 0.0)


def _level(lane: Lane, rate: float, amount: float) -> float:
    """The price at which what remains of the margin equals notional × rate − amount (quote units)."""
    start = bankruptcy_price(lane) - amount / lane.quantity
    return start / (1.0 - rate) if lane.quantity > 0.0 else start / (1.0 + rate)


def bankruptcy_price(lane: Lane) -> float:
    """The price at which the margin is used up; no liquidation fills beyond it."""
    return lane.average - lane.margin / lane.quantity
