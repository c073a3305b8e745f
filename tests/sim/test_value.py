"""The running statistics of an account, taken in any pieces, against one bar after the other."""

from __future__ import annotations

import random
from types import SimpleNamespace

from wickwork.engine.loop.valuation import tally, value


def account() -> SimpleNamespace:
    return SimpleNamespace(equity=100.0, peak=100.0, trough=100.0, drawdown=0.0, returns=0.0, squares=0.0, bars=0)


def deepest_fall(equity: list[float]) -> float:
    """By its definition: at every bar the fall from the highest so far."""
    peak, deepest = 100.0, 0.0
    for now in equity:
        peak = max(peak, now)
        deepest = max(deepest, 1.0 - now / peak)
    return deepest


def test_the_deepest_fall_in_any_pieces() -> None:
    for seed in range(200):
        r = random.Random(seed)
        size = r.randint(1, 60)
        marks = [100.0]
        for _ in range(size):
            marks.append(max(0.01, marks[-1] * (1.0 + r.choice((0.0, r.gauss(0, 0.05))))))
        quantity, cash, held = r.choice((0.5, 1.0, -0.3)), 0.0, account()
        cash = 100.0 - quantity * 100.0
        written = [0.0] * len(marks)
        begin = 0
        while begin < len(marks):
            end = min(len(marks), begin + r.randint(1, 20))
            value(held, marks, begin, end, written, cash, quantity)
            begin = end
        assert held.drawdown == deepest_fall(written), seed
        alone = account()
        tally(alone, 0, len(written), written)
        assert vars(alone) == vars(held), seed
        assert held.bars == len(marks)


def test_flat_pieces_after_nothing_is_left_or_just_one() -> None:
    for sums in ([1.0, 2.0, 1.0], [50.0, 0.0, 30.0, 0.0], [1.0, 0.0, 1.0], [120.0, 130.0, 60.0, 125.0]):
        held, written = account(), [0.0] * (2 * len(sums))
        for k, cash in enumerate(sums):  # two bars each; the second changes nothing
            value(held, [], 2 * k, 2 * k + 2, written, cash, 0.0)
        alone = account()
        tally(alone, 0, len(written), written)
        assert vars(alone) == vars(held), sums
        before = [100.0, *sums[:-1]]
        changes = [now / was - 1.0 if was else 0.0 for was, now in zip(before, sums, strict=True)]
        assert (held.returns, held.squares) == (sum(changes), sum(c * c for c in changes))
        assert held.drawdown == deepest_fall(written)
