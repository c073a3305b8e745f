"""The seven strategies give the signals of Valvulin, and fire in constructed cases where its sample has none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wickwork import FrameStrategy, InputError, backtest, demo_bars, sweep
from wickwork.compat import valvulin
from wickwork.compat.valvulin import (
    BreakoutVolumeStrategy,
    CandlestickPatternStrategy,
    InsideBarStrategy,
    MomentumBurstStrategy,
    PullbackEMAStrategy,
    RSIDivergenceStrategy,
)

pd = pytest.importorskip("pandas")
ORACLES = Path(__file__).parents[3] / "shared" / "oracles" / "systems"
NAMES = [one.__name__ for one in valvulin.STRATEGIES]
TRADES = {"EMAMACDStrategy": True, "InsideBarStrategy": False}


@pytest.mark.skipif(not ORACLES.exists(), reason="no reference signals here")
@pytest.mark.parametrize("name", NAMES)
def test_the_signals_of_the_original(name: str) -> None:
    expected = json.loads((ORACLES / "valvulin_signals.json").read_text())[name]
    df = pd.read_csv(ORACLES / "valvulin_ohlcv.csv", index_col=0, parse_dates=True)
    found = getattr(valvulin, name)().generate_signals(df.copy())
    assert np.flatnonzero(found.signal == 1).tolist() == expected["buy"]
    assert np.flatnonzero(found.signal == -1).tolist() == expected["sell"]
    assert set(expected["columns"]) <= set(found.columns)


@pytest.mark.parametrize("name", NAMES)
def test_each_runs_and_does_not_look_ahead(name: str) -> None:
    bars = demo_bars("BTC/USDT", "1h").slice(0, 2000)
    run = backtest(getattr(valvulin, name), bars)
    assert run.manifest["strategy"]["name"] == name
    if name in TRADES:
        assert (run.stats["trades"] > 0) == TRADES[name]


def frame(closes: Any, spread: float = 0.2) -> Any:
    """Bars that open at the close before, with a volume of 10."""
    closes = np.asarray(closes, np.float64)
    opens = np.concatenate([closes[:1], closes[:-1]])
    index = pd.date_range("2024-01-01", periods=len(closes), freq="1h", tz="UTC")
    high, low = np.maximum(opens, closes) + spread, np.minimum(opens, closes) - spread
    return pd.DataFrame({"open": opens, "high": high, "low": low, "close": closes, "volume": 10.0}, index)


def put(df: Any, row: int, **values: float) -> Any:
    for name, value in values.items():
        df.iloc[row, df.columns.get_loc(name)] = value
    return df


def last(strategy: FrameStrategy, df: Any) -> int:
    """The signal of the last bar, where no other bar may have one."""
    signal = strategy.generate_signals(df.copy()).signal.tolist()
    assert not any(signal[:-1])
    return int(signal[-1])


RISE = 100 + 0.1 * np.arange(80)


def bullish() -> Any:
    """A rise, a low, a falling bar, and one that covers it near the low, with the average still rising."""
    df = put(frame(RISE), 70, low=105.6)
    put(df, 78, open=107.8, close=106.6, high=107.9, low=106.3)
    return put(df, 79, open=106.5, close=107.95, high=108.0, low=105.7)


def test_bullish_engulfing() -> None:
    assert last(CandlestickPatternStrategy(), bullish()) == 1
    assert last(CandlestickPatternStrategy(), put(bullish(), 79, volume=9.0)) == 0
    assert last(CandlestickPatternStrategy(), put(bullish(), 79, close=107.7)) == 0
    assert last(CandlestickPatternStrategy(), put(bullish(), 70, low=104.0)) == 0
    assert last(CandlestickPatternStrategy("bearish_engulfing"), bullish()) == 0


def mirrored(df: Any) -> Any:
    """The prices upside down."""
    return df.assign(open=200 - df.open, high=200 - df.low, low=200 - df.high, close=200 - df.close)


def test_bearish_engulfing() -> None:
    assert last(CandlestickPatternStrategy("bearish_engulfing", proximity_pct=0.004), mirrored(bullish())) == -1
    assert last(CandlestickPatternStrategy(), mirrored(bullish())) == 0


def test_a_short_history_passes_no_filter() -> None:
    df = bullish().iloc[-12:]
    assert last(CandlestickPatternStrategy(), df) == 0
    assert last(CandlestickPatternStrategy(support_window=9), df) == 1


def test_inside_bars_are_marked_and_not_traded() -> None:
    df = put(put(put(frame([100.0] * 5), 2, high=102.0, low=98.0), 3, high=101.0, low=99.0), 4, high=101.5)
    found = InsideBarStrategy().generate_signals(df)
    assert found.inside_bar.tolist() == [False, False, False, True, False]
    assert not found.signal.any()
    assert not InsideBarStrategy(max_ratio=0.4).generate_signals(df).inside_bar.any()


def burst(**values: float) -> Any:
    return put(frame(RISE), 79, **({"close": 109.9, "high": 110.0, "low": 107.8, "volume": 25.0} | values))


def test_momentum_burst() -> None:
    assert last(MomentumBurstStrategy(), burst()) == 1
    assert last(MomentumBurstStrategy(), burst(volume=19.0)) == 0
    assert last(MomentumBurstStrategy(), burst(close=109.7)) == 0
    assert last(MomentumBurstStrategy(), burst(high=108.2, close=108.19)) == 0


def test_breakout() -> None:
    assert last(BreakoutVolumeStrategy(), burst()) == 1
    assert last(BreakoutVolumeStrategy(), burst(volume=14.0)) == 0
    assert last(BreakoutVolumeStrategy(min_range_pct=0.05), burst()) == 0


def divergent(second: float = 60.0, trend: float = 1.0) -> Any:
    """Two lows, the second one lower, and an RSI that is given: 25 and `second`."""
    closes = np.concatenate([np.full(60, 100 - 5 * trend), np.full(20, 100.0)])
    df = frame(closes).assign(rsi=50.0)
    df = df.assign(low=df.close - 0.2)
    return put(put(df, 74, low=98.0, rsi=25.0), 79, low=97.5, rsi=second)


def test_divergence() -> None:
    assert last(RSIDivergenceStrategy(), divergent()) == 1
    assert last(RSIDivergenceStrategy("bullish"), divergent()) == 1
    assert last(RSIDivergenceStrategy("bearish"), divergent()) == 0
    assert last(RSIDivergenceStrategy(), divergent(second=20.0)) == 0
    assert last(RSIDivergenceStrategy(), divergent(trend=-1.0)) == 0
    assert last(replace(RSIDivergenceStrategy(), threshold=20.0), divergent()) == 0
    flipped = mirrored(divergent()).assign(rsi=lambda df: 100 - df.rsi)
    assert last(RSIDivergenceStrategy(), flipped) == -1


def test_a_pull_back_needs_less_volume() -> None:
    closes = np.concatenate([100 + 0.2 * np.arange(160), [131.0, 130.2, 129.8, 130.9]])
    df = frame(closes, spread=0.05)
    put(df, 159, volume=12.0)
    assert last(PullbackEMAStrategy(proximity_pct=0.01), df) == 1
    assert last(PullbackEMAStrategy(proximity_pct=0.01), put(df, 162, volume=13.0)) == 0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: CandlestickPatternStrategy("bulish_engulfing"), "Did you mean 'bullish_engulfing'"),
        (lambda: RSIDivergenceStrategy("up"), "no kind 'up' of divergence; there are bullish, bearish, both"),
        (lambda: RSIDivergenceStrategy().with_params({"divergence_type": "bulish"}), "Did you mean 'bullish'"),
    ],
)
def test_unknown_words_are_refused(make: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        make()


class Above(valvulin.BaseStrategy):
    """Valvulin's template: parameters by `default_params`, and a result of one column."""

    default_params = {"span": 20}  # noqa: RUF012  # as in Valvulin

    def generate_signals(self, data: Any) -> Any:
        frame = data.sort_index().copy()
        above = frame["close"] > frame["close"].ewm(span=int(self.params["span"])).mean()
        return pd.DataFrame({"signal": above.astype(int).diff().fillna(0).astype(int)})


