"""The indicators of these strategies, over columns of pandas."""

from __future__ import annotations

from typing import Any


def ema(values: Any, span: int) -> Any:
    """The exponential average over `span` bars, which begins with the first value."""
    return values.ewm(span=span, adjust=False).mean()


def is_rising(values: Any) -> Any:
    """Whether each value is above the one before."""
    return values > values.shift(1)


def rsi(close: Any, length: int = 14) -> Any:
    """Wilder's relative strength index, 0 to 100; missing for the first `length` bars."""
    step = close.diff()
    rise, fall = (
        side.ewm(alpha=1 / length, adjust=False, min_periods=length).mean()
        for side in (step.clip(lower=0), (-step).clip(lower=0))
    )
    return 100 * rise / (rise + fall)
