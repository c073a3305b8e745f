"""How well the best of many does by luck: the formula against many strategies of pure noise."""

from __future__ import annotations

import numpy as np
import pytest

from wickwork.research.luck import luckiest_sharpe


@pytest.mark.parametrize("tries", [10, 200, 2000])
def test_it_is_what_noise_shows(tries: int) -> None:
    noise = np.random.default_rng(tries)
    days, bests = 365, []
    for _ in range(40):
        returns = noise.standard_normal((tries, days)) * 0.01
        sharpe = returns.mean(axis=1) / returns.std(axis=1, ddof=1) * np.sqrt(365.0)
        bests.append(sharpe.max())
    assert luckiest_sharpe(tries, 1.0) == pytest.approx(np.mean(bests), abs=0.2)


def test_a_longer_time_leaves_less_to_luck() -> None:
    assert luckiest_sharpe(100, 4.0) == pytest.approx(luckiest_sharpe(100, 1.0) / 2.0)
    assert luckiest_sharpe(1, 1.0) == 0.0
    assert luckiest_sharpe(2, 1.0) > 0.0
