"""A part of an exchange, opened: its instruments with their rules, and pages of its bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wickwork.market.download.asking import BadAnswer, Time, Unanswered, Waiting, ask, paced, strict, unfiltered
from wickwork.market.download.exchanges import Exchange, Part, exchange_of
from wickwork.market.raw import NO_TIME, Finding, RawBars
from wickwork.market.sources.cleaning import clean
from wickwork.market.spans import Span
from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.instrument import Instrument, Kind, Rules
from wickwork.model.timeframe import DAY, Timeframe, parse_timeframe

TIMEOUT = 20.0
"""Seconds after which an exchange is taken not to answer."""
FIRST_TRIES = 3
"""The first question is given up sooner, for it fails where there is no network or no such address."""

_OWN_FINDINGS = frozenset({"duplicate", "order"})  # an exchange may sort and repeat as it likes


@dataclass(frozen=True)
class Place:
    """Spot or perpetuals at an exchange, reached through `client` of ccxt; `ahead` is its clock less ours (ms)."""

    exchange: Exchange
    part: Part
    kind: Kind
    client: Any
    time: Time
    ahead: int
    listed: Mapping[str, Mapping[str, Any]]

    @property
    def now(self) -> int:
        """The time (ms) by the exchange's clock."""
        return self.time.clock() + self.ahead


def open_place(
    venue: str, kind: Kind, time: Time, waiting: Waiting, address: str = "", timeout: float = TIMEOUT
) -> Place:
    """Ask an exchange for its time and its instruments.

    `address` is where it is reached instead of its own hosts: a mirror, or a server for tests. Raises NotFound for an
    exchange that is not known, InputError where ccxt is not installed, and Unanswered.
    """
    exchange = exchange_of(venue)
    part = exchange.parts[kind]
    client = _client(exchange, part, kind, address, timeout)
    paced(client, time)
    strict(client)
    unfiltered(client)
    theirs = ask(client.fetch_time, exchange, client, time, waiting, FIRST_TRIES)
    if not theirs:
        raise Unanswered(f"{exchange.name} does not tell its time, so nobody knows which bars have closed.")
    ahead = int(theirs) - time.clock()
    markets = ask(client.fetch_markets, exchange, client, time, waiting)
    client.set_markets(markets)
    return Place(exchange, part, kind, client, time, ahead, dict(client.markets))


def _client(exchange: Exchange, part: Part, kind: Kind, address: str, timeout: float) -> Any:
    try:
        import ccxt
    except ImportError:
        raise InputError(
            "Downloading needs the package ccxt, which is not installed; `pip install 'wickwork[exchanges]'` brings it."
        ) from None
    if address and not address.startswith(("http://", "https://")):
        raise InputError(f"--address is {address!r}; write it like http://127.0.0.1:8080.")
    options: dict[str, Any] = {
        "fetchMarkets": {"types": [part.markets], "fetchTickersFees": False},
        "defaultType": "spot" if kind is Kind.SPOT else "swap",
    }
    if kind is Kind.PERPETUAL:
        options["defaultSubType"] = "linear"
    settings: dict[str, Any] = {"options": options, "timeout": timeout * 1000, "enableRateLimit": True}
    if address:
        settings["urls"] = {"api": {name: address.rstrip("/") + path for name, path in exchange.paths.items()}}
    return getattr(ccxt, exchange.name)(settings)


def find(place: Place, instrument: Instrument) -> Instrument:
    """The instrument as the exchange lists it, with its rules; NotFound with the nearest name if it does not.

    An inverse perpetual, which settles in its base coin, is refused with InputError.
    """
    name = place.exchange.name
    listed = place.listed.get(str(instrument))
    if listed is None:
        kind = "spot instrument" if place.kind is Kind.SPOT else "perpetual"
        hint = did_you_mean(str(instrument), (one for one in place.listed if "-" not in one))
        raise NotFound(f"{name} has no {kind} {instrument}.{hint}")
    if instrument.settle and instrument.settle != instrument.quote:
        raise InputError(
            f"{instrument} settles in {instrument.settle}; "
            "only perpetuals that settle in their quote currency can be downloaded."
        )
    return replace(instrument, venue=name, rules=_rules(listed))


def _rules(listed: Mapping[str, Any]) -> Rules:
    """What the exchange demands of an order; quantities of contracts become base units."""
    size = _positive(listed.get("contractSize")) or 1.0
    precision, limits = listed.get("precision") or {}, listed.get("limits") or {}
    return Rules(
        tick=_positive(precision.get("price")),
        lot=_positive(precision.get("amount")) * size,
        minimum_quantity=_positive((limits.get("amount") or {}).get("min")) * size,
        minimum_notional=_positive((limits.get("cost") or {}).get("min")),
    )


