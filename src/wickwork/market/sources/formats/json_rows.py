from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from wickwork.market.sources.table import POSITIONS, Format, Table
from wickwork.model.errors import InputError


def read(path: Path) -> Table:
    """Read `[[opened_at, open, high, low, close, volume], …]`, as freqtrade and exchanges write it."""
    content = path.read_bytes()
    rows = json.loads(gzip.decompress(content) if path.suffix.lower() == ".gz" else content)
    width = len(POSITIONS)
    if not isinstance(rows, list):
        raise InputError(f"{path} is not a list of rows; expected [[time, open, high, low, close, volume], …].")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) < width:
            raise InputError(f"{path}: row {number} is not a list of at least {width} numbers: {str(row)[:60]}.")
    try:
        numbers = np.array([row[:width] for row in rows], dtype=np.float64).reshape(-1, width)
        return Table({name: pa.chunked_array([column]) for name, column in zip(POSITIONS, numbers.T, strict=True)})
    except (TypeError, ValueError, OverflowError):
        pass  # some cell is no number: as texts, the cell can be named
    columns = zip(*(row[:width] for row in rows), strict=True) if rows else [()] * width
    texts = ([None if cell is None else str(cell) for cell in column] for column in columns)
    return Table({name: pa.chunked_array([column], pa.string()) for name, column in zip(POSITIONS, texts, strict=True)})


FORMAT = Format("JSON rows", (".json", ".json.gz"), read)
