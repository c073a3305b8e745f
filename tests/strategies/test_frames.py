"""A strategy over a DataFrame trades as the graph of its columns does, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wickwork import Bars, FrameStrategy, InputError, backtest, demo_bars, strategy, trade

pd = pytest.importorskip("pandas")
SPOT = demo_bars("BTC/USDT", "1h").slice(0, 400)
PERPETUAL = demo_bars("BTC/USDT:USDT", "1h").slice(0, 400)


class At(FrameStrategy):
    """Signals, and other columns, at bars by their number; from the times, so that no row depends on others."""

    def __init__(self, signals: dict[int, float], first: Bars = SPOT, **columns: dict[int, float]) -> None:
        self.columns = {"signal": signals, **columns}
        self.first = first

    def generate_signals(self, df: Any) -> Any:
        start = pd.Timestamp(int(self.first.opened_at[0]), unit="ms", tz="UTC")
        numbers = (df.index - start) // pd.Timedelta("1h")
        for name, values in self.columns.items():
            df[name] = [values.get(int(i), np.nan) for i in numbers]
        return df


def fills(run: Any) -> list[tuple[int, str]]:
    return [(int(one["bar"]), "buy" if one["side"] > 0 else "sell") for one in run.history.fills]


def test_signals_on_spot() -> None:
    """1 buys, −1 sells what is held; neither does more where it is so already."""
    run = backtest(At({10: -1, 20: 1, 25: 1, 40: -1, 45: -1, 60: 1}), SPOT)
    assert fills(run) == [(21, "buy"), (41, "sell"), (61, "buy")]


def test_signals_on_a_perpetual() -> None:
    """1 and −1 turn the position, and open one from flat."""
    run = backtest(At({10: -1, 20: 1, 25: 1, 40: -1, 45: -1}, PERPETUAL), PERPETUAL)
    assert [bar for bar, _ in fills(run)] == [11, 21, 21, 41, 41]
    assert [one["direction"] for _, one in run.trades.iterrows()][:2] == ["short", "long"]


def test_it_trades_as_the_graph_that_reads_the_same_columns() -> None:
    signals = {i: (-1) ** (i // 15) for i in range(15, 400, 15)}
    stops = {i: 0.99 * float(SPOT.close[i]) for i in signals}
    with strategy("By hand") as s:
        signal = s.column("signal")
        trade.buy(
            when=signal > 0,
            size=trade.percent_of_equity(100),
            stop_loss=trade.price(s.column("stop_loss")),
        )
        trade.close(when=signal < 0)
    columns = {
        name: [values.get(i, 0.0 if name == "signal" else np.nan) for i in range(400)]
        for name, values in (("signal", signals), ("stop_loss", stops))
    }
    run = backtest(At(signals, stop_loss=stops), SPOT)
    by_hand = backtest(s, SPOT, columns=columns)
    assert len(run.history.fills) > 10
    assert run.history.fills.tobytes() == by_hand.history.fills.tobytes()
    assert run.history.equity.tobytes() == by_hand.history.equity.tobytes()


def test_a_target_and_a_stop_close_the_position() -> None:
    price = float(SPOT.close[10])
    run = backtest(At({10: 1}, take_profit={10: 1.02 * price}, stop_loss={10: 0.98 * price}), SPOT)
    assert run.trades["exit_reason"].tolist() in (["stop loss"], ["take profit"])


def test_an_entry_without_its_stop_is_denied() -> None:
    run = backtest(At({10: 1, 20: 1}, stop_loss={20: 0.5 * float(SPOT.close[20])}), SPOT)
    assert fills(run)[0] == (21, "buy")
    assert len(run.history.denied) == 1


def test_quantities_replace_the_size() -> None:
    run = backtest(At({10: 1, 20: -1, 30: 1}, quantity={10: 0.05, 30: 0.02}), SPOT)
    assert [float(one["quantity"]) for one in run.history.fills] == [0.05, 0.05, 0.02]


def test_the_size_of_the_class() -> None:
    class Half(At):
        size = trade.quantity(0.01)

    assert float(backtest(Half({10: 1}), SPOT).history.fills[0]["quantity"]) == 0.01


def test_signals_of_the_warm_up_do_not_count() -> None:
    assert fills(backtest(At({10: 1, 49: 1, 50: 1}).with_params({"warmup": 50}), SPOT)) == [(51, "buy")]


def test_several_instruments_and_columns_from_outside() -> None:
    other = demo_bars("ETH/USDT", "1h").slice(0, 400)

    class Outside(FrameStrategy):
        def generate_signals(self, df: Any) -> Any:
            df["signal"] = (df.mood > 0).astype(int)
            return df

    mood = {"BTC/USDT": np.ones(400), "ETH/USDT": np.zeros(400)}
    run = backtest(Outside, [SPOT, other], columns={"mood": mood})
    assert {int(one["lane"]) for one in run.history.fills} == {0}


def test_other_columns_are_drawn(tmp_path: Any) -> None:
    run = backtest(At({10: 1}, fast={i: 1.0 * i for i in range(400)}), SPOT)
    assert "fast" in run.report(tmp_path / "r.html", ["fast"]).read_text()


def test_changes_to_the_frame_do_not_reach_the_bars() -> None:
    class Careless(FrameStrategy):
        def generate_signals(self, df: Any) -> Any:
            df.loc[:, "close"] = 0.0
            df["signal"] = 0
            return df

    before = SPOT.digest()
    backtest(Careless(), SPOT)
    assert SPOT.digest() == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda df: df.assign(signal=np.arange(len(df))),
            r"signal is 2 at bar 2 \(.*Z\); it holds 1, 0, -1 or missing",
        ),
        (lambda df: df.assign(signal=0.5), "signal is 0.5 at bar 0"),
        (lambda df: df.assign(signal="buy"), "signal is buy at bar 0"),
        (lambda df: df.assign(signal=np.inf), "signal is inf at bar 0"),
        (lambda df: df.assign(signal=1, stop_loss="low"), "stop_loss is low at bar 0"),
        (lambda df: df, "no column signal, but open, high, low, close, volume"),
        (lambda df: df.assign(signal=0).iloc[1:], "returned 399 rows for 400 bars"),
        (lambda df: df.assign(signal=0)[::-1], "or other times"),
        (lambda df: df.assign(signal=0).reset_index(), "or other times"),
        (lambda df: df.close, "returned Series; return a DataFrame"),
        (lambda df: None, "returned NoneType; return a DataFrame"),
        (lambda df: df["rsi"], r"failed over 400 bars, in line \d+ of .*test_frames.py: KeyError"),
        (
            lambda df: pd.concat([df.assign(signal=0), df.assign(signal=0)[["signal"]]], axis=1),
            "returned 2 column signal",
        ),
    ],
)
def test_a_wrong_result_is_refused(change: Callable[[Any], Any], sentence: str) -> None:
    class Wrong(FrameStrategy):
        def generate_signals(self, df: Any) -> Any:
            return change(df)

    with pytest.raises(InputError, match=sentence):
        backtest(Wrong(), SPOT)


@pytest.mark.parametrize("signal", [pd.NA, None, np.nan, False, 0])
def test_a_missing_signal_is_none(signal: Any) -> None:
    class Missing(FrameStrategy):
        def generate_signals(self, df: Any) -> Any:
            return pd.DataFrame({"signal": [signal] * len(df)}, df.index)

    assert not len(backtest(Missing(), SPOT).history.fills)


def test_a_signal_of_true_is_one() -> None:
    class Above(FrameStrategy):
        def generate_signals(self, df: Any) -> Any:
            return df.assign(signal=df.close > df.close.rolling(20).mean())

    assert len(backtest(Above(), SPOT).history.fills) == 1


def test_spot_with_perpetuals_is_refused() -> None:
    with pytest.raises(InputError, match="spot instruments together with perpetuals"):
        backtest(At({}), [SPOT, PERPETUAL])


class Parameters(FrameStrategy):
    fast, speed, kind, loud = 12, 0.5, "ema", False

    def __init__(self, slow: int = 26) -> None:
        self.slow = slow
        self.twice = 2 * slow

    def generate_signals(self, df: Any) -> Any:
        return df.assign(signal=0)


def test_parameters_are_arguments_or_attributes() -> None:
    made = Parameters(30).with_params({"fast": 5, "speed": 1, "kind": "sma", "loud": "true"})
    assert (made.fast, made.speed, made.kind, made.loud, made.slow) == (5, 1.0, "sma", True, 30)
    again = Parameters(30).with_params({"slow": 40, "fast": 6})
    assert (again.slow, again.twice, again.fast) == (40, 80, 6)
    assert Parameters.fast == 12
    run = backtest(Parameters, SPOT, params={"fast": 7})
    assert run.history.program is not None
    assert "param_fast" in str(run.manifest["strategy"])


@dataclass(frozen=True)
class Frozen(FrameStrategy):
    length: int = 10

    def generate_signals(self, df: Any) -> Any:
        return df.assign(signal=(df.close > df.close.rolling(self.length).mean()).astype(int))


def test_a_frozen_dataclass_is_a_strategy() -> None:
    assert Frozen().with_params({"length": 20, "window": 300}) == Frozen(20)
    assert Frozen().with_params({"length": 20, "window": 300}).window == 300
    assert fills(backtest(Frozen, SPOT, params={"length": 30}))[0][0] > 29


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"fats": 5}, "Parameters has no parameter 'fats'. Did you mean 'fast'?"),
        ({"fast.period": 5}, "no parameter 'fast.period'"),
        ({"generate_signals": 5}, "no parameter 'generate_signals'"),
        ({"fast": "five"}, "Parameters.fast is a number, was given 'five'"),
        ({"loud": 5}, "Parameters.loud is true or false"),
        ({"size": 5}, "is a size such as trade.percent_of_equity"),
        ({"window": 0}, "window is 0; give a whole number of bars, at least 1"),
        ({"warmup": 600}, "the window must be longer than the warm-up"),
    ],
)
def test_wrong_parameters_are_refused(params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence.replace("?", r"\?")):
        backtest(Parameters(), SPOT, params=params)


def test_a_class_that_needs_arguments_is_refused() -> None:
    with pytest.raises(InputError, match=r"At cannot be constructed: .*signals"):
        backtest(At, SPOT)


def test_a_class_without_the_method_is_refused() -> None:
    with pytest.raises(InputError, match="has no generate_signals"):
        backtest(FrameStrategy, SPOT)


class Arguments(FrameStrategy):
    """An argument of the constructor, an attribute that it derives, and one of the class."""

    scale = 1.0

    def __init__(self, period: int = 10) -> None:
        self.period, self.weight = period, 2 / (period + 1)


def test_parameters_that_were_changed_stay_when_it_is_constructed_anew() -> None:
    one = Arguments().with_params({"checked": False, "scale": 3})
    again = one.with_params({"period": 4})
    assert (again.period, again.weight, again.checked, again.scale) == (4, 0.4, False, 3.0)
    assert one.with_params({"weight": 0.5}).with_params({"period": 4}).weight == 0.5
    given = Arguments(7)
    given.window = 900
    assert given.with_params({"period": 4}).window == 900
    assert (given.period, Arguments().checked) == (7, True)
