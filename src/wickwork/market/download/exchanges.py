"""The exchanges from which bars can be downloaded. To add one, add an entry to `EXCHANGES`.

ccxt implements the protocols; here is what it does not provide: the size of a page, the parameter that ends a page, the
unit of volumes, and how an exchange states the pause after too many requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.instrument import Kind

Ending = Callable[[int], dict[str, Any]]
"""The parameters that end a page before a moment (ms), for exchanges that include or exclude the end."""


@dataclass(frozen=True)
class Segment:
    """Spot or perpetuals at an exchange.

    `markets` is ccxt's name for the part, `page` the most bars of one answer, `ending` how a page is ended; `lacks`
    names timeframes that only the other part has, `in_contracts` is set where volumes are counted in contracts, and
    `funding_page` is the most funding rates of one answer.
    """

    markets: str
    page: int
    ending: Ending
    lacks: frozenset[str] = frozenset()
    in_contracts: bool = False
    funding_page: int = 0


@dataclass(frozen=True)
class Exchange:
    """An exchange: `name` is that of ccxt and of the venue, `since` its first day (ms), `segments` what it trades.

    `paths` are the segments of its address after the host, by ccxt's names; with them the whole of it can be moved to
    another host. `pause` reads the headers of a refusal: how many seconds to wait, None if they do not tell.
    """

    name: str
    since: int
    segments: Mapping[Kind, Segment]
    paths: Mapping[str, str]
    pause: Callable[[Mapping[str, str], int], float | None]


def exchange_of(venue: str) -> Exchange:
    """The exchange of that name; NotFound names those that there are."""
    known = EXCHANGES.get(venue.lower())
    if known:
        return known
    names = ", ".join(EXCHANGES)
    if not venue:
        raise InputError(f"Say from which exchange with --venue: {names}.")
    hint = did_you_mean(venue, EXCHANGES)
    raise NotFound(f"Bars cannot be downloaded from {venue!r}; the exchanges are {names}.{hint}")


def _day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def _retry_after(headers: Mapping[str, str], now: int) -> float | None:
    """The header of HTTP, in seconds; its other form, a date, is not used by exchanges."""
    return _number(headers.get("Retry-After"))


def _bybit(headers: Mapping[str, str], now: int) -> float | None:
    reset = _number(headers.get("X-Bapi-Limit-Reset-Timestamp"))  # ms since 1970
    return _retry_after(headers, now) if reset is None else max(0.0, (reset - now) / 1000)


def _kucoin(headers: Mapping[str, str], now: int) -> float | None:
    reset = _number(headers.get("gw-ratelimit-reset"))  # ms from now
    return _retry_after(headers, now) if reset is None else reset / 1000


def _number(text: str | None) -> float | None:
    return float(text) if text and text.strip().replace(".", "", 1).isdigit() else None


def _until(stop: int) -> dict[str, Any]:
    return {"until": stop - 1}


_SECONDS = frozenset({"1s"})
_NO_KUCOIN_CONTRACTS = frozenset({"3m", "6h"})

EXCHANGES: Mapping[str, Exchange] = MappingProxyType(
    {
        one.name: one
        for one in (
            Exchange(
                "binance",
                _day("2017-07-14"),
                {
                    Kind.SPOT: Segment("spot", 1000, _until),
                    Kind.PERPETUAL: Segment("linear", 1000, _until, lacks=_SECONDS, funding_page=1000),
                },
                {"public": "/api/v3", "fapiPublic": "/fapi/v1"},
                _retry_after,
            ),
            Exchange(
                "bybit",
                _day("2018-11-14"),
                {
                    Kind.SPOT: Segment("spot", 1000, _until),
                    Kind.PERPETUAL: Segment("linear", 1000, _until, funding_page=200),
                },
                {"public": ""},
                _bybit,
            ),
            Exchange(
                "kucoin",
                _day("2017-09-15"),
                {
                    Kind.SPOT: Segment("spot", 1500, lambda stop: {"endAt": stop // 1000 - 1}),
                    Kind.PERPETUAL: Segment(
                        "swap",
                        200,
                        lambda stop: {"to": stop - 1},
                        lacks=_NO_KUCOIN_CONTRACTS,
                        in_contracts=True,
                        funding_page=100,
                    ),
                },
                {"public": "", "futuresPublic": ""},
                _kucoin,
            ),
        )
    }
)
