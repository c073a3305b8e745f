"""Twins of nodes/voting.py: all ways in which the missing conditions may be are tried."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.nodes.twins.common import Flags, nan, twin


def every_way(conditions: tuple[Flags, ...], rule: Callable[[list[bool]], Any]) -> list[Any]:
    """The answer of the rule on each bar, None where the missing conditions may change it."""
    answers = []
    for now in zip(*conditions, strict=True):
        ways = {rule(list(way)) for way in itertools.product(*((True, False) if c is None else (c,) for c in now))}
        answers.append(ways.pop() if len(ways) == 1 else None)
    return answers


@twin
def all_of(*conditions: Flags) -> Flags:
    return every_way(conditions, all)


@twin
def any_of(*conditions: Flags) -> Flags:
    return every_way(conditions, any)


@twin
def k_of_n(*conditions: Flags, k: int) -> Flags:
    return every_way(conditions, lambda now: sum(now) >= k)


@twin
def votes(*conditions: Flags, needed: float, **weights: float) -> tuple[list[Any], Flags]:
    exact = [Fraction(weights[f"weight_{letter}"]) for letter in "abcdefgh"]

    def score(now: list[bool]) -> Fraction:
        return sum((w for w, c in zip(exact, now, strict=True) if c), Fraction(0))

    scores = [nan if s is None else float(s) for s in every_way(conditions, score)]
    return scores, every_way(conditions, lambda now: score(now) >= Fraction(needed) - Fraction(1, 10**9))
