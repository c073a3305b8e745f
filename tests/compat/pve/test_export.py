"""Graphs as LiteGraph files: unchanged ones give back their file, changes are written into it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.compat.pve.lite import ORACLES, Lite, imported
from tests.compat.pve.long_grid import long_grid
from tests.compat.pve.trend_long import trend_long
from wickwork import strategy, ta, trade
from wickwork.compat.pve import export_litegraph, import_litegraph, rules
from wickwork.graph.document import Graph, NodeEntry, WireEntry, from_text, to_text
from wickwork.model.errors import Refused

REAL = sorted((ORACLES / "litegraph").glob("*_*.json"))


def templates() -> list[Any]:
    files = [path for path in REAL if path.name != "pve_node_catalogue.json"]
    return [*(json.loads(path.read_text()) for path in files), long_grid(), long_grid(sizes="object", links="object")]


@pytest.mark.parametrize("data", templates(), ids=lambda data: data["symbol"])
def test_an_unchanged_graph_gives_back_its_file(data: Any) -> None:
    graph = from_text(to_text(import_litegraph(data).graph))
    exported = export_litegraph(graph)
    assert exported.data == data
    assert import_litegraph(json.loads(exported.text())).graph.hash() == graph.hash()


def test_a_file_of_broken_and_unknown_parts_is_given_back_whole() -> None:
    lite = Lite()
    lite.node("backtest/run", lite.node("tools/add_column", extra_key={"a": [1, "\ud800\n"]}))
    data = lite.data()
    data["links"] += [None, [9, 77, 0, 1, 0, 0]]
    data["anything"] = {"else": True}
    assert export_litegraph(import_litegraph(data).graph).data == data


def small() -> Graph:
    lite = Lite()
    close = lite.node("get/close")
    slow = lite.node("indicators/ma", close, lite.value("integer", 20), properties={"ma_type": "sma"},
                     widgets_values=["sma"])  # fmt: skip
    level = lite.value("float", 1)
    test = lite.node("compare/greater", close, lite.node("math/multiply_float", slow, level))
    lite.node(
        "trade/create_order", lite.node("logic/if", test), lite.value("bool", True), lite.value("bool", False), None,
        lite.value("float", 2),
    )  # fmt: skip
    return imported(lite).graph


def node_of(data: Any, kind: str) -> Any:
    return next(node for node in data["nodes"] if node["type"] == kind)


@pytest.mark.parametrize(
    ("param", "value", "kind", "key", "written"),
    [
        ("n3_ma.period", 30, "set/integer", "value", 30),
        ("n3_ma.kind", "wma", "indicators/ma", "ma_type", "wma"),
        ("n4_number.value", 2.5, "set/float", "value", 2.5),
        ("n4_number.value", 3.0, "set/float", "value", 3),
        ("n11_create_order.side", "sell", "set/bool", "value", False),
    ],
)
def test_a_changed_parameter_is_written_where_the_file_has_it(
    param: str, value: Any, kind: str, key: str, written: Any
) -> None:
    graph = small().with_params({param: value})
    data = export_litegraph(graph).data
    node = node_of(data, kind)
    assert node["properties"][key] == written
    assert node.get("widgets_values", [written])[0] == written
    assert import_litegraph(data).graph.hash() == graph.hash()


def rewired(graph: Graph, target: str, port: str, source: str, source_port: str = "value") -> Graph:
    kept = [wire for wire in graph.wires if (wire.target, wire.target_port) != (target, port)]
    return replace(graph, wires=tuple(sorted([*kept, WireEntry(source, source_port, target, port)])))


def test_a_changed_wire_is_written_with_its_slots() -> None:
    graph = rewired(small(), "n3_ma", "source", "bars", "low")
    data = export_litegraph(graph).data
    low, average = node_of(data, "get/low"), node_of(data, "indicators/ma")
    link = next(link for link in data["links"] if link[3] == average["id"] and link[4] == 0)
    assert link[1:3] == [low["id"], 0]
    assert average["inputs"][0]["link"] == link[0]
    assert low["outputs"][0]["links"] == [link[0]]
    assert import_litegraph(data).graph.hash() == graph.hash()


def test_new_nodes_that_pve_has_are_added_and_removed_ones_removed() -> None:
    graph = small()
    nodes = dict(graph.nodes) | {
        "slow": NodeEntry("moving_average", {"kind": "wma", "period": 50}),
        "both": NodeEntry("strict_and"),
        "above": NodeEntry("greater"),
    }
    wires = [
        *(wire for wire in graph.wires if wire.target_port != "when"),
        WireEntry("bars", "close", "slow", "source"),
        WireEntry("bars", "close", "above", "a"),
        WireEntry("slow", "value", "above", "b"),
        WireEntry("above", "value", "both", "a"),
        WireEntry("n6_greater", "value", "both", "b"),
        WireEntry("both", "value", "n11_create_order", "when"),
    ]
    changed = replace(graph, nodes=nodes, wires=tuple(sorted(wires)))
    data = export_litegraph(changed).data
    again = import_litegraph(data).graph
    assert [node.type for node in again.nodes.values()].count("strict_and") == 1
    without = {name: entry for name, entry in again.nodes.items() if entry.type != "strict_and"}
    gone = next(name for name, entry in again.nodes.items() if entry.type == "strict_and")
    rest = replace(again, nodes=without, wires=tuple(w for w in again.wires if gone not in (w.source, w.target)))
    rest = rewired(rest, "n11_create_order", "when", "n6_greater")
    assert "logic/and" not in [node["type"] for node in export_litegraph(rest).data["nodes"]]


def test_what_pve_does_not_have_is_refused_in_one_list() -> None:
    graph = small()
    nodes = dict(graph.nodes) | {"atr": NodeEntry("atr"), "and": NodeEntry("and")}
    nodes["n11_create_order"] = NodeEntry("place_order", {**nodes["n11_create_order"].params, "post_only": True})
    wires = (*graph.wires, WireEntry("bars", "bars", "atr", "bars"))
    with pytest.raises(Refused) as refused:
        export_litegraph(replace(graph, nodes=nodes, wires=wires))
    text = str(refused.value)
    assert "atr (atr): PVE has no such node" in text
    assert "and (and): PVE has no such node; PVE's nodes are like strict_and" in text
    assert "n11_create_order.post_only = True: PVE has no property for it" in text
    found = export_litegraph(replace(graph, nodes=nodes, wires=wires), partial=True)
    assert len(found.problems) >= 3
    assert import_litegraph(found.data).graph.hash() == graph.hash()


def test_a_file_that_would_import_as_another_strategy_is_refused() -> None:
    """With the entry sold, PVE's exits would be entries, and no longer reduce-only."""
    found = import_litegraph(trend_long())
    entry = next(name for name, role in found.draft.actions.items() if role.is_market)
    with pytest.raises(Refused, match="in PVE this would be another strategy"):
        export_litegraph(found.graph.with_params({f"{entry}.side": "sell"}))


