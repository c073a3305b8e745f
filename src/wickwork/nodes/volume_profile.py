"""At which prices the volume of the last bars was traded."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Between, Length, Series, Window

nan = float("nan")
DUST = 1e-9
"""This share of the whole volume counts as nothing: rows that differ by less are equal but for rounding."""
BORDER = 1e-6
"""A price this close to the border of two rows, in heights of a row, lies on the border: so does a rounded price."""


class Profile(NamedTuple):
    """Memory of `volume_profile`. `rows` is only work space: it is filled anew on every bar."""

    highs: Annotated[Window, Length(lambda period: period)]
    lows: Annotated[Window, Length(lambda period: period)]
    volumes: Annotated[Window, Length(lambda period: period)]
    rows: Annotated[Window, Length(lambda rows: rows)]
    at: int = 0
    seen: int = 0


class ProfileLevels(NamedTuple):
    """Outputs of `volume_profile`."""

    poc: Series
    value_area_high: Series
    value_area_low: Series


@node(
    title="Volume profile",
    phrase={
        "poc": "the point of control of the {period}-bar volume profile",
        "value_area_high": "the top of the value area of the {period}-bar volume profile",
        "value_area_low": "the bottom of the value area of the {period}-bar volume profile",
    },
    group="volume",
    warmup=lambda period: period,
    terms=("point of control", "poc", "value area", "vah", "val", "volume by price", "vpvr", "market profile"),
    source="Steidlmayer's market profile, with volume, as TradingView has it",
)
def volume_profile(
    memory: Profile,
    bars: Bar,
    *,
    period: Annotated[int, Between(1, 1000)] = 100,
    rows: Annotated[int, Between(2, 200)] = 24,
    value_area: Annotated[float, Between(1, 100)] = 70.0,
) -> tuple[Profile, ProfileLevels]:
    """At which price most of the volume of the last `period` bars was traded, and the prices around it that hold 70 %.

    The prices from the lowest low to the highest high are divided into `rows` of equal height; the volume of a bar is
    spread evenly from its low to its high, that of a bar without a range goes to the row of its price (on the border of
    two: the upper one). `poc` is the middle of the row with the most volume, of equal ones the lowest. The value area
    begins with that row and grows by the neighbour with more volume, of equal ones the upper one, until it holds
    `value_area` percent of the volume; `value_area_high` and `value_area_low` are its borders. Price units. Without any
    volume each bar counts the same. Its work grows with `period` and with the rows that a bar covers.
    """
    m = memory
    m.highs[m.at], m.lows[m.at], m.volumes[m.at] = bars.high, bars.low, bars.volume
    at, seen = m.at + 1 if m.at + 1 < period else 0, m.seen + 1
    kept = Profile(m.highs, m.lows, m.volumes, m.rows, at, seen)
    if seen < period:
        return kept, ProfileLevels(nan, nan, nan)
    highest, lowest, whole = bars.high, bars.low, 0.0
    for k in range(period):
        highest = m.highs[k] if m.highs[k] > highest else highest
        lowest = m.lows[k] if m.lows[k] < lowest else lowest
        whole += m.volumes[k]
    height = (highest - lowest) / rows
    if not height > 0.0 or height - height != 0.0:
        return kept, ProfileLevels(bars.close, bars.close, bars.close)
    for row in range(rows):
        m.rows[row] = 0.0
    for k in range(period):
        spread(m.rows, rows, (m.lows[k] - lowest) / height, (m.highs[k] - lowest) / height, m.volumes[k], whole)
    whole = whole if whole > 0.0 else float(period)
    top, bottom, best = grown(m.rows, rows, whole, value_area * 0.01)
    poc = lowest + (best + 0.5) * height
    return kept, ProfileLevels(poc, lowest + (top + 1.0) * height, lowest + bottom * height)


def spread(counts: Window, rows: int, low: float, high: float, volume: float, whole: float) -> None:
    """Add the volume of a bar to the rows between its low and its high, which are in units of rows.

    Where the `whole` volume is 0 the bar counts as 1.
    """
    volume = volume if whole > 0.0 else 1.0
    first, last = int(low + BORDER), int(high)
    first, last = first if first < rows else rows - 1, last if last < rows else rows - 1
    if high - low <= BORDER or first >= last:
        counts[first] += volume
        return
    share = volume / (high - low)
    for row in range(first, last + 1):
        begin, end = low if low > row else float(row), high if high < row + 1 else row + 1.0
        counts[row] += share * (end - begin) if end > begin else 0.0


def grown(counts: Window, rows: int, whole: float, part: float) -> tuple[int, int, int]:
    """The top and the bottom row of the value area that holds that part of the whole, and the row it began with."""
    best, dust = 0, whole * DUST
    for row in range(1, rows):
        if counts[row] > counts[best] + dust:
            best = row
    top, bottom, held = best, best, counts[best]
    while held < whole * part - dust and (top < rows - 1 or bottom > 0):
        above = counts[top + 1] if top < rows - 1 else -whole
        below = counts[bottom - 1] if bottom > 0 else -whole
        if above >= below - dust:
            top, held = top + 1, held + above
        else:
            bottom, held = bottom - 1, held + below
    return top, bottom, best
