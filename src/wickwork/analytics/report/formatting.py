"""Numbers and times as the report writes them: true minus, narrow spaces, a sign where a result is meant."""

from __future__ import annotations

from wickwork.model.bars import iso
from wickwork.model.digits import decimals_of_price

THIN = "\u202f"
"""The narrow space that does not break a line: between thousands, and before a unit."""
SPACE = "\u00a0"
MINUS = "\u2212"
NOT_ENOUGH = "not enough"


def number(value: float | None, decimals: int = 2, sign: bool = False) -> str:
    """`−1 234.50`; what rounds to nothing has no sign; "not enough" for a missing value."""
    if value is None:
        return NOT_ENOUGH
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN)
    if float(f"{abs(value):.{decimals}f}") == 0.0:
        return text
    return (MINUS if value < 0.0 else "+" if sign else "") + text


def amount(value: float) -> str:
    """A number without trailing zeros: `0.1`, `10 000`, `0.00025`; small ones with as many decimals as they need."""
    whole, _, part = number(value, max(8, decimals_of_price(value))).partition(".")
    part = part.rstrip("0")
    text = f"{whole}.{part}" if part else whole
    return text if text != MINUS + "0" else "0"


def percent(value: float | None, sign: bool = False) -> str:
    """`+1.23 %`."""
    return NOT_ENOUGH if value is None else f"{number(value, 2, sign)}{THIN}%"


def share(value: float) -> str:
    """A share such as a fee in percent, without idle zeros: 0.0005 is `0.05 %`."""
    return f"{amount(value * 100.0)}{THIN}%"


def many(count: int, noun: str, plural: str = "") -> str:
    """`1 bar`, `3 bars`."""
    return f"{number(count, 0)} {noun if count == 1 else plural or noun + 's'}"


def duration(days: float) -> str:
    """`1.2 days`, or hours or minutes where it is less than one day or hour."""
    if days >= 1.0 or days == 0.0:
        return f"{number(days, 1)} days"
    return f"{number(days * 24.0, 1)} hours" if days * 24.0 >= 1.0 else f"{number(days * 1440.0, 0)} minutes"


def clock(moment: int | str) -> str:
    """`2024-01-31 12:00` of ms since 1970 or of `2024-01-31T12:00:00Z`; seconds only where there are any."""
    day, _, time = (moment if isinstance(moment, str) else iso(moment)).removesuffix("Z").partition("T")
    return f"{day} {time.removesuffix(':00') if time.count(':') == 2 else time}"


def day(moment: int | str) -> str:
    """`2024-01-31`."""
    return clock(moment)[:10]


def tone(value: float | None) -> str:
    """`up` for a gain, `down` for a loss, nothing for what is written as 0.00."""
    return "" if value is None or round(value, 2) == 0.0 else "up" if value > 0.0 else "down"
