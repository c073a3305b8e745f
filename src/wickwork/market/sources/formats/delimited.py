from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from wickwork.market.raw import Unreadable
from wickwork.market.sources.header import Header, find_header
from wickwork.market.sources.table import Column, Format, Table
from wickwork.model.errors import InputError

_NOTHING = ["", "-", "nan", "NaN", "NAN", "null", "NULL", "None", "NA", "N/A", "#N/A"]
_MOST = 100


def read(path: Path) -> Table:
    """Read CSV and its kin: any of the separators , ; tab |, with a header or without one as `find_header` says.

    Plain, gzipped or zipped; UTF-8 with or without a mark, UTF-16 with one, else Latin-1.
    """
    content = _as_utf8(_unpacked(path))
    header = find_header(content, str(path))
    body, semicolons = content[header.start :], header.separator == ";"
    if not body.strip():
        return Table({name: pa.chunked_array([], pa.string()) for name in header.names}, semicolons)
    table, malformed = _rows(body, header)
    if malformed:
        table, malformed = _rows(_without_empty_ends(body, header), header)
    columns: dict[str, Column] = dict(zip(header.names, table.columns, strict=True))
    if header.ticker:
        columns["ticker"] = pa.chunked_array([[header.ticker] * table.num_rows], pa.string())
    positions = np.array([row.row for row in malformed], dtype=np.int64)
    return Table(columns, semicolons, positions, tuple(malformed[:_MOST]))


def _rows(body: bytes, header: Header) -> tuple[pa.Table, list[Unreadable]]:
    """The rows as texts, and those that have another number of cells than the header."""
    malformed: list[Unreadable] = []

    def skip(row: pc.InvalidRow) -> Literal["skip", "error"]:
        malformed.append(Unreadable((row.number or 1) - 1, "row", row.text[:60]))
        return "skip"

    types = dict.fromkeys(header.names, pa.string())
    table = pc.read_csv(
        io.BytesIO(body),
        pc.ReadOptions(column_names=header.names, use_threads=False),  # with threads, bad rows would have no numbers
        pc.ParseOptions(delimiter=header.separator, invalid_row_handler=skip),
        pc.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=_NOTHING),
    )
    return table, malformed


def _without_empty_ends(body: bytes, header: Header) -> bytes:
    """The rows without separators after their last cell, as some programs write them."""
    sign, commas = header.separator.encode(), len(header.names) - 1
    lines = body.splitlines()
    for i, line in enumerate(lines):
        bare = line.rstrip()
        while bare.endswith(sign) and bare.count(sign) > commas and b'"' not in bare:
            bare = bare[:-1].rstrip(b" ")
            lines[i] = bare
    return b"\n".join(lines) + b"\n"


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix.lower() == ".gz":
        return gzip.decompress(content)
    if path.suffix.lower() != ".zip":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        visible = [name for name in archive.namelist() if not _is_hidden(PurePosixPath(name))]
        texts = [name for name in visible if name.lower().endswith((".csv", ".tsv", ".txt"))]
        tables = [name for name in texts if not name.lower().endswith(".txt")] or texts
        if len(tables) != 1:
            raise InputError(
                f"{path} holds {len(tables)} CSV files; a zip must hold one, so unpack it and give a folder."
            )
        return archive.read(tables[0])


def _is_hidden(path: PurePosixPath) -> bool:
    """A Mac adds a hidden file of its own for each that it packs."""
    return path.name.startswith(".") or "__MACOSX" in path.parts


def _as_utf8(content: bytes) -> bytes:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1").encode()
    return content


FORMAT = Format("CSV", (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.zip", ".tsv.zip", ".zip"), read)
