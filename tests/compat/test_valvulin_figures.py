"""Figures of random trades against a calculation of its own in plain Python."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from wickwork.compat.valvulin import compute_performance_metrics


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def trades_of(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    sign = rng.choice([abs, lambda pnl: -abs(pnl), lambda pnl: pnl, lambda pnl: 0.0])
    trades = []
    for _ in range(rng.choice([0, 1, 2, 3, 20, 45])):
        pnl, risk = sign(rng.gauss(0, 10)), rng.choice([0.0, 5.0, 8.0])
        trades.append({"pnl": pnl, "risk_amount": risk, "r_multiple": pnl / risk if risk else None})
    return trades


def figures(trades: list[dict[str, Any]], start: float) -> dict[str, Any]:
    equity = [start]
    for one in trades:
        equity.append(equity[-1] + one["pnl"])
    pnl, n = [one["pnl"] for one in trades], len(trades)
    percent = [100 * x / before for x, before in zip(pnl, equity, strict=False)]
    r = [one["r_multiple"] for one in trades if one["r_multiple"] is not None]
    won, lost = [x for x in r if x > 0], [x for x in r if x < 0]
    gain, loss = sum(x for x in pnl if x > 0), -sum(x for x in pnl if x < 0)
    ratio = mean(won) / -mean(lost) if lost else math.inf if won else 0.0
    falls = [(max(equity[: i + 1]), equity[i]) for i in range(len(equity))]
    spread = math.sqrt(sum((x - mean(percent)) ** 2 for x in percent) / (n - 1)) if n > 1 else 0.0
    down = math.sqrt(mean([min(x, 0.0) ** 2 for x in percent])) if n > 1 else 0.0
    rows = "".join("L" if x < 0 else " " for x in pnl).split()
    return {
        "total_trades": n,
        "win_rate": sum(x > 0 for x in pnl) / n if n else 0.0,
        "profit_factor": gain / loss if loss else math.inf if gain else 0.0,
        "average_r_multiple": mean(r),
        "expectancy": (len(won) * mean(won) + len(lost) * mean(lost)) / len(r) if r else 0.0,
        "rr_effective": ratio,
        "breakeven_winrate_pct": 100 / (1 + ratio) if r else 0.0,
        "max_drawdown": max(top - x for top, x in falls),
        "max_drawdown_pct": max(100 * (top - x) / top for top, x in falls),
        "cumulative_return_pct": 100 * (equity[-1] / start - 1),
        "final_equity": equity[-1],
        "per_trade_sharpe": mean(percent) / spread * 252**0.5 if spread else None,
        "per_trade_sortino": mean(percent) / down * 252**0.5 if down else None,
        "max_consecutive_losses": max(map(len, rows), default=0),
        "value_at_risk_pct": max(0.0, -sorted(percent)[max(1, n // 20) - 1]) if n else 0.0,
        "capital_at_risk": max([one["risk_amount"] for one in trades], default=0.0),
        "equity_at_risk_pct": mean([100 * t["risk_amount"] / e for t, e in zip(trades, equity, strict=False)]),
    }


@pytest.mark.parametrize("seed", range(60))
def test_the_figures_of_random_trades(seed: int) -> None:
    trades = trades_of(seed)
    found = compute_performance_metrics(trades, 1000.0).to_dict()
    for name, wanted in figures(trades, 1000.0).items():
        assert found[name] == (None if wanted is None else pytest.approx(wanted, rel=1e-9, abs=1e-9)), name
