"""A connection to one segment of an exchange: its instruments with their rules, and pages of bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wickwork.market.download.exchanges import Exchange, Segment, exchange_of
from wickwork.market.download.request import (
    InvalidResponse,
    OnPause,
    RequestFailed,
    Timing,
    keep_all_rows,
    limit_rate,
    reject_invalid_json,
    with_retries,
)
from wickwork.market.raw import NO_TIME, Finding, RawBars
from wickwork.market.sources.cleaning import clean
from wickwork.market.spans import Span
from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.instrument import Instrument, Kind, Rules
from wickwork.model.timeframe import DAY, Timeframe, parse_timeframe

TIMEOUT = 20.0
"""Timeout of a request in seconds."""
FIRST_TRIES = 3
"""Attempts of the first request; it fails where there is no network or a wrong address, so fewer are enough."""

_OWN_FINDINGS = frozenset({"duplicate", "order"})  # exchanges may send rows unsorted or twice


@dataclass(frozen=True)
class Connection:
    """Spot or perpetuals at an exchange, through a ccxt client; `ahead` is its clock minus the local clock (ms)."""

    exchange: Exchange
    segment: Segment
    kind: Kind
    client: Any
    time: Timing
    ahead: int
    listed: Mapping[str, Mapping[str, Any]]

    @property
    def now(self) -> int:
        """The time (ms) by the exchange's clock."""
        return self.time.clock() + self.ahead


def connect(
    venue: str, kind: Kind, time: Timing, on_pause: OnPause, address: str = "", timeout: float = TIMEOUT
) -> Connection:
    """Connect to an exchange: request its time and its instruments.

    `address` replaces the exchange's own hosts, for a mirror or a test server. Raises NotFound for an
    unknown exchange, InputError where ccxt is not installed, and RequestFailed.
    """
    exchange = exchange_of(venue)
    segment = exchange.segments[kind]
    client = _client(exchange, segment, kind, address, timeout)
    limit_rate(client, time)
    reject_invalid_json(client)
    keep_all_rows(client)
    exchange_time = with_retries(client.fetch_time, exchange, client, time, on_pause, FIRST_TRIES)
    if not exchange_time:
        raise RequestFailed(f"{exchange.name} sent no time, so it is unknown which bars have closed.")
    ahead = int(exchange_time) - time.clock()
    markets = with_retries(client.fetch_markets, exchange, client, time, on_pause)
    client.set_markets(markets)
    return Connection(exchange, segment, kind, client, time, ahead, dict(client.markets))


def _client(exchange: Exchange, segment: Segment, kind: Kind, address: str, timeout: float) -> Any:
    try:
        import ccxt
    except ImportError:
        raise InputError(
            "Downloading needs the package ccxt, which is not installed; "
            "install it with `pip install 'wickwork[exchanges]'`."
        ) from None
    if address and not address.startswith(("http://", "https://")):
        raise InputError(f"--address is {address!r}; write a URL such as http://127.0.0.1:8080.")
    options: dict[str, Any] = {
        "fetchMarkets": {"types": [segment.markets], "fetchTickersFees": False},
        "defaultType": "spot" if kind is Kind.SPOT else "swap",
    }
    if kind is Kind.PERPETUAL:
        options["defaultSubType"] = "linear"
    settings: dict[str, Any] = {"options": options, "timeout": timeout * 1000, "enableRateLimit": True}
    if address:
        settings["urls"] = {"api": {name: address.rstrip("/") + path for name, path in exchange.paths.items()}}
    return getattr(ccxt, exchange.name)(settings)


def find(connection: Connection, instrument: Instrument) -> Instrument:
    """The instrument as the exchange lists it, with its rules; NotFound with the nearest name if it does not.

    An inverse perpetual, which settles in its base coin, is refused with InputError.
    """
    name = connection.exchange.name
    listed = connection.listed.get(str(instrument))
    if listed is None:
        kind = "spot instrument" if connection.kind is Kind.SPOT else "perpetual"
        hint = did_you_mean(str(instrument), (one for one in connection.listed if "-" not in one))
        raise NotFound(f"{name} has no {kind} {instrument}.{hint}")
    if instrument.settle and instrument.settle != instrument.quote:
        raise InputError(
            f"{instrument} settles in {instrument.settle}; "
            "only perpetuals that settle in their quote currency can be downloaded."
        )
    return replace(instrument, venue=name, rules=_rules(listed))


def _rules(listed: Mapping[str, Any]) -> Rules:
    """The exchange's rules of orders, with quantities converted from contracts to base units."""
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


