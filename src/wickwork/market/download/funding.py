"""Download the funding rates of a perpetual.

The moments at which funding is charged lie on no grid: exchanges change the time between them. So an answer counts for
all of the time that was requested, but where a moment could be missing at either end, by the shortest time between two
of its moments, that part is requested again until the answer is empty. A request asks for as many hours as an answer
has rows at most, since no exchange charges more often. What was answered is stored with the rates, a batch at a time,
and not requested again; the time after the newest rate is, because exchanges publish late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wickwork.market.download.connection import Connection, next_traded_day
from wickwork.market.download.request import InvalidResponse, OnPause, with_retries
from wickwork.market.funding_store import FundingStore
from wickwork.market.spans import Span, without
from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite
from wickwork.model.funding import MOST_RATE, nominal_times
from wickwork.model.instrument import Instrument, Kind
from wickwork.model.timeframe import HOUR

BATCH = 20
"""Answers that are stored together."""
Rates = dict[int, float]
"""Rates by the time (ms) that the exchange has for them."""


@dataclass
class FundingProgress:
    """How far a download got: new rates, and the time (ms) after which nothing of this call is stored."""

    added: int = 0
    stored_until: int | None = None


def fill_funding(
    store: FundingStore,
    connection: Connection,
    instrument: Instrument,
    wanted: Span,
    progress: FundingProgress,
    on_pause: OnPause = lambda seconds, why: None,
) -> None:
    """Download what is missing of a span (ms UTC) up to now; `progress` is kept up to date.

    Answers that arrived are stored before an error or an interruption is raised. Raises InputError for an instrument
    that is no perpetual, RequestFailed, and errors of the store.
    """
    if instrument.kind is not Kind.PERPETUAL:
        raise InputError(f"Funding is charged on perpetuals; {instrument} is none. Name one such as BTC/USDT:USDT.")
    pending: list[tuple[Span, Rates]] = []

    def flush() -> None:
        known = store.read(instrument).times[-1:].tolist()
        newest = max([*known, *(time for _, rates in pending for time in rates)], default=None)
        if not pending or newest is None:
            return
        found = {time: rate for _, rates in pending for time, rate in rates.items()}
        times = np.array(sorted(found), np.int64)
        values = np.array([found[time] for time in times.tolist()], np.float64)
        spans = [(start, min(stop, newest + 1)) for (start, stop), _ in pending if start <= newest]
        if spans:
            progress.added += store.add(instrument, nominal_times(times), values, spans)
            progress.stored_until = max(stop for _, stop in spans)
        # What lies behind the newest rate counts as answered once there is a later one.
        pending[:] = [((max(start, newest + 1), stop), {}) for (start, stop), _ in pending if stop > newest + 1]

    def wait(seconds: float, why: str) -> None:
        flush()
        on_pause(seconds, why)

    span = max(wanted[0], connection.exchange.since), min(wanted[1], connection.now + 1)
    try:
        for missing in without(span, store.read(instrument).covered):
            for answer in _answers(connection, instrument, missing, wait):
                pending.append(answer)
                if len(pending) >= BATCH:
                    flush()
    finally:
        flush()


def _answers(
    connection: Connection, instrument: Instrument, missing: Span, on_pause: OnPause
) -> Iterator[tuple[Span, Rates]]:
    """The rates of a span, a page at a time; the time before the instrument was traded is skipped."""
    cursor, stop = missing
    length = connection.segment.funding_page * HOUR
    while cursor < stop:
        end = min((cursor + length) // HOUR * HOUR, stop)  # on the hour, where funding is charged
        rates = _complete(connection, instrument, (cursor, end), on_pause)
        if not rates and stop - end > length:
            end = max(end, next_traded_day(connection, instrument, (end, stop), on_pause))
        yield (cursor, end), rates
        cursor = end


def _complete(connection: Connection, instrument: Instrument, span: Span, on_pause: OnPause) -> Rates:
    """The rates of a page, also where the exchange sends it in parts."""
    found = _rates_or_empty_twice(connection, instrument, span, on_pause)
    times = sorted(found)
    if not times:
        return found
    moments = nominal_times(np.array(times)).tolist()
    usual = min(np.diff(moments).tolist(), default=HOUR)
    if moments[0] - usual >= span[0]:
        found |= _complete(connection, instrument, (span[0], times[0]), on_pause)
    if moments[-1] + usual < span[1]:
        found |= _complete(connection, instrument, (times[-1] + 1, span[1]), on_pause)
    return found


def _rates_or_empty_twice(connection: Connection, instrument: Instrument, span: Span, on_pause: OnPause) -> Rates:
    """The rates of a span; an empty answer is accepted only when it came twice."""
    for _ in range(2):
        found = with_retries(
            lambda: _rates(connection, instrument, span),
            connection.exchange,
            connection.client,
            connection.time,
            on_pause,
        )
        if found:
            break
    return found


def _rates(connection: Connection, instrument: Instrument, span: Span) -> Rates:
    start, stop = span
    rows = connection.client.fetch_funding_rate_history(
        str(instrument), start, connection.segment.funding_page, {"until": stop - 1}
    )
    found: Rates = {}
    for row in rows:
        time, rate = row["timestamp"], row["fundingRate"]
        if type(time) is not int or not is_finite(rate) or abs(rate) > MOST_RATE:
            raise InvalidResponse(f"{connection.exchange.name} sent rows that are not funding rates.")
        found[time] = float(rate)
    inside = {time: rate for time, rate in found.items() if start <= time < stop}
    if found and not inside:
        raise InvalidResponse(f"{connection.exchange.name} sent funding rates of another time than requested.")
    return inside
