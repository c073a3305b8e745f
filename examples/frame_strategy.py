"""Signals computed with pandas: long while the fast average is above the slow one and volume is not thin."""

from __future__ import annotations

from typing import Any

from wickwork import FrameStrategy, trade


class CrossWithVolume(FrameStrategy):
    """Buy when the fast average crosses above the slow one, sell when it crosses back; a stop at three ranges."""

    name = "EMA cross over a DataFrame"
    fast, slow, calm = 12, 26, 48
    warmup = 48
    size = trade.percent_of_equity(95)

    def generate_signals(self, df: Any) -> Any:
        """Return the bars with the columns that trade, and the two averages to be drawn."""
        df["fast"] = df["close"].ewm(span=self.fast).mean()
        df["slow"] = df["close"].ewm(span=self.slow).mean()
        above = df["fast"] > df["slow"]
        before = above.shift(1, fill_value=False)
        busy = df["volume"] > 0.5 * df["volume"].rolling(self.calm).mean()
        df["signal"] = (above & ~before & busy).astype(int) - (~above & before).astype(int)
        df["stop_loss"] = df["close"] - 3 * (df["high"] - df["low"]).rolling(14).mean()
        return df
