"""Every hand-computed case of tests/reference, on the compiled venue."""

from __future__ import annotations

import pytest

from tests.reference.cases import CASES
from tests.reference.cases.notation import Case
from tests.reference.test_reference import market
from tests.sim.both import Same, run_fast


def run_case(case: Case) -> Same:
    opened_at = [case.start + t * case.step for t in range(len(case.bars))]
    markets = [market(case.bars, opened_at, case.market, case.finer, case.marks)]
    intents = [case.intents, case.second_intents]
    if case.second is not None:
        markets.append(market(case.second, opened_at, case.market))
    return run_fast(markets, case.config, lambda t, i, view: intents[i].get(t, []))


LIQUIDATION_ACTION = -1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hand_case(case: Case) -> None:
    result = run_case(case)
    expected = [(*fill, 0) if len(fill) == 4 else fill for fill in case.fills]
    seen = [(bar, side, quantity, price, lane) for bar, lane, _, side, quantity, price, *_ in result.fills]
    assert len(seen) == len(expected), seen
    for is_, should_be in zip(seen, expected, strict=True):
        assert is_ == pytest.approx(should_be, rel=1e-9)
    ends = {order[0]: order[8] for order in result.ends if order[2] != LIQUIDATION_ACTION}
    assert ends == case.ends
    assert {order[0] for order in result.working} == case.working
    assert [bar for bar, _, _ in result.denied] == [bar for bar, _ in case.denied]
    assert result.ambiguous == case.ambiguous
    for name in ("cash", "fees", "funding", "slippage"):
        if (value := getattr(case, name)) is not None:
            assert getattr(result, name) == pytest.approx(value, rel=1e-9, abs=1e-9), name
    if case.makers is not None:
        assert [fill[7] for fill in result.fills] == case.makers
