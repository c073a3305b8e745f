"""What nodes may be called, whether a file or Python names them."""

from __future__ import annotations

from typing import Any

import pytest

from wickwork import strategy, ta, trade
from wickwork.graph.check import GraphFaults, check
from wickwork.graph.document import from_data, from_text, to_text
from wickwork.model.errors import InputError, did_you_mean
from wickwork.nodes import builtin

WRONG = ["", "a b", "a.b", "1st", "_x", "ä", "x" * 65, "a\n", 7, "9" * 9_000]


@pytest.mark.parametrize("name", WRONG, ids=lambda name: repr(name)[:12])
def test_names_that_no_node_can_have(name: Any) -> None:
    with strategy("names") as s, pytest.raises(InputError, match="cannot name a node; use letters") as fault:
        ta.ema(s.bars.close, period=3, name=name)
    assert len(str(fault.value)) < 200
    if isinstance(name, str):
        data = {"schema": 1, "nodes": {name: {"type": "number"}}, "wires": []}
        with pytest.raises(InputError, match=r"my file: .* cannot name a node"):
            from_data(data, "my file")


def test_what_python_names_can_be_read_again() -> None:
    with strategy("names") as s:
        fast = ta.ema(s.bars.close, period=3, name="x" * 64)
        trade.buy(when=fast > 1.0, size=trade.quantity(1))
    text = to_text(s.graph)
    assert to_text(from_text(text)) == text
    assert "x" * 64 in from_text(text).nodes


def test_faults_do_not_list_everything() -> None:
    nodes = {f"n{k}": {"type": "number"} for k in range(500)}
    graph = from_data({"schema": 1, "nodes": nodes, "wires": [["n1.value", "zzzzzzz.a"]]})
    with pytest.raises(GraphFaults, match=r"it has n0, n1, n10, .* and 480 more"):
        check(graph, builtin())


def test_a_long_name_is_compared_with_no_other() -> None:
    assert did_you_mean("e" * 100 + "m", ["e" * 100 + "n"]) == ""
    assert did_you_mean("emma", ["ema"]) == " Did you mean 'ema'?"
