"""The figures of trades against sums written out here, and what is written to files."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wickwork import InputError, demo_bars
from wickwork.compat.valvulin import (
    Backtester,
    EMAMACDStrategy,
    TradeSignal,
    compute_performance_metrics,
    group_metrics_by_strategy,
)

pd = pytest.importorskip("pandas")


def trades(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Trades whose results follow each other on one account."""
    chance, equity, made = random.Random(seed), 1000.0, []
    for i in range(count):
        pnl = round(chance.choice([-10, -7, 0, 5, 18]) * chance.uniform(0.5, 1.5), 6)
        made.append(
            {"pnl": pnl, "pnl_pct": 100 * pnl / equity, "r_multiple": pnl / 10, "risk_amount": 10.0 + i,
             "entry_equity": equity, "strategy": "ab"[i % 2]}
        )  # fmt: skip
        equity += pnl
    return made


@pytest.mark.parametrize("seed", range(5))
def test_figures_as_sums_written_out(seed: int) -> None:
    rows = trades(60, seed)
    found = compute_performance_metrics(rows)
    pnl, r, percent = ([row[name] for row in rows] for name in ("pnl", "r_multiple", "pnl_pct"))
    wins, losses = [x for x in r if x > 0], [x for x in r if x < 0]
    assert found.win_rate == pytest.approx(len(wins) / 60)
    assert found.profit_factor == pytest.approx(sum(x for x in pnl if x > 0) / -sum(x for x in pnl if x < 0))
    assert found.average_r_multiple == pytest.approx(sum(r) / 60)
    mean_win, mean_loss = sum(wins) / len(wins), sum(losses) / len(losses)
    assert found.expectancy == pytest.approx(len(wins) / 60 * mean_win + len(losses) / 60 * mean_loss)
    assert found.rr_effective == pytest.approx(mean_win / -mean_loss)
    assert found.breakeven_winrate_pct == pytest.approx(100 / (1 + mean_win / -mean_loss))
    equity, peak, deepest, share, streak, longest = 1000.0, 1000.0, 0.0, 0.0, 0, 0
    for x in pnl:
        equity += x
        peak = max(peak, equity)
        deepest, share = max(deepest, peak - equity), max(share, (peak - equity) / peak)
        streak = streak + 1 if x < 0 else 0
        longest = max(longest, streak)
    assert (found.max_drawdown, found.max_drawdown_pct) == (pytest.approx(deepest), pytest.approx(100 * share))
    assert (found.final_equity, found.cumulative_return) == (pytest.approx(equity), pytest.approx(equity - 1000))
    assert found.max_consecutive_losses == longest
    mean = sum(percent) / 60
    deviation = math.sqrt(sum((x - mean) ** 2 for x in percent) / 59)
    fall = math.sqrt(sum(min(x, 0.0) ** 2 for x in percent) / 60)
    assert found.per_trade_sharpe == pytest.approx(mean / deviation * math.sqrt(252))
    assert found.per_trade_sortino == pytest.approx(mean / fall * math.sqrt(252))
    assert found.value_at_risk_pct == pytest.approx(-sorted(percent)[2])
    assert found.capital_at_risk == 69.0
    assert found.equity_at_risk_pct == pytest.approx(sum(100 * x["risk_amount"] / x["entry_equity"] for x in rows) / 60)
    assert (found.sharpe, found.sortino) == (None, None), "trades alone have no equity at each bar"


def test_no_trades() -> None:
    found = compute_performance_metrics([]).to_dict()
    assert all(value in (0, None) for value in found.values())
    assert group_metrics_by_strategy([]) == {}
    assert compute_performance_metrics([], initial_equity=500).final_equity == 500


