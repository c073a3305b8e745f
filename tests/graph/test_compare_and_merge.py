"""Differences of graphs without their layout, renamed nodes, and three-way merges."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from tests.graph.golden_files import documents

from wickwork.graph.compare import differences
from wickwork.graph.document import from_data, load, to_text
from wickwork.graph.entries import Graph
from wickwork.graph.merge import merge
from wickwork.graph.rename import renamed, renames
from wickwork.nodes import builtin

Data = dict[str, Any]
BASE: Data = {
    "name": "Cross",
    "nodes": {
        "bars": {"type": "bars"},
        "fast": {"type": "ema", "params": {"period": 12}},
        "slow": {"type": "ema", "params": {"period": 26}},
        "up": {"type": "crosses_above"},
        "buy": {"type": "enter_long", "params": {"size": 90.0, "size_as": "percent_of_equity"}},
        "t": {
            "type": "subgraph",
            "params": {"p": 9},
            "graph": {
                "nodes": {"mean": {"type": "sma", "params": {"period": 9}}, "far": {"type": "greater"}},
                "wires": [["mean.value", "far.b"]],
                "interface": {
                    "inputs": [{"name": "x", "type": "series", "to": ["mean.source", "far.a"]}],
                    "outputs": [{"name": "y", "type": "condition", "from": "far.value"}],
                    "params": [{"name": "p", "to": ["mean.period"]}],
                },
            },
        },
        "leave": {"type": "becomes_true"},
        "sell": {"type": "close_position"},
    },
    "wires": [
        ["bars.close", "fast.source"],
        ["bars.close", "slow.source"],
        ["fast.value", "up.a"],
        ["slow.value", "up.b"],
        ["up.value", "buy.when"],
        ["bars.close", "t.x"],
        ["t.y", "leave.condition"],
        ["leave.value", "sell.when"],
    ],
    "layout": {"nodes": {"fast": {"x": 1, "comment": "quick"}}, "groups": {"g": {"members": ["fast", "slow"]}}},
}


def changed(*edits: Callable[[Data], Any]) -> Graph:
    data = copy.deepcopy(BASE)
    for edit in edits:
        edit(data)
    return from_data(data)


def put(path: str, value: Any) -> Callable[[Data], Any]:
    """Set a value by its path; None removes it."""

    def edit(data: Data) -> None:
        *way, last = path.split("/")
        for key in way:
            data = data.setdefault(key, {})
        if value is None:
            del data[last]
        else:
            data[last] = value

    return edit


def rewire(target: str, source: str | None) -> Callable[[Data], Any]:
    def edit(data: Data) -> None:
        data["wires"] = [w for w in data["wires"] if w[1] != target] + ([[source, target]] if source else [])

    return edit


def remove(name: str) -> Callable[[Data], Any]:
    def edit(data: Data) -> None:
        del data["nodes"][name]
        data["wires"] = [w for w in data["wires"] if name not in (w[0].split(".")[0], w[1].split(".")[0])]

    return edit


def rename(old: str, new: str) -> Callable[[Data], Any]:
    def edit(data: Data) -> None:
        graph = renamed(from_data(copy.deepcopy(data)), {old: new})
        data.clear()
        data.update(json.loads(to_text(graph)))

    return edit


def add(name: str, kind: str, source: str) -> Callable[[Data], Any]:
    def edit(data: Data) -> None:
        data["nodes"][name] = {"type": kind}
        data["wires"].append([source, f"{name}.source"])

    return edit


def shown(before: Graph, after: Graph) -> list[str]:
    return [str(one) for one in differences(before, after, builtin())]


MORE = {"nodes": {"fast": {"x": 7}}, "comments": {"c": {"text": "new"}}}


@pytest.mark.parametrize(
    ("edits", "lines"),
    [
        ([], []),
        ([put("layout", MORE)], []),
        ([put("nodes/fast/params/period", 9)], ["~ fast.period: 12 → 9"]),
        ([put("nodes/buy/params/size_as", "quantity")], ["~ buy.size_as: percent_of_equity → quantity"]),
        ([put("nodes/buy/params/add", False)], []),
        ([put("nodes/fast/type", "sma")], ["~ fast (type): ema → sma"]),
        ([put("nodes/fast/version", 2)], ["~ fast (version): 1 → 2"]),
        ([put("nodes/fast/pinned", [1])], ["+ fast pinned: [1]"]),
        ([rewire("up.b", "bars.open")], ["~ up.b: slow.value → bars.open"]),
        ([rewire("up.b", None)], ["- up.b: slow.value"]),
        ([add("x", "sma", "bars.high")], ["+ x: sma()", "+ x.source: bars.high"]),
        (
            [remove("slow")],
            ["- slow: ema(period = 26)", "- slow.source: bars.close", "- up.b: slow.value"],
        ),
        ([rename("fast", "quick")], ["~ fast is now called quick"]),
        ([rename("fast", "q"), rename("up", "cross")], ["~ fast is now called q", "~ up is now called cross"]),
        ([put("nodes/t/params/p", 8)], ["~ t.p: 9 → 8"]),
        ([put("nodes/t/graph/nodes/mean/params/period", 8)], ["~ t__mean.period: 9 → 8"]),
        (
            [put("nodes/t/graph/interface/params", None)],
            ['- interface t__params.p: {"name": "p", "to": ["mean.period"]}'],
        ),
        ([put("name", "Other")], ["~ name: Cross → Other"]),
        ([put("suggested_run", {"timeframe": "1h"})], ["+ suggested_run timeframe: 1h"]),
    ],
)
def test_differences(edits: list[Callable[[Data], Any]], lines: list[str]) -> None:
    found = shown(changed(), changed(*edits))
    assert found == lines


def test_a_node_whose_parameter_changed_too_is_not_renamed() -> None:
    found = shown(changed(), changed(rename("fast", "quick"), put("nodes/quick/params/period", 9)))
    assert "+ quick: ema(period = 9)" in found
    assert "- fast: ema(period = 12)" in found


def test_nodes_that_cannot_be_told_apart_are_not_renamed() -> None:
    twins = [add("a", "sma", "bars.low"), add("b", "sma", "bars.low")]
    others = [add("c", "sma", "bars.low"), add("d", "sma", "bars.low")]
    assert renames(changed(*twins), changed(*others)) == {}
    assert renames(changed(*twins, add("a2", "ema", "a.value")), changed(*others, add("d2", "ema", "d.value"))) == {
        "a2": "d2",
        "a": "d",
        "b": "c",
    }


def test_a_long_chain_of_equal_nodes_may_be_renamed() -> None:
    chain = [add(f"n{k}", "ema", f"n{k - 1}.value" if k else "bars.open") for k in range(40)]
    names = {f"n{k}": f"m{(7 * k) % 40}" for k in range(40)}
    graph = changed(*chain)
    assert renames(graph, renamed(graph, names)) == names


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.stem)
def test_all_nodes_of_a_graph_may_be_renamed(file: Any) -> None:
    graph = load(file)
    names = {name: f"n{k}" for k, name in enumerate(graph.nodes)}
    found = renames(graph, renamed(graph, names))
    assert {old: names[old] for old in found} == found
    assert len(found) > len(names) / 2
    assert renamed(renamed(graph, names), {new: old for old, new in names.items()}) == graph


def merged(ours: list[Any], theirs: list[Any]) -> Graph:
    graph, conflicts = merge(changed(), changed(*ours), changed(*theirs))
    assert conflicts == ()
    return graph


INDEPENDENT: list[Any] = [
    put("nodes/fast/params/period", 9),
    put("nodes/slow/params/period", 30),
    put("nodes/buy/params/add", True),
    put("nodes/t/params/p", 5),
    put("nodes/t/graph/nodes/mean/type", "ema"),
    put("nodes/t/graph/notes", "inner"),
    add("x", "sma", "bars.high"),
    add("y", "sma", "fast.value"),
    rewire("up.b", "bars.open"),
    put("name", "Other"),
    put("notes", "n"),
    put("layout/comments", {"c": {"text": "c"}}),
    put("layout/nodes/slow", {"comment": "s"}),
    put("suggested_run", {"start": "2024-01-01"}),
    put("interface", {"params": [{"name": "speed", "to": ["fast.period"]}]}),
    remove("sell"),
]


@pytest.mark.parametrize("seed", range(40))
def test_independent_changes_are_both_there(seed: int) -> None:
    r = random.Random(seed)
    edits = r.sample(INDEPENDENT, r.randint(2, 12))
    split = r.randint(0, len(edits))
    both = changed(*edits)
    assert to_text(merged(edits[:split], edits[split:])) == to_text(both)
    assert to_text(merged(edits, edits[split:])) == to_text(both)


@pytest.mark.parametrize(
    "edits",
    [
        [put("nodes/quick/params/period", 9)],
        [add("x", "sma", "quick.value")],
        [rewire("up.a", "bars.open")],
        [rename("up", "cross")],
        [put("layout/groups/g/title", "Averages")],
    ],
)
def test_a_renamed_node_is_merged_with_changes_of_it(edits: list[Any]) -> None:
    with_old_name = [put("nodes/fast/params/period", 9)] if edits[0] is edits[-1] and "quick" in str(edits) else None
    both = changed(rename("fast", "quick"), *edits)
    theirs = renamed(changed(rename("fast", "quick"), *edits), {"quick": "fast"})
    assert with_old_name is None or theirs == changed(*with_old_name)
    for ours, other in ((changed(rename("fast", "quick")), theirs), (theirs, changed(rename("fast", "quick")))):
        graph, conflicts = merge(changed(), ours, other)
        assert (to_text(graph), conflicts) == (to_text(both), ())


@pytest.mark.parametrize(
    ("ours", "theirs", "conflict"),
    [
        (
            [put("nodes/fast/params/period", 9)],
            [put("nodes/fast/params/period", 8)],
            "fast.period: ours 9, theirs 8 (before: 12)",
        ),
        (
            [put("nodes/fast/params/period", None)],
            [put("nodes/fast/params/period", 8)],
            "fast.period: ours absent, theirs 8 (before: 12)",
        ),
        (
            [put("nodes/t/graph/nodes/mean/params/period", 2)],
            [put("nodes/t/graph/nodes/mean/params/period", 3)],
            "t__mean.period: ours 2, theirs 3 (before: 9)",
        ),
        (
            [rewire("up.b", "bars.open")],
            [rewire("up.b", "bars.high")],
            'up.b: ours ["bars.open"], theirs ["bars.high"] (before: ["slow.value"])',
        ),
        (
            [remove("slow")],
            [put("nodes/slow/params/period", 3)],
            "slow: ours absent, theirs ema(period = 3) (before: ema(period = 26))",
        ),
        ([rename("fast", "a")], [rename("fast", "b")], "fast (name): ours a, theirs b (before: fast)"),
        (
            [put("nodes/fast/type", "sma")],
            [put("nodes/fast/type", "wma")],
            "fast (type): ours sma, theirs wma (before: ema)",
        ),
        (
            [add("x", "sma", "bars.low")],
            [add("x", "ema", "bars.low")],
            "x (type): ours sma, theirs ema (before: absent)",
        ),
        ([put("name", "A")], [put("name", "B")], "name: ours A, theirs B (before: Cross)"),
        (
            [put("layout/nodes/fast/comment", "a")],
            [put("layout/nodes/fast/comment", "b")],
            "nodes fast comment: ours a, theirs b (before: quick)",
        ),
        (
            [put("layout/groups/g", None)],
            [put("layout/groups/g/title", "T")],
            'groups g: ours absent, theirs {"members": ["fast", "slow"], "title": "T"} '
            '(before: {"members": ["fast", "slow"]})',
        ),
    ],
)
def test_a_conflict_names_both_values_and_a_side_can_be_chosen(
    ours: list[Any], theirs: list[Any], conflict: str
) -> None:
    graph, conflicts = merge(changed(), changed(*ours), changed(*theirs))
    assert [str(one) for one in conflicts] == [conflict]
    assert to_text(graph) == to_text(changed(*ours))
    graph, conflicts = merge(changed(), changed(*ours), changed(*theirs), prefer_theirs=True)
    assert [str(one) for one in conflicts] == [conflict]
    assert to_text(graph) == to_text(changed(*theirs))


def test_a_wire_to_a_node_that_the_other_side_removed_is_a_conflict() -> None:
    sides = changed(), changed(add("x", "sma", "slow.value")), changed(remove("slow"))
    graph, conflicts = merge(*sides)
    assert [str(one) for one in conflicts] == ["slow: ours ema(period = 26), theirs absent (before: ema(period = 26))"]
    assert to_text(graph) == to_text(sides[1])
    graph, _ = merge(*sides, prefer_theirs=True)
    assert {"x", "slow"} & set(graph.nodes) == {"x"}
    assert not [wire for wire in graph.wires if "slow" in (wire.source, wire.target)]


def test_moved_nodes_are_no_conflict() -> None:
    ours, theirs = (
        [put("layout/nodes/fast/x", 5), put("layout/zoom", 2)],
        [put("layout/nodes/fast/x", 6), put("layout/zoom", 3)],
    )
    assert merged(ours, theirs).layout == changed(*ours).layout


def test_a_sub_graph_that_becomes_another_node_is_taken_whole() -> None:
    other, more = changed(put("nodes/t/type", "other")), changed(put("nodes/t/params/p", 3))
    assert other.nodes["t"].extra.keys() == {"graph"}
    assert merge(changed(), other, changed()) == (other, ())
    graph, conflicts = merge(changed(), other, more)
    assert [str(one) for one in conflicts] == ["t: ours other(p = 9), theirs subgraph(p = 3) (before: subgraph(p = 9))"]
    assert to_text(graph) == to_text(other)
    assert to_text(merge(changed(), other, more, prefer_theirs=True)[0]) == to_text(more)


def test_a_number_that_fits_into_no_float_is_compared() -> None:
    (line,) = shown(changed(), changed(put("nodes/buy/params/size", 10**400)))
    assert line.startswith("~ buy.size: 90.0 → 1000")


def test_wires_that_one_side_left_without_their_node_stay() -> None:
    loose = changed(put("nodes/slow", None))
    for sides in ((loose, changed()), (changed(), loose)):
        assert to_text(merge(changed(), *sides)[0]) == to_text(loose)


def test_a_wire_from_a_removed_node_gives_way_to_another_one() -> None:
    graph = merged([remove("slow")], [rewire("up.b", "bars.open")])
    assert "slow" not in graph.nodes
    assert "bars.open → up.b" in [str(wire) for wire in graph.wires]


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.stem)
def test_one_side_without_changes_gives_the_other(file: Any) -> None:
    graph, base = load(file), changed()
    for side in (graph, Graph({}), base):
        for other in (graph, base):
            assert to_text(merge(side, side, other)[0]) == to_text(other)
            assert to_text(merge(side, other, side)[0]) == to_text(other)
            assert to_text(merge(side, other, other)[0]) == to_text(other)
