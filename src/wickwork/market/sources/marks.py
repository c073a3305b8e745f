"""Mark prices from a file: bars as exchanges let them be downloaded, mostly without a volume."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from wickwork.market.sources.columns import names_volume
from wickwork.market.sources.reading import bars_of_raw, read_without_warning, warn_naive
from wickwork.market.sources.table import Table
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument, Kind, parse_instrument
from wickwork.model.timeframe import Timeframe


def load_mark_prices(
    path: Path | str, instrument: Instrument | str | None = None, timeframe: Timeframe | str | None = None
) -> Bars:
    """The mark prices of a perpetual: a file like those of `load_bars`; a volume may be missing and is left out.

    Instrument and timeframe come from the arguments, else from the names of the file and its folders; a name such as
    BTCUSDT means the perpetual. Raises InputError as `load_bars` does, and where the instrument is no perpetual.
    """
    path = Path(path)
    wanted = parse_instrument(instrument) if instrument else None
    raw = read_without_warning(path, wanted, timeframe, prepare=_without_volume, holds="mark")
    if raw.naive_times:
        warn_naive([raw.source])
    bars = bars_of_raw(raw)
    owner = bars.instrument
    if owner.kind is Kind.SPOT and wanted is None:
        owner = replace(owner, settle=owner.quote)
    if owner.kind is Kind.SPOT:
        raise InputError(f"{path}: mark prices decide liquidations of perpetuals; {owner} is none.")
    return replace(bars, instrument=owner)


def _without_volume(table: Table) -> Table:
    """The table with a volume of 0, which mark prices do not have."""
    kept = {name: column for name, column in table.columns.items() if not names_volume(name)}
    size = len(next(iter(table.columns.values()), ()))
    return replace(table, columns={**kept, "volume": pa.chunked_array([pa.array([0.0] * size, pa.float64())])})
