from pathlib import Path

import pytest

from wickwork.market.sources.naming import told_by
from wickwork.model.errors import InputError


@pytest.mark.parametrize(
    ("path", "venue", "instrument", "timeframe"),
    [
        ("binance_spot/1h/BTCUSDT.parquet", "binance", "BTC/USDT", "1h"),
        ("binance_perp/15m/ETHUSDT.parquet", "binance", "ETH/USDT:USDT", "15m"),
        ("okx_perp/15m/BTCUSDT.parquet", "okx", "BTC/USDT:USDT", "15m"),
        ("binance_spot/1m/BTCUSDT_2025_06.parquet", "binance", "BTC/USDT", "1m"),
        ("binance_spot/15m/SOLUSDT_2020_2022.parquet", "binance", "SOL/USDT", "15m"),
        ("binance_perp/1m/SOLUSDT_2025_01_27.parquet", "binance", "SOL/USDT:USDT", "1m"),
        ("user_data/data/binance/BTC_USDT-1h.feather", "binance", "BTC/USDT", "1h"),
        ("data/okx/futures/BTC_USDT_USDT-15m-futures.feather", "okx", "BTC/USDT:USDT", "15m"),
        ("BTC_USDT_USDT-15m-futures.feather", "", "BTC/USDT:USDT", "15m"),
        ("BTC_USDT-1h.json.gz", "", "BTC/USDT", "1h"),
        ("klines/BTCUSDT/BTC_15m.parquet", "", "BTC/USDT", "15m"),
        ("klines/ETHBTC/ETH_1d.parquet", "", "ETH/BTC", "1d"),
        ("BTCUSDT/15m.csv", "", "BTC/USDT", "15m"),
        ("spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip", "", "BTC/USDT", "1m"),
        ("spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-01-31.zip", "", "BTC/USDT", "1m"),
        ("futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.csv", "", "BTC/USDT:USDT", "1h"),
        ("home/p/bars/BTCUSDT_1h.csv", "", "BTC/USDT", "1h"),
        ("Binance_BTCUSDT_1h.csv", "binance", "BTC/USDT", "1h"),
        ("gemini_BTCUSD_2020_1min.csv", "gemini", "BTC/USD", "1m"),
        ("BTC-USD.csv", "", "BTC/USD", None),
        ("btc.csv", "", "BTC/USDT", None),
        ("1000PEPEUSDT_4h.csv.zip", "", "1000PEPE/USDT", "4h"),
        ("BTCUSDT.P_1h.csv", "", "BTC/USDT:USDT", "1h"),
        ("BTC-USDT-SWAP_1D.csv", "", "BTC/USDT:USDT", "1d"),
        ("bybit/BTCUSDT_20240101_20240630.csv", "bybit", "BTC/USDT", None),
        ("prices.csv", "", None, None),
        ("my_prices_1h.csv", "", None, "1h"),
        ("2024.csv", "", None, None),
        ("kraken/1h/data.csv", "kraken", None, "1h"),
        # The nearer word wins.
        ("binance_perp/1h/okx_spot/15m/BTCUSDT.csv", "okx", "BTC/USDT", "15m"),
        ("1h/BTCUSDT_4h.csv", "", "BTC/USDT", "4h"),
        ("ETHUSDT/BTCUSDT.csv", "", "BTC/USDT", None),
        # Words far above say nothing.
        ("binance/a/b/c/d/e/f/BTCUSDT.csv", "", "BTC/USDT", None),
    ],
)
def test_what_paths_tell(path: str, venue: str, instrument: str | None, timeframe: str | None) -> None:
    told = told_by(Path(path))
    found = told.instrument and str(told.instrument)
    assert (told.venue, found, told.timeframe and str(told.timeframe)) == (venue, instrument, timeframe)
    assert told.instrument is None or told.instrument.venue == venue


@pytest.mark.parametrize("name", ["BTC_USDT_USDT-1h-mark.feather", "BTC_USDT_USDT-8h-funding_rate.feather"])
def test_prices_that_nobody_traded_at_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="not bars of trades; leave it out"):
        told_by(Path("futures") / name)