def test_a_file_that_another_version_imported_otherwise_is_given_back_but_not_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lite = Lite()
    test = lite.node("compare/greater", lite.node("get/close"), lite.value("float", 1.0))
    lite.node("telegram/send_message", lite.node("logic/if", test), lite.value("string", "above"))
    monkeypatch.setattr(rules, "builtin", dict)
    graph = imported(lite).graph
    monkeypatch.setattr(rules, "builtin", lambda: {"notify": None})
    assert export_litegraph(graph).data == lite.data()
    with pytest.raises(Refused, match="import the file again"):
        export_litegraph(graph.with_params({"n2_number.value": 2.0}))


def test_constants_that_several_nodes_share_change_together_or_not_at_all() -> None:
    lite = Lite()
    length, close = lite.value("integer", 5), lite.node("get/close")
    first, second = (lite.node(f"math/{kind}", close, length) for kind in ("highest", "lowest"))
    graph = imported(lite).graph
    names = f"n{first}_highest", f"n{second}_lowest"
    both = graph.with_params({f"{name}.period": 7 for name in names})
    assert import_litegraph(export_litegraph(both).data).graph.hash() == both.hash()
    with pytest.raises(Refused, match="give them the same value"):
        export_litegraph(graph.with_params({f"{names[0]}.period": 7}))


