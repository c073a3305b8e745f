"""Price and RSI that go apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wickwork.compat.valvulin.base import RuleStrategy
from wickwork.compat.valvulin.indicators import ema, rsi
from wickwork.model.errors import InputError, did_you_mean

KINDS = ("bullish", "bearish", "both")


@dataclass(frozen=True)
class RSIDivergenceStrategy(RuleStrategy):
    """A new extreme of the price that the RSI does not confirm, on the side of the trend.

    Bullish gives 1: the low is below the lowest low of the `structure` bars before, the RSI is above that of the bar of
    this lowest low, which was at most `threshold`, and the close is above the average. Bearish gives −1: the high is
    above the highest high, the RSI below that of its bar, which was at least 100 − `threshold`, and the close is below
    the average. The RSI is a column `rsi`, else that of Wilder over 14 bars.

    Raises InputError for another kind.
    """

    divergence_type: str = "both"
    structure: int = 10
    ema_period: int = 50
    threshold: float = 30.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.divergence_type not in KINDS:
            raise InputError(
                f"There is no kind {self.divergence_type!r} of divergence; there are {', '.join(KINDS)}."
                f"{did_you_mean(str(self.divergence_type), KINDS)}"
            )

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, and `rsi` where there is none."""
        self.check_bars(df, "high", "low", "close")
        made = df if "rsi" in df.columns else df.assign(rsi=rsi(df.close))
        self.check_bars(made, "rsi")
        average = ema(df.close, self.ema_period)
        bullish = self._unconfirmed(df.low, made.rsi) & (df.close > average)
        bearish = self._unconfirmed(-df.high, 100 - made.rsi) & (df.close < average)
        signal = (self.divergence_type != "bearish") * bullish.astype(int) - (
            self.divergence_type != "bullish"
        ) * bearish.astype(int)
        return made.assign(signal=signal)

    def _unconfirmed(self, lows: Any, strength: Any) -> Any:
        """Where a low is below those before it while the strength is above what it was at the lowest of them."""
        before = lows.shift(1).rolling(self.structure)
        distance = before.apply(lambda values: len(values) - np.argmin(values), raw=True)
        at = np.arange(len(lows)) - distance.to_numpy()
        known = ~np.isnan(at)
        then = np.full(len(lows), np.nan)
        then[known] = strength.to_numpy()[at[known].astype(int)]
        return (lows < before.min()) & (strength > then) & (then <= self.threshold)
