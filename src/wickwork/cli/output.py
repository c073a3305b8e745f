"""Output: rich tables on a terminal, aligned text in a pipe, JSON on request, errors as one sentence."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wickwork.cli import streams
from wickwork.model.digits import price_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

BLOCKS = "▁▂▃▄▅▆▇█"


def is_terminal() -> bool:
    """Whether stdout is a terminal; `TERM=dumb` counts as a pipe."""
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def console() -> Console:
    """A rich console on the current stdout."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, emoji=False, markup=False)


def say(text: str = "", style: str = "") -> None:
    """Write a line of the answer; `style` is used on a terminal only."""
    if is_terminal():
        console().print(text, style=style or None)
    else:
        sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Write a line to stderr; errors of stderr itself are ignored."""
    try:
        sys.stderr.write(f"wick: {_line(text)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        streams.discard(sys.stderr)


def fail(sentence: str, code: int, as_json: bool) -> int:
    """Write an error to stderr (with --json also to stdout, as an object) and return the exit code."""
    note(sentence)
    if as_json:
        with suppress(OSError):  # `main` reports an answer that could not be written
            write_json({"error": {"message": _line(sentence), "exit_code": code}})
    return code


class ReportedCode(int):
    """An exit code whose reason the command has written already."""


def sentence_of(error: Exception) -> str:
    """The message of an error on one line; of several errors of a graph the first, and how to see the others."""
    faults: Sequence[Any] = getattr(error, "faults", ())
    if len(faults) > 1:
        more = len(faults) - 1
        return f"{faults[0]} (`wick graph check` shows {'another fault' if more == 1 else f'{more} other faults'}.)"
    text = _line(str(error)) or type(error).__name__
    text = text.rstrip(".") if text.endswith("..") else text
    return text if text.endswith((".", "?", "!", ")")) else f"{text}."


def write_json(data: Any) -> None:
    """Write one JSON value in UTF-8. Raises ValueError for NaN."""
    write_text(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def write_text(text: str) -> None:
    """Write a text without changes."""
    streams.answer().write(text)


def refuse_to_replace(target: Path | None, option: str, read: Iterable[object]) -> None:
    """Raise InputError where a file to be written is one of those that the command reads: `[NAME=]FILE` or a path."""
    from wickwork.model.errors import InputError

    for text in read:
        if target and Path(str(text).rpartition("=")[2]).absolute().resolve() == target.absolute().resolve():
            raise InputError(f"{option} {target} would replace a file that the run reads; choose another file.")


def _line(text: str) -> str:
    """The text on one line, with escapes in the place of control characters: a user's file may have any."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in " ".join(text.split()))


# ---- tables


@dataclass(frozen=True)
class TableColumn:
    """A column of a table; on a narrow terminal the columns with the highest `spare` are left out first."""

    title: str
    right: bool = False
    spare: int = 0


def columns(*titles: str, right: Iterable[str] = (), spare: Sequence[str] = ()) -> list[TableColumn]:
    """Columns by title; `right` are aligned right, the first of `spare` is left out first."""
    numeric = set(right)
    ranks = {title: len(spare) - i for i, title in enumerate(spare)}
    return [TableColumn(title, title in numeric, ranks.get(title, 0)) for title in titles]


