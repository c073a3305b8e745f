"""Read instrument, timeframe and venue from the name of a file and of its folders.

binance_spot/1h/BTCUSDT.parquet                      BTC/USDT of binance, 1h
binance_perp/15m/ETHUSDT_2020_2022.parquet           ETH/USDT:USDT of binance, 15m
binance/futures/BTC_USDT_USDT-15m-futures.feather    BTC/USDT:USDT of binance, 15m      freqtrade
spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip       BTC/USDT, 1m                Binance's public dumps
klines/BTCUSDT/BTC_15m.parquet                       BTC/USDT, 15m                      Hugging Face
Binance_BTCUSDT_1h.csv                               BTC/USDT of binance, 1h            CryptoDataDownload
BTCUSD_H1_202303010000_202303312300.csv, BTCUSD60.csv       BTC/USD, 1h                 MetaTrader
BTC_USDT_clean.csv                                   BTC/USDT
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wickwork.market.sources.formats import ending_of
from wickwork.model.errors import InputError
from wickwork.model.instrument import ALIASES, COINS, QUOTES, Instrument, names_its_quote, parse_instrument
from wickwork.model.timeframe import Timeframe, parse_timeframe

_VENUES = frozenset(
    """
    binance binanceus bitfinex bitget bitmex bitstamp bybit coinbase cryptocom deribit gate gateio gemini htx huobi
    hyperliquid kraken kucoin mexc okex okx poloniex robinhood
    """.split()  # noqa: SIM905
)
_SPOT = frozenset({"spot"})
_PERPETUAL = frozenset({"perp", "perps", "perpetual", "perpetuals", "future", "futures", "swap", "linear", "um", "p"})
_NOT_TRADES = frozenset({"mark", "index", "premium", "funding"})
# Words about the file. Any other word is ignored only beside a well-known pair.
_NOISE = frozenset(
    """
    klines kline ohlcv ohlc candles bars data history historical prices price rate minute minutes minutely hour hourly
    day daily week weekly month monthly year yearly clean cleaned final raw new old test copy backup merged full sample
    fixed all export download downloaded output result results my the file dataset series csv
    """.split()  # noqa: SIM905
)
# Currencies that a pair may be quoted in beside those in which a symbol of one word is split.
_CURRENCIES = frozenset(
    """
    ARS BHD CLP CNH CNY COP CZK DKK EGP HKD HUF IDR ILS INR KZT MXN MYR NGN NOK NZD PEN PHP PKR PLN RON RUB SAR SEK SGD
    THB TWD UAH VND ZAR EURC EURI EURT XAUT PAXG
    """.split()  # noqa: SIM905
)
_TIMEFRAME = re.compile(
    r"\d+(s|m|min|mins|h|hour|hours|d|day|days|w|week|weeks|H|D|W|Min|T)|[MH]\d{1,2}|D1|W1", re.ASCII
)
_MINUTES_AT_END = re.compile(r"([A-Z]{5,}?)(1|5|15|30|60|240|1440|10080)")
_DATE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{8}|\d{12}|\d{14}|\d{4}to\d{4}")
_LEVELS = 6


@dataclass(frozen=True)
class NamedBars:
    """What a path says about the bars in the file; None or empty where it says nothing."""

    instrument: Instrument | None = None
    timeframe: Timeframe | None = None
    venue: str = ""
    quote_assumed: bool = False
    """True where only a coin is named; its quote currency is the usual one then."""


def read_path(path: Path, holds: str = "") -> NamedBars:
    """Read what the name of a file and of the folders above it say; the one nearest to the file wins.

    An instrument is found where a well-known coin and a currency are adjacent, as `BTCUSDT` or as `BTC_USDT`, among
    any other words, or where the whole name is a pair against a well-known currency. A third word is the settlement
    currency where it is the quote or the base once more. Raises InputError for files that by their name
    hold mark prices or funding rates, unless that word is `holds`.
    """
    stem = path.name[: len(path.name) - len(ending_of(path))]
    name = _sort_words(re.split(r"[-_ .]", stem))
    if name.foreign and name.foreign != holds:
        raise InputError(f"{path} holds {name.foreign} prices or rates by its name, not bars of trades; leave it out.")
    parts = [re.split(r"[-_ ]", part) for part in reversed(path.parent.parts[-_LEVELS:])]
    folders = [_sort_words([word for word in words if len(word) > 1]) for words in parts]  # /home/p: not a perpetual
    timeframe = next((one.timeframe for one in (name, *folders) if one.timeframe), None)
    venue = next((one.venue for one in (name, *folders) if one.venue), "")
    perpetual = next((one.perpetual for one in (name, *folders) if one.perpetual is not None), False)
    instrument = _instrument(name.rest)
    assumed = instrument is not None and not _has_quote(name.rest)
    above = next((found for one in folders[:2] if (found := _instrument(one.rest)) and one.whole), None)
    if above and (instrument is None or (instrument.base == above.base and assumed)):
        instrument, assumed = above, False  # klines/BTCUSDT/BTC_15m: the folder names the quote as well
    if instrument and perpetual and not instrument.settle:
        swap = parse_instrument(f"{instrument.base}-{instrument.quote}-SWAP")
        instrument = replace(instrument, settle=swap.settle)
    return NamedBars(instrument and replace(instrument, venue=venue), timeframe, venue, assumed)


@dataclass(frozen=True)
class _Words:
    """The words of one name, sorted by what they are; `rest` may be an instrument."""

    rest: tuple[str, ...] = ()
    timeframe: Timeframe | None = None
    venue: str = ""
    perpetual: bool | None = None
    foreign: str = ""

    @property
    def whole(self) -> bool:
        """True when the name is nothing but the rest."""
        return self == _Words(self.rest)


def _sort_words(words: Sequence[str]) -> _Words:
    found = _Words()
    for word in words:
        lower = word.lower()
        joined = _MINUTES_AT_END.fullmatch(word)
        if _TIMEFRAME.fullmatch(word) and found.timeframe is None:
            found = replace(found, timeframe=parse_timeframe(word))
        elif joined and names_its_quote(joined[1]) and not names_its_quote(word):  # BTCUSD60, of MetaTrader 4
            found = replace(found, rest=(*found.rest, joined[1]), timeframe=parse_timeframe(joined[2]))
        elif lower in _VENUES and not found.venue:
            found = replace(found, venue=lower)
        elif lower in _PERPETUAL or lower in _SPOT:
            found = replace(found, perpetual=lower in _PERPETUAL)
        elif lower in _NOT_TRADES:
            found = replace(found, foreign=lower)
        elif word and lower not in _NOISE and not (found.rest and _DATE.fullmatch(word)):
            found = replace(found, rest=(*found.rest, word))
    return found


def _instrument(words: tuple[str, ...]) -> Instrument | None:
    """The instrument that words spell, if they are sure to spell one: `prices` is a word, not a coin."""
    groups = [words[i : i + size] for size in (3, 2, 1) for i in range(len(words) - size + 1)]
    for size in (3, 2, 1):
        known = {found for group in groups if len(group) == size and (found := _well_known(group, len(words)))}
        if known:
            others = set(words) & (COINS | QUOTES)  # BTC_ETH_LTC may be a pair and a coin, or three coins
            one = known.pop()
            return None if known or others - {one.base, one.quote, one.settle, *ALIASES} else one
    text = "_".join(words)
    try:
        return parse_instrument(text) if len(words) <= 3 and names_its_quote(text) else None
    except InputError:
        return None


def _well_known(words: tuple[str, ...], among: int) -> Instrument | None:
    """The instrument of words that are a well-known coin and a currency; only a coin if there are no other words."""
    try:
        found = parse_instrument("_".join(words))
    except InputError:
        return None
    upper = [word.upper() for word in words]
    if found.base not in COINS | QUOTES or found.quote not in QUOTES | _CURRENCIES:
        return None
    if len(words) == 1 and among > 1 and not names_its_quote(upper[0], alone=False):
        return None
    return found


def _has_quote(words: tuple[str, ...]) -> bool:
    """False where words name only a coin."""
    return len(words) > 1 or names_its_quote(words[0], alone=False)