def timeframe_of(connection: Connection, timeframe: Timeframe | str) -> Timeframe:
    """A timeframe that the exchange has; InputError names those that it has."""
    frame = parse_timeframe(timeframe)
    have = [
        name for name in connection.client.timeframes if not name.endswith("M") and name not in connection.segment.lacks
    ]
    if str(frame) not in have:
        raise InputError(
            f"{connection.exchange.name} has no {frame} bars of {connection.kind.value} instruments; "
            f"it has {', '.join(have)}. "
            f"`wick data resample` builds other timeframes from shorter ones."
        )
    return frame


@dataclass(frozen=True)
class Page:
    """The response for a span: valid bars, and findings about the rows that were left out.

    `span` (ms) is the segment of the request that the answer covers: from the first row to the end of the last one,
    since a response may be cut at either end; the whole request where the response was empty twice.
    """

    span: Span
    bars: Bars
    findings: tuple[Finding, ...] = ()
    empty: bool = False


def page(connection: Connection, instrument: Instrument, timeframe: Timeframe, span: Span, on_pause: OnPause) -> Page:
    """Request the closed bars of a span of at most a page. Rows outside of the span are dropped.

    Raises RequestFailed, and InputError where the exchange's bars open at other times than those of Wickwork.
    """
    raw = _rows_or_empty_twice(connection, instrument, timeframe, span, on_pause)
    bars, findings = clean(raw, connection.now)
    if not len(raw):
        return Page(span, bars, empty=True)
    off = [one for one in findings if one.kind == "grid"]
    if sum(one.count for one in off) == len(raw):
        raise InputError(
            f"The {timeframe} bars of {connection.exchange.name} do not open at the times of Wickwork's; "
            "download a shorter timeframe and use `wick data resample`."
        )
    first, last = timeframe.floor(int(raw.opened_at.min())), timeframe.floor(int(raw.opened_at.max()))
    covered = max(first, span[0]), min(last + timeframe.milliseconds, span[1])
    return Page(covered, bars, tuple(one for one in findings if one.kind not in _OWN_FINDINGS))


def _rows_or_empty_twice(
    connection: Connection, instrument: Instrument, timeframe: Timeframe, span: Span, on_pause: OnPause
) -> RawBars:
    """The rows of a span; an empty response is accepted only when it came twice."""
    for _ in range(2):
        raw = with_retries(
            lambda: _rows(connection, instrument, timeframe, span),
            connection.exchange,
            connection.client,
            connection.time,
            on_pause,
        )
        if len(raw):
            break
    return raw


def _rows(connection: Connection, instrument: Instrument, timeframe: Timeframe, span: Span) -> RawBars:
    start, stop = span
    count = (stop - start) // timeframe.milliseconds
    rows: Sequence[Sequence[float | None]] = connection.client.fetch_ohlcv(
        str(instrument), str(timeframe), start, count, connection.segment.ending(stop)
    )
    times = np.array([NO_TIME if row[0] is None else int(row[0]) for row in rows], dtype=np.int64)
    if (times == NO_TIME).any():
        raise InvalidResponse(f"{connection.exchange.name} sent rows that are not bars.")
    inside = (times >= start) & (times < stop)
    growing = (
        np.abs(times - timeframe.floor(connection.now)) <= timeframe.milliseconds
    )  # the bar that is still open is often sent as well
    unexpected = ~inside & ~growing
    if unexpected.any() and not inside.any():
        raise InvalidResponse(f"{connection.exchange.name} sent bars of another time than requested.")
    values: Floats = np.array(
        [[np.nan if value is None else value for value in row[1:6]] for row in rows], dtype=np.float64
    ).reshape(len(rows), 5)[inside]
    if connection.segment.in_contracts:
        values[:, 4] *= _positive(connection.listed[str(instrument)].get("contractSize")) or 1.0
    opens, highs, lows, closes, volumes = values.T
    return RawBars(instrument, timeframe, times[inside], opens, highs, lows, closes, volumes, connection.exchange.name)


def next_traded_day(connection: Connection, instrument: Instrument, span: Span, on_pause: OnPause) -> int:
    """The beginning of the first day in a span for which the exchange has anything; the end of the span if none."""
    daily = Timeframe(DAY)
    cursor = daily.floor(span[0])
    while cursor < span[1]:
        stop = min(cursor + connection.segment.page * DAY, daily.floor(span[1] - 1) + DAY)
        found = None
        while cursor < (found or stop):  # a response may lack its first rows: look before them
            raw = _rows_or_empty_twice(connection, instrument, daily, (cursor, found or stop), on_pause)
            if not len(raw):
                break
            found = daily.floor(int(raw.opened_at.min()))
        if found is not None:
            return max(span[0], found)
        cursor = stop
    return span[1]
