"""Compress long columns of numbers: whole numbers of a decimal step, as differences, byte by byte, then gzip.

A column becomes `round(value × 10^decimals)`. Where some `decimals` up to 8 loses nothing it is that one (prices);
otherwise eight digits of the largest value are kept, more than any screen shows. Differences of neighbours are written
as int32, all lowest bytes first, which gzip packs best. Prices that span so many powers of ten that the small ones
would lose digits are written as float32 instead (seven digits of each). `web/report/src/decode.ts` reads them.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.model.bars import Floats

MOST_DECIMALS = 8
MOST_STEPS = 17
LEAST_STEPS = 10_000
"""Decimal steps in the smallest price, so that it keeps four digits."""
_LIMIT = 2**31 - 1

Described = dict[str, Any]
"""The place of a column, and how to read it."""


class Packer:
    """Columns one after the other; each method returns what the page needs to find its column."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def numbers(self, values: Floats, *, prices: bool = False) -> Described:
        """A column of numbers; NaN is kept as missing. Of `prices` each value keeps its digits, however small."""
        known = np.isfinite(values)
        filled = _filled(np.asarray(values, np.float64), known)
        decimals = decimals_of(filled)
        if prices and _loses_digits(filled, decimals):
            described = {**self._floats(filled), "decimals": None}
        else:
            described = {**self._integers(_differences(_steps(filled, decimals))), "decimals": decimals}
        return described if known.all() else {**described, "missing": _stretches(~known)}

    def whole(self, values: NDArray[np.int64]) -> Described:
        """A column of whole numbers, neighbours of which differ by less than 2³¹."""
        return {**self._integers(_differences(values)), "decimals": 0}

    def candles(self, opens: Floats, highs: Floats, lows: Floats, closes: Floats) -> Described:
        """Four columns on one step: the open from the close before, the others from each other.

        Where one step cannot hold all prices: open, close, high and low as float32, and `decimals` is None.
        """
        together = np.concatenate((opens, highs, lows, closes))
        decimals = decimals_of(together)
        if _loses_digits(together, decimals):
            return {"columns": [self._floats(column) for column in (opens, closes, highs, lows)], "decimals": None}
        o, h, low, c = (_steps(column, decimals) for column in (opens, highs, lows, closes))
        before = np.concatenate(([0], c[:-1]))
        parts = (o - before, c - o, h - np.maximum(o, c), np.minimum(o, c) - low)
        return {"columns": [self._integers(part) for part in parts], "decimals": decimals}

    def text(self, header: Any) -> str:
        """Header and columns as base64 of gzip. The same header and columns give the same text."""
        words = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        whole = b"".join((struct.pack("<I", len(words)), words, *self._parts))
        return base64.b64encode(gzip.compress(whole, 6, mtime=0)).decode("ascii")

    def _floats(self, values: Floats) -> Described:
        return self._integers(values.astype("<f4").view("<i4").astype(np.int64))

    def _integers(self, values: NDArray[np.int64]) -> Described:
        raw = values.astype("<i4").view(np.uint8).reshape(-1, 4).T.tobytes()
        described = {"at": self._size, "length": len(values)}
        self._parts.append(raw)
        self._size += len(raw)
        return described


def decimals_of(values: Floats) -> int:
    """The fewest decimals that lose nothing, or as many as the largest value leaves room for."""
    largest = float(np.abs(values).max()) if len(values) else 0.0
    # Differences of two values must fit into 31 bits as well.
    times = _LIMIT / 2.0 / largest if largest > 0.0 else math.inf  # infinite also for a denormal largest value
    room = math.floor(math.log10(times)) if math.isfinite(times) else MOST_DECIMALS
    for decimals in range(min(MOST_DECIMALS, room) + 1):
        if np.array_equal(np.rint(values * 10.0**decimals) / 10.0**decimals, values):
            return decimals
    return min(room, MOST_STEPS)


def _loses_digits(values: Floats, decimals: int) -> bool:
    """Whether the smallest of these values is fewer than `LEAST_STEPS` steps, and rounded."""
    size = np.abs(values)
    smallest = float(size.min(initial=math.inf, where=size > 0.0))
    if smallest >= LEAST_STEPS / 10.0**decimals:
        return False
    return not np.array_equal(_steps(values, decimals) / 10.0**decimals, values)


def _steps(values: Floats, decimals: int) -> NDArray[np.int64]:
    return np.rint(values * 10.0**decimals if decimals >= 0 else values / 10.0**-decimals).astype(np.int64)


def _differences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.diff(values, prepend=0)


def _filled(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Missing values replaced by the last one before them (0 at the start), so that they cost nothing."""
    if known.all():
        return values
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    filled: Floats = np.where(last >= 0, values[np.maximum(last, 0)], 0.0)
    return filled


def _stretches(mask: NDArray[np.bool_]) -> Sequence[int]:
    """Where runs of True start and stop, flat."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [int(edge) for edge in edges]
