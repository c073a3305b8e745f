from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from wickwork.market.sources.sheet import Format, Sheet


def read(path: Path) -> Sheet:
    """Read a Parquet file."""
    table = pq.ParquetFile(path).read()
    return Sheet(dict(zip(table.column_names, table.columns, strict=True)))


FORMAT = Format("Parquet", (".parquet", ".pq"), read)
