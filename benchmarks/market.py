"""Bars to measure on: 1,000,000 minutes of a random walk with volatility clusters, the same on every machine."""

from __future__ import annotations

import numpy as np

from wickwork import Bars, Instrument, parse_timeframe

START = 1_577_836_800_000  # 2020-01-01


def walk(
    size: int = 1_000_000, seed: int = 42, timeframe: str = "1m", sigma: float = 0.0008, instrument: str = "BTC"
) -> Bars:
    """Bars whose open is the close before, so that filling at a close and at the next open mean the same price."""
    rng = np.random.default_rng(seed)
    shocks, volatility, level = rng.standard_normal(size), np.empty(size), 0.0
    for i in range(size):
        level = 0.999 * level + 0.02 * shocks[i]
        volatility[i] = level
    steps = rng.standard_normal((size, 4)) * (sigma * np.exp(volatility) / 2.0)[:, None]
    path = 100.0 * np.exp(np.cumsum(steps.ravel() - np.repeat(steps.var() / 2.0, steps.size))).reshape(size, 4)
    close = np.round(path[:, -1], 8)
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.round(np.maximum(open_, path.max(axis=1)), 8)
    low = np.round(np.minimum(open_, path.min(axis=1)), 8)
    high, low = np.maximum.reduce([high, open_, close]), np.minimum.reduce([low, open_, close])
    volume = np.round(np.exp(rng.standard_normal(size) * 0.7 + 3.0 + volatility), 8)
    frame = parse_timeframe(timeframe)
    times = START + np.arange(size, dtype=np.int64) * frame.milliseconds
    return Bars.of(
        Instrument(instrument, "USDT"), frame, times, open_, high, low, close, volume, source="benchmark walk"
    )