def test_a_strategy_written_in_python_can_become_a_file() -> None:
    with strategy("new") as s:
        slow = ta.moving_average(s.bars.close, kind="wma", period=20)
        up = ta.crosses_strictly_above(s.bars.close, slow)
        trade.place(up, side="buy", size=trade.quantity(1.0), order="market")
        ta.strict_and(up, up)
    found = export_litegraph(s.graph)
    again = import_litegraph(json.loads(found.text()))
    assert not again.report.placeholders
    assert sorted(entry.type for entry in again.graph.nodes.values() if entry.type != "number") == sorted(
        entry.type for entry in s.graph.nodes.values() if entry.type != "number"
    )
    assert [link for link in found.data["links"] if len(link) != 6] == []


def test_a_fixed_value_in_place_of_a_wire_becomes_a_constant() -> None:
    graph = small()
    name = "n11_create_order"
    nodes = dict(graph.nodes) | {name: NodeEntry("place_order", {**graph.nodes[name].params, "size": 3.5})}
    wires = tuple(w for w in graph.wires if (w.target, w.target_port) != (name, "size"))
    data = export_litegraph(replace(graph, nodes=nodes, wires=wires)).data
    again = import_litegraph(data).graph
    (size,) = (w.source for w in again.wires if (w.target, w.target_port) == (name, "size"))
    assert again.nodes[size].params == {"value": 3.5}


def test_moved_nodes_stay_in_the_form_of_the_file() -> None:
    for form, wanted in (([1, 2], [7.0, 8.0]), ({"0": 1, "1": 2}, {"0": 7.0, "1": 8.0})):
        lite = Lite()
        lite.node("math/add_float", lite.node("get/close"), lite.value("float", 1.0), pos=form)
        graph = imported(lite).graph
        name = "n3_add_float"
        places = {**graph.layout["nodes"], name: {"x": 7.0, "y": 8.0}}
        data = export_litegraph(replace(graph, layout={**graph.layout, "nodes": places})).data
        assert node_of(data, "math/add_float")["pos"] == wanted


def test_changed_titles_colours_and_groups_are_written() -> None:
    graph = import_litegraph(long_grid()).graph
    nodes = {
        **graph.layout["nodes"],
        "n3_ma": {**graph.layout["nodes"]["n3_ma"], "title": "Fast", "background": "#123"},
    }
    groups = {
        "g1": {**graph.layout["groups"]["g1"], "title": "Everything"},
        "mine": {"x": 1, "y": 2, "width": 3, "height": 4, "title": "New"},
    }
    changed = replace(graph, layout={**graph.layout, "nodes": nodes, "groups": groups})
    data = export_litegraph(changed).data["graph"]
    assert {key: data["nodes"][2].get(key) for key in ("title", "bgcolor")} == {"title": "Fast", "bgcolor": "#123"}
    assert [group["title"] for group in data["groups"]] == ["Everything", "New"]
    assert data["groups"][0]["font_size"] == 24
    assert import_litegraph({"graph": data}).graph.layout["groups"]["g2"]["width"] == 3.0


def test_a_changed_suggested_run_changes_the_envelope() -> None:
    graph = import_litegraph(long_grid()).graph
    run = {"instrument": "XRP/USDT:USDT", "timeframe": "15m", "start": "2025-01-01"}
    data = export_litegraph(replace(graph, suggested_run=run)).data
    assert {key: data.get(key) for key in ("symbol", "timeframe", "startDate", "endDate")} == {
        "symbol": "XRPUSDT", "timeframe": "15min", "startDate": "2025-01-01", "endDate": None,
    }  # fmt: skip
