"""Funding rates of a perpetual over time: what longs paid to shorts, and when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from wickwork.model.bars import Floats, Times, iso
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument, Kind

MOST_RATE = 0.1
"""The largest rate of one moment, up or down, that is taken for one."""


_MINUTE = 60_000


def nominal_times(times: Times) -> Times:
    """Moments of funding to the nearest minute: exchanges record some of them a few milliseconds after the hour.

    The bar that opens at the hour would otherwise be charged one bar late.
    """
    return (times + _MINUTE // 2) // _MINUTE * _MINUTE


@dataclass(frozen=True, eq=False)
class FundingRates:
    """The funding that one perpetual charged: moments (ms, UTC), rising, and rates as shares (0.0001 is 0.01 %).

    Longs pay a positive rate, shorts a negative one. Raises InputError where times and rates break these rules.
    """

    instrument: Instrument
    times: Times
    rates: Floats
    source: str = ""

    def __post_init__(self) -> None:
        times = np.ascontiguousarray(self.times, np.int64)
        rates = np.ascontiguousarray(self.rates, np.float64)
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "rates", rates)
        if self.instrument.kind is not Kind.PERPETUAL:
            raise InputError(f"Funding is charged on perpetuals; {self.instrument} is none.")
        if times.ndim != 1 or times.shape != rates.shape:
            raise InputError(f"Funding of {self.instrument}: {times.size} times and {rates.size} rates; give one each.")
        if not times.size:
            raise InputError(f"Funding of {self.instrument}: there are no rates.")
        falling = np.flatnonzero(np.diff(times) <= 0)
        if falling.size:
            at = int(falling[0]) + 1
            raise InputError(
                f"Funding of {self.instrument}: times must rise, but {iso(int(times[at]))} (row {at}) follows "
                f"{iso(int(times[at - 1]))}."
            )
        wrong = np.flatnonzero(~(np.abs(rates) <= MOST_RATE))
        if wrong.size:
            at = int(wrong[0])
            raise InputError(
                f"Funding of {self.instrument}: a rate is a share between {-MOST_RATE:g} and {MOST_RATE:g} "
                f"(0.0001 is 0.01 %), but that of {iso(int(times[at]))} is {rates[at]:g}."
            )

    def __len__(self) -> int:
        return len(self.times)

    def digest(self) -> str:
        """A SHA-256 of times and rates."""
        sha = hashlib.sha256(self.times.astype("<i8").tobytes())
        sha.update(self.rates.astype("<f8").tobytes())
        return sha.hexdigest()
