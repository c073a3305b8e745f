"""`percent_of_cash` and the node `cash` mean the wallet: what a position costs leaves it on spot alone."""

from __future__ import annotations

import numpy as np
import pytest

from wickwork import Run, Strategy, backtest, strategy, ta, trade
from wickwork.model.bars import Bars
from wickwork.model.instrument import Instrument
from wickwork.model.timeframe import Timeframe
from wickwork.strategies.strategy import Wire

HOUR = 3_600_000
PERPETUAL, SPOT = Instrument("BTC", "USDT", "USDT"), Instrument("BTC", "USDT")
PLAIN = {"taker_fee": 0.0, "maker_fee": 0.0, "slippage_model": "none", "funding_rate": 0.0}


def bars(instrument: Instrument, closes: list[float]) -> Bars:
    c = np.array(closes)
    o = np.concatenate([c[:1], c[:-1]])
    times = np.arange(len(c)) * HOUR
    return Bars(instrument, Timeframe(HOUR), times, o, np.maximum(o, c), np.minimum(o, c), c, np.ones(len(c)))


def at(s: Strategy, price: float) -> Wire:
    """Where a bar closes at that price."""
    return (s.bars.close > price - 1.0) & (s.bars.close < price + 1.0)


def twice(side: str) -> Strategy:
    """An entry of 20 % of the cash at the close of 100, and one more at the close of 110."""
    with strategy("twice") as s:
        s.cash = ta.cash()
        entry = trade.buy if side == "long" else trade.short
        size = trade.percent_of_cash(20)
        entry(when=at(s, 100.0), size=size, name="first")
        entry(when=at(s, 110.0), size=size, add=True, name="second")
    return s


def run(instrument: Instrument, side: str, closes: list[float], **terms: float) -> Run:
    return backtest(twice(side), bars(instrument, closes), capital=10_000.0, **PLAIN, **terms)


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("leverage", [1.0, 5.0])
def test_a_share_of_the_cash_on_a_perpetual_is_a_share_of_the_wallet_whatever_is_held(
    side: str, leverage: float
) -> None:
    result = run(PERPETUAL, side, [90.0, 100.0, 110.0, 105.0, 105.0], leverage=leverage)
    first, second = result.history.fills["quantity"]
    assert len(result.history.denied) == 0
    assert first == pytest.approx(10_000.0 * 0.2 / 100.0)
    assert second == pytest.approx(10_000.0 * 0.2 / 110.0)  # gains and losses that are not realized are not in it
    assert result.columns["cash"] == pytest.approx([10_000.0] * 5)


def test_on_spot_what_was_bought_has_left_the_cash() -> None:
    result = run(SPOT, "long", [90.0, 100.0, 110.0, 105.0, 105.0])
    first, second = result.history.fills["quantity"]
    assert first == pytest.approx(2_000.0 / 100.0)
    assert second == pytest.approx(8_000.0 * 0.2 / 110.0)
    assert result.columns["cash"] == pytest.approx([10_000.0, 10_000.0, 8_000.0, 6_400.0, 6_400.0])


@pytest.mark.parametrize("side", ["long", "short"])
def test_the_cash_on_a_perpetual_takes_in_fees_funding_and_realized_gains(side: str) -> None:
    with strategy("round trip") as s:
        s.cash = ta.cash()
        entry = trade.buy if side == "long" else trade.short
        entry(when=at(s, 100.0), size=trade.quantity(10.0))
        trade.close(when=at(s, 110.0))
    given = bars(PERPETUAL, [90.0, 100.0, 104.0, 110.0, 105.0])
    result = backtest(s, given, capital=10_000.0, **PLAIN | {"taker_fee": 0.001}, leverage=5.0)
    gain = 100.0 if side == "long" else -100.0
    assert result.columns["cash"] == pytest.approx([10_000.0, 10_000.0, 9_999.0, 9_999.0, 9_999.0 + gain - 1.1])
