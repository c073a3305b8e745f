"""How many decimals a price is shown with."""

from __future__ import annotations

import math
from decimal import Decimal

MOST_DECIMALS = 20
"""Smaller numbers than these decimals can show are written with an exponent."""
LEAST_DIGITS = 5
"""Significant digits of a price below 1, at least."""


def decimals_of_price(price: float) -> int:
    """Decimals that suit the size of a price: 2 from 100 on, 4 from 1 on, below that 8 or as many as give five digits.

    At most `MOST_DECIMALS`; 8 for 0 and for what is not finite.
    """
    size = abs(price)
    if size >= 1.0:
        return 2 if size >= 100.0 else 4
    if not size > 0.0:
        return 8
    return min(MOST_DECIMALS, max(8, LEAST_DIGITS - 1 - math.floor(math.log10(size))))


def decimals_of_step(step: float) -> int:
    """Decimals of the multiples of a step above 0: 2 for 0.25, 0 for 10, 10 for 1e-10; at most `MOST_DECIMALS`."""
    exponent = Decimal(repr(step)).normalize().as_tuple().exponent
    return min(MOST_DECIMALS, max(0, -int(exponent)))


def price_text(price: float) -> str:
    """A price with the decimals that its size needs: `65,000.00`, `1.2345`, `0.0000000050000`, `1.2345e-19`."""
    if 0.0 < abs(price) < 10.0 ** (LEAST_DIGITS - 1 - MOST_DECIMALS):
        return f"{price:.{LEAST_DIGITS - 1}e}"
    return f"{price:,.{decimals_of_price(price)}f}"
