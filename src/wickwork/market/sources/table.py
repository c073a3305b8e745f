"""What a format hands over: columns with their names, and cells that went wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from wickwork.market.raw import Unreadable

Column: TypeAlias = "pa.ChunkedArray[Any]"

POSITIONS = ("open_time", "open", "high", "low", "close", "volume")
"""The columns of files that have no names: Binance's rows and freqtrade's begin with these six."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Named columns of one length. `decimal_comma` says that numbers in texts may be written `1.234,5`."""

    columns: dict[str, Column]
    decimal_comma: bool = False
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True)
class Format:
    """A kind of file: what it is called, how its name ends (lower case), and the function that reads it.

    `read` may raise whatever its library raises; the caller turns it into a sentence.
    """

    name: str
    endings: tuple[str, ...]
    read: Callable[[Path], Sheet]
