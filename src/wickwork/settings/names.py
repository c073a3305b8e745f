"""Names of instruments, with and without the venue in front."""

from __future__ import annotations

from dataclasses import replace

from wickwork.model.instrument import parse_instrument


def without_venue(name: str) -> str:
    """`BTC/USDT` of `BINANCE:BTCUSDT`. Raises InputError for a text that is no instrument."""
    return str(replace(parse_instrument(name), venue=""))


def venue_of(name: str) -> str:
    """`binance` of `BINANCE:BTCUSDT`; empty where there is none. Raises InputError as `without_venue` does."""
    return parse_instrument(name).venue