def _positive(value: Any) -> float:
    number = float(value or 0.0)
    return number if np.isfinite(number) and number > 0.0 else 0.0


def timeframe_of(place: Place, timeframe: Timeframe | str) -> Timeframe:
    """A timeframe that the exchange has; InputError names those that it has."""
    frame = parse_timeframe(timeframe)
    have = [name for name in place.client.timeframes if not name.endswith("M") and name not in place.part.lacks]
    if str(frame) not in have:
        raise InputError(
            f"{place.exchange.name} has no {frame} bars of {place.kind.value} instruments; it has {', '.join(have)}. "
            f"`wick data resample` makes others out of faster ones."
        )
    return frame


@dataclass(frozen=True)
class Page:
    """What an exchange gave for a span: sound bars, and what was wrong with the rows that were left out.

    `span` (ms) is the part of the request that the answer covers: from the first row to the end of the last one,
    since an answer may be cut at either end; all of the request where the answer was empty twice.
    """

    span: Span
    bars: Bars
    findings: tuple[Finding, ...] = ()
    empty: bool = False


def page(place: Place, instrument: Instrument, timeframe: Timeframe, span: Span, waiting: Waiting) -> Page:
    """Request the closed bars of a span of at most a page. Rows outside of the span are dropped.

    Raises Unanswered, and InputError where the exchange's bars open at other times than ours.
    """
    raw = _rows_or_empty_twice(place, instrument, timeframe, span, waiting)
    bars, findings = clean(raw, place.now)
    if not len(raw):
        return Page(span, bars, empty=True)
    off = [one for one in findings if one.kind == "grid"]
    if sum(one.count for one in off) == len(raw):
        raise InputError(
            f"The {timeframe} bars of {place.exchange.name} do not open when ours do; "
            "download a faster timeframe and use `wick data resample`."
        )
    first, last = timeframe.floor(int(raw.opened_at.min())), timeframe.floor(int(raw.opened_at.max()))
    covered = max(first, span[0]), min(last + timeframe.milliseconds, span[1])
    return Page(covered, bars, tuple(one for one in findings if one.kind not in _OWN_FINDINGS))


def _rows_or_empty_twice(
    place: Place, instrument: Instrument, timeframe: Timeframe, span: Span, waiting: Waiting
) -> RawBars:
    """The rows of a span; an empty answer counts only when it came twice."""
    for _ in range(2):
        raw = ask(lambda: _rows(place, instrument, timeframe, span), place.exchange, place.client, place.time, waiting)
        if len(raw):
            break
    return raw


def _rows(place: Place, instrument: Instrument, timeframe: Timeframe, span: Span) -> RawBars:
    start, stop = span
    count = (stop - start) // timeframe.milliseconds
    rows: Sequence[Sequence[float | None]] = place.client.fetch_ohlcv(
        str(instrument), str(timeframe), start, count, place.part.ending(stop)
    )
    times = np.array([NO_TIME if row[0] is None else int(row[0]) for row in rows], dtype=np.int64)
    if (times == NO_TIME).any():
        raise BadAnswer(f"{place.exchange.name} answered with rows that are no bars.")
    inside = (times >= start) & (times < stop)
    growing = np.abs(times - timeframe.floor(place.now)) <= timeframe.milliseconds  # is often sent along
    strange = ~inside & ~growing
    if strange.any() and not inside.any():
        raise BadAnswer(f"{place.exchange.name} answered with bars of another time than was asked for.")
    values: Floats = np.array(
        [[np.nan if value is None else value for value in row[1:6]] for row in rows], dtype=np.float64
    ).reshape(len(rows), 5)[inside]
    if place.part.in_contracts:
        values[:, 4] *= _positive(place.listed[str(instrument)].get("contractSize")) or 1.0
    opens, highs, lows, closes, volumes = values.T
    return RawBars(instrument, timeframe, times[inside], opens, highs, lows, closes, volumes, place.exchange.name)


def next_traded_day(place: Place, instrument: Instrument, span: Span, waiting: Waiting) -> int:
    """The beginning of the first day in a span for which the exchange has anything; the end of the span if none."""
    daily = Timeframe(DAY)
    cursor = daily.floor(span[0])
    while cursor < span[1]:
        stop = min(cursor + place.part.page * DAY, daily.floor(span[1] - 1) + DAY)
        found = None
        while cursor < (found or stop):  # an answer may be cut at its beginning, so look in front of its first row
            raw = _rows_or_empty_twice(place, instrument, daily, (cursor, found or stop), waiting)
            if not len(raw):
                break
            found = daily.floor(int(raw.opened_at.min()))
        if found is not None:
            return max(span[0], found)
        cursor = stop
    return span[1]
