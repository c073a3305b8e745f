"""Arrow columns to numpy and back by their buffers.

pyarrow's own `to_numpy` and `array` import pandas on the way, only to see whether it was given a thing of pandas; that
costs more time than most commands take.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_NUMPY = {pa.float64(): np.float64, pa.int64(): np.int64, pa.uint8(): np.uint8}


def to_numpy(column: Any) -> NDArray[Any]:
    """A chunked column of float64, int64, timestamp or uint8 as one array; read-only if it shares the column's memory.

    A timestamp becomes its ticks. Where the column is null, the value is undefined.
    """
    kind = np.dtype(np.int64 if pa.types.is_timestamp(column.type) else _NUMPY[column.type])
    parts = [
        np.frombuffer(chunk.buffers()[1], kind, len(chunk), chunk.offset * kind.itemsize)
        for chunk in column.chunks
        if len(chunk)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, kind), *parts])


def to_table(schema: pa.Schema, columns: list[NDArray[Any]]) -> pa.Table:
    """A table of 64-bit columns, which shares their memory."""
    buffers: list[Any] = [np.ascontiguousarray(column) for column in columns]
    arrays = [
        pa.Array.from_buffers(field.type, len(buffer), [None, pa.py_buffer(buffer)])
        for field, buffer in zip(schema, buffers, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
