# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["freqtrade==2026.9"]
# [tool.against]
# title = "freqtrade"
# ///
"""freqtrade: its Backtesting class without a connection, from a DataFrame in memory to its backtest statistics."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = ("freqtrade", "numpy", "pandas")
PAIR = "BTC/USDT"
STAKE = 100
MODEST = f"a stake of {STAKE} USDT instead of one unit, no slippage; taken for 5-minute bars; fills at the next open"
STRATEGY = """
from freqtrade.strategy import IStrategy
from technical.qtpylib import crossed_above, crossed_below


class Cross(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "5m"
    can_short = False
    startup_candle_count = 0
    process_only_new_candles = True
    minimal_roi = {roi}
    stoploss = {stoploss}
    trailing_stop = {trailing}
    use_exit_signal = True

    def populate_indicators(self, dataframe, metadata):
        for name, span in (("quick", {fast}), ("calm", {slow})):
            dataframe[name] = dataframe["close"].ewm(span=span, adjust=False).mean()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[crossed_above(dataframe["quick"], dataframe["calm"]), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[crossed_below(dataframe["quick"], dataframe["calm"]), "exit_long"] = 1
        return dataframe
"""


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    logging.disable(logging.CRITICAL)
    from freqtrade.optimize import backtesting

    assert backtesting
    return {
        "unit": {"most": 100_000, "note": MODEST},
        "unit_stops": {"most": 100_000, "note": f"minimal_roi 5 %, trailing stoploss 2 %; {MODEST}"},
    }


def _market(fee: float) -> dict[str, Any]:
    limits = {
        "amount": {"min": 1e-8, "max": 1e12},
        "price": {"min": None, "max": None},
        "cost": {"min": 1e-4, "max": None},
        "leverage": {"min": None, "max": None},
    }
    flags = {"active": True, "spot": True, "swap": False, "future": False, "margin": False, "linear": None}
    names = {"id": "BTCUSDT", "symbol": PAIR, "base": "BTC", "quote": "USDT", "type": "spot"}
    precision = {"price": 1e-8, "amount": 1e-8}
    return {**names, **flags, "limits": limits, "precision": precision, "taker": fee, "maker": fee, "info": {}}


def _config(folder: Path, fee: float) -> dict[str, Any]:
    from freqtrade.enums import CandleType, RunMode

    pricing = {"price_side": "other", "use_order_book": False, "price_last_balance": 0.0}
    return {
        "exchange": {
            "name": "binance",
            "pair_whitelist": [PAIR],
            "pair_blacklist": [],
            "ccxt_config": {},
            "key": "",
            "secret": "",
        },
        "stake_currency": "USDT",
        "stake_amount": STAKE,
        "dry_run": True,
        "dry_run_wallet": 1e6,
        "max_open_trades": 1,
        "timeframe": "5m",
        "strategy": "Cross",
        "user_data_dir": folder,
        "strategy_path": str(folder),
        "datadir": folder,
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": pricing,
        "exit_pricing": pricing,
        "fee": fee,
        "trading_mode": "spot",
        "margin_mode": "",
        "candle_type_def": CandleType.SPOT,
        "runmode": RunMode.HYPEROPT,
        "export": "none",
        "dataformat_ohlcv": "feather",
        "dataformat_trades": "feather",
        "original_config": {},
        "position_stacking": False,
        "tradable_balance_ratio": 0.99,
        "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes"},
        "order_types": {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False},
        "order_time_in_force": {"entry": "GTC", "exit": "GTC"},
        "internals": {},
        "cancel_open_orders_on_exit": False,
        "last_stake_amount_min_ratio": 0.5,
        "enable_protections": False,
    }


def _engine(folder: Path, fee: float) -> Any:
    """Its Backtesting on an exchange object that never connects."""
    from freqtrade.exchange import Binance, Exchange
    from freqtrade.optimize.backtesting import Backtesting

    Exchange.reload_markets = lambda self, *_, **__: None
    Exchange.validate_timeframes = lambda self, *_, **__: None
    Exchange.validate_required_startup_candles = lambda self, *_, **__: 0
    config = _config(folder, fee)
    exchange = Binance(config, validate=False, load_leverage_tiers=False)
    exchange._markets = exchange._api.markets = exchange._api_async.markets = {PAIR: _market(fee)}
    return Backtesting(config, exchange=exchange)


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    import pandas as pd
    from freqtrade.configuration import TimeRange
    from freqtrade.optimize.optimize_reports import generate_backtest_stats

    stops = given.work.endswith("stops")
    values = {
        "roi": {"0": given.target if stops else 1000.0},
        "stoploss": -given.trail if stops else -0.99,
        "trailing": stops,
        "fast": given.fast,
        "slow": given.slow,
    }
    folder = Path(tempfile.mkdtemp())
    text = STRATEGY
    for name, value in values.items():
        text = text.replace("{" + name + "}", repr(value))
    (folder / "cross.py").write_text(text)
    engine = _engine(folder, given.fee)
    columns = {name: getattr(given, name) for name in ("open", "high", "low", "close", "volume")}
    opened = given.times[0] + (given.times - given.times[0]) * 5
    dates = pd.DatetimeIndex(opened.astype("datetime64[ms]")).tz_localize("UTC")
    frame = pd.DataFrame({"date": dates, **columns})

    def run() -> dict[str, Any]:
        engine.all_bt_content.clear()
        first, last = engine.backtest_one_strategy(engine.strategylist[0], {PAIR: frame.copy()}, TimeRange())
        content = engine.all_bt_content
        found = generate_backtest_stats({PAIR: frame}, content, min_date=first, max_date=last)["strategy"]["Cross"]
        return {
            "trades": found["total_trades"],
            "total_return": found["profit_total"] * 100.0,
            "sharpe": found["sharpe"],
            "max_drawdown": found["max_drawdown_account"] * 100.0,
            "win_rate": found["wins"] / found["total_trades"] * 100.0,
        }

    return run
