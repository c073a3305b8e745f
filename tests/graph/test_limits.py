"""What a document may cost that somebody made in order to keep a server busy. Anything quadratic takes minutes here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from wickwork.graph import faults
from wickwork.graph.check import GraphFaults, check, find_faults
from wickwork.graph.document import MOST_NODES, from_data
from wickwork.graph.faults import MOST_COMPARED, MOST_FAULTS
from wickwork.model.several import twice
from wickwork.nodes import builtin


def positions_along_a_chain(count: int) -> dict[str, Any]:
    """Each of `count` nodes that depend on the position reaches all that follow in one chain."""
    nodes: dict[str, Any] = {"bars": {"type": "bars"}}
    wires = []
    for k in range(count):
        nodes |= {f"held{k}": {"type": "position_quantity"}, f"sum{k}": {"type": "add"}}
        wires += [[f"sum{k - 1}.value" if k else "bars.close", f"sum{k}.a"], [f"held{k}.value", f"sum{k}.b"]]
    return {"nodes": nodes, "wires": wires}


def test_nodes_that_depend_on_the_position_are_followed_once() -> None:
    assert check(from_data(positions_along_a_chain(9_000)), builtin()).order[-1] == "sum8999"


def test_a_comparison_of_positions_is_reported_with_the_first_node_that_reaches_it() -> None:
    data = positions_along_a_chain(2)
    data["nodes"]["ranked"] = {"type": "z_score_across"}
    data["nodes"]["again"] = {"type": "z_score_across"}
    data["wires"] += [["sum1.value", "ranked.source"], ["held1.value", "again.source"]]
    found = {fault.node: fault.reason for fault in find_faults(from_data(data), builtin())}
    assert {node: reason.rpartition("on ")[2] for node, reason in found.items()} == {
        "ranked": "held0 (position_quantity)",
        "again": "held1 (position_quantity)",
    }


def test_parts_and_their_instruments_are_read_once() -> None:
    parts = [{"name": f"p{k}", "timeframe": "1h", "instruments": ["A/B"]} for k in range(60_000)]
    data = {"nodes": {f"p59999__n{k}": {"type": "bars"} for k in range(MOST_NODES)}, "parts": parts}
    assert find_faults(from_data(data), builtin()) == ()
    parts = [{"name": "p", "timeframe": "1h", "instruments": [f"A{k}/B" for k in range(300_000)]}]
    assert find_faults(from_data({"nodes": {}, "parts": parts}), builtin()) == ()


def test_what_stands_twice_is_found_once() -> None:
    assert twice(["a", "b", "b", "c", "a", "b"]) == ["b", "a"]


def test_similar_names_are_looked_for_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    def count(name: str, known: Collection[str]) -> str:
        nonlocal compared
        compared += sum(len(name) * len(one) for one in known)
        return ""

    monkeypatch.setattr(faults, "did_you_mean", count)
    names = ["a" * 50 + f"{k:09}" for k in range(990)]
    wrong = ["b" * 50 + f"{k:09}" for k in range(990)]
    data = {
        "nodes": {name: {"type": "ema"} for name in names},
        "wires": [[f"{source}.value", f"{target}.source"] for source, target in zip(wrong, names, strict=True)],
    }
    find_faults(from_data(data), builtin())
    assert MOST_COMPARED / 2 < compared <= MOST_COMPARED
    compared = 0
    find_faults(from_data({"nodes": {"s": {"type": "subgraph", "graph": data}}}), builtin())
    assert compared <= MOST_COMPARED


def test_a_name_among_too_many_leaves_the_hints_for_other_names() -> None:
    nodes = {f"n{k}": {"type": "bars"} for k in range(MOST_NODES - 1)}
    data = {"nodes": {**nodes, "x": {"type": "emma"}}, "wires": [["n" * 60 + ".close", "n1.a"]]}
    sub = {"nodes": {"s": {"type": "subgraph", "graph": {"nodes": {}}}, "x": {"type": "emma"}}}
    sub["nodes"] |= {name: nodes[name] for name in list(nodes)[:-2]}
    sub["wires"] = [["n" * 60 + ".close", "s.a"]]  # type: ignore[assignment]
    for one in (data, sub):
        assert "did you mean 'ema'?" in {fault.remedy for fault in find_faults(from_data(one), builtin())}


def test_faults_beyond_the_most_are_not_listed() -> None:
    params = {f"p{k}": 0 for k in range(20)}
    graph = from_data({"nodes": {f"n{k}": {"type": "ema", "params": params} for k in range(MOST_NODES)}})
    with pytest.raises(GraphFaults, match=r"There are at least 900 more\.$") as raised:
        check(graph, builtin())
    assert len(raised.value.faults) == MOST_FAULTS


@pytest.mark.parametrize(
    "entry",
    [
        {"params": {"why": "w" * 500_000}},
        {"type": "ema", "version": 10**4000},
        {"type": "subgraph", "graph": {"nodes": {}}, "version": 10**4000},
    ],
)
def test_a_sentence_about_a_long_value_is_short(entry: dict[str, Any]) -> None:
    faulty = find_faults(from_data({"nodes": {"x": {"type": "placeholder"} | entry}}), builtin())
    assert faulty
    assert max(len(str(fault)) for fault in faulty) < 1_000
