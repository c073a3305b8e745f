"""Combinations that traded nothing are no good ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.research.test_figures import bars_of, holding
from wickwork import InputError, Strategy, Sweep, Terms, demo_bars, strategy, sweep, trade
from wickwork.model.instrument import Rules


def swept(*sizes: float) -> Sweep:
    """Buys once while the price falls; sizes below the minimum notional are denied."""
    close = np.concatenate(([100.0, 101.0, 102.0], np.linspace(102.0, 80.0, 997)))
    bars = bars_of(close, "BTC/USDT")
    bars = replace(bars, instrument=replace(bars.instrument, rules=Rules(minimum_notional=5.0)))
    return sweep(holding(), bars, {"buy.size": sizes, "end.value": [90.0, 1e9]}, terms=Terms())


@pytest.mark.parametrize("by", ["max_drawdown", "total_return"])
def test_what_traded_nothing_ranks_last(by: str) -> None:
    found = swept(1e-9, 50.0, 1e-10, 90.0)
    assert found.traded.tolist() == [False, False, True, True, False, False, True, True]
    ranking = found.ranking(by)
    assert found.traded[ranking].tolist() == [True] * 4 + [False] * 4
    assert found.best(by).params["buy.size"] == 50.0
    assert found.untraded_values() == {"buy.size": [1e-9, 1e-10]}


def test_a_position_that_is_still_open_was_traded() -> None:
    found = swept(50.0)
    assert found.traded.all()
    assert not found.untraded_values()


@pytest.mark.parametrize("by", ["max_drawdown", "total_return", "sharpe", "win_rate"])
def test_there_is_no_best_where_nothing_was_traded(by: str) -> None:
    with pytest.raises(InputError, match="nothing was traded"):
        swept(1e-9, 1e-10).best(by)


def bought(stop_loss: float = 4.0) -> Strategy:
    with strategy("bought") as s:
        trade.buy(
            when=s.bars.close > 1.0,
            size=trade.quote(10),
            stop_loss=trade.percent(stop_loss),
            trailing=trade.atr(2, period=3),
            name="buy",
        )
    return s


@pytest.mark.parametrize("name", ["buy.stop_loss", "buy.trailing", "buy.size"])
@pytest.mark.parametrize("value", [-1, 0, -0.0])
def test_values_with_which_no_order_is_made_are_refused_before_the_sweep(name: str, value: float) -> None:
    with pytest.raises(InputError, match=rf"{name} must be above 0, was {value:g}"):
        sweep(bought(), demo_bars("BTC/USDT", "1d"), {name: [value, 5]})


def test_a_fixed_value_with_which_no_order_is_made_is_refused() -> None:
    with pytest.raises(InputError, match=r"buy\.stop_loss must be above 0"):
        sweep(bought(-1.0), demo_bars("BTC/USDT", "1d"), {"buy.size": [5, 10]})
