"""System V4's three indicators, computed by Wickwork's nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from wickwork.compat.system_v4.base import (
    BaseIndicator,
    IndicatorSignal,
    bars_where,
    checked,
    wires_over,
    with_values,
)
from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite
from wickwork.strategies.strategy import Wire
from wickwork.strategies.vocabulary import ta

SQUEEZE_BARS = 20
"""A squeeze compares the width of the bands with its mean of so many bars."""
MOST_DEVIATIONS = 50.0
SQUEEZE_CONFIDENCE = 0.5


class MACD(BaseIndicator):
    """The difference of two exponential averages, its own average, and how far it is above that.

    The averages begin with the first value, so there is a signal from the second bar on; `macd` of Wickwork's own nodes
    waits until the averages have settled. Parameters: fast_period 12, slow_period 26, signal_period 9, in bars.
    """

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__("MACD", params)

    def get_required_params(self) -> dict[str, Any]:
        """The parameters with their defaults."""
        return {"fast_period": 12, "slow_period": 26, "signal_period": 9}

    def get_required_columns(self) -> list[str]:
        """The closes."""
        return ["close"]

    def check_params(self) -> None:
        """Raise InputError for a period that is no number of bars."""
        self.params = {name: checked("MACD", name, value, "ema", "period") for name, value in self.params.items()}

    def _get_min_data_length(self) -> int:
        return int(self.params["slow_period"] + self.params["signal_period"])

    def _wires(self, close: Wire) -> dict[str, Wire]:
        fast, slow = (ta.ema(close, period=self.params[name], seed="first") for name in ("fast_period", "slow_period"))
        line = fast - slow
        average = ta.ema(line, period=self.params["signal_period"], seed="first")
        found = ta.macd_signal(line, average)
        return {
            "macd": line, "macd_signal": average, "macd_histogram": line - average,
            "buy": found.buy, "sell": found.sell, "confidence": found.confidence,
        }  # fmt: skip

    def _computed(self, klines: Any) -> dict[str, Any]:
        self.validate_inputs(klines)
        return wires_over("MACD", klines["close"], self._wires)

    def calculate(self, klines: Any) -> Any:
        """Add `macd`, `macd_signal` and `macd_histogram`, in the unit of the price."""
        found = self._computed(klines)
        names = ("macd", "macd_signal", "macd_histogram")
        frame, self.values = with_values(klines, {name: found[name] for name in names})
        return frame

    def get_signals(self, klines: Any) -> list[IndicatorSignal]:
        """BUY where the MACD rises above its signal line, SELL where it falls below."""
        found = self._computed(klines)
        made = []
        for i in bars_where(found["buy"] + found["sell"]):
            line, average, histogram = (float(found[n][i]) for n in ("macd", "macd_signal", "macd_histogram"))
            metadata = {"macd": line, "signal": average, "histogram": histogram}
            word = "BUY" if found["buy"][i] else "SELL"
            made.append(IndicatorSignal("MACD", klines.index[i], word, line, float(found["confidence"][i]), metadata))
        return made

    def get_current_values(self, klines: Any) -> dict[str, float]:
        """`macd`, `signal` and `histogram` of the last bar."""
        last = self.calculate(klines).iloc[-1]
        names = {"macd": "macd", "signal": "macd_signal", "histogram": "macd_histogram"}
        return {name: float(last[column]) for name, column in names.items()}


class RSI(BaseIndicator):
    """The relative strength index with simple means (Cutler's), from 0 to 100; 50 until there are enough bars.

    Parameters: period 14 in bars; overbought 70, from 50 to 100; oversold 30, from 0 to 50.
    """

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__("RSI", params)

    def get_required_params(self) -> dict[str, Any]:
        """The parameters with their defaults."""
        return {"period": 14, "overbought": 70, "oversold": 30}

    def get_required_columns(self) -> list[str]:
        """The closes."""
        return ["close"]

    def check_params(self) -> None:
        """Raise InputError for a period or a level that is out of its range."""
        nodes = {"period": "cutler_rsi", "overbought": "rsi_signal", "oversold": "rsi_signal"}
        self.params = {name: checked("RSI", name, value, nodes[name], name) for name, value in self.params.items()}

    def _get_min_data_length(self) -> int:
        return int(self.params["period"]) + 1

    def _wires(self, close: Wire) -> dict[str, Wire]:
        rsi = ta.if_missing(ta.cutler_rsi(close, period=self.params["period"]), 50.0)
        levels = {name: float(self.params[name]) for name in ("overbought", "oversold")}
        found = ta.rsi_signal(rsi, **levels)
        return {
            "rsi": rsi, "buy": found.buy, "sell": found.sell, "confidence": found.confidence,
            "overbought": found.overbought, "oversold": found.oversold,
        }  # fmt: skip

    def _computed(self, klines: Any) -> dict[str, Any]:
        self.validate_inputs(klines)
        return wires_over("RSI", klines["close"], self._wires)

    def calculate(self, klines: Any) -> Any:
        """Add `rsi`."""
        frame, self.values = with_values(klines, {"rsi": self._computed(klines)["rsi"]})
        return frame

    def get_signals(self, klines: Any) -> list[IndicatorSignal]:
        """One signal on each bar on which there is one, the first of these that holds.

        SELL where the RSI falls out of the overbought zone, BUY where it rises out of the oversold zone, OVERBOUGHT and
        OVERSOLD while it is inside.
        """
        found = self._computed(klines)
        words = {
            "sell": ("SELL", "Overbought Crossover"),
            "buy": ("BUY", "Oversold Crossover"),
            "overbought": ("OVERBOUGHT", "Overbought"),
            "oversold": ("OVERSOLD", "Oversold"),
        }
        made = []
        for i in bars_where(sum(found[name] for name in words)):
            word, condition = next(text for name, text in words.items() if found[name][i])
            value = float(found["rsi"][i])
            metadata = {"rsi": value, "condition": condition}
            made.append(IndicatorSignal("RSI", klines.index[i], word, value, float(found["confidence"][i]), metadata))
        return made

    def get_current_values(self, klines: Any) -> dict[str, Any]:
        """`rsi` of the last bar, its `status` as a word, and the two levels."""
        value = float(self.calculate(klines)["rsi"].iloc[-1])
        high, low = self.params["overbought"], self.params["oversold"]
        status = "OVERBOUGHT" if value > high else "OVERSOLD" if value < low else "NEUTRAL"
        return {"rsi": value, "status": status, "overbought_threshold": high, "oversold_threshold": low}


class BollingerBands(BaseIndicator):
    """A simple average with a band of some standard deviations (of a sample) on each side.

    Parameters: period 20 in bars, at least 2; std_dev 2, from 0 to 50.
    """

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__("Bollinger Bands", params)

    def get_required_params(self) -> dict[str, Any]:
        """The parameters with their defaults."""
        return {"period": 20, "std_dev": 2}

    def get_required_columns(self) -> list[str]:
        """The closes."""
        return ["close"]

    def check_params(self) -> None:
        """Raise InputError for a period or a number of deviations that is out of its range."""
        deviations = self.params["std_dev"]
        if isinstance(deviations, bool) or not is_finite(deviations) or not 0 <= deviations <= MOST_DEVIATIONS:
            raise InputError(
                f"Bollinger Bands.std_dev must be a number from 0 to {MOST_DEVIATIONS:g}, was {deviations!r:.60}."
            )
        period = checked("Bollinger Bands", "period", self.params["period"], "bollinger", "period")
        self.params = {"period": period, "std_dev": deviations}

    def _get_min_data_length(self) -> int:
        return int(self.params["period"])

    def _wires(self, close: Wire) -> dict[str, Wire]:
        period = self.params["period"]
        sample = math.sqrt(period / (period - 1))  # the node has the deviation of a population
        bands = ta.bollinger(close, period=period, multiplier=float(self.params["std_dev"]) * sample)
        width = bands.upper - bands.lower
        found = ta.bollinger_signal(close, bands.lower, bands.upper, period=SQUEEZE_BARS)
        return {
            "bb_middle": bands.middle, "bb_upper": bands.upper, "bb_lower": bands.lower, "bb_width": width,
            "bb_position": ta.clip(bands.percent, 0.0, 1.0),
            "buy": found.buy, "sell": found.sell, "confidence": found.confidence, "squeeze": found.squeeze,
            "mean_width": ta.sma(width, period=SQUEEZE_BARS),
        }  # fmt: skip

    def _computed(self, klines: Any) -> dict[str, Any]:
        self.validate_inputs(klines)
        return wires_over("Bollinger Bands", klines["close"], self._wires)

    def calculate(self, klines: Any) -> Any:
        """Add `bb_middle`, `bb_upper`, `bb_lower`, `bb_width` and `bb_position`; missing for the first bars.

        `bb_width` is upper − lower; `bb_position` is 0 at or below the lower band, 1 at or above the upper one, and 0.5
        where all closes are equal.
        """
        found = self._computed(klines)
        names = ("bb_middle", "bb_upper", "bb_lower", "bb_width", "bb_position")
        frame, self.values = with_values(klines, {name: found[name] for name in names})
        return frame

    def get_signals(self, klines: Any) -> list[IndicatorSignal]:
        """BUY where the price comes down to the lower band, SELL where it comes up to the upper one, HOLD in a squeeze.

        A squeeze is a width below 0.8 of its mean of 20 bars; its signal comes after the other one of the same bar.
        """
        found = self._computed(klines)
        made = []
        for i in bars_where(found["buy"] + found["sell"] + found["squeeze"]):
            at, close, position = klines.index[i], float(klines["close"].iloc[i]), float(found["bb_position"][i])
            lower, upper, width = (float(found[name][i]) for name in ("bb_lower", "bb_upper", "bb_width"))
            sure = float(found["confidence"][i])
            if found["buy"][i]:
                metadata = {"position": position, "touch": "lower", "distance": close - lower}
                made.append(IndicatorSignal(self.name, at, "BUY", close, sure, metadata))
            elif found["sell"][i]:
                metadata = {"position": position, "touch": "upper", "distance": upper - close}
                made.append(IndicatorSignal(self.name, at, "SELL", close, sure, metadata))
            if found["squeeze"][i]:
                event = {"event": "band_squeeze", "width_ratio": width / float(found["mean_width"][i])}
                made.append(IndicatorSignal(self.name, at, "HOLD", width, SQUEEZE_CONFIDENCE, event))
        return made

    def get_current_values(self, klines: Any) -> dict[str, float]:
        """The bands of the last bar, and how far its close is from each, in the unit of the price."""
        last = self.calculate(klines).iloc[-1]
        found = {name: float(last[f"bb_{name}"]) for name in ("upper", "middle", "lower", "width", "position")}
        close = float(last["close"])
        return {**found, "distance_to_upper": found["upper"] - close, "distance_to_lower": close - found["lower"]}