def table(heads: Sequence[TableColumn], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Show a table: with rich on a terminal, aligned by spaces elsewhere."""
    cells = [[text if (text := str(cell)).isprintable() else _line(text) for cell in row] for row in rows]
    if is_terminal():
        _rich_table(heads, cells, title)
        return
    for line in plain_lines(heads, cells, title):
        sys.stdout.write(line + "\n")


def plain_lines(heads: Sequence[TableColumn], rows: Sequence[Sequence[str]], title: str = "") -> Iterator[str]:
    """The lines of a table, aligned by spaces."""
    headed = [[head.title for head in heads], *rows] if any(head.title for head in heads) else list(rows)
    widths = [max((len(row[i]) for row in headed), default=0) for i in range(len(heads))]
    if title:
        yield title
    for row in headed:
        aligned = (
            cell.rjust(width) if head.right else cell.ljust(width)
            for cell, width, head in zip(row, widths, heads, strict=True)
        )
        yield "  ".join(aligned).rstrip()


def _rich_table(heads: Sequence[TableColumn], rows: Sequence[Sequence[str]], title: str) -> None:
    """Show a table in the width of the terminal; spare columns are left out before any cell is cut."""
    screen = console()
    shown = list(range(len(heads)))
    made = _made(heads, rows, title, shown)
    room = screen.options.update(max_width=10_000)
    while screen.measure(made, options=room).maximum > screen.width and any(heads[i].spare for i in shown):
        shown.remove(max(shown, key=lambda i: heads[i].spare))
        made = _made(heads, rows, title, shown)
    screen.print(made)


def _made(heads: Sequence[TableColumn], rows: Sequence[Sequence[str]], title: str, shown: Sequence[int]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    named = any(head.title for head in heads)
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD if named else None)
    made.show_header, made.padding, made.pad_edge = named, (0, 1), False
    for i in shown:
        whole = heads[i].right or heads[i].spare > 0
        made.add_column(Text(heads[i].title), justify="right" if heads[i].right else "left", no_wrap=whole)
    for row in rows:
        made.add_row(*(Text(row[i], style=_tint(row[i])) for i in shown))
    return made


_TINTS = {"error": "red", "✗": "red", "warning": "yellow", "note": "dim", "✓": "green"}


def _tint(cell: str) -> str:
    """Gains green, losses red; severities in their colours."""
    if cell in _TINTS:
        return _TINTS[cell]
    if cell.endswith("%") and cell[:1] in "+-":
        return "green" if cell[0] == "+" else "red"
    return ""


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on a terminal during the block; nothing elsewhere."""
    if not (is_terminal() and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def standing(what: str) -> Iterator[Callable[[str], None]]:
    """A status line at the bottom of a terminal, and the function that changes it; nothing elsewhere."""
    if not (is_terminal() and sys.stderr.isatty()):
        yield lambda text: None
        return
    from rich.console import Console

    with Console().status(what) as status:
        yield status.update


# ---- numbers and times


def money(value: float) -> str:
    """1,234.56."""
    return f"{value:,.2f}"


def price(value: float | None) -> str:
    """A price with as many decimals as its size needs; nothing for None."""
    return "" if value is None else price_text(value)


def amount(value: float) -> str:
    """A number without trailing zeros: 0.1, 10,000, 0.00025."""
    text = f"{value:,.8f}".rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"


def percent(value: float | None, sign: bool = False) -> str:
    """+1.23 %."""
    return "" if value is None else f"{value:{'+' if sign else ''},.2f} %"


def clock(iso: str | None) -> str:
    """`2024-01-31T12:00:00Z` as `2024-01-31 12:00` (always UTC)."""
    if iso is None:
        return ""
    day, _, time = iso.removesuffix("Z").partition("T")
    return f"{day} {time.removesuffix(':00') if time.count(':') == 2 else time}"


def plain(value: object) -> str:
    """The value of a parameter: `true`, `2.5`, `atr`."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def size_of(count: int) -> str:
    """A number of bytes with its unit: 12.5 MB."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000.0 or unit == "GB":
            break
        value /= 1000.0
    return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"


def many(count: int, noun: str, plural: str = "") -> str:
    """`1 bar`, `3 bars`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """A curve of block characters: the last value of each of `width` equal parts."""
    if not len(values):
        return ""
    wide = min(width, len(values))
    picked = [float(values[(i + 1) * len(values) // wide - 1]) for i in range(wide)]
    low, high = min(picked), max(picked)
    span = high - low
    return "".join(BLOCKS[int((v - low) / span * 7.999) if span > 0.0 else 3] for v in picked)
