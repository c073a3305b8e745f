from pathlib import Path

import pytest

from wickwork.market.sources.naming import read_path
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
        # MetaTrader
        ("BTCUSD_H1_202303010000_202303312300.csv", "", "BTC/USD", "1h"),
        ("BTCUSD_M15_202303010000_202303312300.csv", "", "BTC/USD", "15m"),
        ("BTCUSD60.csv", "", "BTC/USD", "1h"),
        ("ETHUSD1440.csv", "", "ETH/USD", "1d"),
        ("BTCUSD1.csv", "", "BTC/USD1", None),  # a coin that there is
        # Words beside a pair are not a settlement currency, and not a quote currency either.
        ("BTC_USDT_clean.csv", "", "BTC/USDT", None),
        ("BTC-USDT-hourly.csv", "", "BTC/USDT", None),
        ("btc_usdt_final.csv", "", "BTC/USDT", None),
        ("BTC_USDT_v2.csv", "", "BTC/USDT", None),
        ("from_peter_BTC_USDT_1h.csv", "", "BTC/USDT", "1h"),
        ("BTCUSDT_peter.csv", "", "BTC/USDT", None),
        ("BTCUSDT_1h (1).csv", "", "BTC/USDT", "1h"),
        ("BTC_clean.csv", "", "BTC/USDT", None),
        ("old_btc.csv", "", "BTC/USDT", None),
        ("BTC_peter.csv", "", None, None),
        ("peter_BTC_USDT_USDT-1h-futures.feather", "", "BTC/USDT:USDT", "1h"),
        ("BTC_USD_BTC.csv", "", "BTC/USD:BTC", None),
        ("XBT_USD_XBT.csv", "", "BTC/USD:BTC", None),
        ("BTC_USD_USDC.csv", "", None, None),
        ("BTCUSDT_ETHUSDT.csv", "", None, None),
        ("BTC_ETH_LTC.csv", "", None, None),
        ("BTC_BTCUSDT_1h.csv", "", "BTC/USDT", "1h"),
        ("BTC_PLN_1d.csv", "", "BTC/PLN", "1d"),
        ("XVG_BTC-5m.feather", "", "XVG/BTC", "5m"),
        ("FOO_USDT_USDT-1h-futures.feather", "", "FOO/USDT:USDT", "1h"),
        ("prices_near_low.csv", "", None, None),
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
def test_what_paths_say(path: str, venue: str, instrument: str | None, timeframe: str | None) -> None:
    named = read_path(Path(path))
    found = named.instrument and str(named.instrument)
    assert (named.venue, found, named.timeframe and str(named.timeframe)) == (venue, instrument, timeframe)
    assert named.instrument is None or named.instrument.venue == venue


@pytest.mark.parametrize("name", ["BTC_USDT_USDT-1h-mark.feather", "BTC_USDT_USDT-8h-funding_rate.feather"])
def test_prices_that_nobody_traded_at_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="not bars of trades; leave it out"):
        read_path(Path("futures") / name)
