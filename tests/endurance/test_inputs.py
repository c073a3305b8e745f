"""A small part of the million inputs gone wrong of `mutants_of_input`, and the faults that the million once found."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.endurance.inputs import bars_around, case, kind_of
from tests.endurance.mutants_of_input import outcome
from wickwork.cli import options
from wickwork.graph.check import GraphFaults, check, find_faults
from wickwork.graph.document import Graph, NodeEntry, WireEntry, from_data
from wickwork.market.sources.reading import read_bars
from wickwork.model.errors import InputError, shown
from wickwork.model.instrument import Rules
from wickwork.model.timeframe import parse_timeframe
from wickwork.nodes import builtin
from wickwork.sim.terms import Terms

FAILED_ONCE = (
    57980, 184355, 29475, 230806, 162845, 203059, 679720, 874150, 17455, 12254
)  # fmt: skip
"""Numbers of cases that ended in a traceback, took seconds or made numbers that are none."""


def test_inputs_gone_wrong_end_in_a_run_or_in_a_sentence(tmp_path: Path) -> None:
    found: Counter[tuple[str, str]] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in (*range(1500), *FAILED_ONCE):
            what = outcome(number, tmp_path)
            assert what in ("ran", "ran with fills", "refused"), (number, what)
            found[kind_of(number), what] += 1
    assert all(found[kind, what] > 5 for kind, what in found), found
    assert len(found) == 9, found


def test_what_is_no_sentence_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of this test."""

    def faulty(*given: Any) -> None:
        raise KeyError("n3")

    monkeypatch.setattr("tests.endurance.inputs.check", faulty)
    assert any("KeyError: 'n3' (" in outcome(number, tmp_path) for number in range(14))


HUGE = 10**400


@pytest.mark.parametrize("value", [HUGE, -HUGE, "1", None, True, float("nan"), float("inf"), [1.0]])
def test_a_number_is_one_that_fits_into_a_float(value: Any) -> None:
    with pytest.raises(InputError, match="must be"):
        Terms(capital=value)
    with pytest.raises(InputError, match="must be 0 or a positive number"):
        Rules(tick=value)
    with pytest.raises(InputError, match="must be a number"):
        builtin()["bollinger"].check({"multiplier": value if not isinstance(value, str) else "one"})
    graph = Graph(
        {"bars": NodeEntry("bars"), "g": NodeEntry("grid", {"size": value})}, (WireEntry("bars", "close", "g", "when"),)
    )
    assert any("a fixed value must be a number" in str(fault) for fault in find_faults(graph, builtin()))


@pytest.mark.parametrize("text", ["1e308000", "9e31", "-1e999999", "9" * 40])
def test_a_number_without_end_is_refused_at_once(text: str) -> None:
    with pytest.raises(InputError, match="write a number"):
        options.number(text, "--capital")
    assert options.number("1e30", "--capital") == 10**30


@pytest.mark.parametrize("text", [f"{HUGE}h", f"h{HUGE}", "9" * 5000, "1234567890m"])
def test_a_timeframe_has_at_most_nine_digits(text: str) -> None:
    with pytest.raises(InputError, match="is not a timeframe") as caught:
        parse_timeframe(text)
    assert len(str(caught.value)) < 200
    assert parse_timeframe("123456789m").milliseconds == 123456789 * 60_000


def test_faults_are_told_on_one_line_and_briefly() -> None:
    assert shown("a\nb") == r"a\nb"
    assert shown("x" * 100, 10) == "xxxxxxxxx…"
    data = {"nodes": {"n": {"type": "ema", "params": {"period" + "9" * 5000: 3}}}, "wires": []}
    with pytest.raises(GraphFaults) as caught:
        check(from_data(data), builtin())
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_file_of_several_instruments_names_them_briefly(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('time,symbol,open,high,low,close,volume\n1,"A\nB",1,1,1,1,1\n2,C,1,1,1,1,1\n')
    with pytest.raises(InputError, match="holds several instruments") as caught:
        read_bars(path)
    assert "\n" not in str(caught.value)


def test_a_json_row_with_a_number_too_large_for_a_float(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT_1h.json"
    path.write_text(f"[[0, 1, 1, 1, {HUGE}, 1], [3600000, 1, 1, 1, 1, 1]]")
    assert np.isinf(read_bars(path).close[0]) or np.isnan(read_bars(path).close[0])


@pytest.mark.parametrize("close", [9e-19, 2e18, float("inf"), 0.0, -1.0, float("nan")])
def test_prices_beyond_all_measure_are_no_bars(close: float) -> None:
    noise = np.random.default_rng(1)
    with np.errstate(all="ignore"), pytest.raises(InputError, match="prices must be finite and above 0"):
        bars_around(np.array([1.0, 1.0, close]), noise, 1)


@pytest.mark.parametrize(
    ("size", "placed"), [(1e-30, False), (1.1e-30, True), (1.0, True), (0.9e30, True), (1e30, False), (1e300, False)]
)
def test_sizes_beyond_all_measure_are_missing(size: float, placed: bool) -> None:
    from wickwork.risk.rules import is_positive

    assert is_positive(size) is placed


def test_a_case_is_the_same_every_time(tmp_path: Path) -> None:
    def told(number: int) -> Mapping[str, Any]:
        made = case(number)
        return {"what": made.func.__name__, "given": repr(made.args[0])}  # type: ignore[attr-defined]

    assert [told(n) for n in range(40)] == [told(n) for n in range(40)]
