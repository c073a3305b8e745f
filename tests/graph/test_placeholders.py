"""What this version does not have is kept whole, and only running it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wickwork import InputError, backtest, demo_bars
from wickwork.graph.check import find_faults
from wickwork.graph.document import from_data, from_text, to_text
from wickwork.graph.expand import expand
from wickwork.graph.migrate import migrate
from wickwork.nodes import builtin

DATA: dict[str, Any] = {
    "schema": 1,
    "name": "From elsewhere",
    "nodes": {
        "bars": {"type": "bars", "version": 1, "params": {}},
        "hull": {
            "type": "tools/add_column",
            "version": 7,
            "params": {"list": [1, 2.5, [True, None]], "object": {"b": {}, "a": "ü"}, "nothing": None, "big": 10**30},
            "slots": [{"name": "x", "links": [4]}],
            "colour": "#123",
        },
        "ema": {"type": "ema", "version": 1, "params": {"period": [9], "other": {"x": 1}}, "pinned": True},
    },
    "wires": [["bars.close", "ema.source"], ["ema.value", "hull.in_1"], ["hull.out", "ema.nowhere"]],
    "interface": {"inputs": [], "slots": {"a": [1]}},
    "notes": {"title": ["x"]},
    "layout": {"nodes": {"hull": {"x": 1, "links": [[1, 2]]}}, "extra": {"ds": {"scale": 0.5}}},
}


@pytest.mark.parametrize("packed", [False, True])
def test_a_document_with_unknown_parts_survives_to_the_byte(packed: bool) -> None:
    inner = {key: value for key, value in DATA.items() if key != "schema"}
    entry = {"type": "subgraph", "version": 1, "params": {}, "graph": inner, "folded": [1]}
    data = DATA | {"nodes": {**DATA["nodes"], "t": entry}} if packed else DATA
    graph = from_data(data)
    text = to_text(graph)
    read = json.loads(text)
    assert {key: read["nodes"][key] for key in data["nodes"]} == data["nodes"]
    assert sorted(read["wires"]) == sorted(data["wires"])
    assert {key: read[key] for key in ("interface", "notes", "layout")} == {
        key: data[key] for key in ("interface", "notes", "layout")
    }
    assert to_text(from_text(text)) == text
    assert from_text(text).hash() == graph.hash()
    assert to_text(graph.with_params({"ema.period": [9]})) == text
    assert to_text(migrate(graph, builtin())[0]) == text
    assert ("t__hull" in expand(graph).graph.nodes) is packed


def test_only_running_it_is_refused() -> None:
    graph = from_data(DATA)
    faults = [str(fault) for fault in find_faults(graph, builtin())]
    assert any("hull: there is no node called 'tools/add_column'" in one for one in faults)
    assert any(
        "ema: it has the unknown key 'pinned'; remove it, or use the Wickwork that wrote it" in one for one in faults
    )
    assert any("ema.period: a parameter is a number, true, false or text, not [9]" in one for one in faults)
    with pytest.raises(InputError, match="hull: there is no node"):
        backtest(graph, demo_bars("BTC/USDT", "1h").slice(0, 50))


@pytest.mark.parametrize("value", [None, [], {}, [[1]], {"a": 1}])
@pytest.mark.parametrize(
    ("kind", "param"),
    [("ema", "period"), ("timeframe", "to"), ("column", "field"), ("enter_long", "size_as"), ("always", "value")],
)
def test_a_value_that_no_parameter_can_have_is_a_fault(kind: str, param: str, value: Any) -> None:
    graph = from_data({"nodes": {"x": {"type": kind, "params": {param: value}}}})
    assert [f for f in find_faults(graph, builtin()) if (f.node, f.port) == ("x", param)]


@pytest.mark.parametrize(
    "params",
    ['{"a": 1e999}', '{"a": [-1e999]}', '{"a": NaN}', '{"a": ' + "[" * 65 + "]" * 65 + "}", '{"a": {"b": "\\u0000"}}'],
)
def test_what_no_document_can_hold_is_refused(params: str) -> None:
    with pytest.raises(InputError, match=r"^the graph"):
        from_text('{"nodes": {"x": {"type": "other", "params": ' + params + "}}}")
    with pytest.raises(InputError, match=r"^the graph"):
        from_text('{"nodes": {"x": {"type": "other", "more": ' + params + "}}}")
