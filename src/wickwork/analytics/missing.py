"""Bars on which an action could have acted, had its condition not been missing. The run is repeated for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.backtest import History, columns_of
from wickwork.graph.operation import CLOSE, POSITIONS, TRIGGER, Column
from wickwork.graph.types import FLAT, LONG, SHORT


def missing_conditions(history: History) -> dict[str, int]:
    """For each action, the number of bars after warm-up on which its condition was missing, over all instruments.

    A bar counts where the instrument has it, where the instrument has had as many bars as the warm-up of the program
    is long, and where the action acts in the position that is held: a condition that reads the entry price is missing
    while nothing is held, and an action that closes positions does nothing then anyway.
    """
    program = history.program
    triggers = {name: int(row[TRIGGER]) for name, row in zip(program.action_names, program.actions, strict=True)}
    parts = [part for part in program.ranges for _ in range(part.lanes)]
    read = {*triggers.values(), *(part.close for part in parts)}
    values = columns_of(history, {str(index): Column(index) for index in read}) if triggers else {}
    counts = dict.fromkeys(triggers, 0)
    for lane in range(len(history.bars)):
        present = np.isfinite(history.feed.columns[lane][CLOSE])
        warm = present & (np.cumsum(present) >= program.warmup)
        held, actions = _held(history, lane), slice(None)
        if parts:
            actions = slice(parts[lane].action, parts[lane].action + parts[lane].actions)
            warm &= np.isfinite(values[str(parts[lane].close)][lane])
        for name, row in zip(program.action_names[actions], program.actions[actions], strict=True):
            missing = warm & np.isnan(values[str(triggers[name])][lane])
            counts[name] += int(np.count_nonzero(missing & (held & int(row[POSITIONS]) > 0)))
    return counts


def _held(history: History, lane: int) -> NDArray[np.int64]:
    """FLAT, LONG or SHORT at the close of every bar of an instrument."""
    fills: NDArray[Any] = history.fills[history.fills["lane"] == lane]
    before = np.searchsorted(fills["bar"], np.arange(history.feed.size), side="right")
    position = np.concatenate([[0.0], fills["position"]])[before]
    held: NDArray[np.int64] = np.where(position > 0.0, LONG, np.where(position < 0.0, SHORT, FLAT))
    return held
