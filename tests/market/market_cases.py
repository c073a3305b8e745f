"""Bars for the tests of the market: random, sound, and the same for the same seed."""

from pathlib import Path

import numpy as np

from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.timeframe import parse_timeframe

START = 1_609_459_200_000  # 2021-01-01, a Friday
SHARED = Path(__file__).parents[3] / "shared" / "data"


def make_bars(
    count: int = 100,
    timeframe: str = "1h",
    start: int = START,
    instrument: Instrument | str = "BTC/USDT",
    seed: int = 1,
    source: str = "memory",
) -> Bars:
    """A random walk, of which fewer bars are a prefix; volumes are multiples of 1/1024, so that sums are exact."""
    luck = np.random.default_rng(seed).random((count, 5)).T
    frame = parse_timeframe(timeframe)
    close = np.round(100.0 * np.cumprod(1.0 + 0.02 * (luck[0] - 0.5)), 4)
    opens = np.round(np.append(100.0, close[:-1])[:count] + 0.02 * (luck[1] - 0.5), 4)
    return Bars.of(
        parse_instrument(instrument),
        frame,
        frame.floor(start + frame.milliseconds - 1) + frame.milliseconds * np.arange(count),
        opens,
        np.round(np.maximum(opens, close) + luck[2], 4),
        np.round(np.minimum(opens, close) - luck[3], 4),
        close,
        np.ceil(10_000 * luck[4]) / 1024,
        source=source,
    )


def pick(bars: Bars, rows: object) -> Bars:
    """Some of the bars, by positions or by a mask."""
    columns = [getattr(bars, name)[rows] for name in ("opened_at", *COLUMNS)]
    return Bars.of(bars.instrument, bars.timeframe, *columns, source=bars.source)


def changed(bars: Bars, row: int, volume: float) -> Bars:
    """The bars with another volume in one place."""
    volumes = bars.volume.copy()
    volumes[row] = volume
    columns = [getattr(bars, name) for name in ("opened_at", "open", "high", "low", "close")]
    return Bars.of(bars.instrument, bars.timeframe, *columns, volumes, source=bars.source)
