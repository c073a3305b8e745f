"""Strategies that buy strength on volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wickwork.compat.valvulin.indicators import ema, is_rising
from wickwork.strategies.frames import FrameStrategy


@dataclass(frozen=True)
class BreakoutVolumeStrategy(FrameStrategy):
    """Long where the close is above the highest high of `breakout` bars, on volume, with a rising average.

    The volume exceeds `volume_factor` times the mean of these bars, and the range of the bar is at least `min_range` of
    the close.
    """

    breakout: int = 20
    volume_factor: float = 1.5
    trend: int = 50
    min_range: float = 0.005

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or 0."""
        out = df.close > df.high.shift(1).rolling(self.breakout).max()
        busy = df.volume > self.volume_factor * df.volume.shift(1).rolling(self.breakout).mean()
        wide = df.high - df.low >= self.min_range * df.close
        return df.assign(signal=(out & busy & wide & is_rising(ema(df.close, self.trend))).astype(int))


@dataclass(frozen=True)
class MomentumBurstStrategy(FrameStrategy):
    """Long after a bar of great range and volume that closes near its high, with a rising average.

    Range and volume are at least `range_factor` and `volume_factor` times their means over the `length` bars before;
    the close lies in the top `top` of the range.
    """

    length: int = 14
    range_factor: float = 2.5
    volume_factor: float = 2.0
    top: float = 0.1
    trend: int = 50

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or 0."""
        size = df.high - df.low
        wide = (size > 0) & (size >= self.range_factor * size.shift(1).rolling(self.length).mean())
        busy = df.volume >= self.volume_factor * df.volume.shift(1).rolling(self.length).mean()
        strong = df.high - df.close <= self.top * size
        return df.assign(signal=(wide & busy & strong & is_rising(ema(df.close, self.trend))).astype(int))
