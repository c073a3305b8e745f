"""Bars that a strategy reads beside those of the instruments that a run trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.program import instruments_read
from wickwork.launch.bar_sources import BarSource, source_of
from wickwork.launch.markets import Market, MarketRequest, bars_at
from wickwork.market.sources.naming import read_path
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import parse_instrument
from wickwork.model.other_bars import missing_bars, other_name
from wickwork.model.outside import with_other_bars


@dataclass(frozen=True)
class Given:
    """One `--with-bars [NAME=]SOURCE`."""

    text: str
    name: str
    """With its venue in front, if the option has one; empty where the source says which instrument it holds."""
    source: str

    @property
    def instrument(self) -> str:
        """The name as a strategy has it; empty where there is none."""
        return str(parse_instrument(self.name)) if self.name else ""


def with_bars_read(
    market: Market, data: str, request: MarketRequest, validated: ValidatedGraph, options: Sequence[str]
) -> Market:
    """The market with the bars of those instruments that the strategy reads and the run does not trade.

    They come from the options `--with-bars`, or from the source of the run, where it has them. Raises InputError where
    there are none, and for an option that gives nothing that is read.
    """
    traded = [str(one.instrument) for one in market.bars]
    needed = [name for name in instruments_read(validated) if name not in traded]
    given = [_given(text) for text in options]
    _refuse_unread(given, needed, traded)
    at = replace(request, timeframe=market.bars[0].timeframe)
    others, synthetic, used = [], market.synthetic, set()
    for name in needed:
        source, wanted, text = _source(name, given, data, at, traded)
        others.append(_bars(source, wanted, at))
        synthetic = synthetic or source.synthetic
        used.add(text)
    for one in given:
        if one.text not in used:
            raise InputError(f"--with-bars {one.text} gives bars that the strategy does not read; leave it out.")
    return replace(market, bars=with_other_bars(market.bars, others), synthetic=synthetic) if others else market


def _given(text: str) -> Given:
    name, sign, source = text.rpartition("=")
    if (sign and not name) or not source:
        raise InputError(f"--with-bars {text!r} names no bars; write a file, or BTC/USDT=FILE.")
    if name:
        other_name(str(replace(parse_instrument(name), venue="")))
    return Given(text, name, source)


def _refuse_unread(given: list[Given], needed: list[str], traded: list[str]) -> None:
    names = [one.instrument for one in given if one.name]
    for one in given:
        if one.instrument in traded:
            raise InputError(f"--with-bars {one.text}: the run trades {one.instrument}, whose own bars are read.")
        if not needed or (one.name and one.instrument not in needed):
            reads = (
                f"it reads those of {', '.join(needed)}" if needed else "no node `bars_of` reads bars beside the run's"
            )
            raise InputError(f"--with-bars {one.text} gives bars that the strategy does not read; {reads}.")
        if names.count(one.instrument) > 1:
            raise InputError(f"--with-bars gives {one.instrument} twice; name one source.")


def _source(
    name: str, given: list[Given], data: str, request: MarketRequest, traded: list[str]
) -> tuple[BarSource, str, str]:
    """Where the bars of an instrument are, its name there, and the option that says so (empty for none)."""
    why = ""
    for one in given:
        if one.instrument == name:
            return _opened(one.source, [one.name], one.name, request), one.name, one.text
    for one in given:
        if not one.name:
            _refuse_nameless(one.source, name)
            source = source_of(one.source, [], request.venue, request.timeframe)
            if _has(source, name, request):
                return source, name, one.text
            why = f" ({source.source} has none.)"
    if not given and not Path(data).is_file():  # a file holds one instrument, which the run trades
        try:
            return _opened(data, [name], name, request), name, ""
        except NotFound as error:
            why = f" ({error})"
    raise InputError(f"{missing_bars(name, traded)}{why}")


def _opened(text: str, names: list[str], wanted: str, request: MarketRequest) -> BarSource:
    """The source of that text; NotFound where it does not have the instrument."""
    venue = _venue(wanted, request)
    source = source_of(text, names, venue, request.timeframe)
    source.find([wanted], venue)
    return source


def _refuse_nameless(text: str, name: str) -> None:
    path = Path(text)
    if path.is_file() and read_path(path).instrument is None:
        raise InputError(f"{text} does not say whose bars it holds; write --with-bars {name}={text} for {name}.")


def _has(source: BarSource, name: str, request: MarketRequest) -> bool:
    try:
        source.find([name], _venue(name, request))
    except NotFound:
        return False
    return True


def _venue(name: str, request: MarketRequest) -> str:
    """The venue of the run, where the name has none of its own."""
    return "" if parse_instrument(name).venue else request.venue


def _bars(source: BarSource, name: str, request: MarketRequest) -> Bars:
    instrument = source.find([name], _venue(name, request))[0]
    assert request.timeframe is not None  # noqa: S101  # that of the run
    bars = bars_at(source, instrument, request.timeframe, request)
    if not len(bars):
        extent = source.extent(instrument)
        has = f"has some {extent}" if extent else "has none at all; take another source with --with-bars"
        raise InputError(
            f"There are no {request.timeframe} bars of {instrument}, which the strategy reads, in that span; "
            f"{source.source} {has}."
        )
    return bars
