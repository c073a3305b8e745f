"""Find the header of a text file: where its rows begin, and the names of their cells."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace

from wickwork.market.sources.columns import is_header, names_close, names_time
from wickwork.market.sources.table import POSITIONS
from wickwork.model.errors import InputError, shown

DAY_AND_HOUR = ("date", "time", *POSITIONS[1:])
"""The columns of what MetaTrader 4 writes, which has no names."""

_NUMBER = re.compile(r"[-+]?\d?[\d.,'’ \u00a0\u202f]*\d[.,]?([eE][-+]?\d+)?")
_DAY = re.compile(r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{8}")
_HOUR = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_PREAMBLE = 20
"""Lines in which the header is searched, since some sites write text above it."""


@dataclass(frozen=True)
class Header:
    """The offset in bytes at which rows begin, the names of their cells, and the sign that separates them."""

    start: int
    names: list[str]
    separator: str
    ticker: str = ""
    """The symbol in the second header line of yfinance."""


def find_header(content: bytes, source: str) -> Header:
    """The header of a text in UTF-8; InputError where there is no line at all.

    Read are one line of names, the three lines that yfinance writes, and rows without a header in the order of Binance
    or of MetaTrader 4. Where none of them is found, the first line counts as the header.
    """
    start = 0
    above: list[Header] = []
    for line in content[:65536].splitlines(keepends=True)[:_PREAMBLE]:
        text = line.decode(errors="replace").strip("\r\n")
        start += len(line)
        if not text.strip():
            continue
        separator = next((sign for sign in ";\t|" if sign in text), ",")
        cells = [cell.strip() for cell in next(csv.reader([text], delimiter=separator))]
        here = Header(start, cells, separator)
        if is_header(cells):
            return _fitted(here, content)
        if cells[0] and names_time(cells[0]) and not any(cells[1:]) and above:
            return _of_levels(above[-2:], here, source)
        positions = _positions(cells)
        if positions:
            if above:
                break
            return replace(here, start=start - len(line), names=distinct([*positions, *cells[len(positions) :]]))
        above.append(here)
    if not above:
        raise InputError(f"{source} is empty.")
    return replace(above[0], names=distinct(above[0].names))


def distinct(names: list[str]) -> list[str]:
    """The names, numbered where they repeat, since the columns of a table need different ones."""
    return [name if name not in names[:i] else f"{name} ({i})" for i, name in enumerate(names)]


def cells_of(line: bytes, separator: str) -> list[str]:
    """The cells of a line."""
    return next(csv.reader([line.decode(errors="replace").strip("\r\n")], delimiter=separator), [])


def _positions(cells: list[str]) -> tuple[str, ...]:
    """The names of the cells of a row without a header; none where it is not such a row."""
    for names, values in ((POSITIONS, 1), (DAY_AND_HOUR, 2)):
        timed = values == 1 or (_DAY.fullmatch(cells[0]) and len(cells) > 1 and _HOUR.fullmatch(cells[1]))
        if len(cells) >= len(names) and timed and all(map(_NUMBER.fullmatch, cells[values : len(names)])):
            return names
    return ()


def _fitted(header: Header, content: bytes) -> Header:
    """The header without empty names at its end that the first row does not have cells for."""
    names = header.names
    first = next((line for line in content[header.start :][:65536].splitlines() if line.strip()), b"")
    width = len(cells_of(first, header.separator)) if first else len(names)
    if width < len(names) and not any(names[width:]):
        names = names[:width]
    return replace(header, names=distinct(names))


def _of_levels(above: list[Header], last: Header, source: str) -> Header:
    """The header of yfinance: a line of names, a line of tickers, and a line with only the name of the index."""
    named = next((one for one in above if names_close(one.names)), above[-1])
    others = [cell for one in above if one is not named for cell in one.names[1:] if cell]
    tickers = list(dict.fromkeys(others))
    if len(tickers) > 1:
        some = ", ".join(shown(ticker) for ticker in tickers[:3])
        raise InputError(f"{source} holds several instruments ({some}); save each in a file of its own.")
    return replace(last, names=distinct([last.names[0], *named.names[1:]]), ticker=tickers[0] if tickers else "")
