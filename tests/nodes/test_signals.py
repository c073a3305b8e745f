"""Signals on cases worked out by hand, in a strategy, and against a recorded system."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import harness
import numpy as np
import pytest

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.graph.signature import Value
from wickwork.nodes import builtin

RECORDED = Path(__file__).parents[3] / "shared" / "oracles" / "systems" / "sysv4_signals.json"
nan = math.nan


def run(name: str, *columns: Any, **values: Value) -> list[harness.Column]:
    """The outputs of the node; inputs that are left out have their defaults."""
    node = builtin()[name]
    given = [np.array(c, dtype=np.float64) for c in columns]
    given += [np.full(len(given[0]), i.default) for i in node.inputs[len(given) :]]
    return list(harness.run(node, given, values))


def test_a_signal_of_conditions_that_contradict_each_other_is_none() -> None:
    direction, confidence, buy, sell = run("signal", [1, 0, 1, 0], [0, 1, 1, 0], [0.4, 7.0, 0.5, 0.5])
    assert direction.tolist() == [1, -1, 0, 0]
    assert confidence.tolist() == [0.4, 1.0, 0.0, 0.0]
    assert (buy.tolist(), sell.tolist()) == ([1, 0, 0, 0], [0, 1, 0, 0])


def test_rsi_signals_are_given_where_a_zone_is_left() -> None:
    direction, confidence, _, _, high, low = run("rsi_signal", [70, 69, 75, 20, 30, 31, 31])
    assert direction.tolist() == [0, -1, 0, -1, 0, 1, 0]
    assert confidence.tolist() == [0, 0.6, 0.5, 0.6, 0, 0.6, 0]
    assert high.tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert low.tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_a_squeeze_needs_as_many_bars_as_its_mean() -> None:
    width = [10, 10, 1, 1, 10]
    *_, squeeze = run("bollinger_signal", [5.0] * 5, [0.0] * 5, width, period=3, squeeze=0.8)
    assert squeeze.tolist() == [0, 0, 1, 1, 0]


def test_a_signal_that_is_kept_fades_and_gives_way_to_the_next() -> None:
    given = [0, 1, 0, 0, 0, 0, -1, 0, 1]
    direction, confidence = run("keep_signal", given, [0.8] * 9, bars=4, fade=True)
    assert direction.tolist() == [0, 1, 1, 1, 1, 0, -1, -1, 1]
    assert confidence.tolist() == pytest.approx([0, 0.8, 0.6, 0.4, 0.2, 0, 0.8, 0.6, 0.8])


@pytest.mark.parametrize(
    ("rule", "threshold", "wanted", "sure"),
    [
        ("vote", 0.3, [1, 0, 0], [1.2 / 3, 0, 0]),
        ("share", 0.66, [1, -1, 0], [0.6, 0.75, 0]),
        ("share", 0.67, [0, 0, 0], [0, 0, 0]),
        ("all", 0.3, [0, 0, 0], [0, 0, 0]),
        ("any", 0.3, [1, 0, 1], [0.7, 0, 0.7]),
    ],
)
def test_rules_of_combining(rule: str, threshold: float, wanted: list[float], sure: list[float]) -> None:
    """Three signals: two buys and none; one buy, two sells; one buy and none. The fourth is not wired."""
    columns = [[1, 1, 1], [1, -1, 0], [0, -1, 0], [nan] * 3, [0.5, 0.9, 0.7], [0.7, 0.7, 0.7], [0.6, 0.8, 0.6]]
    node = builtin()["combine_signals"]
    given = [np.array(c, dtype=np.float64) for c in [*columns, [1.0] * 3]]
    step = [node.step(*row, rule=node.numbers({"rule": rule, "threshold": threshold})["rule"], threshold=threshold)
            for row in zip(*given, strict=True)]  # fmt: skip
    assert [s.direction for s in step] == wanted
    assert [s.confidence for s in step] == pytest.approx(sure)


def test_signals_in_a_strategy() -> None:
    """Inputs that are not wired do not count, and do not make the answer missing."""
    with strategy("signals") as s:
        close = s.bars.close
        lines, bands = ta.macd(close), ta.bollinger(close)
        by_macd = ta.macd_signal(lines.macd, lines.signal)
        by_rsi = ta.rsi_signal(ta.rsi(close))
        by_bands = ta.bollinger_signal(close, bands.lower, bands.upper)
        both = ta.combine_signals(by_macd.direction, by_rsi.direction, by_bands.direction, rule="any", name="both")
        up = ta.any_of(by_macd.buy, by_rsi.buy, by_bands.buy, name="up")
        trade.buy(when=both.buy & up, size=trade.quantity(0.01))
        trade.close(when=both.sell)
    result = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 2000))
    assert len(result.trades) > 10
    direction, found = result.columns["both.direction"], result.columns["up"]
    assert np.isfinite(direction[40:]).all()
    assert set(direction[40:]) == {-1.0, 0.0, 1.0}
    assert (found[40:][direction[40:] == 1.0] == 1.0).all()


def recorded(name: str) -> dict[str, list[tuple[int, float]]]:
    """The bars and confidences of each kind of signal."""
    found: dict[str, list[tuple[int, float]]] = {}
    for one in json.loads(RECORDED.read_text())["signals"][name]:
        found.setdefault(one["type"], []).append((one["i"], one["confidence"]))
    return found


def given(direction: harness.Column, confidence: harness.Column, sign: float) -> list[tuple[int, float]]:
    return [(int(i), float(confidence[i])) for i in np.flatnonzero(direction == sign)]


@pytest.mark.skipif(not RECORDED.exists(), reason="needs ../shared")
def test_signals_are_those_of_a_recorded_system() -> None:
    """With that system's own averages: EMAs from the first price on, Cutler's RSI, bands of the sample deviation."""
    i = np.arange(240)
    close = np.round(100 + 10 * np.sin(i / 9) + 0.02 * i + 3 * np.cos(1.7 * i), 6)

    def ema(values: harness.Column, period: int) -> harness.Column:
        return harness.run(builtin()["ema"], [values], {"period": period, "seed": "first"})[0]

    macd = ema(close, 12) - ema(close, 26)
    direction, confidence, *_ = run("macd_signal", macd, ema(macd, 9))
    theirs = recorded("MACD")
    assert given(direction, confidence, 1.0) == theirs["BUY"]
    assert given(direction, confidence, -1.0) == theirs["SELL"]

    (rsi,) = harness.run(builtin()["cutler_rsi"], [close], {"period": 14})
    direction, confidence, _, _, high, low = run("rsi_signal", rsi)
    theirs = recorded("RSI")
    assert given(direction, confidence, 1.0) == theirs["BUY"]
    assert given(direction, confidence, -1.0) == theirs["SELL"]
    assert given(high, confidence, 1.0) == theirs["OVERBOUGHT"]
    assert given(low, confidence, 1.0) == theirs["OVERSOLD"]

    (middle,) = harness.run(builtin()["sma"], [close], {"period": 20})
    (deviation,) = harness.run(builtin()["standard_deviation"], [close], {"period": 20, "sample": True})
    direction, confidence, _, _, squeeze = run(
        "bollinger_signal", close, middle - 2 * deviation, middle + 2 * deviation
    )
    theirs = recorded("Bollinger Bands")
    assert given(direction, confidence, 1.0) == theirs["BUY"]
    assert given(direction, confidence, -1.0) == theirs["SELL"]
    assert np.flatnonzero(squeeze == 1.0).tolist() == [k for k, _ in theirs["HOLD"]]
