"""Strategies over exponential averages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wickwork.compat.valvulin.base import RuleStrategy
from wickwork.compat.valvulin.indicators import ema


@dataclass(frozen=True)
class EMAMACDStrategy(RuleStrategy):
    """Long where the difference of two averages becomes positive and is above its own average; −1 where mirrored."""

    ema_short: int = 12
    ema_long: int = 26
    macd_signal: int = 9

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`."""
        self.check_bars(df, "close")
        macd = ema(df.close, self.ema_short) - ema(df.close, self.ema_long)
        average, before = ema(macd, self.macd_signal), macd.shift(1)
        up, down = (macd > 0) & (before <= 0) & (macd > average), (macd < 0) & (before >= 0) & (macd < average)
        return df.assign(signal=up.astype(int) - down.astype(int))


@dataclass(frozen=True)
class PullbackEMAStrategy(RuleStrategy):
    """Long where a pull-back to the fast average ends, in a trend of three averages one above the other.

    The bar before closes above the middle average and at most `proximity_pct` above the fast one. Within the
    `pullback_bars` before this bar a close falls, and the last of them has less volume than the bar before them. This
    bar rises with a body of more than `body_pct` of its range, and closes above the fast average.
    """

    window = 1000

    short_window: int = 20
    long_window: int = 50
    confirmation_window: int = 100
    pullback_bars: int = 3
    proximity_pct: float = 0.003
    """A share of the average: 0.003 is 0.3 %."""
    body_pct: float = 0.55

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or 0."""
        self.check_bars(df, "open", "high", "low", "close", "volume")
        fast, middle, slow = (
            ema(df.close, span) for span in (self.short_window, self.long_window, self.confirmation_window)
        )
        before = df.close.shift(1)
        near = (before <= fast.shift(1) * (1 + self.proximity_pct)) & (before > middle.shift(1))
        falling = (df.close.diff() < 0).shift(1).rolling(self.pullback_bars).sum() >= 1
        calm = df.volume.shift(1) < df.volume.shift(self.pullback_bars + 1)
        rising = (df.close - df.open > self.body_pct * (df.high - df.low)) & (df.close > fast)
        trend = (fast > middle) & (middle > slow)
        return df.assign(signal=(trend & near & falling & calm & rising).astype(int))
