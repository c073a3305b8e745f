"""The bars that every contestant gets: synthetic, seeded, the same on every machine. Only numpy is needed.

A geometric random walk whose volatility comes in clusters, four steps a bar. The open of each bar is the close of the
one before, so that an engine that fills at a close and one that fills at the next open meet the same price, and their
trades can be compared one by one. Nothing here is market data.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

START = 1_577_836_800_000  # 2020-01-01, in ms
MINUTES, HOURS, LANES = 1_000_000, 50_000, 38
LAW = 1
"""Rises when the bars change, so that cached ones are made anew."""

Columns = NDArray[np.float64]


def walk(
    chance: np.random.Generator, size: int, sigma: float, common: Columns | None = None, share: float = 0.0
) -> Columns:
    """Open, high, low, close and volume as rows of shape (5, size); `common` is a part of the noise that all have."""
    shocks, level, now = chance.standard_normal(size), np.empty(size), 0.0
    for i, shock in enumerate(shocks.tolist()):
        now = 0.999 * now + 0.02 * shock
        level[i] = now
    deviation = sigma * np.exp(level - level.var()) / 2.0
    noise = chance.standard_normal((size, 4))
    if common is not None:
        noise = np.sqrt(share) * common + np.sqrt(1.0 - share) * noise
    steps = noise * deviation[:, None] - 0.5 * (deviation * deviation)[:, None]
    path = np.exp(np.cumsum(steps.ravel())).reshape(size, 4) * 100.0
    close = path[:, -1]
    open_ = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(open_, path.max(axis=1)), np.minimum(open_, path.min(axis=1))
    volume = np.exp(chance.standard_normal(size) * 0.7 + 3.0 + level)
    return np.round(np.stack([open_, high, low, close, volume]), 8)


def minutes(size: int = MINUTES) -> Columns:
    """One instrument, one-minute bars: seed 42, 0.08 % a minute."""
    return walk(np.random.default_rng(42), size, 0.0008)


def universe(lanes: int = LANES, size: int = HOURS) -> Columns:
    """Many instruments, one-hour bars, half of whose noise is common: shape (lanes, 5, size), seed 43."""
    chance = np.random.default_rng(43)
    common = chance.standard_normal((size, 4))
    return np.stack([walk(chance, size, 0.006, common, 0.5) for _ in range(lanes)])


def times(size: int, step: int) -> NDArray[np.int64]:
    """When the bars open, in ms UTC; `step` is the length of a bar."""
    return START + np.arange(size, dtype=np.int64) * step


def stored(folder: Path) -> Path:
    """The folder with `minutes.npy` and `universe.npy`, made when it is not there."""
    target = folder / f"law{LAW}"
    for name, make in (("minutes", minutes), ("universe", universe)):
        file = target / f"{name}.npy"
        if not file.exists():
            target.mkdir(parents=True, exist_ok=True)
            half = file.with_suffix(".half.npy")
            np.save(half, make())
            os.replace(half, file)
    return target
