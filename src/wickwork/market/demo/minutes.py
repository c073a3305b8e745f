"""The demo market minute by minute, between one midnight and the next.

A day's path is a bridge: a random walk, bent so that it ends at the next midnight's price. So any day can be made
alone, and the path has no seam. The walk shares its noise with the market's, so coins move together within the day too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wickwork.market.demo.days import days_of
from wickwork.market.demo.noise import bells, smooth, uniforms
from wickwork.market.demo.table import COINS
from wickwork.model.bars import Floats
from wickwork.model.instrument import Instrument

MINUTES = 1440
_BASIS = 0.0016

# How busy the hours of the day are (UTC): quiet before Asia's morning, busiest when Europe and America overlap.
_HOURS = np.array(
    [
        1.05, 0.95, 0.88, 0.80, 0.74, 0.72, 0.76, 0.90, 1.02, 0.98, 0.94, 0.92,
        1.00, 1.25, 1.55, 1.50, 1.34, 1.20, 1.12, 1.06, 1.04, 1.00, 0.92, 0.98,
    ]
)  # fmt: skip
_NEXT = np.concatenate([_HOURS[1:], _HOURS[:1]])
_BUSY = (_HOURS[:, None] + (_NEXT - _HOURS)[:, None] * (np.arange(60) / 60)).reshape(MINUTES)


@dataclass(frozen=True, eq=False)
class Minutes:
    """Bars of a minute over whole days: columns of shape (days × 1440,). Volumes are multiples of 1/1024 of a coin.

    Such volumes add up without rounding, so that a slower bar's volume does not depend on the order of adding.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def minutes(instrument: Instrument, first_day: int, last_day: int) -> Minutes:
    """The minutes of the days `first_day <= day < last_day`, counted from the start of the demo market."""
    base, coin, days = instrument.base, COINS[instrument.base], days_of(instrument.base)
    start, count = first_day * MINUTES, (last_day - first_day) * MINUTES
    cut = np.s_[first_day:last_day]
    shape = (last_day - first_day, MINUTES)

    mood = smooth(f"{base} mood", start, count, 150).reshape(shape)
    busy = _BUSY * (0.35 + 1.5 * mood * mood)
    chance = uniforms(f"{base} chance", start, count).reshape(shape)
    common = bells("market minutes", start, count).reshape(shape)
    own = bells(f"{base} minutes", start, count).reshape(shape)
    own *= np.where(chance < 0.0004, 9.0, np.where(chance < 0.02, 2.5, 1.0))

    elapsed = np.add.accumulate(busy * busy, axis=1)
    whole = elapsed[:, -1:]
    part = elapsed / whole
    deviation = busy * (days.deviations[cut, None] / np.sqrt(whole))
    share = days.shares[cut, None]
    steps = deviation * (share * common + np.sqrt(1.0 - share * share) * own)
    walk = np.add.accumulate(steps, axis=1)
    bend = np.maximum(walk - part * walk[:, -1:], -0.5)
    here, there = days.midnights[first_day:last_day, None], days.midnights[first_day + 1 : last_day + 1, None]
    prices = (here + (there - here) * part) * (1.0 + bend)
    prices[:, -1:] = there

    edges = np.concatenate([here[0], prices.reshape(-1)])
    if instrument.settle:
        edges *= 1.0 + _BASIS * (smooth(f"{base} basis", start, count + 1, 240) - 0.45)
    scale = float(f"1e{coin.decimals}")
    ticks = np.maximum(np.rint(edges * scale), 1.0)
    opens, closes = ticks[:-1], ticks[1:]

    flat = deviation.reshape(-1) * opens
    up = uniforms(f"{base} {instrument.settle} up", start, count)
    down = uniforms(f"{base} {instrument.settle} down", start, count)
    highs = np.maximum(opens, closes) + np.rint(flat * up * up * 1.6)
    lows = np.maximum(np.minimum(opens, closes) - np.rint(flat * down * down * 1.6), 1.0)

    size = uniforms(f"{base} {instrument.settle} size", start, count)
    stir = np.abs(own.reshape(-1)) + np.abs(common.reshape(-1))
    usual = coin.turnover * 1e6 / MINUTES / coin.level * (2.5 if instrument.settle else 1.0)
    volume = usual * busy.reshape(-1) * (0.1 + 2.4 * size * size * size) * (0.4 + 0.6 * stir)
    volume = np.maximum(np.rint(volume * 1024.0), 1.0) / 1024.0
    return Minutes(opens / scale, highs / scale, lows / scale, closes / scale, volume)
