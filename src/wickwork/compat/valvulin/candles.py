"""Strategies over the shapes of bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wickwork.compat.valvulin.indicators import ema, is_rising
from wickwork.model.errors import InputError, did_you_mean
from wickwork.strategies.frames import FrameStrategy

PATTERNS = ("bullish_engulfing", "bearish_engulfing")


@dataclass(frozen=True)
class CandlestickPatternStrategy(FrameStrategy):
    """A bar whose body exceeds that of an opposite bar before it at both ends, at support or resistance, in the trend.

    `bullish_engulfing` gives 1 where the low is within `proximity` of the lowest low of the `level_bars` before and the
    average rises; `bearish_engulfing` gives −1 at the highest high where it falls. The volume is at least the mean of
    the `volume_bars` before.

    Raises InputError for another pattern.
    """

    pattern: str = "bullish_engulfing"
    level_bars: int = 20
    proximity: float = 0.003
    trend: int = 50
    volume_bars: int = 10

    def __post_init__(self) -> None:
        if self.pattern not in PATTERNS:
            raise InputError(
                f"There is no pattern {self.pattern!r}; there are {' and '.join(PATTERNS)}."
                f"{did_you_mean(str(self.pattern), PATTERNS)}"
            )

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or −1 by the pattern, else 0."""
        start, end, average = df.open.shift(1), df.close.shift(1), ema(df.close, self.trend)
        busy = df.volume >= df.volume.shift(1).rolling(self.volume_bars).mean()
        if self.pattern == "bullish_engulfing":
            level = df.low.shift(1).rolling(self.level_bars).min()
            covers = (end < start) & (df.close > df.open) & (df.open < end) & (df.close > start)
            found, side = covers & ((df.low - level).abs() <= self.proximity * level) & is_rising(average), 1
        else:
            level = df.high.shift(1).rolling(self.level_bars).max()
            covers = (end > start) & (df.close < df.open) & (df.open > end) & (df.close < start)
            found, side = covers & ((df.high - level).abs() <= self.proximity * level) & is_rising(-average), -1
        return df.assign(signal=side * (found & busy).astype(int))


@dataclass(frozen=True)
class InsideBarStrategy(FrameStrategy):
    """Marks bars inside the range of the bar before, with at most `max_ratio` of its range; it never trades."""

    max_ratio: float = 0.6

    def generate_signals(self, df: Any) -> Any:
        """Add `inside_bar`, true or false, and a `signal` of 0."""
        inside = (df.high < df.high.shift(1)) & (df.low > df.low.shift(1))
        small = df.high - df.low <= self.max_ratio * (df.high - df.low).shift(1)
        return df.assign(signal=0, inside_bar=inside & small)
