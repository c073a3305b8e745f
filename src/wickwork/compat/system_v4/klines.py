"""Bars from files in the layout of System V4's data set, from a folder or from its hub."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from wickwork.compat.columns import check_columns
from wickwork.compat.extras import optional
from wickwork.compat.system_v4.arguments import with_named_arguments
from wickwork.compat.system_v4.base import as_numbers
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.moments import EARLIEST, LATEST, to_milliseconds, unit_hint

FOLDER = "WICKWORK_KLINES"
"""The environment variable with the folder of the data set."""
PRICES = ("open", "high", "low", "close", "volume")
_COINS = """
    AAVE ADA ALGO ARB ATOM AVAX BAL BAT BCH BNB BTC COMP CRV DOGE DOT ENJ ENS ETC ETH FIL GALA GRT IMX KAVA LINK LTC
    MANA MATIC MKR NEAR OP SAND SNX SOL SPELL UNI XRP ZRX
"""


class KLineDataLoader:
    """Reads `klines/BTCUSDT/BTC_1h.parquet` and its like.

    The files lie in the folder `folder=`, else in that of the environment variable `WICKWORK_KLINES`, either of which
    holds the folder `klines`; without both they are fetched from the hub of the data set, which needs a network and
    `pip install 'wickwork[hub]'`.
    """

    REPO_ID = "zongowo111/v2-crypto-ohlcv-data"
    SUPPORTED_SYMBOLS: ClassVar[list[str]] = [f"{coin}USDT" for coin in _COINS.split()]
    SUPPORTED_TIMEFRAMES: ClassVar[list[str]] = ["15m", "1h", "1d"]
    REQUIRED_COLUMNS: ClassVar[list[str]] = [
        "open_time",
        *PRICES,
        "close_time",
        "quote_asset_volume",
        "number_of_trades",
        "taker_buy_base_asset_volume",
        "taker_buy_quote_asset_volume",
    ]

    @classmethod
    @with_named_arguments
    def load_klines(
        cls, symbol: str, timeframe: str, cache_dir: str | Path | None = None, folder: str | Path | None = None
    ) -> Any:
        """The bars of one symbol as a DataFrame with its opening times (UTC) as index, in order of time.

        `cache_dir` is where files from the hub are kept. Raises NotFound for a symbol or a timeframe that the data set
        does not have, and InputError for a file that cannot be fetched or read.
        """
        for word, value, known in (
            ("symbol", symbol, cls.SUPPORTED_SYMBOLS),
            ("timeframe", timeframe, cls.SUPPORTED_TIMEFRAMES),
        ):
            if value not in known:
                raise NotFound(f"The data set has no {word} {value!r}{_instead(str(value), known)}")
        name = f"klines/{symbol}/{symbol.removesuffix('USDT')}_{timeframe}.parquet"
        home = folder if folder is not None else os.environ.get(FOLDER) or None
        if home is not None and not isinstance(home, str | Path):
            raise InputError(f"folder= is the path of a folder, was given {home!r:.60}.")
        path = Path(home) / name if home is not None else cls._fetched(name, cache_dir)
        if not path.is_file():
            raise InputError(f"There is no file {path}; the folder of the data set is the one that holds klines.")
        return _read(path)

    @classmethod
    @with_named_arguments
    def load_multiple(
        cls,
        symbols: Sequence[str],
        timeframe: str,
        cache_dir: str | Path | None = None,
        folder: str | Path | None = None,
    ) -> dict[str, Any]:
        """The bars of several symbols by name. Raises InputError that names every symbol that failed, and why."""
        if isinstance(symbols, str) or not isinstance(symbols, Iterable):
            raise InputError(f"load_multiple takes a list of symbols: [{symbols!r:.60}]; load_klines takes one.")
        found, failed = {}, {}
        for symbol in symbols:
            try:
                found[symbol] = cls.load_klines(symbol, timeframe, cache_dir, folder)
            except InputError as error:
                failed[symbol] = str(error)
        if failed:
            raise InputError(" ".join(f"{symbol}: {text}" for symbol, text in failed.items()))
        return found

    @classmethod
    def get_supported_symbols(cls) -> list[str]:
        """The symbols of the data set."""
        return list(cls.SUPPORTED_SYMBOLS)

    @classmethod
    def get_supported_timeframes(cls) -> list[str]:
        """The timeframes of the data set."""
        return list(cls.SUPPORTED_TIMEFRAMES)

    @classmethod
    def validate_data(cls, df: Any, symbol: str | None = None) -> tuple[bool, list[str]]:
        """Whether bars are as the data set has them, and what is wrong with them as sentences, begun with `symbol`.

        All columns are there, prices are numbers with the high at or above the low, times are in order and once each.
        Raises InputError for something else than a DataFrame, and for one with two columns of a name.
        """
        check_columns(
            "validate_data", df, [name for name in cls.REQUIRED_COLUMNS if name in getattr(df, "columns", ())]
        )
        there = {*map(str, df.columns), str(df.index.name)}
        faults = []
        missing = [name for name in cls.REQUIRED_COLUMNS if name not in there]
        if missing:
            faults.append(f"Columns are missing: {', '.join(missing)}.")
        values = {name: as_numbers(df[name]) for name in PRICES if name in df.columns}
        for name, column in values.items():
            count = int((~np.isfinite(column)).sum())
            if count:
                faults.append(f"The column {name} has no number in {count:,} rows.")
            wrong, what = (column < 0, "below 0") if name == "volume" else (column <= 0, "0 or less")
            if wrong.any():
                faults.append(f"The column {name} is {what} in {int(wrong.sum()):,} rows.")
        if {"high", "low"} <= there:
            count = int((values["high"] < values["low"]).sum())
            if count:
                faults.append(f"The high is below the low in {count:,} rows.")
        if not df.index.is_monotonic_increasing:
            faults.append("The rows are not in order of time.")
        count = int(df.index.duplicated().sum())
        if count:
            faults.append(f"{count:,} rows have a time that an earlier row has.")
        return not faults, [f"{symbol}: {one}" if symbol else one for one in faults]

    @classmethod
    def _fetched(cls, name: str, cache_dir: str | Path | None) -> Path:
        """The path of a file from the hub. Raises InputError where it cannot be fetched."""
        hub = optional("huggingface_hub", "hub", "Fetching the data set (without folder= or WICKWORK_KLINES)")
        try:
            kept = None if cache_dir is None else str(cache_dir)
            path = hub.hf_hub_download(repo_id=cls.REPO_ID, filename=name, repo_type="dataset", cache_dir=kept)
        except Exception as error:  # of the library's HTTP client, which has no common base
            text = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
            raise InputError(f"{name} cannot be fetched from the hub: {text}. Give a folder that has it.") from error
        return Path(path)


def _instead(value: str, known: Sequence[str]) -> str:
    """The rest of the sentence: the name that is spelled otherwise (`btc/usdt`, `BTC`, `1H`), else all there are."""
    letters = "".join(one for one in value if one.isalnum())
    for same in (letters.upper(), f"{letters.upper()}USDT", letters.lower()):
        if same in known:
            return f". Did you mean {same!r}?"
    return f"; it has {', '.join(known)}.{did_you_mean(value, known)}"


def _read(path: Path) -> Any:
    """The bars of a file, without rows that lack a price or have a word in its place.

    Raises InputError for a file that is none, and for one whose times are no milliseconds.
    """
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no Parquet file that can be read: {error}") from error
    if frame.index.name == "open_time" and "open_time" not in frame.columns:
        frame = frame.reset_index()
    missing = [name for name in ("open_time", *PRICES) if name not in frame.columns]
    if missing:
        there = ", ".join(map(str, frame.columns[:20]))
        raise InputError(f"{path} has no column {', '.join(missing)}; its columns are {there}.")
    for name in ("open_time", "close_time"):
        if name in frame.columns:
            frame[name] = _times(path, name, frame[name])
    numbers = [name for name in KLineDataLoader.REQUIRED_COLUMNS if name in frame.columns and "_time" not in name]
    for name in numbers:
        frame[name] = as_numbers(frame[name])
    frame = frame.set_index("open_time").sort_index()
    return frame.dropna(subset=list(PRICES))


def _times(path: Path, name: str, values: Any) -> Any:
    """A column of ms as times in UTC. Raises InputError where one is none, or lies outside of 2000 to 2100."""
    import pandas as pd

    try:
        moments = to_milliseconds(values)
    except InputError as error:
        raise InputError(f"{path}, column {name}: {error}") from None
    outside = (moments < EARLIEST) | (moments >= LATEST)
    if outside.any():
        at = int(np.argmax(outside))
        raise InputError(f"{path}, column {name}: {moments[at]} at row {at} is no time; {unit_hint(int(moments[at]))}.")
    return pd.DatetimeIndex(moments.astype("datetime64[ms]"), tz="UTC")
