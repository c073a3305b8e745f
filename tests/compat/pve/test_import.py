"""LiteGraph files: their forms, their envelope, what is not known, and what is broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.compat.pve.lite import Lite, imported
from wickwork.compat.pve import export_litegraph, import_litegraph
from wickwork.graph.check import GraphFaults, find_faults
from wickwork.graph.document import from_text, to_text
from wickwork.model.errors import InputError
from wickwork.nodes import builtin


def small(**forms: Any) -> Lite:
    lite = Lite(**forms)
    close = lite.node("get/close", title="Price", color="#223")
    test = lite.node("compare/greater", close, lite.value("float", 100.0))
    lite.node("trade/cancel_all_order", lite.node("logic/if", test))
    return lite


def test_every_form_of_a_file_gives_the_same_graph() -> None:
    hashes = {
        imported(small(sizes=sizes, links=links), **envelope).graph.hash()
        for sizes in ("list", "object")
        for links in ("list", "object")
        for envelope in ({}, {"symbol": "BTCUSDT"})
    }
    assert len(hashes) == 1


def test_links_as_an_object_and_empty_links_are_read() -> None:
    data = small().data()
    data["links"] = {str(link[0]): link for link in data["links"]} | {"99": None}
    assert import_litegraph(data).graph.hash() == imported(small()).graph.hash()


def test_slots_count_and_names_do_not() -> None:
    lite = small()
    for node in lite.nodes:
        for slot in node["inputs"]:
            slot["name"] = "Condition"
    assert imported(lite).graph.hash() == imported(small()).graph.hash()


@pytest.mark.parametrize(
    ("envelope", "wanted"),
    [
        ({"symbol": "1000PEPEUSDT", "timeframe": "3min"}, {"instrument": "1000PEPE/USDT:USDT", "timeframe": "3m"}),
        ({"symbol": "BTCUSDC", "timeframe": "1h"}, {"instrument": "BTC/USDC:USDC", "timeframe": "1h"}),
        (
            {"startDate": "2025-05-27T19:45:22", "endDate": "2026-06-13T10:50", "symbol": ""},
            {"start": "2025-05-27T19:45:22", "end": "2026-06-13T10:50"},
        ),
        ({"symbol": "!!", "timeframe": "soon", "startDate": 7, "endDate": None}, {}),
    ],
)
def test_the_envelope_becomes_the_suggested_run(envelope: dict[str, Any], wanted: dict[str, str]) -> None:
    found = imported(small(), **envelope)
    assert found.graph.suggested_run == wanted
    named = " ".join(found.report.file)
    assert all(key in named for key, value in envelope.items() if value)


def test_the_layout_has_places_titles_colours_and_groups() -> None:
    layout = imported(small()).graph.layout
    assert layout["nodes"]["n3_greater"] == {"x": 300.0, "y": 50.0}
    group = layout["groups"]["g1"]
    assert set(group.pop("members")) == set(layout["nodes"]) - {"bars"}
    assert group == {"x": 0.0, "y": 0.0, "width": 900.0, "height": 300.0, "title": "All", "colour": "#3f789e"}


def test_an_imported_graph_survives_its_document() -> None:
    lite = small()
    lite.nodes[2]["title"] = "a\x00b\ud800\nc"
    graph = imported(lite, symbol="BTCUSDT").graph
    assert from_text(to_text(graph)) == graph


def test_unknown_nodes_become_placeholders_that_say_why_the_graph_cannot_run() -> None:
    lite = Lite()
    older = lite.node("tools/add_column", inputs=[{"name": "Column", "type": "column", "link": None}],
                      outputs=[{"name": "Column", "type": "column", "links": []}])  # fmt: skip
    test = lite.node("compare/greater", older, lite.value("float", 1.0))
    lite.node("trade/cancel_all_order", lite.node("logic/if", test))
    lite.node("trade/get_order", lite.node("backtest/order", outputs=[{"name": "ID", "type": "string"}]))
    found = imported(lite)
    assert [line.type for line in found.report.placeholders] == [
        "tools/add_column",
        "backtest/order",
        "trade/get_order",
    ]
    faults = [str(fault) for fault in find_faults(found.graph, builtin())]
    assert faults[0].startswith("n1_add_column: there is no node called 'pve:tools/add_column'")
    assert "it stands for node 1 (tools/add_column) of a file of PVE" in faults[0]
    assert from_text(to_text(found.graph)) == found.graph


@pytest.mark.parametrize("kind", ["boolean", "column", "int", ""])
def test_slot_types_of_the_older_dialect_are_read_where_they_fit(kind: str) -> None:
    lite = small()
    place = 3 if kind == "boolean" else 2
    lite.nodes[place]["inputs"][0]["type"] = kind
    assert not imported(lite).report.placeholders


def test_an_average_of_the_older_dialect_that_also_gives_its_name_is_read() -> None:
    lite = Lite()
    average = lite.node(
        "indicators/ma", lite.node("get/close"), lite.value("integer", 7), properties={"ma_type": "t3"},
        outputs=[{"name": "MA", "type": "column", "links": []}, {"name": "Name", "type": "string", "links": []}],
    )  # fmt: skip
    lite.node("tools/add_column", average, (average, 1))
    crossed = lite.node("compare/cross_over", lite.node("get/close"), average)
    lite.node("backtest/advanced_backtest", crossed, lite.value("float", 2.0))
    found = imported(lite)
    assert [line.type for line in found.report.placeholders] == ["tools/add_column", "backtest/advanced_backtest"]
    assert export_litegraph(found.graph).data == lite.data()


def test_a_known_name_with_other_slots_is_a_placeholder() -> None:
    lite = small()
    lite.nodes[2]["inputs"][0]["type"] = "string"
    (line,) = imported(lite).report.placeholders
    assert line.id == 3
    assert "another form" in line.notes[0]
    lite = small()
    lite.wire(1, 3, 2)
    (line,) = imported(lite).report.placeholders
    assert "slots that PVE's node of this name does not have" in line.notes[0]


def test_links_that_lead_nowhere_are_left_out_and_named() -> None:
    data = small().data()
    data["links"] += [[7, 99, 0, 3, 0, "float"], "x", [8, 1, 0, 3, -1, "float"], [9, 2, 0, 3, 0, "float"]]
    found = import_litegraph(data)
    assert found.graph.hash() == imported(small()).graph.hash()
    assert len(found.report.file) == 4


@pytest.mark.parametrize(
    ("nodes", "fault"),
    [
        ([7], "a node must be an object"),
        ([{"type": "get/close"}], "a node needs a whole number as its id"),
        ([{"id": True, "type": "get/close"}], "a node needs a whole number as its id"),
        ([{"id": 1, "type": "get/close"}, {"id": 1, "type": "get/open"}], "there are two nodes with the id 1"),
        ([{"id": 1}], "a node needs its type as text"),
        ([{"id": 1, "type": "  "}], "a node needs its type as text"),
    ],
)
def test_broken_nodes_are_faults(nodes: list[Any], fault: str) -> None:
    with pytest.raises(GraphFaults, match=fault):
        import_litegraph({"nodes": nodes, "links": []})


def test_links_in_a_circle_are_a_fault_that_names_the_nodes() -> None:
    lite = Lite()
    first = lite.node("math/add_float", lite.node("get/close"))
    lite.wire(lite.node("math/add_float", first, first), first, 1)
    with pytest.raises(GraphFaults, match=r"circle through 2 \(math/add_float\), 3 \(math/add_float\)"):
        imported(lite)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff\xfe{}", "not UTF-8"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "more than 100 deep"),
        (b'{"nodes": NaN}', "NaN is not a number"),
        (b'{"nodes": [1e999]}', "too large for a number"),
        (b"[]", "not a LiteGraph file"),
        (b'{"graph": 7}', "not a LiteGraph file"),
        (b'{"nodes": [], "links": 7}', "the links must be a list"),
        (b" " * 4_000_001, "more than 4,000,000 bytes"),
    ],
)
def test_what_is_no_litegraph_file_is_refused_with_a_sentence(text: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        import_litegraph(text)


def test_values_that_no_node_can_have_make_placeholders() -> None:
    for value in ("much", [1], None, 1e300, 10**400):
        lite = small()
        lite.nodes[1]["properties"] = {"value": value}
        (line,) = imported(lite).report.placeholders
        assert "value is not a number" in line.notes[0]


def test_names_of_nodes_depend_on_ids_and_types_alone() -> None:
    lite = small()
    lite.nodes.reverse()
    assert set(imported(lite).graph.nodes) == {"bars", "n2_number", "n3_greater", "n5_cancel_all_order"}


def test_names_of_nodes_are_short_enough_for_a_document_whatever_the_ids() -> None:
    lite = small()
    text = json.dumps(lite.data())
    for node in lite.nodes:
        uuid = f"{node['id']}b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
        text = text.replace(f'"id": {node["id"]},', f'"id": "{uuid}",')
    data = json.loads(text)
    names = {node["id"][0]: node["id"] for node in data["nodes"]}
    for link in data["links"]:
        link[1], link[3] = names[str(link[1])], names[str(link[3])]
    graph = import_litegraph(data).graph
    assert from_text(to_text(graph)) == graph
    assert [entry.type for entry in graph.nodes.values()] == [e.type for e in imported(small()).graph.nodes.values()]
    assert export_litegraph(graph).data == data


def test_a_file_of_too_many_nodes_is_refused() -> None:
    with pytest.raises(InputError, match="may have 5,000 nodes, this one has 5,001"):
        import_litegraph({"nodes": [{"id": i, "type": "get/close"} for i in range(5_001)], "links": []})


def test_a_node_that_cannot_be_imported_leaves_nothing_half_done() -> None:
    lite = Lite()
    last = lite.node("trade/get_last_order")
    for slot in (2, 3):
        lite.node("trade/is_none", (last, slot))
    lite.node("trade/create_conditional_order")
    found = imported(lite)
    assert [line.type for line in found.report.placeholders] == ["trade/get_last_order"]
    assert {entry.type for entry in found.graph.nodes.values()} == {"pve:trade/get_last_order", "condition_is_missing"}


def test_the_report_is_data() -> None:
    assert json.loads(json.dumps(imported(small()).report.to_data()))["counts"]["same"] == 5
