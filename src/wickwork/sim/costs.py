"""What a fill costs: docs/matching.md, section 5."""

from __future__ import annotations

from typing import Any

from wickwork.graph.native import records
from wickwork.risk.rules import taker_price
from wickwork.sim.records import ATR, FIXED, LANE, PERCENT, VOLUME, Desk


def slippage_share(terms: Any, price: float, quantity: float, volume: float, atr: float) -> float:
    """Spread and slippage of a taker as a share of the price, at most one half."""
    share = terms.half_spread
    if terms.slippage_model == PERCENT:
        share += terms.slippage
    elif terms.slippage_model == FIXED:
        share += terms.slippage / price
    elif terms.slippage_model == ATR:
        share += terms.slippage * atr / price
    elif terms.slippage_model == VOLUME:
        taken = 1.0 if quantity >= volume else quantity / volume
        share += terms.slippage * (taken * taken)
    return share if share < 0.5 else 0.5


def price_of_taker(terms: Any, lane: Any, price: float, side: int, quantity: float, volume: float, atr: float) -> float:
    """The price that a taker gets where the market is at `price`."""
    share = slippage_share(terms, price, quantity, volume, atr)
    return taker_price(price * (1.0 + side * share), side, lane.tick, lane.tick_inverse)


def expected_cost(terms: Any, price: float) -> float:
    """The share of the price that spread and slippage are expected to take, as far as it is known beforehand."""
    share = terms.half_spread
    if terms.slippage_model == PERCENT:
        share += terms.slippage
    elif terms.slippage_model == FIXED:
        share += terms.slippage / price
    return share  # type: ignore[no-any-return]


def share_of_notional(terms: Any, lane: Any, fee_rate: float) -> float:
    """The cash that one more quote unit of position takes: all of it or the margin, and the fee."""
    if lane.perpetual:
        return 1.0 / terms.leverage + fee_rate  # type: ignore[no-any-return]
    return 1.0 + fee_rate


def reserve_of(terms: Any, lane: Any) -> float:
    """What a perpetual's position holds back from the cash.

    Its margin minus the notional that cash paid or received.
    """
    return abs(lane.quantity) * lane.average / terms.leverage - lane.quantity * lane.average  # type: ignore[no-any-return]


def reserved(desk: Desk, but: int) -> float:
    """What the positions of all perpetuals hold back from the cash, that of lane number `but` left out."""
    total = 0.0
    if desk.books.perpetuals > 0:
        lanes = records(desk.frame.lanes, LANE)
        for g in range(desk.frame.lane_count):
            if lanes[g].perpetual and g != but:
                total += reserve_of(desk.terms, lanes[g])
    return total


def liquidation_price(terms: Any, lane: Any) -> float:
    """Where the venue closes the position by force; 0 where it never does."""
    if not lane.perpetual or lane.quantity == 0.0:
        return 0.0
    if lane.quantity > 0.0:
        return lane.average * (1.0 - 1.0 / terms.leverage) / (1.0 - terms.maintenance)  # type: ignore[no-any-return]
    return lane.average * (1.0 + 1.0 / terms.leverage) / (1.0 + terms.maintenance)  # type: ignore[no-any-return]


def bankruptcy_price(terms: Any, lane: Any) -> float:
    """Where the margin is used up; no liquidation fills beyond it."""
    side = 1.0 if lane.quantity > 0.0 else -1.0
    return lane.average * (1.0 - side / terms.leverage)  # type: ignore[no-any-return]
