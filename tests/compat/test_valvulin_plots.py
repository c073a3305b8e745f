"""Pictures of trades: what they hold, where they are written, and sentences where they cannot be."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from wickwork import InputError, demo_bars
from wickwork.compat.valvulin import (
    Backtester,
    BacktestResult,
    MomentumBurstStrategy,
    TradeSignal,
    plot_backtest_signals,
    plot_equity_curve,
    plot_r_distribution,
    plot_strategy_patterns,
    plot_trade_signals,
)

pd = pytest.importorskip("pandas")
PRICES = demo_bars("BTC/USDT", "1h").slice(0, 300).to_pandas()


def result() -> BacktestResult:
    signals = [
        TradeSignal("BTCUSDT", PRICES.index[bar], side, 1.0, stop_loss=price)
        for bar, side, price in [(30, "BUY", None), (90, "SELL", None), (150, "BUY", None), (210, "BUY", 1000.0)]
    ]
    return Backtester(PRICES).run(signals)


def page(path: Path) -> list[dict[str, Any]]:
    """The series of a page of Plotly."""
    text = path.read_text(encoding="utf-8")
    assert "cdn.plot.ly" not in text.partition("Plotly.newPlot(")[2]
    start = text.rindex("Plotly.newPlot(")
    series, _ = json.JSONDecoder().raw_decode(text, text.index("[", start))
    return list(series)


def test_the_interactive_page_has_candles_trades_and_indicators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("plotly")
    monkeypatch.chdir(tmp_path)
    one = result()
    path = plot_backtest_signals(
        PRICES, one.trades, indicators={"EMA 20": PRICES.close.ewm(span=20).mean()}, title="BTC: 1h/test"
    )
    assert path == tmp_path / "plots_output" / "btc_1h_test.html"
    series = {entry["name"]: entry for entry in page(path)}
    assert {"Price", "EMA 20", "Buy entry", "Buy exit", "Sell entry", "Sell exit"} <= set(series)
    assert len(series["Price"]["x"]) == len(series["EMA 20"]["x"]) == 300
    sides = [trade.signal.side for trade in one.trades]
    assert len(series["Buy entry"]["x"]) == len(series["Buy exit"]["x"]) == sides.count("BUY")
    drawn = sum(len(one["x"]) for name, one in series.items() if name.startswith("Trades with"))
    assert drawn == 3 * len(one.trades)


def test_the_page_takes_a_result_a_table_and_no_trades(tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    one, target = result(), tmp_path / "a" / "page.html"
    names = []
    for given in (one, one.trades, one.trades_frame(), []):
        assert plot_backtest_signals(PRICES.rename(columns=str.title), given, output_path=target) == target
        names.append([entry["name"] for entry in page(target)])
    assert names[0] == names[1] == names[2]
    assert names[3] == ["Price"]
    plot_backtest_signals(PRICES, [], title="</script><b>", output_path=target)
    assert "</script><b>" not in target.read_text(encoding="utf-8")


def test_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    one = result()
    lines = {"close": list(PRICES.close), "bands": pd.DataFrame({"a": PRICES.low, "b": PRICES.high})}
    figure = plot_trade_signals(
        PRICES, one.trades, indicator_builders={"EMA 20": lambda df: df.close.ewm(span=20).mean()}, indicators=lines,
        output_path=tmp_path / "new" / "trades.png",
    )  # fmt: skip
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert {"close", "bands (a)", "bands (b)", "EMA 20", "Buy entry", "Sell entry", "Exit"} == set(labels)
    assert (tmp_path / "new" / "trades.png").read_bytes().startswith(b"\x89PNG")
    assert plot_equity_curve(one).axes[0].lines[0].get_ydata().tolist() == one.equity_curve.tolist()
    assert len(plot_equity_curve(one.trades).axes[0].lines[0].get_ydata()) == len(one.trades)
    drawn = plot_r_distribution(one.trades, bins=5, output_path=tmp_path / "r.svg").axes[0].patches
    assert (len(drawn), sum(bar.get_height() for bar in drawn)) == (5, len(one.trades))
    assert [bar.get_height() for bar in plot_strategy_patterns(one.trades).axes[0].patches] == [one.expectancy]
    zoned = PRICES.tz_convert("Europe/Madrid")
    assert (plot_trade_signals(zoned, one.trades).axes[0].dataLim.x0, PRICES.index[0].tz) == (
        plot_trade_signals(PRICES.tz_convert(None), one.trades).axes[0].dataLim.x0, zoned.index[0].tz_convert("UTC").tz,
    )  # fmt: skip
    plot_strategy_patterns([])
    plot_r_distribution([])
    plot_trade_signals(PRICES.iloc[:1], [], annotate_exits=False)
    assert "matplotlib.pyplot" not in sys.modules, "no list of open figures grows"


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: plot_trade_signals([1], []), "DataFrame with a DatetimeIndex"),
        (lambda: plot_trade_signals(PRICES[["open", "close"]], []), "no column high, low"),
        (lambda: plot_trade_signals(PRICES, [{"side": "BUY"}]), "trade 1 has no entry_time, exit_time"),
        (lambda: plot_trade_signals(PRICES, [{**ROW, "side": "LONG"}]), "trade 1 has no side BUY or SELL, but 'LONG'"),
        (lambda: plot_trade_signals(PRICES, 3), "Trades are a list"),
        (lambda: plot_trade_signals(PRICES, [], indicators={"x": [1, 2]}), "indicator x has 2 values for 300 bars"),
        (lambda: plot_trade_signals(PRICES, [], indicators={"x": 5}), "indicator x has no list"),
        (lambda: plot_equity_curve([], output_path="curve.doc"), "cannot be written as 'curve.doc'"),
        (lambda: plot_equity_curve([], output_path="/dev/null/x.png"), "cannot be written to"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(draw: Any, sentence: str) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match=sentence):
        draw()


ROW = {"entry_time": "2024-01-01", "exit_time": "2024-01-02", "entry_price": 1.0, "exit_price": 2.0}


def test_without_the_libraries_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith(("plotly", "matplotlib"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        InputError, match=r"needs plotly, which is not installed\. Install it: pip install 'wickwork\[plots\]'"
    ):
        plot_backtest_signals(PRICES, [])
    with pytest.raises(InputError, match="needs matplotlib, which is not installed"):
        plot_equity_curve([])
    assert MomentumBurstStrategy().generate_signals(PRICES) is not None
