"""Noise that is the same on every machine, and at every place can be had without what comes before it.

Only + − × ÷ and the square root are used on it here and in the demo market: IEEE 754 fixes their last bit, which no
standard does for exp, log or sin. NumPy runs each of them as a loop of its own, so that no compiler can fuse two.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import Floats

Words = NDArray[np.uint64]


def words(name: str, start: int, count: int) -> Words:
    """The random 64-bit words `start <= i < start + count` of the stream with that name."""
    key = int.from_bytes(sha256(f"wickwork demo market 1: {name}".encode()).digest()[:16], "big")
    skip = start % 4  # a step of Philox's counter makes four words
    drawn: Words = np.random.Philox(key=key, counter=start // 4).random_raw(count + skip)
    return drawn[skip:]


def uniforms(name: str, start: int, count: int) -> Floats:
    """Numbers of a stream, evenly spread over 0 <= u < 1."""
    return (words(name, start, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def bells(name: str, start: int, count: int) -> Floats:
    """Numbers of a stream with mean 0 and deviation 1: sums of four uniform ones, nearly normal, never beyond ±3.47."""
    quarters = words(name, start, count).astype("<u8").view("<u2").reshape(-1, 4).astype(np.float64)
    total = quarters[:, 0] + quarters[:, 1] + quarters[:, 2] + quarters[:, 3]
    return (total - 131070.0) / 37837.227


def smooth(name: str, start: int, count: int, every: int) -> Floats:
    """Uniform numbers at the multiples of `every`, joined by straight lines, seen at `start <= i < start + count`."""
    first = start // every
    knots = uniforms(name, first, (start + count - 1) // every + 2 - first)
    place = np.arange(start - first * every, start - first * every + count)
    left = place // every
    part = (place - left * every) / every
    return knots[left] + (knots[left + 1] - knots[left]) * part
