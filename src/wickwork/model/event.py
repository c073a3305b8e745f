"""What a run hears: bars that closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = tuple[float, float, float, float, float]
"""Open, high, low, close, volume."""


@dataclass(frozen=True)
class BarsClosed:
    """The bars of one moment, one for each instrument of the run; None where an instrument has none."""

    opened_at: int
    """When the bars opened (ms, UTC); they close one timeframe later."""
    rows: tuple[Row | None, ...]
    finer: tuple[tuple[Row, ...] | None, ...]
    """The shorter bars inside each bar, from first to last; None where they are not known."""
    columns: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """Columns from outside by name, one value for each instrument, known when the bars close; None where missing."""