@pytest.mark.parametrize(
    ("pnl", "factor", "effective", "balance"), [(5.0, math.inf, math.inf, 0.0), (-5.0, 0.0, 0.0, 100.0)]
)
def test_a_single_trade(pnl: float, factor: float, effective: float, balance: float) -> None:
    found = compute_performance_metrics([{"pnl": pnl, "r_multiple": pnl / 5, "entry_equity": 100.0}])
    assert (found.profit_factor, found.rr_effective, found.breakeven_winrate_pct) == (factor, effective, balance)
    assert found.expectancy == found.average_r_multiple == pnl / 5
    assert (found.per_trade_sharpe, found.per_trade_sortino) == (None, None)
    assert (found.max_drawdown, found.final_equity) == (max(-pnl, 0), 100 + pnl)


def test_trades_as_a_table_give_the_same() -> None:
    assert compute_performance_metrics(pd.DataFrame(trades(20))) == compute_performance_metrics(trades(20))


def test_figures_by_strategy() -> None:
    rows = trades(21)
    groups = group_metrics_by_strategy(rows)
    assert {name: one.total_trades for name, one in groups.items()} == {"a": 11, "b": 10}
    assert groups["a"] == compute_performance_metrics(rows[::2])
    assert list(group_metrics_by_strategy([{"pnl": 1.0}])) == ["backtest"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([{"r_multiple": 1.0}], "trade 1 of 1 has no result"),
        ([{"pnl": 1.0}, {"pnl": float("nan")}], "trade 2 of 2 has no result"),
        ([{"pnl": "much"}], "pnl of a trade is no number"),
        (3, "Trades are a list of records"),
        ("trades.csv", "Trades are a list of records"),
    ],
)
def test_trades_without_results_are_refused(given: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        compute_performance_metrics(given)


def result(folder: Path | None = None) -> Any:
    prices = demo_bars("BTC/USDT", "1h").slice(0, 3000).to_pandas()
    found = EMAMACDStrategy().generate_signals(prices).signal
    signals = [TradeSignal("BTCUSDT", i, "BUY" if s > 0 else "SELL", 1.0) for i, s in found.items() if s]
    return Backtester(prices, export_directory=folder).run(signals)


def test_a_result_has_the_sharpe_of_the_run_and_the_drawdown_of_every_bar() -> None:
    one = result()
    assert one.sharpe == pytest.approx(one.run.stats["sharpe"])
    assert one.sortino == pytest.approx(one.run.stats["sortino"])
    assert one.max_drawdown_pct == pytest.approx(one.run.stats["max_drawdown"])
    assert one.max_drawdown_pct == pytest.approx(-one.drawdown_curve.min())
    assert one.max_drawdown_pct >= compute_performance_metrics(one.trades).max_drawdown_pct
    assert compute_performance_metrics(one) == one.metrics
    with pytest.raises(AttributeError, match="no 'sharp'"):
        _ = one.sharp


def test_exported_files(tmp_path: Path) -> None:
    one = result(tmp_path / "new" / "out")
    folder = tmp_path / "new" / "out"
    table = pd.read_csv(folder / "trades.csv")
    assert np.array_equal(table.pnl, [trade.pnl for trade in one.trades])
    assert np.array_equal(pd.read_csv(folder / "equity.csv").equity, one.equity_curve)
    assert np.array_equal(pd.read_csv(folder / "r_multiples.csv").r_multiple, one.r_distribution)
    figures = pd.read_csv(folder / "metrics.csv").set_index("metric").value
    assert figures["win_rate"] == one.win_rate
    by_strategy = pd.read_csv(folder / "strategy_r.csv")
    assert by_strategy.strategy.tolist() == ["backtest"]
    assert by_strategy.total_r[0] == one.total_r_multiple
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["metrics"]["total_trades"] == len(one.trades)
    assert len(summary["skipped"]) == len(one.skipped)


def test_a_result_without_trades_is_exported(tmp_path: Path) -> None:
    prices = demo_bars("BTC/USDT", "1h").slice(0, 50).to_pandas()
    paths = Backtester(prices).run([]).export(tmp_path)
    assert pd.read_csv(paths["trades"]).empty
    assert json.loads(paths["summary"].read_text())["strategies"] == {}
    only_wins = compute_performance_metrics([{"pnl": 1.0}])
    assert only_wins.profit_factor == math.inf


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        result().export(tmp_path / "file")
