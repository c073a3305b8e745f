"""Faults of a configuration: where each is, what was given, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wickwork.model.errors import InputError, shown

Path = tuple[str | int, ...]
"""The place of a value: `("strategies", 1, "timeframe")`."""
ERROR, NOTE = "error", "note"
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, or (`severity` note) that has no effect."""

    path: str
    """The place in the file, `strategies[1].timeframe`; empty for the file as a whole."""
    problem: str
    """One sentence: the value, and what to write instead."""
    where: str = ""
    """The file and line, the variable or the option that the value comes from."""
    severity: str = ERROR

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return (
            f"{self.path}{place}: {self.problem}" if self.path else f"{self.where or 'configuration'}: {self.problem}"
        )


class SettingsFaults(InputError):
    """A configuration with faults; `faults` has all of them, and the text is the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - 1
        rest = f" ({more} more; `wick config check` shows all.)" if more else ""
        super().__init__(f"{self.faults[0]}{rest}")

    def __reduce__(self) -> tuple[type[SettingsFaults], tuple[tuple[Fault, ...]]]:
        """Other processes get the faults, not only their text."""
        return SettingsFaults, (self.faults,)


def path_text(path: Path) -> str:
    """The place as people write it: `strategies[1].timeframe`, `costs.instruments["BTC/USDT"].leverage`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{shown(step)}" if text else shown(step)
        else:
            text += f'["{shown(step)}"]'
    return text
