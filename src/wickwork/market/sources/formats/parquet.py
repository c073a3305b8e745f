from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from wickwork.market.sources.table import Format, Table


def read(path: Path) -> Table:
    """Read a Parquet file."""
    table = pq.ParquetFile(path).read()
    return Table(dict(zip(table.column_names, table.columns, strict=True)))


FORMAT = Format("Parquet", (".parquet", ".pq"), read)
