"""What counts as a number of an order, and rounding to a venue's steps, toward safety.

The same functions serve the simulated venue and live orders.

A step of 0 means that there is none. `inverse` is 1/step where that is a whole number (most ticks are 1, 0.1, 0.01
…), else 0: dividing by it gives the number that a person would write (0.3), where multiplying by the step gives
0.30000000000000004.
"""

from __future__ import annotations

import numpy as np

LEAST, MOST = 1e-30, 1e30
"""A price, size or distance beyond these counts as missing: sums of money would leave what floats can hold."""


def inverse_of(step: float) -> float:
    """The whole number 1/step, or 0 where there is none."""
    if step <= 0.0:
        return 0.0
    inverse = float(round(1.0 / step))
    return inverse if abs(inverse * step - 1.0) < 1e-12 else 0.0


def round_down(value: float, step: float, inverse: float) -> float:
    """The greatest multiple of the step that is not above the value, but for rounding dust."""
    if step <= 0.0:
        return value
    steps = value * inverse if inverse > 0.0 else value / step
    whole = float(np.floor(steps + _dust(steps)))
    return whole / inverse if inverse > 0.0 else whole * step


def round_up(value: float, step: float, inverse: float) -> float:
    """The smallest multiple of the step that is not below the value, but for rounding dust."""
    if step <= 0.0:
        return value
    steps = value * inverse if inverse > 0.0 else value / step
    whole = float(np.ceil(steps - _dust(steps)))
    return whole / inverse if inverse > 0.0 else whole * step


def _dust(steps: float) -> float:
    """The largest distance from a whole number of steps that rounding in float64 can cause, with a margin."""
    return 1e-9 + 5e-16 * abs(steps)


def order_price(value: float, side: int, step: float, inverse: float) -> float:
    """The price of an order: buys round down, sells up.

    So a limit never buys above or sells below its unrounded price, and a stop triggers no later than unrounded.
    """
    return round_down(value, step, inverse) if side > 0 else round_up(value, step, inverse)


def taker_price(value: float, side: int, step: float, inverse: float) -> float:
    """What a taker gets rounds against the account: buys up, sells down (but never to nothing)."""
    rounded = round_up(value, step, inverse) if side > 0 else round_down(value, step, inverse)
    return rounded if rounded > 0.0 else value


def is_positive(value: float) -> bool:
    """Whether a price, size or distance is there and above 0, within `LEAST` and `MOST`."""
    return LEAST < value < MOST


def is_dust(quantity: float, scale: float, lot: float) -> bool:
    """Whether a quantity is what float arithmetic leaves of nothing, `scale` being the quantity that it came from."""
    return quantity <= (0.5 * lot if lot > 0.0 else 1e-12 * scale)


def is_enough(quantity: float, price: float, minimum_quantity: float, minimum_notional: float) -> bool:
    """Whether an order is large enough for the venue; `price` and `minimum_notional` in quote units."""
    return is_positive(quantity) and quantity >= minimum_quantity and quantity * price >= minimum_notional


def nearest_lot(quantity: float, lot: float, inverse: float) -> float:
    """The multiple of the lot that is nearest: what sums of whole lots are on paper.

    Half a lot is rounded toward 0, since `is_dust` counts it as nothing.
    """
    if lot <= 0.0 or quantity == 0.0:
        return quantity
    lots = float(np.ceil(abs(quantity * inverse if inverse > 0.0 else quantity / lot) - 0.5))
    nearest = lots / inverse if inverse > 0.0 else lots * lot
    return nearest if quantity > 0.0 else -nearest


def cut_down(to: float, quantity: float, lot: float, inverse: float) -> float:
    """A quantity cut to what there is: whole lots, and 0 for less than rounding noise."""
    return 0.0 if is_dust(to, quantity, lot) else round_down(to, lot, inverse)
