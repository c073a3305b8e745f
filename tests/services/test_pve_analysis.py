from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pandas as pd
import pytest

from wickwork import backtest, demo_bars
from wickwork.services.pve_names import CHART_FILE
from wickwork.services.work.pve_analysis import analyze
from wickwork.templates import template

HOURS = pd.date_range("2024-01-01", periods=60, freq="h", tz="UTC")


def content(equity: Any, trades: Any, fills: Any) -> dict[str, bytes]:
    files = {CHART_FILE: gzip.compress(b'{"graph_name": "g", "symbol": "AUSDT", "timeframe": "1h"}')}
    for name, table in (("equity", equity), ("trades", trades), ("fills", fills)):
        made = io.BytesIO()
        table.to_parquet(made)
        files[f"{name}.parquet"] = made.getvalue()
    return files


def trade(opened: int, closed: int, entry: float, exit_: float, quantity: float, gain: float) -> dict[str, Any]:
    percent = gain / entry / quantity * 100
    return {
        "instrument": "A/USDT:USDT", "open": False, "opened_at": HOURS[opened], "closed_at": HOURS[closed],
        "quantity": quantity, "entry": entry, "exit": exit_, "gain": gain, "gain_percent": percent,
        "fees": 0.0, "funding": 0.0,
    }  # fmt: skip


def fill(hour: int, side: str, price: float, quantity: float, position: float, fee: float = 0.0) -> dict[str, Any]:
    return {
        "instrument": "A/USDT:USDT", "filled_at": HOURS[hour], "side": side, "price": price, "quantity": quantity,
        "position": position, "fee": fee,
    }  # fmt: skip


def test_prices_and_profits_are_not_rounded_and_the_first_loss_is_a_drawdown() -> None:
    equity = pd.Series([1000.0] * 5 + [970.0] * 5 + [1002.3] * 50, HOURS, name="equity").to_frame()
    trades = pd.DataFrame([trade(2, 10, 0.02344, 0.02367, 10_000.0, 2.3)])
    fills = pd.DataFrame([fill(2, "buy", 0.02344, 1e4, 1e4), fill(10, "sell", 0.02367, 1e4, 0.0)])
    found = analyze(content(equity, trades, fills), 1000.0, 300.0)
    (one,) = found["Trades Details"]
    assert (one["entry_price"], one["exit_price"], one["profit"]) == (0.02344, 0.02367, 2.3)
    assert found["Max Drawdown (%)"] == pytest.approx(10.0)
    assert found["Final Capital"] == pytest.approx(302.3)
    assert found["Average Trade Duration"] == "8h 0m 0s"
    assert found["DF Duration"] == "2d 11h 0m 0s"


def test_a_fill_that_turns_the_position_is_divided_between_two_trades() -> None:
    equity = pd.Series([1000.0] * 60, HOURS, name="equity").to_frame()
    trades = pd.DataFrame([trade(1, 2, 10.0, 12.0, 1.0, 2.0), trade(2, 3, 12.0, 11.0, 3.0, 3.0)])
    fills = pd.DataFrame(
        [fill(1, "buy", 10.0, 1.0, 1.0), fill(2, "sell", 12.0, 4.0, -3.0, 0.4), fill(3, "buy", 11.0, 3.0, 0.0)]
    )
    found = analyze(content(equity, trades, fills), 1000.0, 1000.0)["Trades Details"]
    assert [[(one["side"], one["qty"]) for one in each["orders"]] for each in found] == [
        [("BUY", 1.0), ("SELL", 1.0)],
        [("SELL", 3.0), ("BUY", 3.0)],
    ]
    assert [each["orders"][0 if n else 1]["fee"] for n, each in enumerate(found)] == pytest.approx([0.1, 0.3])


def test_a_run_without_a_trade_is_analyzed() -> None:
    done = backtest(template("ema_cross").path, demo_bars("BTC/USDT", "4h").slice(0, 20))
    assert not len(done.trades)
    found = analyze(content(done.equity.to_frame(), done.trades, done.fills), 10_000.0, 300.0)
    assert (found["Number of Trades"], found["Win Rate (%)"], found["Sharpe Ratio"]) == (0, None, None)
    assert [one["equity"] for one in found["Equity Curve"]] == [300.0, 300.0]
    json.dumps(found, allow_nan=False)
