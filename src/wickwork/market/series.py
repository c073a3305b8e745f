"""One stored series on disk: an immutable file for each year, and a manifest that lists the current files.

    binance/BTC_USDT/1h/manifest.json               {"years": [{"year": 2024, "file": "2024.3f9c….parquet", …}], …}
                        2024.3f9c0a1b2c3d4e5f.parquet
                        corrections.77ab….jsonl

A file's name holds the hash of what is in it, so a changed year is a new file beside the old one. A writer makes the
new files first and then replaces the manifest in one step; whatever the manifest does not name is rubbish.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wickwork.market.arrow import to_numpy, to_table
from wickwork.market.spans import Span
from wickwork.model.bars import COLUMNS, Floats, Times
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.timeframe import Timeframe, parse_timeframe
from wickwork.store import durable

MANIFEST = "manifest.json"
FORMAT = 1
_TYPES: list[tuple[str, pa.DataType]] = [(name, pa.float64()) for name in COLUMNS]
_SCHEMA = pa.schema([("opened_at", pa.timestamp("ms", tz="UTC")), *_TYPES])


@dataclass(frozen=True, eq=False)
class Rows:
    """Bars as two arrays: opening times of shape (n,), and values of shape (5, n) in the order of `COLUMNS`."""

    times: Times
    values: Floats


@dataclass(frozen=True)
class YearFile:
    """One year of a series: its file, number of bars, first and last opening time (ms, UTC)."""

    year: int
    file: str
    rows: int
    first: int
    last: int


@dataclass(frozen=True)
class Manifest:
    """The files of a series, and what is known about it."""

    instrument: Instrument
    timeframe: Timeframe
    years: tuple[YearFile, ...] = ()
    corrections: str = ""
    """Name of the file with the corrections; empty if there are none."""
    covered: tuple[Span, ...] = ()
    """Spans (ms UTC) covered by responses of the venue: a bar in them that is not stored does not exist there."""


@dataclass(frozen=True)
class Correction:
    """A bar that arrived with other values than those stored; `accepted` is true if it replaced them.

    `opened_at` and `seen_at` are ms since 1970 UTC; `old` and `new` are open, high, low, close, volume.
    """

    opened_at: int
    old: tuple[float, ...]
    new: tuple[float, ...]
    accepted: bool
    source: str
    seen_at: int | None = None


def folder_of(root: Path, instrument: Instrument, timeframe: Timeframe) -> Path:
    """The folder of a series, unique on every file system; unquoting its parts gives the names."""
    pair = "_".join(_escape(part) for part in (instrument.base, instrument.quote, instrument.settle) if part)
    venue = _escape(instrument.venue, "abcdefghijklmnopqrstuvwxyz")
    return root / ("%6Cocal" if venue == "local" else venue or "local") / pair / str(timeframe)


def _escape(text: str, letters: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") -> str:
    """Quote all but digits and the given letters as %XX, so that no file system can confuse two names."""
    plain = {*letters, *"0123456789"}
    return "".join(c if c in plain else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a series, or None where there is no series."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            raise InputError(f"{path} was written by another version of Wickwork (format {data['format']}); update it.")
        instrument = Instrument(data["base"], data["quote"], data["settle"], data["venue"], Rules(**data["rules"]))
        years = tuple(YearFile(**part) for part in data["years"])
        # The key "asked" of earlier versions is not read: it held spans that were requested, answered or not.
        covered = tuple((int(start), int(stop)) for start, stop in data.get("covered", ()))
        return Manifest(instrument, parse_timeframe(data["timeframe"]), years, data["corrections"], covered)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise _damaged(path, error) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest atomically; from then on its files are the series."""
    instrument = manifest.instrument
    data = {
        "format": FORMAT,
        "venue": instrument.venue,
        "base": instrument.base,
        "quote": instrument.quote,
        "settle": instrument.settle,
        "timeframe": str(manifest.timeframe),
        "rules": asdict(instrument.rules),
        "years": [asdict(part) for part in manifest.years],
        "corrections": manifest.corrections,
        "covered": manifest.covered,
    }
    durable.replace_file(folder / MANIFEST, json.dumps(data, indent=1).encode())


def read_years(folder: Path, parts: Sequence[YearFile]) -> Rows:
    """The bars of some years, concatenated. Raises FileNotFoundError if another process has just replaced a file."""
    tables = []
    for part in parts:
        path = folder / part.file
        try:
            table = pq.ParquetFile(path, page_checksum_verification=True).read()
        except FileNotFoundError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise _damaged(path, error) from error
        if table.num_rows != part.rows or table.schema.names != _SCHEMA.names:
            raise _damaged(path, "other columns or rows than its manifest says")
        tables.append(table)
    if not tables:
        return Rows(np.empty(0, np.int64), np.empty((len(COLUMNS), 0)))
    whole = pa.concat_tables(tables)
    times = to_numpy(whole["opened_at"])
    values = np.empty((len(COLUMNS), len(times)))
    for row, name in zip(values, COLUMNS, strict=True):
        row[:] = to_numpy(whole[name])
    return Rows(times, values)


def write_year(folder: Path, year: int, rows: Rows) -> YearFile:
    """Write the bars of a year into a new file; return its entry for the manifest."""
    digest = hashlib.sha256(rows.times.tobytes() + np.ascontiguousarray(rows.values).tobytes()).hexdigest()[:16]
    table = to_table(_SCHEMA, [rows.times, *rows.values])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    file = f"{year}.{digest}.parquet"
    durable.write_file(folder / file, sink.getvalue().to_pybytes())
    return YearFile(year, file, len(rows.times), int(rows.times[0]), int(rows.times[-1]))


def read_corrections(folder: Path, manifest: Manifest) -> list[Correction]:
    """The corrections recorded for a series, in order of arrival."""
    if not manifest.corrections:
        return []
    path = folder / manifest.corrections
    try:
        records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [replace(Correction(**record), old=tuple(record["old"]), new=tuple(record["new"])) for record in records]
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error


def write_corrections(folder: Path, corrections: Sequence[Correction]) -> str:
    """Write the corrections into a new file and return its name."""
    content = "".join(json.dumps(asdict(correction)) + "\n" for correction in corrections).encode()
    file = f"corrections.{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    durable.write_file(folder / file, content)
    return file


def remove_unused_files(folder: Path, manifest: Manifest | None) -> None:
    """Delete the files that the manifest does not list: old versions, and files of a writer that was killed."""
    named = {MANIFEST} if manifest else set()
    if manifest:
        named |= {part.file for part in manifest.years} | {manifest.corrections}
    with suppress(OSError):  # unused files do no harm, and the next append tries again
        for path in folder.iterdir():
            if path.name not in named:
                path.unlink()


def _damaged(path: Path, why: object) -> InputError:
    return InputError(
        f"{path} is damaged ({why}); restore it from a copy, or remove the series from the store and import it again."
    )
