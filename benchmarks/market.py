"""Bars to measure on: 1,000,000 minutes of a random walk with volatility clusters, the same on every machine."""

from __future__ import annotations

import numpy as np
import walks

from wickwork import Bars, Instrument, parse_timeframe


def walk(
    size: int = 1_000_000, seed: int = 42, timeframe: str = "1m", sigma: float = 0.0008, instrument: str = "BTC"
) -> Bars:
    """Bars whose open is the close before, so that filling at a close and at the next open mean the same price."""
    frame = parse_timeframe(timeframe)
    times = walks.times(size, frame.milliseconds)
    columns = walks.walk(np.random.default_rng(seed), size, sigma)
    return Bars.of(Instrument(instrument, "USDT"), frame, times, *columns, source="benchmark walk")
