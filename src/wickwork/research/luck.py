"""The best result of many to expect by chance."""

from __future__ import annotations

import math
from statistics import NormalDist

EULER = 0.5772156649015329
"""The Euler–Mascheroni constant γ."""


def luckiest_sharpe(tries: int, years: float) -> float:
    """The annual Sharpe ratio to expect of the best of `tries` unrelated strategies without any edge.

    E[max] ≈ ((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))) / √years, N tries; 0 for a single one. 1/√years is the
    deviation of a Sharpe ratio whose true value is 0. Strategies that resemble one another, as neighbours of a sweep
    do, count for less than N. Source: D. H. Bailey and M. López de Prado, The Deflated Sharpe Ratio, 2014.
    """
    if tries < 2 or years <= 0.0:
        return 0.0
    quantile = NormalDist().inv_cdf
    best = (1.0 - EULER) * quantile(1.0 - 1.0 / tries) + EULER * quantile(1.0 - 1.0 / (tries * math.e))
    return best / math.sqrt(years)
