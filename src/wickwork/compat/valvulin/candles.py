"""Strategies over the shapes of bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wickwork.compat.valvulin.base import RuleStrategy
from wickwork.compat.valvulin.indicators import ema, is_rising
from wickwork.model.errors import InputError, did_you_mean

PATTERNS = ("bullish_engulfing", "bearish_engulfing")


@dataclass(frozen=True)
class CandlestickPatternStrategy(RuleStrategy):
    """A bar whose body exceeds that of an opposite bar before it at both ends, at support or resistance, in the trend.

    `bullish_engulfing` gives 1 where the low is within `proximity_pct` of the lowest low of the `support_window` bars
    before and the average rises; `bearish_engulfing` gives −1 at the highest high of the `resistance_window` bars
    before, where it falls. The volume is at least `volume_multiplier` times the mean of the `volume_lookback` bars
    before.

    Raises InputError for another pattern.
    """

    pattern: str = "bullish_engulfing"
    support_window: int = 20
    resistance_window: int = 20
    volume_lookback: int = 10
    volume_multiplier: float = 1.0
    ema_period: int = 50
    proximity_pct: float = 0.003
    """A share of the level: 0.003 is 0.3 %."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pattern not in PATTERNS:
            raise InputError(
                f"There is no pattern {self.pattern!r}; there are {' and '.join(PATTERNS)}."
                f"{did_you_mean(str(self.pattern), PATTERNS)}"
            )

    def generate_signals(self, df: Any) -> Any:
        """Add `signal`, 1 or −1 by the pattern, else 0."""
        self.check_bars(df, "open", "high", "low", "close", "volume")
        start, end, average = df.open.shift(1), df.close.shift(1), ema(df.close, self.ema_period)
        busy = df.volume >= self.volume_multiplier * df.volume.shift(1).rolling(self.volume_lookback).mean()
        if self.pattern == "bullish_engulfing":
            level = df.low.shift(1).rolling(self.support_window).min()
            covers = (end < start) & (df.close > df.open) & (df.open < end) & (df.close > start)
            found, side = covers & ((df.low - level).abs() <= self.proximity_pct * level) & is_rising(average), 1
        else:
            level = df.high.shift(1).rolling(self.resistance_window).max()
            covers = (end > start) & (df.close < df.open) & (df.open > end) & (df.close < start)
            found, side = covers & ((df.high - level).abs() <= self.proximity_pct * level) & is_rising(-average), -1
        return df.assign(signal=side * (found & busy).astype(int))


@dataclass(frozen=True)
class InsideBarStrategy(RuleStrategy):
    """Marks bars inside the range of the bar before, with at most `max_ratio` of its range; it never trades."""

    max_ratio: float = 0.6

    def generate_signals(self, df: Any) -> Any:
        """Add `inside_bar`, true or false, and a `signal` of 0."""
        self.check_bars(df, "high", "low")
        inside = (df.high < df.high.shift(1)) & (df.low > df.low.shift(1))
        small = df.high - df.low <= self.max_ratio * (df.high - df.low).shift(1)
        return df.assign(signal=0, inside_bar=inside & small)

    def generate_signal(self, data: Any) -> str | None:
        """`watch` where the last row is an inside bar, else None."""
        found = self.generate_signals(data.copy()).inside_bar
        return "watch" if len(found) and found.iloc[-1] else None
