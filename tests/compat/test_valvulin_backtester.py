"""The backtester of Valvulin: its rules by Wickwork's engine, on paths where each rule decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from wickwork import InputError, demo_bars
from wickwork.compat.valvulin import (
    Backtester,
    BacktestResult,
    BacktestSettings,
    EMAMACDStrategy,
    OrderStatus,
    TradeSignal,
    aggregate_backtest_results,
)

pd = pytest.importorskip("pandas")
CALM: dict[str, Any] = {"commission_pct": 0.0, "slippage_pct": 0.0}
"""Without costs, so that results in R are whole numbers."""


def path(closes: Sequence[float], spread: float = 0.5, start: str = "2024-01-01") -> Any:
    """Hourly bars that open at the close before and reach `spread` beyond body; the true range is mostly 2 × spread."""
    closes = np.asarray(closes, np.float64)
    opens = np.concatenate([closes[:1], closes[:-1]])
    index = pd.date_range(start, periods=len(closes), freq="1h")
    high, low = np.maximum(opens, closes) + spread, np.minimum(opens, closes) - spread
    return pd.DataFrame({"open": opens, "high": high, "low": low, "close": closes, "volume": 10.0}, index)


def signal(df: Any, bar: int, side: str = "BUY", **own: Any) -> TradeSignal:
    return TradeSignal("BTCUSDT", df.index[bar], side, own.pop("quantity", None), **own)


def run(df: Any, signals: Sequence[TradeSignal], **changes: Any) -> BacktestResult:
    return Backtester(df, **{**CALM, **changes}).run(signals)


FLAT = [100.0] * 20


def test_stop_and_target_of_their_own_are_two_atr_and_rr_times_that_away() -> None:
    """ATR is 1, so 1 R is 2: up by 4 takes the profit of 2 R, and 1 % of 1,000 is risked."""
    df = path([*FLAT, 102, 104.4, 104.4])
    (trade,) = run(df, [signal(df, 18)], break_even=False, trail_atr_multiplier=None).trades
    assert (trade.entry_time, trade.exit_time) == (df.index[19], df.index[21])
    assert (trade.entry_price, trade.exit_price, trade.quantity) == (100.0, 104.0, pytest.approx(5.0))
    assert (trade.r_multiple, trade.pnl, trade.pnl_pct) == (pytest.approx(2), pytest.approx(20), pytest.approx(2))
    assert (trade.status, trade.exit_reason) == (OrderStatus.FILLED, "take profit")


def test_a_short_is_the_mirror_image() -> None:
    df = path([*FLAT, 98, 95.6, 95.6])
    (trade,) = run(df, [signal(df, 18, "SELL")], break_even=False, trail_atr_multiplier=None).trades
    assert (trade.exit_price, trade.r_multiple) == (96.0, pytest.approx(2))


def test_a_wick_before_the_entry_stops_nothing() -> None:
    """The bar of the signal falls far before it closes; the position is opened at the next open."""
    df = path([*FLAT, 102, 104.4])
    df.iloc[18, df.columns.get_loc("low")] = 50.0
    (trade,) = run(df, [signal(df, 18)], break_even=False, trail_atr_multiplier=None).trades
    assert trade.r_multiple == pytest.approx(2)


def test_a_signal_keeps_its_own_prices() -> None:
    df = path([*FLAT, 101, 102, 103.2])
    own = signal(df, 18, stop_loss=90.0, take_profit=103.0)
    (trade,) = run(df, [own], break_even=False, trail_atr_multiplier=None).trades
    assert (trade.exit_price, trade.r_multiple) == (103.0, pytest.approx(0.3))
    stop_alone = signal(df, 18, stop_loss=99.0)
    (trade,) = run(df, [stop_alone], break_even=False, trail_atr_multiplier=None).trades
    assert (trade.exit_price, trade.r_multiple) == (102.0, pytest.approx(2))
    target_alone = signal(df, 18, take_profit=101.0)
    (trade,) = run(df, [target_alone], break_even=False, trail_atr_multiplier=None).trades
    assert (trade.exit_price, trade.r_multiple) == (101.0, pytest.approx(0.5))


def test_the_ratios_move_stop_and_target() -> None:
    df = path([*FLAT, 98.9, 95, 95])
    (trade,) = run(df, [signal(df, 18)], sl_ratio=0.5, rr_ratio=1).trades
    assert (trade.exit_price, trade.r_multiple) == (99.0, pytest.approx(-1))
    df = path([*FLAT, 103.1, 95])
    (trade,) = run(df, [signal(df, 18)], rr_ratio=1, break_even=False, trail_atr_multiplier=None).trades
    assert trade.exit_price == 103.0, "at least 1.5 × 2 ATR"


def test_without_a_range_two_atr_are_one_percent() -> None:
    df = path([*FLAT, 98.0, 98.0], spread=0.0)
    (trade,) = run(df, [signal(df, 18)]).trades
    assert trade.exit_price == 99.0
    df = path([100, 100, 98, 98], spread=0.25)
    (trade,) = run(df, [signal(df, 0)]).trades
    assert trade.exit_price == 99.0


def test_one_position_at_a_time() -> None:
    df = path([*FLAT, *FLAT])
    result = run(df, [signal(df, bar, side) for bar, side in zip(range(16, 21), ["BUY", "SELL"] * 3, strict=False)])
    assert len(result.trades) == 1
    assert [reason for _, reason in result.skipped] == ["a position is held"] * 4
    twice = run(df, [signal(df, 16), signal(df, 16, "SELL")])
    assert [(one.side, reason) for one, reason in twice.skipped] == [
        ("SELL", "another signal came before it on the same bar")
    ]


def test_what_is_open_at_the_end_has_expired() -> None:
    df = path([*FLAT, 101])
    result = run(df, [signal(df, 18), signal(df, 20), TradeSignal("BTCUSDT", datetime(2025, 1, 1), "BUY", 1.0)])
    (trade,) = result.trades
    assert (trade.status, trade.exit_time, trade.exit_price) == (OrderStatus.EXPIRED, df.index[-1], 101.0)
    assert [reason for _, reason in result.skipped] == ["a position is held", "it comes after the last bar"]
    late = run(df, [signal(df, 20)])
    assert [reason for _, reason in late.skipped] == ["the bars end before its order could be filled"]


def test_break_even_after_one_r() -> None:
    """At +1 R (102) the stop moves to 100; the trailing stop, 3 below the highest price, is further away."""
    df = path([*FLAT, 101.6, 101.4, 99.9, 95])
    (trade,) = run(df, [signal(df, 18)]).trades
    assert (trade.exit_price, trade.r_multiple, trade.exit_reason) == (100.0, pytest.approx(0), "stop loss")
    (trade,) = run(df, [signal(df, 18)], break_even=False, trail_atr_multiplier=None).trades
    assert trade.r_multiple == pytest.approx(-1)
    short = 200 - df[["open", "close"]].assign(high=df.low, low=df.high)
    (trade,) = run(short, [signal(df, 18, "SELL")]).trades
    assert trade.r_multiple == pytest.approx(0)


def test_break_even_counts_from_a_stop_of_its_own() -> None:
    df = path([*FLAT, 101.6, 101.4, 99.9, 95])
    (trade,) = run(df, [signal(df, 18, stop_loss=98.5)], trail_atr_multiplier=None).trades
    assert trade.r_multiple == pytest.approx(0)
    (trade,) = run(df, [signal(df, 18, stop_loss=97.0)], trail_atr_multiplier=None).trades
    assert trade.r_multiple == pytest.approx(-1), "1 R was 3"


def test_the_trailing_stop_is_three_atr_below_the_highest_price() -> None:
    df = path([*FLAT, 101.4, 103, 104.4, 105.8, 103.2, 95])
    (trade,) = run(df, [signal(df, 18)], rr_ratio=5).trades
    assert (trade.exit_reason, trade.exit_price) == ("trailing stop", pytest.approx(106.3 - 3))


def test_the_quantity_is_the_least_of_risk_signal_and_leverage() -> None:
    df = path([*FLAT, 101])
    for quantity, changes, expected in [
        (None, {}, 5.0),
        (0.25, {}, 0.25),
        (100.0, {}, 5.0),
        (None, {"sl_ratio": 0.01}, 30.0),
    ]:
        result = run(df, [signal(df, 18, quantity=quantity)], **changes)
        bought = sum(one["quantity"] for one in result.run.history.fills[:1])  # type: ignore[union-attr]
        assert bought == pytest.approx(expected), (quantity, changes)
    assert run(df, [signal(df, 18)], risk_per_trade_pct=2).trades[0].quantity == pytest.approx(10)


LOSSES = [100.0, 100.0, 97.0, 100.0] * 12
"""Each signal at the second of four bars loses 1 R."""


def losses(days_apart: bool = False) -> tuple[Any, list[TradeSignal]]:
    df = path([*FLAT, *LOSSES], spread=0.5)
    df = df.assign(high=100.5)
    if days_apart:
        df.index = pd.date_range("2024-01-01", periods=len(df), freq="8h")
    return df, [signal(df, bar, stop_loss=98.0) for bar in range(21, len(df) - 3, 4)]


def test_a_day_ends_at_its_limit_of_loss() -> None:
    df, signals = losses()
    result = run(df, signals, drawdown_halt=None, drawdown_slowdown=None)
    by_day = pd.Series([one.entry_time.date() for one in result.trades]).value_counts()
    assert set(by_day) <= {1, 2}
    assert {reason for _, reason in result.skipped} == {"the loss of the day is at its limit"}
    free = run(df, signals, drawdown_halt=None, drawdown_slowdown=None, max_daily_loss_r=None)
    assert len(free.trades) == len(signals)


def test_the_limit_of_a_day_counts_what_is_lost_and_not_what_could_be() -> None:
    """A quantity of its own far below the risk: a loss of its own risk is 1 R all the same."""
    df, signals = losses()
    small = [TradeSignal("BTCUSDT", one.timestamp, "BUY", 0.01, stop_loss=98.0) for one in signals]
    assert len(run(df, small).trades) == len(run(df, signals, drawdown_halt=None, drawdown_slowdown=None).trades)


def test_drawdown_halves_the_risk_and_then_halts_for_good() -> None:
    df, signals = losses(days_apart=True)
    result = run(df, signals, risk_per_trade_pct=3, max_daily_loss_r=None)
    risked = [100 * one.risk_amount / one.entry_equity for one in result.trades]
    assert np.allclose(risked, [3, 3, 3, 1.5], rtol=1e-9)
    assert {reason for _, reason in result.skipped} == {"the drawdown has halted the trading"}
    assert len(result.trades) + len(result.skipped) == len(signals)


def test_limit_orders_wait_and_are_replaced_by_the_next_signal() -> None:
    df = path([*FLAT, 99.6, 98.4, 98.4, 99])
    limit = {"entry_type": "limit", "stop_loss": 90.0}
    (trade,) = run(df, [signal(df, 17, entry_price=98.0, **limit)]).trades
    assert (trade.entry_price, trade.entry_time) == (98.0, df.index[21])
    result = run(df, [signal(df, 17, entry_price=98.0, **limit), signal(df, 18, entry_price=99.2, **limit)])
    assert [one.entry_price for one in result.trades] == [99.2]
    assert [reason for _, reason in result.skipped] == ["canceled by the strategy"]
    result = run(df, [signal(df, 17, entry_price=80.0, **{**limit, "stop_loss": 70.0})])
    assert [reason for _, reason in result.skipped] == ["its limit order was not reached"]


def test_a_stop_on_the_wrong_side_is_refused_by_the_venue() -> None:
    df = path([*FLAT, 101])
    result = run(df, [signal(df, 17, stop_loss=105.0), signal(df, 18)])
    assert len(result.trades) == 1
    assert [reason for _, reason in result.skipped] == ["the stop loss is on the wrong side"]


def test_costs_are_in_r() -> None:
    df = path([*FLAT, 102, 104.4])
    (trade,) = run(df, [signal(df, 18)], commission_pct=0.04, slippage_pct=0.02, break_even=False).trades
    assert trade.entry_price == pytest.approx(100.02)
    assert trade.fees == pytest.approx(0.0004 * trade.quantity * (trade.entry_price + trade.exit_price))
    assert trade.r_multiple == pytest.approx(trade.pnl / trade.risk_amount)
    assert trade.r_multiple < 2


def test_times_have_the_zone_of_the_bars() -> None:
    df = path([*FLAT, 102, 104.4])
    result = run(df, [signal(df, 18)])
    assert result.trades[0].entry_time.tz is None
    assert result.equity_curve.index.equals(df.index)
    zoned = df.tz_localize("UTC").tz_convert("Europe/Madrid")
    result = run(zoned, [signal(zoned, 18)])
    assert result.trades[0].entry_time == zoned.index[19]
    assert result.equity_curve.index.equals(zoned.index)


def test_without_signals_nothing_happens() -> None:
    df = path(FLAT)
    result = run(df, [])
    assert (result.trades, result.final_equity, result.total_trades) == ([], 1000.0, 0)
    assert repr(result) == "<BacktestResult: 0 trades, 0 signals skipped, equity 1,000.00 → 1,000.00>"
    assert result.equity_curve.tolist() == [1000.0] * 20


def test_bars_without_volume_and_with_another_price_column() -> None:
    df = path([*FLAT, 102, 104.4])
    assert run(df.drop(columns="volume"), [signal(df, 18)]).trades
    renamed = df.rename(columns={"close": "last"})
    assert Backtester(renamed, "last", **CALM).run([signal(df, 18)]).trades == run(df, [signal(df, 18)]).trades
    titled = df.rename(columns=str.title)
    assert Backtester(titled, **CALM).run([signal(df, 18)]).trades == run(df, [signal(df, 18)]).trades
    assert run(df.iloc[::-1], [signal(df, 18)]).trades == run(df, [signal(df, 18)]).trades


def crossing(symbol: str = "BTC/USDT") -> tuple[Any, list[TradeSignal]]:
    prices = demo_bars(symbol, "1h").slice(0, 3000).to_pandas().tz_localize(None)
    found = EMAMACDStrategy().generate_signals(prices)
    sides = {1: "BUY", -1: "SELL"}
    name = symbol.replace("/", "")
    return prices, [TradeSignal(name, i, sides[s], 1.0, client_tag="cross") for i, s in found.signal.items() if s]


def test_every_signal_has_a_trade_or_a_reason() -> None:
    prices, signals = crossing()
    result = Backtester(prices).run(signals)
    assert len(result.trades) + len(result.skipped) == len(signals)
    assert {one.signal for one in result.trades}.isdisjoint({one for one, _ in result.skipped})
    for one in result.trades:
        assert one.entry_time > one.signal.timestamp
        assert one.strategy == "cross"
    assert result.final_equity - 1000 == pytest.approx(sum(one.pnl for one in result.trades))


def test_results_put_together() -> None:
    results = {name: Backtester(prices).run(signals) for name, (prices, signals) in {
        "BTC": crossing(), "ETH": crossing("ETH/USDT")}.items()}  # fmt: skip
    both = aggregate_backtest_results(results)
    assert both.initial_equity == 2000.0
    assert both.final_equity == pytest.approx(sum(one.final_equity for one in results.values()))
    assert len(both.trades) == sum(len(one.trades) for one in results.values())
    assert {one.strategy for one in both.trades} == {"BTC", "ETH"}
    assert [one.exit_time for one in both.trades] == sorted(one.exit_time for one in both.trades)
    assert both.sharpe is not None
    later = Backtester(path(FLAT, start="2030-01-01")).run([])
    assert aggregate_backtest_results({"BTC": results["BTC"], "later": later}).equity_curve.iloc[0] == 2000.0


DF = path(FLAT)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TradeSignal("BTC", DF.index[0], "LONG", 1.0), "side of a signal is BUY or SELL, was 'LONG'"),
        (lambda: TradeSignal(None, DF.index[0], "BUY", 1.0), "symbol of a signal is a text"),  # type: ignore[arg-type]
        (lambda: run(DF, [TradeSignal("BTCUSDT", pd.NaT, "BUY", 1.0)]), "NaT"),
        (lambda: run(DF, [TradeSignal("BTC/USDT/ETH", DF.index[0], "BUY", 1.0)]), "is not an instrument"),
        (lambda: run(DF.iloc[[3, 3, 4]], []), "bar"),
        (lambda: run(DF.iloc[:0], []), "too few rows"),
        (lambda: run(DF.assign(high=np.nan), []), "high"),
        (lambda: TradeSignal("BTC", DF.index[0], "BUY", -1.0), "quantity of the signal .* above 0, was -1.0"),
        (lambda: TradeSignal("BTC", DF.index[0], "BUY", 1.0, "stop"), "entry_type .* was 'stop'"),
        (lambda: TradeSignal("BTC", DF.index[0], "BUY", 1.0, "limit"), "limit signal of .* has no entry_price"),
        (lambda: TradeSignal("BTC", DF.index[0], "BUY", 1.0, stop_loss=float("nan")), "stop_loss .* was nan"),
        (lambda: run(DF, [TradeSignal("BTC", "soon", "BUY", 1.0)]), "soon"),
        (lambda: run(DF, [signal(DF, 1), TradeSignal("ETHUSDT", DF.index[2], "BUY", 1.0)]), "BTCUSDT, ETHUSDT"),
        (lambda: run(DF, [{"side": "BUY"}]), "run takes TradeSignals"),  # type: ignore[list-item]
        (lambda: run(DF, 5), "run takes TradeSignals, was given 5"),  # type: ignore[arg-type]
        (lambda: Backtester([1, 2]), "DataFrame with a DatetimeIndex"),
        (lambda: Backtester(DF.reset_index()), "DataFrame with a DatetimeIndex"),
        (lambda: Backtester(DF.drop(columns="open")), "no column open"),
        (lambda: Backtester(DF, "mid"), "no column 'mid'"),
        (lambda: Backtester(DF, risk=1), "no setting 'risk'"),
        (lambda: Backtester(DF, risk_per_trade_pct=0), "risk_per_trade_pct is a number from"),
        (lambda: Backtester(DF, max_daily_loss_r=2), "max_daily_loss_r is a number from"),
        (lambda: BacktestSettings(max_consecutive_losses=3), "no setting max_consecutive_losses: .* drawdown_halt"),
        (lambda: BacktestSettings(use_session_limits=True), "leave the signals outside of the session out"),
        (lambda: BacktestSettings(initial_equity=None), "initial_equity is a number"),  # type: ignore[arg-type]
        (lambda: BacktestSettings(atr_period=2.5), "atr_period is a whole number"),  # type: ignore[arg-type]
        (lambda: Backtester(DF).run([], settings=3), "settings= takes BacktestSettings"),
        (lambda: aggregate_backtest_results({}), "no results to put together"),
        (lambda: aggregate_backtest_results({"a": 1}), "a is no BacktestResult"),  # type: ignore[dict-item]
    ],
)
def test_wrong_input_is_a_sentence(make: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        make()


def test_settings_of_a_run_come_before_those_of_the_backtester() -> None:
    df = path([*FLAT, 101])
    tester = Backtester(df, **CALM)
    assert tester.run([signal(df, 18)], risk_per_trade_pct=3).trades[0].quantity == pytest.approx(15)
    assert tester.run([signal(df, 18)], settings={"initial_equity": 2000, **CALM}).trades[0].quantity == pytest.approx(
        10
    )
