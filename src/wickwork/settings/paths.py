"""Paths of settings as texts: `strategies[1].timeframe`, `strategies.trend.parameters.fast`, `costs.fee_pct`."""

from __future__ import annotations

import re

from wickwork.model.errors import InputError
from wickwork.settings.faults import Path

_STEP = re.compile(r"""\.?([^.\[\]"]+)|\[(\d{1,8})\]|\["([^"]*)"\]|\.?"([^"]*)\"""")


def path_of(text: str) -> Path:
    """The steps of a path. Raises InputError where it is none."""
    at, steps = 0, []
    while at < len(text):
        found = _STEP.match(text, at)
        if not found:
            break
        word, number, *quoted = found.groups()
        steps.append(int(number) if number else word or quoted[0] or quoted[1] or "")
        at = found.end()
    if at < len(text) or not steps:
        raise InputError(f"{text!r:.60} is no path of a setting; write one such as strategies[0].timeframe.")
    return tuple(steps)
