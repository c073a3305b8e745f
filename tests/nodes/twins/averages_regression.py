"""Twins of nodes/averages_regression.py."""

from __future__ import annotations

import decimal
from decimal import Decimal

from tests.nodes.twins.common import Numbers, nan, twin


@twin
def linear_regression(source: Numbers, *, period: int, multiplier: float) -> tuple[Numbers, ...]:
    rows = [(nan,) * 5] * min(period - 1, len(source))
    for i in range(period - 1, len(source)):
        rows.append(fit(source[i - period + 1 : i + 1], multiplier))
    return tuple([row[k] for row in rows] for k in range(5))


def fit(window: Numbers, multiplier: float) -> tuple[float, ...]:
    """In exact decimals, because squares of near equal prices leave nothing of floats."""
    if min(window) == max(window):
        return window[0], 0.0, 0.0, window[0], window[0]
    with decimal.localcontext(prec=60):
        x, y = [Decimal(k) for k in range(len(window))], [Decimal(v) for v in window]
        mx, my = sum(x) / len(x), sum(y) / len(y)
        slope = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)
        line = [my + slope * (a - mx) for a in x]
        rest = sum((b - c) ** 2 for b, c in zip(y, line, strict=True))
        share = 1 - rest / sum((b - my) ** 2 for b in y)
        reach = Decimal(multiplier) * (rest / len(y)).sqrt()
        return tuple(float(v) for v in (line[-1], slope, share, line[-1] - reach, line[-1] + reach))