def test_the_template_of_the_original_runs() -> None:
    bars = demo_bars("BTC/USDT", "1h").slice(0, 1000)
    run = backtest(Above(span=10), bars)
    assert run.stats["trades"] > 0
    with pytest.raises(TypeError):
        Above().params["span"] = 5  # type: ignore[index]
    assert run.to_json() == backtest(Above(), bars, params={"span": 10}).to_json()
    assert run.manifest["strategy"] != backtest(Above(), bars).manifest["strategy"]


def test_one_signal_as_a_word() -> None:
    assert MomentumBurstStrategy().generate_signal(burst()) == "buy"
    assert (
        CandlestickPatternStrategy("bearish_engulfing", proximity_pct=0.004).generate_signal(mirrored(bullish()))
        == "sell"
    )
    assert MomentumBurstStrategy().generate_signal(burst(volume=19.0)) is None
    assert InsideBarStrategy().generate_signal(put(frame([100.0] * 2), 0, high=102.0, low=98.0)) == "watch"
    assert MomentumBurstStrategy().generate_signal(burst().iloc[:0]) is None


class Breakout(valvulin.BaseStrategy):
    default_params = {"window": 20}  # noqa: RUF012

    def generate_signals(self, df: Any) -> Any:
        high = df.high.shift(1).rolling(self.params["window"]).max()
        low = df.low.shift(1).rolling(self.params["window"]).min()
        return pd.DataFrame({"signal": (df.close > high).astype(int) - (df.close < low).astype(int)})


def test_a_parameter_may_be_called_window() -> None:
    bars = demo_bars("BTC/USDT", "1h").slice(0, 1000)
    run = backtest(Breakout(window=60), bars)
    assert Breakout(window=60).window == FrameStrategy.window
    assert run.stats["trades"] != backtest(Breakout(), bars).stats["trades"]
    assert run.to_json() == backtest(Breakout(), bars, params={"window": 60}).to_json()
    assert sweep(Breakout, bars, {"window": [20, 60]}).best().params["window"] in (20, 60)


class Clash(valvulin.BaseStrategy):
    default_params = {"size": 20}  # noqa: RUF012


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Above(spam=3), "Above has no parameter 'spam'. Did you mean 'span'"),
        (Clash, "Clash has a parameter 'size', which every strategy has with a meaning of its own"),
    ],
)
def test_wrong_parameters_are_refused(make: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        make()
