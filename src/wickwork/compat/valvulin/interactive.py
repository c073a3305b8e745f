"""Candles with the trades of a backtest and indicators as an interactive page, drawn by Plotly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wickwork.compat.extras import optional
from wickwork.compat.valvulin.drawn import DOWN, SIDES, UP, candles_of, indicator_lines, trade_rows
from wickwork.compat.valvulin.writing import path_of, write_file
from wickwork.model.errors import InputError
from wickwork.model.text import plain_text

FOLDER = "plots_output"


def plot_backtest_signals(
    data: Any,
    trades: Any,
    indicators: Mapping[str, Any] | None = None,
    title: str = "Backtest Results",
    output_path: str | Path | None = None,
) -> Path:
    """Write candles, entries, exits and indicators as an HTML page that needs no network, and return its path.

    `data` are bars as a DataFrame with times as its index, `trades` a `BacktestResult`, its trades, or a DataFrame of
    them, `indicators` series by name, each with the index of the bars or one value for each. Without `output_path` the
    page is named after the title and stands in the folder `plots_output`. Raises InputError for other values, where
    the page cannot be written, and where Plotly is not installed.
    """
    if not isinstance(title, str):
        raise InputError(f"The title of the page is a text, was given {title!r:.60}.")
    plain_text(title, "the title")
    path = Path(FOLDER) / f"{_slug(title)}.html" if output_path is None else path_of(output_path, "The page")
    go = optional("plotly.graph_objects", "plots", "plot_backtest_signals")
    frame = candles_of(data)
    rows = trade_rows(trades, frame.index.tz)
    figure = go.Figure()
    prices = {name: frame[name] for name in ("open", "high", "low", "close")}
    figure.add_trace(go.Candlestick(x=frame.index, name="Price", **prices))
    for name, series in indicator_lines(frame, indicators):
        figure.add_trace(go.Scatter(x=series.index, y=series.to_numpy(), mode="lines", name=name))
    for side, marker in SIDES.items():
        own = [row for row in rows if row["side"] == side]
        for word, when, price, hollow in (
            ("entry", "entry_time", "entry_price", ""),
            ("exit", "exit_time", "exit_price", "-open"),
        ):
            if own:
                figure.add_trace(
                    go.Scatter(
                        x=[row[when] for row in own],
                        y=[row[price] for row in own],
                        mode="markers",
                        name=f"{side.title()} {word}",
                        marker={"symbol": f"triangle-{marker.way}{hollow}", "color": marker.color, "size": 11},
                        text=[row["label"] for row in own],
                    )
                )
    for won in (True, False):
        x, y = _path([row for row in rows if (row["pnl"] >= 0) == won])
        if x:
            line = {"color": UP if won else DOWN, "width": 2, "dash": "dot"}
            name = "Trades with a gain" if won else "Trades with a loss"
            figure.add_trace(go.Scatter(x=x, y=y, mode="lines", line=line, name=name, hoverinfo="skip"))
    figure.update_layout(title=title, xaxis_title="Time", yaxis_title="Price", xaxis_rangeslider_visible=False)
    page = figure.to_html(include_plotlyjs=True, full_html=True).encode()
    return write_file(path, "The page", lambda file: file.write(page))


def _path(rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The line from the entry to the exit of each trade, with a gap behind each."""
    x = [t for row in rows for t in (row["entry_time"], row["exit_time"], None)]
    return x, [p for row in rows for p in (row["entry_price"], row["exit_price"], None)]


def _slug(title: str) -> str:
    """A name of a file made of a title."""
    return re.sub(r"[^\w.-]+", "_", title.strip().lower()).strip("._")[:100] or "backtest"
