"""What Valvulin's interface takes only by half, or should refuse: each gives a sentence, or the right figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wickwork.compat import valvulin
from wickwork.compat.valvulin import (
    Backtester,
    BaseStrategy,
    EMAMACDStrategy,
    RSIDivergenceStrategy,
    TradeSignal,
    compute_performance_metrics,
    group_metrics_by_strategy,
    plot_backtest_signals,
    plot_equity_curve,
    plot_r_distribution,
    plot_strategy_patterns,
    plot_trade_signals,
)
from wickwork.model.errors import InputError

pd = pytest.importorskip("pandas")

INDEX = pd.date_range("2024-01-01", periods=60, freq="h")
CLOSE = 100.0 + np.sin(np.arange(60) / 3)
DF = pd.DataFrame({"open": CLOSE, "high": CLOSE + 1, "low": CLOSE - 1, "close": CLOSE, "volume": 1.0}, index=INDEX)
ROW = {
    "entry_time": INDEX[3], "exit_time": INDEX[5], "entry_price": 1.0, "exit_price": 2.0, "side": "BUY", "pnl": 1.0,
}  # fmt: skip


def signal(**given: Any) -> TradeSignal:
    return TradeSignal("BTCUSDT", INDEX[20], "BUY", None, **given)


# ---- strategies


@pytest.mark.parametrize("kind", valvulin.STRATEGIES, ids=lambda kind: kind.__name__)
def test_parameters_out_of_their_range_are_refused(kind: Any) -> None:
    for name, value in kind().params.items():
        if isinstance(value, str):
            continue
        for wrong in (-3, "x", None, float("nan"), float("inf"), True, *((0, 2.5) if isinstance(value, int) else ())):
            with pytest.raises(InputError, match=f"{kind.__name__}.{name} is a number"):
                kind(**{name: wrong})
        assert type(kind(**{name: type(value)(value)}).params[name]) is type(value)


def test_lengths_given_as_floats_or_by_numpy_are_whole_numbers() -> None:
    lengths = EMAMACDStrategy(ema_short=10.0, ema_long=np.int64(20)).params  # type: ignore[arg-type]
    assert [type(value) for value in lengths.values()] == [int, int, int]


def test_a_parameter_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="no parameter 'ema_shrt'"):
        EMAMACDStrategy(ema_shrt=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", valvulin.STRATEGIES, ids=lambda kind: kind.__name__)
def test_bars_without_the_columns_are_refused(kind: Any) -> None:
    for bars, sentence in (
        (None, "needs bars as a DataFrame, was given NoneType"),
        (DF.rename(columns=str.title), "in small letters"),
        (pd.concat([DF, DF], axis=1), "2 columns named"),
        (DF.astype(str), "does not hold numbers"),
    ):
        with pytest.raises(InputError, match=sentence):
            kind().generate_signals(bars)


def test_an_rsi_of_text_is_refused() -> None:
    with pytest.raises(InputError, match="the column rsi does not hold numbers"):
        RSIDivergenceStrategy().generate_signals(DF.assign(rsi="high"))


def test_a_missing_signal_is_none_and_a_missing_column_is_refused() -> None:
    class Missing(BaseStrategy):
        def generate_signals(self, df: Any) -> Any:
            return df.assign(signal=np.nan)

    class Without(BaseStrategy):
        def generate_signals(self, df: Any) -> Any:
            return df

    assert Missing().generate_signal(DF) is None
    with pytest.raises(InputError, match="returned no column signal"):
        Without().generate_signal(DF)


# ---- figures


def test_without_percentages_they_are_those_of_the_equity_at_the_entry() -> None:
    found = compute_performance_metrics([{"pnl": -5.0}, {"pnl": 10.0}, {"pnl": -20.0}], 1000.0)
    percent = np.array([-5 / 1000, 10 / 995, -20 / 1005]) * 100
    assert found.value_at_risk_pct == pytest.approx(-percent.min())
    assert found.per_trade_sharpe == pytest.approx(percent.mean() / percent.std(ddof=1) * 252**0.5)
    assert found.max_drawdown_pct == pytest.approx(100 * 20 / 1005)


def test_a_trade_on_an_account_below_zero_has_no_percentage() -> None:
    found = compute_performance_metrics([{"pnl": -500.0, "entry_equity": 100}, {"pnl": 10.0, "entry_equity": -400}])
    assert found.per_trade_sharpe == pytest.approx(-250.0 / np.std([-500.0, 0.0], ddof=1) * 252**0.5)
    assert found.equity_at_risk_pct == 0.0


@pytest.mark.parametrize("percent", [0.1, 0.7, -0.3])
def test_equal_results_have_no_ratio_however_they_round(percent: float) -> None:
    for count in (2, 3, 10):
        found = compute_performance_metrics([{"pnl": 1.0, "pnl_pct": percent}] * count, 1000.0)
        assert found.per_trade_sharpe is None


@pytest.mark.parametrize("start", ["abc", -1.0, float("nan"), float("inf"), True])
def test_an_initial_equity_is_a_number_from_0_on(start: Any) -> None:
    with pytest.raises(InputError, match="initial_equity is a number from 0 on"):
        compute_performance_metrics([{"pnl": 1.0}], start)


@pytest.mark.parametrize("value", ["abc", [1, 2], 10**400, {}])
def test_results_that_are_no_numbers_are_refused(value: Any) -> None:
    for name in ("pnl", "r_multiple", "risk_amount"):
        with pytest.raises(InputError, match=f"The {name} of a trade is no number"):
            compute_performance_metrics([{"pnl": 1.0, name: value}])


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, ""])
def test_trades_without_a_strategy_are_one_group_however_it_is_missing(missing: Any) -> None:
    assert list(group_metrics_by_strategy([{"pnl": 1.0, "strategy": missing}])) == ["backtest"]
    if not isinstance(missing, str):
        assert compute_performance_metrics([{"pnl": 1.0, "r_multiple": missing}]).total_r_multiple == 0.0


def test_the_exported_trades_give_the_same_groups(tmp_path: Path) -> None:
    result = Backtester(DF).run([signal()])
    read = pd.read_csv(result.export(tmp_path)["trades"])
    assert list(group_metrics_by_strategy(read)) == list(group_metrics_by_strategy(result)) == ["backtest"]
    assert compute_performance_metrics(read).win_rate == result.win_rate


# ---- backtester


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"side": []}, "side of a signal is BUY or SELL"),
        ({"client_tag": 5}, "client_tag of a signal is a text or None, was 5"),
        ({"client_tag": "a\ud800"}, "half of a surrogate pair"),
        ({"client_tag": "a\nb"}, "control character"),
    ],
)
def test_signals_of_other_values_are_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        TradeSignal(**{"symbol": "BTCUSDT", "timestamp": INDEX[0], "side": "BUY", "quantity": 1.0, **given})


def test_none_turns_a_setting_of_one_run_off() -> None:
    settings = Backtester(DF).settings
    assert settings.changed({"trail_atr_multiplier": None}).trail_atr_multiplier is None
    assert settings.changed({"max_daily_loss_r": None, "drawdown_halt": None}).drawdown_halt is None
    assert settings.changed({"risk_per_trade_pct": None}).risk_per_trade_pct == 1.0


def test_another_price_column_with_repeated_times_is_refused() -> None:
    repeated = pd.concat([DF, DF.iloc[:3]]).rename(columns={"close": "last"})
    with pytest.raises(InputError, match="repeats the bar in front of it"):
        Backtester(repeated, "last")


def test_a_result_is_exported_to_a_path_alone() -> None:
    with pytest.raises(InputError, match="is written to a path"):
        Backtester(DF, export_directory=5)
    with pytest.raises(InputError, match="is written to a path"):
        Backtester(DF).run([]).export("a\0b")


def test_a_tag_of_any_text_comes_back_from_the_files(tmp_path: Path) -> None:
    tag = '=1+1, "two"; Ж'
    paths = Backtester(DF).run([signal(client_tag=tag)]).export(tmp_path)
    assert pd.read_csv(paths["strategy_r"]).strategy.tolist() == [tag]
    assert list(json.loads(paths["summary"].read_text(encoding="utf-8"))["strategies"]) == [tag]


# ---- plots


def on_page(bars: Any, trades: Any, **given: Any) -> Any:
    pytest.importorskip("plotly")
    return plot_backtest_signals(bars, trades, **given)


def in_picture(bars: Any, trades: Any, **given: Any) -> Any:
    pytest.importorskip("matplotlib")
    return plot_trade_signals(bars, trades, **given)


@pytest.mark.parametrize("draw", [on_page, in_picture])
@pytest.mark.parametrize(
    ("bars", "row", "given", "sentence"),
    [
        (DF.iloc[:0], {}, {}, "have no rows"),
        (DF.assign(Close=1.0), {}, {}, "several columns close"),
        (DF.assign(close="x"), {}, {}, "prices to draw are no numbers"),
        (DF, {"pnl": "x"}, {}, "pnl of a trade is no number"),
        (DF, {"r_multiple": "x"}, {}, "r_multiple of a trade is no number"),
        (DF, {"stop_loss": "x"}, {}, "stop_loss of a trade is no number"),
        (DF, {"entry_time": "x"}, {}, "'x' is no time of a trade"),
        (DF, {"exit_time": pd.NaT}, {}, "has no exit_time"),
        (DF, {"exit_price": float("nan")}, {}, "has no exit_price"),
        (DF, {"side": ["BUY"]}, {}, "has no side BUY or SELL"),
        (DF, {}, {"indicators": [1]}, "Indicators are given by name"),
        (DF, {}, {"indicators": {"a": ["x"] * 60}}, "a does not hold numbers"),
        (DF, {}, {"indicators": {"a": np.ones((60, 2))}}, "a does not hold numbers"),
        (DF, {}, {"indicators": {"a": pd.concat([DF.close, DF.close])}}, "several values for one time"),
        (DF, {}, {"indicators": {"a": pd.Series(range(60))}}, "no value at a time of the bars"),
        (DF, {}, {"indicators": {"a": DF.close.tz_localize("UTC")}}, "no value at a time of the bars"),
        (DF, {}, {"output_path": 5}, "is written to a path"),
        (DF, {}, {"output_path": "a\0b.png"}, "is written to a path"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    draw: Any, bars: Any, row: dict[str, Any], given: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=sentence):
        draw(bars, [{**ROW, **row}], **{"output_path": tmp_path / "x.png", **given})


def test_missing_values_of_a_trade_are_not_drawn(tmp_path: Path) -> None:
    row = {**ROW, "pnl": pd.NA, "r_multiple": pd.NA, "stop_loss": float("nan")}
    assert on_page(DF, [row], output_path=tmp_path / "x.html").is_file()
    in_picture(DF, [row], output_path=tmp_path / "x.png")


def test_times_of_trades_are_drawn_in_the_zone_of_the_bars() -> None:
    from wickwork.compat.valvulin.drawn import trade_rows

    berlin = {**ROW, "entry_time": pd.Timestamp("2024-01-01 04:00", tz="Europe/Berlin")}
    assert trade_rows([berlin], None)[0]["entry_time"] == INDEX[3]
    assert trade_rows([ROW], "Europe/Berlin")[0]["entry_time"] == berlin["entry_time"]


@pytest.mark.parametrize(("title", "sentence"), [(5, "is a text"), (None, "is a text"), ("\ud800", "surrogate")])
def test_a_title_is_a_text(title: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        on_page(DF, [ROW], title=title, output_path=tmp_path / "x.html")


def test_a_long_title_names_a_file_that_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert on_page(DF, [ROW], title="a" * 300).is_file()


@pytest.mark.parametrize("bins", [0, -1, 2.5, "x", True, 10**9])
def test_bins_are_a_number_of_them(bins: Any) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match="bins is a whole number from 1 to 10,000"):
        plot_r_distribution([], bins=bins)


def test_trades_of_a_generator_without_r_or_with_an_endless_one_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rs = (1.0, None, pd.NA, float("inf"))
    figure = plot_equity_curve({"pnl": 1.0, "r_multiple": r} for r in rs)
    assert figure.axes[0].lines[0].get_ydata().tolist() == [1.0]
    plot_r_distribution([{"pnl": 1.0, "r_multiple": r} for r in rs], output_path=tmp_path / "x.png")


def test_a_dollar_sign_in_a_name_begins_no_formula(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plot_strategy_patterns([{"pnl": 1.0, "strategy": r"$\frac$"}], output_path=tmp_path / "x.png")
    plot_trade_signals(DF, [ROW], indicators={r"$\frac$": DF.close}, output_path=tmp_path / "y.png")
