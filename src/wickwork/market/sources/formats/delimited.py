from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pc

from wickwork.market.raw import Unreadable
from wickwork.market.sources.columns import is_header
from wickwork.market.sources.sheet import POSITIONS, Format, Sheet
from wickwork.model.errors import InputError

_NOTHING = ["", "-", "nan", "NaN", "NAN", "null", "NULL", "None", "NA", "N/A", "#N/A"]
_NUMBER = re.compile(r"\s*[-+]?[\d.,]+([eE][-+]?\d+)?\s*")
_PREAMBLE = 20  # some sites put a line of advertising in front of the header
_MOST = 100


def read(path: Path) -> Sheet:
    """Read CSV and its kin: any of the separators , ; tab |, with a header or in Binance's order without one.

    Plain, gzipped or zipped; UTF-8 with or without a mark, UTF-16 with one, else Latin-1.
    """
    content = _as_utf8(_unpacked(path))
    start, names, separator = _header(path, content)
    body = content[start:]
    bad: list[Unreadable] = []

    def skip(row: pc.InvalidRow) -> Literal["skip", "error"]:
        if len(bad) < _MOST:
            bad.append(Unreadable((row.number or 1) - 1, "row", row.text[:60]))
        return "skip"

    if not body.strip():
        return Sheet({name: pa.chunked_array([], pa.string()) for name in names}, separator == ";")
    table = pc.read_csv(
        io.BytesIO(body),
        pc.ReadOptions(column_names=names, use_threads=False),  # with threads, bad rows would have no numbers
        pc.ParseOptions(delimiter=separator, invalid_row_handler=skip),
        pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=_NOTHING
        ),
    )
    return Sheet(dict(zip(names, table.columns, strict=True)), separator == ";", tuple(bad))


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix.lower() == ".gz":
        return gzip.decompress(content)
    if path.suffix.lower() != ".zip":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith((".csv", ".tsv", ".txt"))]
        if len(names) != 1:
            raise InputError(
                f"{path} holds {len(names)} CSV files; a zip must hold one, so unpack it and give a folder."
            )
        return archive.read(names[0])


def _as_utf8(content: bytes) -> bytes:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1").encode()
    return content


def _header(path: Path, content: bytes) -> tuple[int, list[str], str]:
    """Where the rows begin, the names of their columns, and the separator."""
    start, first = 0, None
    for line in content[:65536].splitlines(keepends=True)[:_PREAMBLE]:
        text = line.decode(errors="replace")
        start += len(line)
        if not text.strip():
            continue
        separator = next((sign for sign in ";\t|" if sign in text), ",")
        cells = [cell.strip() for cell in next(csv.reader([text.strip("\r\n")], delimiter=separator))]
        if is_header(cells):
            return start, _distinct(cells), separator
        if len(cells) >= len(POSITIONS) and all(_NUMBER.fullmatch(cell) for cell in cells[1 : len(POSITIONS)]):
            if first is None:  # numbers at once: the file has no header
                return start - len(line), _distinct([*POSITIONS, *cells[len(POSITIONS) :]]), separator
            break
        first = first or (start, _distinct(cells), separator)
    if first is None:
        raise InputError(f"{path} is empty.")
    return first


def _distinct(names: list[str]) -> list[str]:
    """The names, numbered where they repeat, for a table needs different ones."""
    return [name if name not in names[:i] else f"{name} ({i})" for i, name in enumerate(names)]


FORMAT = Format("CSV", (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.zip", ".tsv.zip", ".zip"), read)
