"""Files as other programs write them, or as nobody should: each gives a graph with a report, or a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.compat.pve.lite import Lite, bars, column, imported
from wickwork.compat.pve import export_litegraph, import_litegraph
from wickwork.graph.check import find_faults
from wickwork.model.errors import InputError, Refused
from wickwork.nodes import builtin

PRICES = [100.0, 102.0, 101.0, 104.0, 108.0, 103.0]


def small() -> Lite:
    lite = Lite()
    lite.node("compare/greater", lite.node("get/close"), lite.node("get/open"))
    return lite


@pytest.mark.parametrize("form", [str, float])
@pytest.mark.parametrize("where", ["nodes", "ends", "slots"])
def test_ids_and_slots_as_text_or_floats_are_the_numbers_that_javascript_takes_them_for(
    form: Callable[[int], Any], where: str
) -> None:
    data = small().data()
    if where == "nodes":
        for node in data["nodes"]:
            node["id"] = form(node["id"])
    for link in data["links"]:
        for place in {"nodes": (), "ends": (1, 3), "slots": (2, 4)}[where]:
            link[place] = form(link[place])
    found = import_litegraph(data)
    assert found.graph.hash() == imported(small()).graph.hash()
    assert found.report.file == ()
    assert export_litegraph(found.graph).data == data
    moved = tuple(replace(w, source_port="high") if w.target_port == "b" else w for w in found.graph.wires)
    changed = export_litegraph(replace(found.graph, wires=moved)).data
    assert [node["type"] for node in changed["nodes"]][3:] == ["get/high"]
    assert len(changed["links"]) == 2


def test_a_new_link_has_an_id_of_its_own_where_ids_are_text() -> None:
    data = small().data()
    del data["last_link_id"]
    for link in data["links"]:
        link[0] = str(link[0])
    graph = import_litegraph(data).graph
    moved = tuple(replace(w, source_port="high") if w.target_port == "b" else w for w in graph.wires)
    ids = [link[0] for link in export_litegraph(replace(graph, wires=moved)).data["links"]]
    assert ids == ["1", 3]


def test_one_id_as_a_number_and_as_text_is_there_twice() -> None:
    data = small().data()
    data["nodes"][0]["id"] = "2"
    with pytest.raises(InputError, match="two nodes with the id"):
        import_litegraph(data)


def test_true_is_no_id_of_a_link() -> None:
    data = small().data()
    data["links"][0][1] = True
    assert "names a node that is not there" in " ".join(import_litegraph(data).report.file)


@pytest.mark.parametrize(
    ("kind", "length", "properties", "limit"),
    [
        ("indicators/ma", 1_001, {"ma_type": "wma"}, "moving_average.period must be between 2 and 1000"),
        ("indicators/ma", 1, {"ma_type": "linreg"}, "moving_average.period must be between 2 and 1000"),
        ("indicators/ma", 6_000, {"ma_type": "rma"}, "rma.period must be between"),
        ("indicators/rsi", 1, {}, "rsi.period must be between 2 and 5000"),
        ("math/highest", 10**9, {}, "highest.period must be between 1 and 5000"),
    ],
)
def test_a_length_that_no_node_of_ours_has_makes_a_placeholder(
    kind: str, length: int, properties: dict[str, Any], limit: str
) -> None:
    lite = Lite()
    lite.node(kind, lite.node("get/close"), lite.value("integer", length), properties=properties)
    found = imported(lite)
    (line,) = found.report.placeholders
    assert limit in line.notes[0]
    (fault,) = find_faults(found.graph, builtin())
    assert kind in str(fault)


def test_a_multiplier_that_no_node_of_ours_has_makes_a_placeholder() -> None:
    lite = Lite()
    prices = [lite.node(f"get/{name}") for name in ("high", "low", "close")]
    lite.node("indicators/super_trend", *prices, lite.value("integer", 5), properties={"multiplier": -2})
    (line,) = imported(lite).report.placeholders
    assert "supertrend.multiplier must be between" in line.notes[0]


def test_a_length_computed_beyond_all_numbers_makes_a_placeholder() -> None:
    lite = Lite()
    large = product = lite.value("float", 1e15)
    for _ in range(25):
        product = lite.node("math/multiply_float", product, large)
    lite.node("math/highest", lite.node("get/close"), product)
    (line,) = imported(lite).report.placeholders
    assert "Length changes from bar to bar" in line.notes[0]


@pytest.mark.parametrize("kind", ["compare/equal", "compare/greater"])
def test_a_comparison_of_constants_counts_as_a_number(kind: str) -> None:
    lite = Lite()
    one = lite.value("float", 1.0)
    node = lite.node("math/add_float", lite.node(kind, one, one), lite.node("get/close"))
    assert column(imported(lite), (node, 0), bars(PRICES)) == [p + float(kind == "compare/equal") for p in PRICES]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_zero_lag_average_adds_the_change_over_half_its_length(length: int) -> None:
    lite = Lite()
    node = lite.node(
        "indicators/ma", lite.node("get/close"), lite.value("integer", length), properties={"ma_type": "zlma"}
    )
    mean, wanted, lag = PRICES[0], [], (length - 1) // 2
    for i, price in enumerate(PRICES):
        mean += (price - mean) * 2 / (length + 1)
        wanted.append(mean + price - PRICES[i - lag])
    assert column(imported(lite), (node, 0), bars(PRICES))[lag:] == pytest.approx(wanted[lag:], rel=1e-12)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_file_is_nested_a_hundred_deep_at_most() -> None:
    data = small().data()
    assert import_litegraph({**data, "extra": nested(99)}).report.counts()["same"] == 3
    for levels in (100, 990, 100_000):
        text = json.dumps(data)[:-1] + ', "deep": ' + "[" * levels + "]" * levels + "}"
        with pytest.raises(InputError, match="more than 100 deep"):
            import_litegraph(text.encode())
    with pytest.raises(InputError, match="more than 100 deep"):
        import_litegraph({**data, "extra": nested(5_000)})


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"nodes": [], "links": [], "extra": {1}}, "cannot be written as JSON"),
        ({"nodes": [], "links": [], "extra": float("nan")}, "NaN is not a number"),
        ({"nodes": [{"id": 1, "type": "get/close", "title": "a" * 5_000_000}]}, "more than 4,000,000 bytes"),
        (7, "given as its path, its bytes or its parsed JSON, was 7"),
        (None, "was None"),
        ("a\0b", "is no path of a file"),
    ],
)
def test_what_is_given_in_place_of_a_file_is_refused_with_a_sentence(source: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        import_litegraph(source)


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ({"timeframe": "4h"}, "suggested_run.timeframe = 4h: PVE has no such timeframe"),
        ({"timeframe": "1d"}, "PVE has no such timeframe"),
        ({"instrument": "BTC/USDT"}, "suggested_run.instrument = BTC/USDT: PVE has no such symbol"),
        ({"instrument": "BTC/USD:BTC"}, "PVE has no such symbol"),
    ],
)
def test_a_suggested_run_that_pve_cannot_have_is_refused(run: dict[str, str], problem: str) -> None:
    graph = replace(imported(small()).graph, suggested_run=run)
    with pytest.raises(Refused, match=problem):
        export_litegraph(graph)
    found = export_litegraph(graph, partial=True)
    assert not {"timeframe", "symbol"} & found.data.keys()


def test_an_hour_has_one_name_in_pve() -> None:
    graph = replace(imported(small()).graph, suggested_run={"timeframe": "60m", "instrument": "BTC/USDC:USDC"})
    data = export_litegraph(graph).data
    assert SimpleNamespace(**data).timeframe == "1h"
    assert data["symbol"] == "BTCUSDC"
