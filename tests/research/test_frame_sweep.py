"""Sweeps over strategies over a DataFrame: each combination is its own backtest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wickwork import FrameStrategy, InputError, SweepInterrupted, backtest, demo_bars, sweep
from wickwork.strategies import trade

pd = pytest.importorskip("pandas")
SPOT = demo_bars("BTC/USDT", "1h").slice(0, 900)
PERPETUAL = demo_bars("BTC/USDT:USDT", "1h").slice(0, 900)


class Cross(FrameStrategy):
    fast, slow, trend = 5, 20, "up"
    size = trade.percent_of_equity(50)

    def generate_signals(self, df: Any) -> Any:
        above = df.close.ewm(span=self.fast).mean() > df.close.ewm(span=self.slow).mean()
        change = above.astype(int).diff().fillna(0)
        return df.assign(signal=change if self.trend == "up" else -change, stop_loss=0.97 * df.close)


@dataclass(frozen=True)
class Lagged(FrameStrategy):
    """It looks ahead where `lag` is below 0."""

    lag: int = 1

    def __post_init__(self) -> None:
        if self.lag > 10:
            raise ValueError("lag is at most 10")

    def generate_signals(self, df: Any) -> Any:
        return df.assign(signal=np.sign(df.close.diff().shift(self.lag)))


def alone(strategy: Any, found: Any, *bars: Any, **options: Any) -> list[Any]:
    """The figures of every combination by its own backtest."""
    runs = [backtest(strategy, *bars, params=found.combination(i).params, **options) for i in range(found.tried)]
    return [{name: run.stats[name] for name in found.figures} for run in runs]


@pytest.mark.parametrize("bars", [SPOT, PERPETUAL])
def test_each_combination_is_its_own_backtest(bars: Any) -> None:
    found = sweep(Cross(), bars, {"fast": range(4, 12, 3), "slow": [15, 30], "trend": ["up", "down"]}, capital=5000.0)
    assert found.tried == 12
    assert [dict(found.combination(i).stats) for i in range(12)] == alone(Cross(), found, bars, capital=5000.0)
    assert found.best().params in [found.combination(i).params for i in range(12)]
    assert found.table.columns[:3].tolist() == ["fast", "slow", "trend"]


def test_several_instruments_and_a_class() -> None:
    bars = [SPOT, demo_bars("ETH/USDT", "1h").slice(0, 900)]
    found = sweep(Cross, bars, {"fast": [4, 8]}, params={"slow": 40})
    assert [dict(found.combination(i).stats) for i in range(2)] == [
        {name: backtest(Cross, bars, params={"fast": fast, "slow": 40}).stats[name] for name in found.figures}
        for fast in (4, 8)
    ]


def test_combinations_are_left_out_and_values_have_their_type() -> None:
    found = sweep(Cross, SPOT, {"fast": [4.0, 4, np.int64(8)], "slow": [6, 20]}, where=lambda p: p["fast"] < p["slow"])
    assert [found.combination(i).params for i in range(found.tried)] == [
        {"fast": 4, "slow": 6}, {"fast": 4, "slow": 20}, {"fast": 8, "slow": 20},
    ]  # fmt: skip
    assert found.manifest["over"] == {"fast": [4, 8], "slow": [6, 20]}
    assert found.manifest["kind"] == "sweep"


def test_each_combination_is_examined_for_look_ahead() -> None:
    assert sweep(Lagged, SPOT, {"lag": [1, 2]}).tried == 2
    with pytest.raises(InputError, match=r"With lag=-1: Lagged: the column signal at bar .* depends on later bars"):
        sweep(Lagged, SPOT, {"lag": [1, -1]})


def test_an_unchecked_strategy_is_not_examined() -> None:
    assert sweep(Lagged, SPOT, {"lag": [1, -1]}, params={"checked": False}).tried == 2


def test_progress_and_an_interruption() -> None:
    seen = []

    def progress(done: int, of: int) -> None:
        seen.append((done, of))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(SweepInterrupted) as stop:
        sweep(Cross, SPOT, {"fast": [4, 5, 6]}, progress=progress)
    assert seen == [(1, 3), (2, 3)]
    assert (stop.value.sweep.tried, stop.value.sweep.planned) == (2, 3)
    assert [dict(stop.value.sweep.combination(i).stats) for i in range(2)] == alone(Cross, stop.value.sweep, SPOT)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({}, "A sweep needs parameters and their values"),
        ({"fsat": [1, 2]}, "Cross has no parameter 'fsat'. Did you mean 'fast'"),
        ({"fast": []}, "fast has no values to try"),
        ({"fast": 5}, "fast needs a list of values to try"),
        ({"fast": ["five"]}, "Cross.fast is a number, was given 'five'"),
        ({"size": [trade.quantity(1)]}, "size cannot be .* in a sweep: it varies numbers, words"),
        ({"window": [0, 10]}, "Cross.window is 0; give a whole number of bars"),
        ({"warmup": [600]}, "window must be longer than the warm-up"),
    ],
)
def test_wrong_values_are_refused_before_anything_runs(over: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sweep(Cross, SPOT, over)


def test_a_combination_that_cannot_be_constructed_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="lag is at most 10"):
        sweep(Lagged, SPOT, {"lag": [1, 11]}, progress=lambda done, of: pytest.fail("it ran"))
