"""Pictures of trades, drawn by Matplotlib.

Each function returns the figure; with `output_path` it is written there, too, as the kind of file that its name ends
in, and with `show` it is opened in a window. All raise InputError for trades that are none, for a picture that cannot
be written, and where Matplotlib is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wickwork.compat.extras import optional
from wickwork.compat.valvulin.drawn import DOWN, EVEN, SIDES, UP, candles_of, indicator_lines, trade_rows
from wickwork.compat.valvulin.performance import group_metrics_by_strategy, rows_of, value_of
from wickwork.model.errors import InputError
from wickwork.store.durable import make_folder, replacing

MARKERS = {"BUY": "^", "SELL": "v"}


def plot_equity_curve(trades: Any, output_path: str | Path | None = None, show: bool = False) -> Any:
    """The equity at each bar of a `BacktestResult`, or the sum of R after each of some trades."""
    figure, axes = _figure("Equity" if hasattr(trades, "equity_curve") else "Cumulative R", show)
    if hasattr(trades, "equity_curve"):
        curve = trades.equity_curve
        axes.plot(_in_utc(curve.index), curve.to_numpy())
        axes.set(xlabel="Time", ylabel="Equity (quote)")
    else:
        axes.plot(np.arange(1, len(_r(trades)) + 1), np.cumsum(_r(trades)), marker="o")
        axes.set(xlabel="Trade", ylabel="Sum of R")
    return _done(figure, output_path, show)


def plot_r_distribution(trades: Any, bins: int = 20, output_path: str | Path | None = None, show: bool = False) -> Any:
    """A histogram of the results of trades in R."""
    figure, axes = _figure("Distribution of R", show)
    axes.hist(_r(trades), bins=bins, color=UP, edgecolor="white")
    axes.set(xlabel="R", ylabel="Trades")
    return _done(figure, output_path, show)


def plot_strategy_patterns(trades: Any, output_path: str | Path | None = None, show: bool = False) -> Any:
    """The expectancy in R of each strategy, with its win rate."""
    figure, axes = _figure("Expectancy by strategy", show)
    groups = group_metrics_by_strategy(trades)
    drawn = axes.bar(list(groups), [one.expectancy for one in groups.values()])
    axes.bar_label(drawn, [f"{100 * one.win_rate:.1f} % of {one.total_trades} won" for one in groups.values()])
    axes.set(xlabel="Strategy", ylabel="Expectancy (R)")
    return _done(figure, output_path, show)


def plot_trade_signals(
    ohlc: Any,
    trades: Any,
    *,
    indicator_builders: Mapping[str, Callable[[Any], Any]] | None = None,
    indicators: Mapping[str, Any] | None = None,
    output_path: str | Path | None = None,
    show: bool = False,
    annotate_exits: bool = True,
) -> Any:
    """Candles with the entries and exits of trades, the stops of their signals, and indicators.

    `indicators` are series by name; `indicator_builders` are functions of the bars that compute them.
    """
    frame, rows = candles_of(ohlc), trade_rows(trades)
    figure, axes = _figure("Trades", show)
    times = _in_utc(frame.index)
    width = np.diff(times).min() * 0.6 if len(times) > 1 else np.timedelta64(1, "h")
    colors = np.where(frame.close >= frame.open, UP, DOWN).tolist()
    axes.vlines(times, frame.low, frame.high, colors=colors, linewidth=1)
    axes.bar(times, frame.close - frame.open, width, frame.open, color=colors, alpha=0.7)
    for name, line in indicator_lines(frame, {**(indicators or {}), **(indicator_builders or {})}):
        axes.plot(times, line.to_numpy(), label=name, linewidth=1.3)
    for side in SIDES:
        own = [row for row in rows if row["side"] == side]
        if own:
            x, y = [_plain(row["entry_time"]) for row in own], [row["entry_price"] for row in own]
            axes.scatter(
                x, y, c=[_color(row) for row in own], marker=MARKERS[side], s=70, label=f"{side.title()} entry"
            )
    if annotate_exits and rows:
        x, y = [_plain(row["exit_time"]) for row in rows], [row["exit_price"] for row in rows]
        axes.scatter(x, y, c=[_color(row) for row in rows], marker="x", s=60, label="Exit")
        for row in rows:
            at = _plain(row["exit_time"])
            axes.text(at, row["exit_price"], "  " + row["label"], color=_color(row), fontsize=8)
            if row["stop_loss"]:
                axes.hlines(row["stop_loss"], _plain(row["entry_time"]), at, colors=_color(row), linestyles="dotted")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", fontsize=9)
    axes.set(xlabel="Time", ylabel="Price")
    return _done(figure, output_path, show)


def _in_utc(index: Any) -> Any:
    """The times of an index as Matplotlib takes them, in UTC."""
    return (index if index.tz is None else index.tz_convert(None)).to_numpy()


def _plain(moment: Any) -> Any:
    """One such time."""
    return moment.to_datetime64()


def _color(row: Mapping[str, Any]) -> str:
    return UP if row["pnl"] > 0 else DOWN if row["pnl"] < 0 else EVEN


def _r(trades: Any) -> Any:
    """R of each trade that has one."""
    values = [value_of(one, "r_multiple") for one in rows_of(getattr(trades, "trades", trades))]
    return np.array([float(one) for one in values if one is not None and one == one])


def _figure(title: str, show: bool) -> tuple[Any, Any]:
    """A figure with axes; only one that is to be shown belongs to Matplotlib's list of open windows."""
    make = optional("matplotlib.figure", "plots", "A picture of trades").Figure
    if show:
        make = optional("matplotlib.pyplot", "plots", "A picture of trades").figure
    figure = make(figsize=(12, 6), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.grid(visible=True, alpha=0.25)
    return figure, axes


def _done(figure: Any, output_path: str | Path | None, show: bool) -> Any:
    if output_path is not None:
        path = Path(output_path)
        kind = path.suffix[1:].lower()
        known = sorted(figure.canvas.get_supported_filetypes())
        if kind not in known:
            raise InputError(f"A picture cannot be written as {path.name!r}; let its name end in .{', .'.join(known)}.")
        try:
            make_folder(path.absolute().parent)
            with replacing(path) as file:
                figure.savefig(file, format=kind, bbox_inches="tight")
        except OSError as error:
            raise InputError(f"The picture cannot be written to {path}: {error.strerror or error}.") from error
    if show:
        optional("matplotlib.pyplot", "plots", "A picture of trades").show()
    return figure
