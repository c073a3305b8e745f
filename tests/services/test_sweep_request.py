from __future__ import annotations

import pytest

from wickwork.model.errors import InputError
from wickwork.services.kinds.registry import kind_named
from wickwork.services.sweep_request import values_of


def test_the_steps_of_a_range_are_those_that_are_written() -> None:
    found = values_of({"a": {"from": 0.1, "to": 0.4, "step": 0.1}, "b": {"from": 1, "to": 6, "step": 2.5}})
    assert found == {"a": [0.1, 0.2, 0.3, 0.4], "b": [1, 3.5, 6]}


@pytest.mark.parametrize("number", [True, "1", None, float("nan"), float("inf"), 1e16])
def test_what_is_no_number_makes_no_range(number: object) -> None:
    with pytest.raises(InputError, match="is no range"):
        values_of({"a": {"from": 0, "to": number, "step": 1}})


def test_backtests_go_before_sweeps() -> None:
    assert kind_named("backtest").priority > kind_named("sweep").priority
