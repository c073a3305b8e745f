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
from wickwork.compat.valvulin.performance import group_metrics_by_strategy, number_of, rows_of
from wickwork.compat.valvulin.writing import path_of, write_file
from wickwork.model.errors import InputError

MOST_BINS = 10_000
MARKERS = {"BUY": "^", "SELL": "v"}


def plot_equity_curve(trades: Any, output_path: str | Path | None = None, show: bool = False) -> Any:
    """The equity at each bar of a `BacktestResult`, or the sum of R after each of some trades."""
    figure, axes = _figure("Equity" if hasattr(trades, "equity_curve") else "Cumulative R", show)
    if hasattr(trades, "equity_curve"):
        curve = trades.equity_curve
        axes.plot(_in_utc(curve.index), curve.to_numpy())
        axes.set(xlabel="Time", ylabel="Equity (quote)")
    else:
        r = _r(trades)
        axes.plot(np.arange(1, len(r) + 1), np.cumsum(r), marker="o")
        axes.set(xlabel="Trade", ylabel="Sum of R")
    return _done(figure, output_path, show)


def plot_r_distribution(trades: Any, bins: int = 20, output_path: str | Path | None = None, show: bool = False) -> Any:
    """A histogram of the results of trades in R."""
    if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= MOST_BINS:
        raise InputError(f"bins is a whole number from 1 to {MOST_BINS:,}, was {bins!r:.60}.")
    figure, axes = _figure("Distribution of R", show)
    axes.hist(_r(trades), bins=bins, color=UP, edgecolor="white")
    axes.set(xlabel="R", ylabel="Trades")
    return _done(figure, output_path, show)


def plot_strategy_patterns(trades: Any, output_path: str | Path | None = None, show: bool = False) -> Any:
    """The expectancy in R of each strategy, with its win rate."""
    figure, axes = _figure("Expectancy by strategy", show)
    groups = group_metrics_by_strategy(trades)
    drawn = axes.bar([_label(name) for name in groups], [one.expectancy for one in groups.values()])
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
    frame = candles_of(ohlc)
    rows = trade_rows(trades, frame.index.tz)
    figure, axes = _figure("Trades", show)
    _draw_candles(axes, frame)
    for name, line in indicator_lines(frame, indicators, indicator_builders):
        axes.plot(_in_utc(frame.index), line.to_numpy(), label=_label(name), linewidth=1.3)
    for side in SIDES:
        _mark(axes, [row for row in rows if row["side"] == side], "entry", MARKERS[side], f"{side.title()} entry")
    if annotate_exits:
        _mark(axes, rows, "exit", "x", "Exit")
        for row in rows:
            _annotate_exit(axes, row)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", fontsize=9)
    axes.set(xlabel="Time", ylabel="Price")
    return _done(figure, output_path, show)


def _draw_candles(axes: Any, frame: Any) -> None:
    times = _in_utc(frame.index)
    width = np.diff(times).min() * 0.6 if len(times) > 1 else np.timedelta64(1, "h")
    colors = np.where(frame.close >= frame.open, UP, DOWN).tolist()
    axes.vlines(times, frame.low, frame.high, colors=colors, linewidth=1)
    axes.bar(times, frame.close - frame.open, width, frame.open, color=colors, alpha=0.7)


def _mark(axes: Any, rows: list[dict[str, Any]], end: str, marker: str, label: str) -> None:
    """Mark one end of these trades, `entry` or `exit`."""
    if rows:
        x, y = [_plain(row[f"{end}_time"]) for row in rows], [row[f"{end}_price"] for row in rows]
        axes.scatter(x, y, c=[_color(row) for row in rows], marker=marker, s=70, label=label)


def _annotate_exit(axes: Any, row: Mapping[str, Any]) -> None:
    """Write the result of a trade at its exit, and draw the stop of its signal."""
    at = _plain(row["exit_time"])
    axes.text(at, row["exit_price"], "  " + row["label"], color=_color(row), fontsize=8)
    if row["stop_loss"] is not None:
        axes.hlines(row["stop_loss"], _plain(row["entry_time"]), at, colors=_color(row), linestyles="dotted")


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
    values = np.array([number_of(one, "r_multiple") for one in rows_of(getattr(trades, "trades", trades))], np.float64)
    return values[np.isfinite(values)]


def _label(name: str) -> str:
    """A name as Matplotlib writes it out; a dollar sign of it begins no formula."""
    return name.replace("$", r"\$")


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
        path = path_of(output_path, "A picture")
        kind = path.suffix[1:].lower()
        known = sorted(figure.canvas.get_supported_filetypes())
        if kind not in known:
            raise InputError(f"A picture cannot be written as {path.name!r}; let its name end in .{', .'.join(known)}.")
        write_file(path, "The picture", lambda file: figure.savefig(file, format=kind, bbox_inches="tight"))
    if show:
        optional("matplotlib.pyplot", "plots", "A picture of trades").show()
    return figure
