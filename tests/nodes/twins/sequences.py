"""Twins of nodes/sequences.py."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from tests.nodes.twins.common import Flags, Numbers, nan, twin


@twin
def sequence(*inputs: Flags, steps: int, within: int) -> Flags:
    """Looks for a chain of bars, one for each step, after the last time that it fired or was reset."""
    *events, reset = inputs
    answers: Flags = []
    fired, forgotten = -1, -1

    def reached(step: int, i: int) -> bool:
        if not events[step][i]:
            return False
        if step == 0:
            return i >= fired and i > forgotten
        return i > fired and any(reached(step - 1, k) for k in range(max(0, i - within, forgotten + 1), i))

    for i, undone in enumerate(reset):
        last = events[steps - 1][i]
        ways = set()
        for event, off in itertools.product(
            (True, False) if last is None else (last,), (True, False) if undone is None else (undone,)
        ):
            events[steps - 1] = [*events[steps - 1][:i], event, *events[steps - 1][i + 1 :]]
            ways.add(not off and reached(steps - 1, i))
        events[steps - 1] = [*events[steps - 1][:i], last, *events[steps - 1][i + 1 :]]
        fired = i if not undone and reached(steps - 1, i) else fired
        forgotten = i if undone else forgotten
        answers.append(ways.pop() if len(ways) == 1 else None)
    return answers


@twin
def past_value_when(condition: Flags, value: Numbers, *, events: int) -> Numbers:
    values = []
    for i, now in enumerate(condition):
        hits = [value[k] for k in range(i + 1) if condition[k]]
        values.append(nan if now is None or len(hits) <= events else hits[-events - 1])
    return values


def since(condition: Flags, source: Numbers, of: Callable[[Numbers], float]) -> Numbers:
    """The function of all values since the condition was last true."""
    answers = []
    for i, now in enumerate(condition):
        begin = max((k for k in range(i + 1) if condition[k]), default=-1)
        known = now is not None and begin >= 0 and not math.isnan(source[i])
        answers.append(of([v for v in source[begin : i + 1] if not math.isnan(v)]) if known else nan)
    return answers


@twin
def highest_since(condition: Flags, source: Numbers) -> Numbers:
    return since(condition, source, max)


@twin
def lowest_since(condition: Flags, source: Numbers) -> Numbers:
    return since(condition, source, min)


@twin
def sum_since(condition: Flags, source: Numbers) -> Numbers:
    return since(condition, source, math.fsum)


@twin
def cumulative_sum(source: Numbers) -> Numbers:
    return [math.fsum(source[: i + 1]) for i in range(len(source))]
