"""The hash of a checked graph: what is the same strategy has one hash, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from wickwork.graph.check import check
from wickwork.graph.compare import differences
from wickwork.graph.document import from_data, from_text, to_text
from wickwork.graph.library import publish, resolve
from wickwork.nodes import builtin

NODES = {
    "bars": {"type": "bars"},
    "fast": {"type": "ema", "params": {"period": 12}},
    "band": {"type": "alma", "params": {"offset": 0.0}},
    "step": {"type": "scale", "params": {"from_low": 0.0, "to_high": 3.0}},
    "up": {"type": "crosses_above"},
    "buy": {"type": "enter_long"},
}
WIRES = [
    *(["bars.close", "fast.source"], ["bars.close", "band.source"], ["bars.close", "step.value"]),
    *(["fast.value", "up.a"], ["band.value", "up.b"], ["up.value", "buy.when"]),
]


def graph(nodes: dict[str, dict[str, Any]], wires: list[list[str]] = WIRES) -> Any:
    """`NODES` with these parameters, and node types where there are others."""
    changed = {name: {**one, "params": one.get("params", {}) | nodes.get(name, {})} for name, one in NODES.items()}
    return from_data({"nodes": changed, "wires": wires})


SAME: list[dict[str, dict[str, Any]]] = [
    {"fast": {"period": 12.0}},
    {"fast": {"period": "12"}},
    {"band": {"period": builtin()["alma"].check({})["period"]}},
    {"band": {"offset": 0}},
    {"band": {"offset": -0.0}},
    {"step": {"from_low": -0.0}},
    {"step": {"from_low": 0, "to_high": 3}},
]


@pytest.mark.parametrize("nodes", SAME)
def test_a_value_written_in_another_way_is_the_same(nodes: dict[str, dict[str, Any]]) -> None:
    assert check(graph(nodes), builtin()).graph.hash() == check(graph({}), builtin()).graph.hash()
    assert differences(graph({}), graph(nodes), builtin()) == ()


OTHER: list[dict[str, dict[str, Any]]] = [
    {"fast": {"period": 13}},
    {"band": {"offset": 0.1}},
    {"step": {"from_low": 1e-300}},
    {"step": {"to_high": 3.0000000000000004}},
]


@pytest.mark.parametrize("nodes", OTHER)
def test_another_value_gives_another_hash(nodes: dict[str, dict[str, Any]]) -> None:
    assert check(graph(nodes), builtin()).graph.hash() != check(graph({}), builtin()).graph.hash()
    assert len(differences(graph({}), graph(nodes), builtin())) == 1


def test_a_fixed_value_of_an_input_that_has_a_wire_does_not_count() -> None:
    wires = [*WIRES, ["fast.value", "step.from_low"]]
    one, other = (check(graph({"step": {"from_low": value}}, wires), builtin()) for value in (1.0, 2.0))
    assert one.graph.hash() == other.graph.hash()
    assert one.literals["step"] == {"to_high": 3.0}


def test_the_order_of_what_has_no_order_does_not_count() -> None:
    text = to_text(graph({}))
    turned = from_data({"wires": WIRES[::-1] + WIRES[:2], "nodes": dict(reversed(NODES.items()))})
    assert turned.hash() == from_text(text).hash()
    assert to_text(turned) == text


@pytest.mark.parametrize("spelling", ["60m", "1H", " 1h ", "60"])
def test_the_timeframe_of_a_part_counts_as_what_it_means(spelling: str) -> None:
    def of(timeframe: str) -> str:
        parts = [{"name": "p", "timeframe": timeframe, "instruments": ["BTC/USDT"]}]
        checked = check(from_data({"nodes": {"p__bars": {"type": "bars"}}, "parts": parts}), builtin()).graph
        assert check(checked, builtin()).graph == checked
        return checked.hash()

    assert of(spelling) == of("1h") != of("2h")


def test_a_sub_graph_counts_as_its_nodes_wherever_its_content_is(tmp_path: Any) -> None:
    inner = {
        "nodes": {"fast": {"type": "ema", "params": {"period": 5}}},
        "interface": {
            "inputs": [{"name": "x", "type": "series", "to": ["fast.source"]}],
            "params": [{"name": "n", "to": ["fast.period"]}],
        },
    }
    reference = publish(from_data(inner), tmp_path, "trend", 1)
    contents = ({"graph": inner}, {"reference": vars(reference)})
    found = set()
    for content in contents:
        nodes = {"bars": {"type": "bars"}, "s": {"type": "subgraph", "params": {"n": 12}, **content}}
        whole = resolve(from_data({"nodes": nodes, "wires": [["bars.close", "s.x"]]}), [tmp_path])
        found.add(check(whole, builtin()).graph.hash())
    flat = {"bars": {"type": "bars"}, "s__fast": {"type": "ema", "params": {"period": 12}}}
    found.add(check(from_data({"nodes": flat, "wires": [["bars.close", "s__fast.source"]]}), builtin()).graph.hash())
    assert len(found) == 1
