"""What a format returns: columns with their names, and what could not be read on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wickwork.market.raw import Unreadable

Column: TypeAlias = "pa.ChunkedArray[Any]"

POSITIONS = ("open_time", "open", "high", "low", "close", "volume")
"""The columns of files that have no names: Binance's rows and freqtrade's begin with these six."""


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of one length."""

    columns: dict[str, Column]
    semicolons: bool = False
    """True where semicolons separate cells, as programs do in countries that write `1.234,5`."""
    malformed: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Positions (from 0, among all rows of the file) of rows with another number of cells than the header; they are not
    in the columns."""
    unreadable: tuple[Unreadable, ...] = ()
    """The first hundred malformed rows."""


@dataclass(frozen=True)
class Format:
    """A kind of file: what it is called, how its name ends (lower case), and the function that reads it.

    `read` may raise whatever its library raises; the caller makes an InputError of it.
    """

    name: str
    endings: tuple[str, ...]
    read: Callable[[Path], Table]
