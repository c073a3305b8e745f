"""`wick data funding`: funding rates from exchanges into the store, where `--funding store` finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output
from wickwork.cli.download import FOREVER, Address, Places
from wickwork.cli.meter import metered
from wickwork.cli.output import columns, many

if TYPE_CHECKING:
    from wickwork.market.download.funding import FundingProgress
    from wickwork.market.funding_store import FundingStore
    from wickwork.model.instrument import Instrument


def funding(
    instruments: Annotated[list[str], typer.Argument(metavar="INSTRUMENT", help="A perpetual: BTC/USDT:USDT.")],
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="binance, bybit or kucoin.")] = "",
    start: options.From = "",
    stop: options.To = "",
    address: Address = "",
    as_json: options.Json = False,
) -> None:
    """Download funding rates of perpetuals; no key is needed. A second call requests only what is missing."""
    from wickwork.context import Context
    from wickwork.market.download.connection import find
    from wickwork.market.download.funding import FundingProgress, fill_funding
    from wickwork.model.errors import InputError, WickworkError
    from wickwork.model.instrument import Kind, parse_instrument

    first, end = options.span(start, stop)
    store = Context().funding
    done: list[tuple[Instrument, FundingProgress]] = []
    with metered() as meter:
        places, jobs = Places(address, meter), []
        for name in instruments:
            wanted = parse_instrument(name)
            if wanted.kind is not Kind.PERPETUAL:
                raise InputError(f"Funding is charged on perpetuals; {wanted} is none. Name one such as BTC/USDT:USDT.")
            wanted = replace(wanted, venue=wanted.venue or venue.lower())
            found = find(places.of(wanted), wanted)
            covered = store.read(found).covered
            if first is None and not covered:
                raise InputError(f"The store has no funding of {found} of {found.venue} yet; give --from.")
            begin = covered[0][0] if first is None else first
            if begin >= places.of(found).now:
                raise InputError(f"--from {start} lies in the future; nothing was charged since.")
            jobs.append((found, (begin, FOREVER if end is None else end)))
        for found, span in jobs:
            progress = FundingProgress()
            try:
                fill_funding(store, places.of(found), found, span, progress, meter.on_pause)
            except WickworkError as error:
                raise type(error)(f"{found.venue}:{found}: {error} {_left_off(progress)}") from None
            except KeyboardInterrupt:
                meter.close()
                output.note(f"{found.venue}:{found}: {_left_off(progress)}")
                raise
            done.append((found, progress))
    _show(store, done, as_json)


def _left_off(progress: FundingProgress) -> str:
    from wickwork.model.bars import iso

    if progress.stored_until is None:
        return "Nothing new is stored; the same command tries again."
    until = output.clock(iso(progress.stored_until))
    return f"{many(progress.added, 'new rate')} up to {until} stored; the same command goes on from there."


def _show(store: FundingStore, done: list[tuple[Instrument, FundingProgress]], as_json: bool) -> None:
    from wickwork.model.bars import iso

    rows: list[dict[str, Any]] = []
    for found, progress in done:
        stored = store.read(found)
        ends = [iso(int(stored.times[i])) for i in (0, -1)] if len(stored.times) else [None, None]
        rows.append(
            {
                "instrument": str(found),
                "venue": found.venue,
                "added": progress.added,
                "rates": len(stored.times),
                "first": ends[0],
                "last": ends[1],
                "file": str(store.path(found)) if len(stored.times) else None,
            }
        )
    if as_json:
        output.write_json(rows)
        return
    heads = columns("venue", "instrument", "added", "rates", "first", "last", right=("added", "rates"))
    output.table(
        heads,
        [
            (row["venue"], row["instrument"], f"{row['added']:,}", f"{row['rates']:,}",
             *(output.clock(row[name]) if row[name] else "" for name in ("first", "last")))
            for row in rows
        ],
    )  # fmt: skip


VERBS: dict[str, Callable[..., None]] = {"funding": funding}
