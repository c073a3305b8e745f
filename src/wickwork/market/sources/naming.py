"""What the name of a file and of its folders say about the bars inside.

binance_spot/1h/BTCUSDT.parquet                      BTC/USDT of binance, 1h
binance_perp/15m/ETHUSDT_2020_2022.parquet           ETH/USDT:USDT of binance, 15m
binance/futures/BTC_USDT_USDT-15m-futures.feather    BTC/USDT:USDT of binance, 15m      freqtrade
spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip       BTC/USDT, 1m                Binance's public dumps
klines/BTCUSDT/BTC_15m.parquet                       BTC/USDT, 15m                      Hugging Face
Binance_BTCUSDT_1h.csv                               BTC/USDT of binance, 1h            CryptoDataDownload
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from wickwork.market.sources.formats import ending_of
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument, names_its_quote, parse_instrument
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
_NOISE = frozenset({"klines", "kline", "ohlcv", "ohlc", "candles", "bars", "data", "history", "historical", "prices"})
_TIMEFRAME = re.compile(r"\d+(s|m|min|mins|h|hour|hours|d|day|days|w|week|weeks|H|D|W|Min|T)")
_DATE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{8}|\d{4}to\d{4}")
_LEVELS = 6


@dataclass(frozen=True)
class Told:
    """What a path tells; None or empty where it does not."""

    instrument: Instrument | None = None
    timeframe: Timeframe | None = None
    venue: str = ""


def told_by(path: Path) -> Told:
    """Read what the name of a file and of the folders above it say; the nearer word wins.

    Raises InputError for files of freqtrade that hold mark prices or funding rates, which are no trades.
    """
    stem = path.name[: len(path.name) - len(ending_of(path))]
    name = _read_words(re.split(r"[-_ .]", stem))
    if name.foreign:
        raise InputError(f"{path} holds {name.foreign} prices or rates by its name, not bars of trades; leave it out.")
    parts = [re.split(r"[-_ ]", part) for part in reversed(path.parent.parts[-_LEVELS:])]
    folders = [_read_words([word for word in words if len(word) > 1]) for words in parts]  # /home/p is no perpetual
    timeframe = next((one.timeframe for one in (name, *folders) if one.timeframe), None)
    venue = next((one.venue for one in (name, *folders) if one.venue), "")
    perpetual = next((one.perpetual for one in (name, *folders) if one.perpetual is not None), False)
    instrument = _instrument(name.rest)
    above = next((found for one in folders[:2] if (found := _instrument(one.rest)) and one.whole), None)
    if above and (instrument is None or (instrument.base == above.base and len(name.rest) == 1)):
        instrument = above  # klines/BTCUSDT/BTC_15m: the folder knows the quote as well
    if instrument and perpetual and not instrument.settle:
        swap = parse_instrument(f"{instrument.base}-{instrument.quote}-SWAP")
        instrument = replace(instrument, settle=swap.settle)
    return Told(instrument and replace(instrument, venue=venue), timeframe, venue)


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


def _read_words(words: list[str]) -> _Words:
    found = _Words()
    for word in words:
        lower = word.lower()
        if _TIMEFRAME.fullmatch(word) and found.timeframe is None:
            found = replace(found, timeframe=parse_timeframe(word))
        elif lower in _VENUES and not found.venue:
            found = replace(found, venue=lower)
        elif lower in _PERPETUAL or lower in _SPOT:
            found = replace(found, perpetual=lower in _PERPETUAL)
        elif lower in _NOT_TRADES:
            found = replace(found, foreign=lower)
        elif word and lower not in _NOISE and not (found.rest and _DATE.fullmatch(word)) and lower != "rate":
            found = replace(found, rest=(*found.rest, word))
    return found


def _instrument(words: tuple[str, ...]) -> Instrument | None:
    """The instrument that words spell, if they are sure to spell one: `prices` is a word, not a coin."""
    text = "_".join(words)
    if not 1 <= len(words) <= 3 or not names_its_quote(text):
        return None
    return parse_instrument(text)
