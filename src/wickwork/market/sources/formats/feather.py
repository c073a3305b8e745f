from __future__ import annotations

from pathlib import Path

from pyarrow import feather

from wickwork.market.sources.table import Format, Table


def read(path: Path) -> Table:
    """Read a Feather (Arrow IPC) file, as freqtrade keeps them."""
    table = feather.read_table(path, memory_map=False)
    return Table(dict(zip(table.column_names, table.columns, strict=True)))


FORMAT = Format("Feather", (".feather", ".arrow"), read)
