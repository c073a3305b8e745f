"""The files of a Valvulin result."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path
from typing import Any

from wickwork.compat.valvulin.performance import group_metrics_by_strategy
from wickwork.compat.valvulin.writing import write_file


def export(result: Any, folder: Path) -> dict[str, Path]:
    """Write the tables of a `BacktestResult` as CSV, and its figures as `summary.json` too; the paths by name.

    CSV files have all digits of every number. JSON has no infinity: such a figure is null there. Raises InputError
    where the folder cannot be written.
    """
    import pandas as pd

    by_strategy = group_metrics_by_strategy(result.trades)
    tables = {
        "trades": result.trades_frame(),
        "equity": result.equity_curve.rename_axis("timestamp").reset_index(),
        "r_multiples": result.r_distribution.to_frame(),
        "metrics": pd.DataFrame({"metric": list(result.summary()), "value": list(result.summary().values())}),
        "strategy_r": pd.DataFrame(
            [
                {
                    "strategy": name,
                    "trades": one.total_trades,
                    "win_rate": one.win_rate,
                    "total_r": one.total_r_multiple,
                    "average_r": one.average_r_multiple,
                    "expectancy": one.expectancy,
                }
                for name, one in by_strategy.items()
            ],
            columns=["strategy", "trades", "win_rate", "total_r", "average_r", "expectancy"],
        ),
    }
    paths = {}
    for name, table in tables.items():
        paths[name] = folder / f"{name}.csv"
        write_file(paths[name], "The result", partial(table.to_csv, index=False))
    summary = {
        "metrics": _plain(result.summary()),
        "strategies": {name: _plain(one.to_dict()) for name, one in by_strategy.items()},
        "skipped": [
            {"timestamp": str(signal.timestamp), "side": signal.side, "reason": reason}
            for signal, reason in result.skipped
        ],
    }
    paths["summary"] = folder / "summary.json"
    text = json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_file(paths["summary"], "The result", lambda file: file.write(text.encode()))
    return paths


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in figures.items()}
