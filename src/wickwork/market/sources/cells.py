"""Shared by the readers of times and of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wickwork.market.arrow import to_numpy
from wickwork.market.raw import Unreadable
from wickwork.market.sources.table import Column
from wickwork.model.bars import Floats

MOST = 100
"""Unreadable cells that are kept per column, for messages."""


def decoded(column: Column) -> Column:
    """The column without dictionary encoding."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def is_text(kind: Any) -> bool:
    """True for an Arrow type of strings."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def present(column: Column) -> NDArray[np.bool_]:
    """Mask of the cells that are not null."""
    valid: Any = column.is_valid()
    found: NDArray[np.bool_] = to_numpy(valid.cast(pa.uint8())) == 1
    return found


def to_floats(column: Column) -> Floats:
    """Numbers, or texts that are plain numbers, as float64 with NaN for null; ArrowInvalid for any other text."""
    floats: Column = column.cast(pa.float64(), safe=False)
    return np.where(present(floats), to_numpy(floats), np.nan)


def one_by_one(
    texts: Column, name: str, read: Callable[[str], float], missing: float, kind: np.dtype[Any]
) -> tuple[Any, list[Unreadable]]:
    """Convert each text by itself: slow, but finds the unreadable ones, for which `read` raises ValueError."""
    values = np.full(len(texts), missing, dtype=kind)
    bad: list[Unreadable] = []
    for row, text in enumerate(texts.to_pylist()):
        if text is None:
            continue
        try:
            values[row] = read(text)
        except (ValueError, OverflowError):
            if len(bad) < MOST:
                bad.append(Unreadable(row, name, text[:60]))
    return values, bad
