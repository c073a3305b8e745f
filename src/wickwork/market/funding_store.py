"""Funding rates of exchanges on disk: one Parquet file for each perpetual, with the spans of time that it covers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wickwork.market.series import folder_of
from wickwork.market.spans import Span, union
from wickwork.model.bars import Floats, Times
from wickwork.model.errors import InputError, NotFound
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.store.durable import locked, make_folder, replacing

_COVERED = b"wickwork.covered"


@dataclass(frozen=True)
class StoredFunding:
    """What the store has of one perpetual: moments (ms, UTC), rates as shares, and the spans that were answered."""

    times: Times
    rates: Floats
    covered: tuple[Span, ...] = ()


class FundingStore:
    """Funding rates below a folder, by venue and instrument."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, instrument: Instrument) -> Path:
        """The file of a perpetual, which need not exist; `load_funding` reads it as well."""
        return folder_of(self.root, instrument, Timeframe(HOUR)).with_name("funding.parquet")

    def read(self, instrument: Instrument) -> StoredFunding:
        """All that is stored of a perpetual, empty where there is nothing. Raises InputError for a damaged file."""
        path = self.path(instrument)
        if not path.exists():
            return StoredFunding(np.empty(0, np.int64), np.empty(0))
        try:
            table = pq.ParquetFile(path, page_checksum_verification=True).read()
            times, rates = (table[name].to_numpy() for name in ("time", "rate"))
            spans = json.loads((table.schema.metadata or {})[_COVERED])
            return StoredFunding(times.astype(np.int64), rates.astype(np.float64), tuple((a, b) for a, b in spans))
        except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
            raise InputError(f"{path} is damaged ({error}); delete it and download the funding again.") from None

    def load(self, instrument: Instrument) -> FundingRates:
        """The rates of a perpetual; of one without a venue those of the only venue that is stored.

        Raises NotFound where there are none, and InputError where several venues have some.
        """
        venues = [instrument.venue] if instrument.venue else sorted(p.name for p in self.root.glob("*") if p.is_dir())
        owners = [Instrument(instrument.base, instrument.quote, instrument.settle, venue) for venue in venues]
        there = [one for one in owners if self.path(one).exists()]
        if not there:
            of = f" of {instrument.venue}" if instrument.venue else ""
            raise NotFound(f"The store has no funding of {instrument}{of}; `wick data funding {instrument}` gets it.")
        if len(there) > 1:
            names = ", ".join(one.venue for one in there)
            raise InputError(f"The store has funding of {instrument} of {names}; choose one with --venue.")
        found = self.read(there[0])
        return FundingRates(instrument, found.times, found.rates, source=f"{there[0].venue} (store)")

    def add(self, instrument: Instrument, times: Times, rates: Floats, covered: Iterable[Span]) -> int:
        """Add rates and the spans that they answer, at once; returns how many are new. Stored rates stay."""
        path = self.path(instrument)
        make_folder(path.parent)
        with locked(path.with_name(".lock"), f"the funding of {instrument}"):
            before = self.read(instrument)
            all_times, first = np.unique(np.concatenate([before.times, times]), return_index=True)
            all_rates = np.concatenate([before.rates, rates])[first]
            spans = union([*before.covered, *covered])
            table = pa.table({"time": pa.array(all_times), "rate": pa.array(all_rates)}).replace_schema_metadata(
                {_COVERED: json.dumps(spans).encode()}
            )
            with replacing(path) as file:
                pq.write_table(table, file, write_page_checksum=True)
        return len(all_times) - len(before.times)
