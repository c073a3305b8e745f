"""Options that several commands share, and the parsing of their values."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wickwork.graph.catalogue import Catalogue
    from wickwork.strategies.load import Loaded

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A graph (.json), or a Python file that builds a strategy: it is run.")
]
Nodes = Annotated[
    list[Path] | None,
    typer.Option(
        "--nodes", metavar="FILE.py", help="A Python file with nodes of your own, which is run; may be repeated."
    ),
]
StrategyName = Annotated[
    str, typer.Option("--strategy", metavar="NAME", help="Which strategy, where a Python file builds several.")
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NODE.PARAM=VALUE",
        help="Change a parameter (PARAM=VALUE of a DataFrame strategy); several may be given.",
    ),
]
Venue = Annotated[str, typer.Option("--venue", metavar="NAME", help="The venue of the instruments, such as binance.")]
From = Annotated[str, typer.Option("--from", metavar="TIME", help="First bar: a date or ISO time, UTC.")]
To = Annotated[str, typer.Option("--to", metavar="TIME", help="End, exclusive: a date or ISO time, UTC.")]


def moment(text: str, option: str) -> int | None:
    """A date or ISO time as ms since 1970 UTC; None for an empty text."""
    from wickwork.model.errors import InputError

    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            f"{option} is {text!r}, which is not a time; write 2024-01-31 or 2024-01-31T12:00 (UTC)."
        ) from None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def span(start: str, stop: str) -> tuple[int | None, int | None]:
    """The times of --from and --to, in order."""
    from wickwork.model.errors import InputError

    first, end = moment(start, "--from"), moment(stop, "--to")
    if first is not None and end is not None and first >= end:
        raise InputError(f"--from {start} is not before --to {stop}; swap them, or widen the span.")
    return first, end


def share(text: str, option: str, whole: str = "") -> float:
    """A percentage as a share: `0.1` and `0.1%` are 0.001. `whole` is the option's text where this is a part of it."""
    otherwise = f"{option} is {(whole or text)!r}; write 0.1 for 0.1 %."
    return float(_decimal(text.strip().removesuffix("%"), otherwise) / 100)


def number(text: str, option: str) -> float | int | None:
    """A number, int if it is whole; None for an empty text."""
    if not text:
        return None
    value = _decimal(text, f"{option} is {text!r}; write a number such as 10000 or 0.5.")
    return int(value) if value == value.to_integral_value() else float(value)


def _decimal(text: str, otherwise: str) -> Decimal:
    from wickwork.model.errors import InputError
    from wickwork.model.number_text import ungrouped

    digits = ungrouped(text)
    try:
        value = Decimal(digits or "NaN")
    except InvalidOperation:  # an exponent of twenty digits
        value = Decimal("NaN")
    if not value.is_finite() or value.adjusted() > 30:
        raise InputError(otherwise)
    return value


def changes(texts: Iterable[str] | None, *, of_graph: bool = True) -> dict[str, Any]:
    """`node.param=value`, or without a node where it is no graph, as a mapping. What reads as a number is one."""
    from wickwork.model.errors import InputError

    result: dict[str, Any] = {}
    for text in texts or ():
        key, equals, value = text.partition("=")
        node, _, param = key.strip().partition(".")
        if not equals or not node or (of_graph and not param) or not value.strip():
            raise InputError(f"--set {text!r} is not a change of a parameter; write it as node.param=value.")
        result[key.strip()] = _value(value.strip())
    return result


def _value(text: str) -> int | float | str:
    from wickwork.model.finite import is_finite

    for read in (int, float):
        with contextlib.suppress(ValueError):
            number = read(text)
            return number if is_finite(number) else text
    return text


def catalogue(files: Iterable[Path] | None) -> Catalogue:
    """The built-in nodes and those of the files in --nodes."""
    from wickwork.model.files import refuse_absent
    from wickwork.strategies.load import catalogue_of

    paths = list(files or ())
    for path in paths:
        refuse_absent(path)
    with contextlib.redirect_stdout(sys.stderr):  # what a user's file prints is not part of the answer
        return catalogue_of(paths)


def loaded(
    file: Path, nodes: Iterable[Path] | None = None, name: str = "", changed: Iterable[str] | None = None
) -> Loaded:
    """The strategy of a file, with parameters changed."""
    from wickwork.model.files import refuse_absent
    from wickwork.strategies.load import load_strategy

    known = catalogue(nodes)
    refuse_absent(file)
    with contextlib.redirect_stdout(sys.stderr):
        found = load_strategy(file, known, name)
    wanted = changes(changed, of_graph=found.frame_strategy is None)
    return found.with_params(wanted) if wanted else found
