"""Timeframes: how long a bar lasts, and where its grid begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wickwork.model.errors import InputError

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

# Weeks open on Monday 00:00 UTC; the first Monday of the epoch is 1970-01-05.
_FIRST_MONDAY = 4 * DAY

_UNITS = {
    "s": SECOND, "sec": SECOND, "secs": SECOND, "second": SECOND, "seconds": SECOND,
    "m": MINUTE, "min": MINUTE, "mins": MINUTE, "minute": MINUTE, "minutes": MINUTE, "t": MINUTE,
    "h": HOUR, "hr": HOUR, "hour": HOUR, "hours": HOUR,
    "d": DAY, "day": DAY, "days": DAY,
    "w": WEEK, "wk": WEEK, "week": WEEK, "weeks": WEEK,
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Timeframe:
    """The length of a bar in milliseconds; written as `1m`, `15m`, `4h`, `1d`, `1w`.

    Raises InputError for what is not a whole number of seconds above 0.
    """

    milliseconds: int

    def __post_init__(self) -> None:
        if self.milliseconds <= 0 or self.milliseconds % SECOND:
            raise InputError(f"A timeframe must be a whole number of seconds above 0; {self.milliseconds} ms is not.")

    def __str__(self) -> str:
        for letter, size in (("w", WEEK), ("d", DAY), ("h", HOUR), ("m", MINUTE)):
            if self.milliseconds % size == 0:
                return f"{self.milliseconds // size}{letter}"
        return f"{self.milliseconds // SECOND}s"

    def floor(self, moment: int) -> int:
        """The opening time (ms since 1970, UTC) of the bar that contains the moment."""
        origin = _FIRST_MONDAY if self.milliseconds % WEEK == 0 else 0
        return (moment - origin) // self.milliseconds * self.milliseconds + origin

    def divides(self, slower: Timeframe) -> bool:
        """True when a whole number of these bars makes one slower bar."""
        return slower.milliseconds % self.milliseconds == 0

    @property
    def bars_per_year(self) -> float:
        """Bars in a year of 365 days: crypto markets never close."""
        return 365 * DAY / self.milliseconds


def parse_timeframe(text: str | Timeframe) -> Timeframe:
    """Read any common spelling: `1m` `1min` `15` `15m` `1hour` `4H` `H4` `240` `D` `1D` `1d` `1W`.

    A bare number is minutes, as TradingView writes it. `1M` is a month, which has no fixed length, and is refused.

    Raises InputError for any other text.
    """
    if isinstance(text, Timeframe):
        return text
    word = str(text).strip()
    match = re.fullmatch(r"(\d{0,9})\s*([A-Za-z]*)", word)
    swapped = re.fullmatch(r"([A-Za-z])(\d{1,9})", word)
    if swapped:
        amount, unit = swapped.group(2), swapped.group(1)
    elif match and word:
        amount, unit = match.group(1) or "1", match.group(2)
    else:
        amount, unit = "", ""
    if unit == "M" and not swapped:
        raise InputError(f"{word!r} means months, which have no fixed length; use 1m for a minute, or 30d.")
    size = MINUTE if unit == "" and amount else _UNITS.get(unit.lower())
    if size is None or not amount or int(amount) == 0:
        raise InputError(f"{word!r:.60} is not a timeframe; write one like 1m, 5m, 15m, 1h, 4h, 1d or 1w.")
    return Timeframe(int(amount) * size)
