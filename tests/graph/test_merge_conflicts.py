"""Changes of two sides that a merge must not lose without a word, and how long a merge takes."""

from __future__ import annotations

from typing import Any

import pytest

from wickwork.graph.compare import differences
from wickwork.graph.document import from_data
from wickwork.graph.entries import Graph
from wickwork.graph.merge import merge
from wickwork.graph.rename import renames
from wickwork.nodes import builtin

BARS = {"bars": {"type": "bars"}}


def graph(nodes: dict[str, Any], *wires: list[str], **rest: Any) -> Graph:
    return from_data({"nodes": BARS | nodes, "wires": list(wires), **rest})


def sub(**rest: Any) -> dict[str, Any]:
    content = {"nodes": {"e": {"type": "ema"}}, **rest}
    return {"sub": {"type": "subgraph", "graph": content}}


EMA = {"x": {"type": "ema"}}
ADDED = {
    "parameter": (({"x": {"type": "ema", "params": {"period": 9}}},), (EMA,), "x.period"),
    "input": ((EMA, ["bars.close", "x.source"]), (EMA,), "x.source"),
    "key": (({"x": {"type": "ema", "later": 1}},), (EMA,), "x later"),
    "content": ((sub(),), (sub(nodes={"e": {"type": "sma"}}),), "sub (content)"),
}


@pytest.mark.parametrize("what", ADDED)
def test_a_node_that_both_sides_added_in_different_ways_is_a_conflict(what: str) -> None:
    one, other = graph(*ADDED[what][0]), graph(*ADDED[what][1])
    for ours, theirs in ((one, other), (other, one)):
        made, conflicts = merge(graph({}), ours, theirs)
        assert [conflict.where for conflict in conflicts] == [ADDED[what][2]]
        assert (made.nodes, made.wires) == (ours.nodes, ours.wires)
        assert merge(graph({}), ours, theirs, prefer_theirs=True)[0].nodes == theirs.nodes


def test_a_node_that_both_sides_added_alike_is_no_conflict() -> None:
    side = graph(EMA, ["bars.close", "x.source"])
    assert merge(graph({}), side, side) == (side, ())


CHANGED = {
    "a number of another kind": {"x": {"type": "ema", "params": {"period": True}}},
    "a sign": {"x": {"type": "ema", "params": {"period": 1.0}}},
    "a comment in its content": sub(layout={"nodes": {"e": {"comment": "as in 1979"}}}),
    "a note in its content": sub(notes="as in 1979"),
    "a title in its content": sub(interface={"outputs": [{"name": "v", "type": "series", "from": "e.value"}]}),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_of_a_node_that_the_other_side_removed_is_a_conflict(what: str) -> None:
    before = graph({"x": {"type": "ema", "params": {"period": 1}}} | sub())
    theirs = graph({"x": {"type": "ema", "params": {"period": 1}}} | sub() | CHANGED[what])
    [conflict] = merge(before, graph({}), theirs)[1]
    assert conflict.where in CHANGED[what]


def test_a_node_moved_in_a_sub_graph_that_the_other_side_removed_is_no_conflict() -> None:
    moved = graph(sub(layout={"nodes": {"e": {"x": 5}}}))
    assert merge(graph(sub(layout={"nodes": {"e": {"x": 4}}})), graph({}), moved) == (graph({}), ())


@pytest.mark.parametrize("section", ["inputs", "outputs", "params"])
def test_a_port_that_names_a_node_that_the_other_side_removed_is_a_conflict(section: str) -> None:
    end = {"inputs": {"to": ["x.source"], "type": "series"}, "outputs": {"from": "x.value", "type": "series"}}
    port = {"name": "p", **end.get(section, {"to": ["x.period"]})}
    theirs = graph(EMA, interface={section: [port]})
    for ours, other in ((graph({}), theirs), (theirs, graph({}))):
        assert [conflict.where for conflict in merge(graph(EMA), ours, other)[1]] == ["x"]


@pytest.mark.parametrize("key", ["order of inputs", "inputs.x", "order of", "inputs."])
def test_a_key_of_an_interface_that_looks_like_a_port_is_kept(key: str) -> None:
    before = graph({}, interface={"inputs": [{"name": "x", "type": "series"}]})
    after = graph({}, interface={**before.interface, key: 5})
    assert [str(one) for one in differences(before, after, builtin())] == [f"+ interface {key}: 5"]
    assert merge(before, after, before) == merge(before, before, after) == (after, ())


def test_thousands_of_removed_and_renamed_nodes_are_merged() -> None:
    """Anything quadratic takes minutes here."""
    many = range(8_000)
    nodes = {name: {f"{name}{k}": {"type": "ema", "params": {"period": k}} for k in many} for name in "nm"}
    wires = {name: [["bars.close", f"{name}{k}.source"] for k in many] for name in "nm"}
    before = graph(nodes["n"], *wires["n"])
    assert merge(before, graph({}), before) == (graph({}), ())
    after = graph(nodes["m"], *wires["m"])
    assert merge(before, after, before) == (after, ())


def test_a_chain_of_thousands_of_equal_nodes_is_compared_within_limits() -> None:
    """Anything quadratic takes minutes here."""
    sides = []
    for name in "nm":
        wires = [[f"{name}{k}.value", f"{name}{k + 1}.source"] for k in range(7_999)]
        sides.append(
            graph({f"{name}{k}": {"type": "ema"} for k in range(8_000)}, ["bars.close", f"{name}0.source"], *wires)
        )
    found = renames(*sides)
    assert found["n0"] == "m0"
    assert all(new == f"m{old[1:]}" for old, new in found.items())
    assert merge(sides[0], sides[1], sides[0])[0].size == 8_001
