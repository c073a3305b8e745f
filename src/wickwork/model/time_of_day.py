"""Times of the day, such as 09:30."""

from __future__ import annotations

import re
from typing import Any

from wickwork.model.errors import InputError


def minutes_of(text: Any, where: str) -> int:
    """The minutes from midnight to a time of day written as `9:30`, `09:30` or `24:00`: 0 to 1440.

    Raises InputError, which begins with `where`, for anything else. Numbers are refused, because 930 may mean half past
    nine or 930 minutes.
    """
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text.strip(), re.ASCII) if isinstance(text, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minutes <= 1440:
        raise InputError(f"{where} must be a text from '00:00' to '24:00', such as '09:30', was {text!r:.60}.")
    return minutes


def time_of_day(minutes: int) -> str:
    """Minutes since midnight as a time of day: 570 is `09:30`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
