"""How large an order is: docs/matching.md, section 11."""

from __future__ import annotations

from wickwork.graph.types import PERCENT_OF_CASH, PERCENT_OF_EQUITY, QUOTE, RISK_PERCENT

nan = float("nan")
ROUNDING_MARGIN = 1.0 - 1e-12
"""Factor for sizes that use all the money, so that rounding never makes an order larger than the funds."""


def quantity_of(
    size_as: int, size: float, reference: float, money: float, stop_loss: float, cost: float, taker_fee: float
) -> float:
    """The quantity in base units, before it is rounded to the lot; NaN where something needed is missing.

    `money` is what a percentage is one of: the account's equity, or its cash. `reference` is the price that the order
    is reckoned with, `stop_loss` the price of the stop (NaN for none), `cost` the share of the price that spread and
    slippage are expected to take.
    """
    if size_as == QUOTE:
        return size / reference
    if size_as == PERCENT_OF_EQUITY or size_as == PERCENT_OF_CASH:
        return money * size / 100.0 / (reference * (1.0 + cost) * (1.0 + taker_fee)) * ROUNDING_MARGIN
    if size_as == RISK_PERCENT:
        distance = abs(reference - stop_loss)
        return money * size / 100.0 / distance * ROUNDING_MARGIN if distance > 0.0 else nan
    return size
