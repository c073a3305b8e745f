"""Twins of nodes/states.py."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tests.nodes.twins.common import Flags, Numbers, nan, twin

Outcome = tuple[Any, ...]


def possible(rule: Callable[..., Outcome], start: Outcome, *inputs: Flags) -> list[list[float | None]]:
    """The answers of a rule (state, inputs) → state; missing where the missing inputs of a bar may lead to several.

    The next bar begins with the state that follows when all that is missing is false.
    """
    state, rows = start, []
    for now in zip(*inputs, strict=True):
        ways = itertools.product(*((False, True) if one is None else (one,) for one in now))
        outcomes = {rule(state, *way) for way in ways}
        state = rule(state, *(one or False for one in now))
        rows.append(outcomes.pop() if len(outcomes) == 1 else (None,) * len(start))
    return [[nan if v is None else v for v in column] for column in zip(*rows, strict=True)]


def in_a_row(condition: list[bool]) -> list[int]:
    """How many bars up to each one had the same condition as it."""
    return [next((k for k in range(i + 1) if condition[i - k] != now), i + 1) for i, now in enumerate(condition)]


@twin
def becomes_false(condition: list[bool]) -> list[bool]:
    return [i > 0 and condition[i - 1] and not now for i, now in enumerate(condition)]


@twin
def condition_changed(condition: list[bool]) -> list[bool]:
    return [i > 0 and condition[i - 1] is not now for i, now in enumerate(condition)]


@twin
def changed(source: Numbers) -> list[bool]:
    return [i > 0 and source[i - 1] != now for i, now in enumerate(source)]


@twin
def bars_true(condition: list[bool]) -> Numbers:
    return [n if now else 0 for n, now in zip(in_a_row(condition), condition, strict=True)]


@twin
def held_for(condition: list[bool], *, bars: int) -> list[bool]:
    return [i + 1 >= bars and all(condition[i + 1 - bars : i + 1]) for i in range(len(condition))]


@twin
def debounce(condition: list[bool], *, bars: int) -> list[bool]:
    """That of the latest bar that was the last of `bars` equal ones."""
    row = in_a_row(condition)
    return [next((condition[k] for k in range(i, -1, -1) if row[k] >= bars), False) for i in range(len(condition))]


@twin
def cool_down(event: Flags, *, bars: int) -> Flags:
    answers: Flags = []
    for i, now in enumerate(event):
        recent = any(answers[k] for k in range(max(0, i - bars + 1), i))
        answers.append(False if recent else now)
    return answers


@twin
def toggle(event: Flags, reset: Flags) -> Any:
    return possible(lambda state, e, r: (not r and state[0] != e,), (False,), event, reset)[0]


@twin
def counter(event: Flags, reset: Flags) -> Any:
    return possible(lambda state, e, r: (0 if r else state[0] + e,), (0,), event, reset)[0]


@twin
def state_machine(*inputs: Flags, steps: int, timeout: int) -> tuple[Any, ...]:
    def rule(before: Outcome, *now: bool) -> Outcome:
        state, age = before[0], before[1] + 1
        *conditions, reset = now
        if reset:
            after = 0
        elif state < steps and conditions[state]:
            after = state + 1
        elif timeout and 0 < state < steps and age == timeout:
            after = 0
        else:
            after = state
        return after, age if after == state else 0, after != state, after == steps

    return tuple(possible(rule, (0, 0, False, False), *inputs))
