"""Spread and slippage of a fill: docs/matching.md, section 5."""

from __future__ import annotations

from wickwork.orders.records import SLIPPAGE_ATR, SLIPPAGE_FIXED, SLIPPAGE_PERCENT, SLIPPAGE_VOLUME, Lane, VenueTerms
from wickwork.risk.rules import taker_price


def slippage_share(terms: VenueTerms, price: float, quantity: float, volume: float, atr: float) -> float:
    """Spread and slippage of a taker as a share of the price, a fraction of at most 0.5.

    `price` and `atr` in quote units, `quantity` and the bar's `volume` in base units.
    """
    share = terms.half_spread
    if terms.slippage_model == SLIPPAGE_PERCENT:
        share += terms.slippage
    elif terms.slippage_model == SLIPPAGE_FIXED:
        share += terms.slippage / price
    elif terms.slippage_model == SLIPPAGE_ATR:
        share += terms.slippage * atr / price
    elif terms.slippage_model == SLIPPAGE_VOLUME:
        taken = 1.0 if quantity >= volume else quantity / volume
        share += terms.slippage * (taken * taken)
    return share if share < 0.5 else 0.5


def price_of_taker(
    terms: VenueTerms, lane: Lane, price: float, side: int, quantity: float, volume: float, atr: float
) -> float:
    """The price in quote units, in whole ticks, that a taker gets where the market is at `price`."""
    share = slippage_share(terms, price, quantity, volume, atr)
    return taker_price(price * (1.0 + side * share), side, lane.tick, lane.tick_inverse)
