"""Strategies that buy strength on volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wickwork.compat.valvulin.base import RuleStrategy
from wickwork.compat.valvulin.indicators import ema, is_rising


@dataclass(frozen=True)
class BreakoutVolumeStrategy(RuleStrategy):
    """Long where the close exceeds the highest high of the bars before, on volume, with a rising average.

    These are `breakout_window` bars. The volume exceeds `volume_multiplier` times their mean, and the range of the bar
    is at least `min_range_pct` of the close.
    """

    breakout_window: int = 20
    volume_multiplier: float = 1.5
    trend_window: int = 50
    min_range_pct: float = 0.005
    """A share of the close: 0.005 is 0.5 %."""

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or 0."""
        self.check_bars(df, "high", "low", "close", "volume")
        out = df.close > df.high.shift(1).rolling(self.breakout_window).max()
        busy = df.volume > self.volume_multiplier * df.volume.shift(1).rolling(self.breakout_window).mean()
        wide = df.high - df.low >= self.min_range_pct * df.close
        return df.assign(signal=(out & busy & wide & is_rising(ema(df.close, self.trend_window))).astype(int))


@dataclass(frozen=True)
class MomentumBurstStrategy(RuleStrategy):
    """Long after a bar of great range and volume that closes near its high, with a rising average.

    Range and volume are at least `range_multiplier` and `volume_multiplier` times their means over the `atr_window`
    bars before; the close lies in the top `close_pct` of the range.
    """

    range_multiplier: float = 2.5
    volume_multiplier: float = 2.0
    atr_window: int = 14
    trend_window: int = 50
    close_pct: float = 0.1

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or 0."""
        self.check_bars(df, "high", "low", "close", "volume")
        size = df.high - df.low
        wide = (size > 0) & (size >= self.range_multiplier * size.shift(1).rolling(self.atr_window).mean())
        busy = df.volume >= self.volume_multiplier * df.volume.shift(1).rolling(self.atr_window).mean()
        strong = df.high - df.close <= self.close_pct * size
        return df.assign(signal=(wide & busy & strong & is_rising(ema(df.close, self.trend_window))).astype(int))
