"""The demo market day by day: the price of each coin at midnight, and the volatility of each day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from wickwork.market.demo.noise import bells, uniforms
from wickwork.market.demo.table import COINS
from wickwork.model.bars import Floats
from wickwork.model.timeframe import DAY

DEMO_START = 1_609_459_200_000
"""2021-01-01 00:00 UTC, where the demo market begins (ms)."""
DEMO_STOP = 1_767_225_600_000
"""2026-01-01 00:00 UTC, where it ends."""
DAYS = (DEMO_STOP - DEMO_START) // DAY

# Seasons of the market: how it drifts a day, and how much it swings.
_SEASONS = ((0.0045, 0.024), (-0.0050, 0.032), (0.0, 0.016), (0.0005, 0.021))


@dataclass(frozen=True, eq=False)
class Season:
    """What all coins share: the market's move and its deviation, for each day."""

    moves: Floats
    deviations: Floats


@dataclass(frozen=True, eq=False)
class Days:
    """One coin: its price at each midnight (DAYS + 1 of them), each day's deviation, and the market's share in it."""

    midnights: Floats
    deviations: Floats
    shares: Floats


@cache
def market() -> Season:
    """Seasons of rise, fall and rest that last weeks to months; restlessness comes in clusters; now and then a jump."""
    luck = uniforms("market days", 0, DAYS * 4).reshape(DAYS, 4).tolist()
    waves = bells("market waves", 0, DAYS).tolist()
    moves, deviations = [], []
    drift, swing, left, restless = 0.0, 0.02, 0, 0.02
    for (choice, length, stir, jump), wave in zip(luck, waves, strict=True):
        if left == 0:
            drift, swing = _SEASONS[int(choice * len(_SEASONS))]
            left = 18 + int(length * 90)
        left -= 1
        restless = 0.88 * restless + 0.12 * swing * (0.4 + 1.2 * stir)
        move = drift + restless * wave * (2.6 if jump < 0.02 else 1.0)
        if abs(move) > 2.0 * restless:  # a shock keeps the days after it restless
            restless = min(1.5 * restless, 0.07)
        moves.append(move)
        deviations.append(restless)
    return Season(np.array(moves), np.array(deviations))


@cache
def days_of(base: str) -> Days:
    """The days of one coin, from the first to the last."""
    coin, season = COINS[base], market()
    waves = bells(f"{base} days", 0, DAYS).tolist()
    luck = uniforms(f"{base} luck", 0, DAYS + 1).tolist()
    price = coin.level * (0.5 + 0.7 * luck[DAYS])
    midnights, deviations, shares = [price], [], []
    for day, (move, restless) in enumerate(zip(season.moves.tolist(), season.deviations.tolist(), strict=True)):
        own = coin.own * (restless / 0.026) * (3.0 if luck[day] < 0.012 else 1.0)
        total = sqrt(coin.beta * restless * coin.beta * restless + own * own)
        # Nothing runs away for ever, nor is it worn out: as many falls as rises of a size would leave less and less.
        home = 0.016 * (coin.level - price) / (coin.level + price) + total * total / 2.0
        change = home + coin.beta * move + own * waves[day]
        price *= 1.0 + min(max(change, -0.35), 0.45)
        midnights.append(price)
        deviations.append(total)
        shares.append(coin.beta * restless / total)
    return Days(np.array(midnights), np.array(deviations), np.array(shares))
