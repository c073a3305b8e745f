"""Documents of earlier versions of a node run as documents of the present one, by the migrations beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wickwork import InputError, node
from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import GraphFaults, check
from wickwork.graph.document import from_data, to_text
from wickwork.graph.entries import WireEntry
from wickwork.graph.migrate import migrate
from wickwork.graph.migrated import Migrated
from wickwork.graph.node import Node
from wickwork.graph.types import Condition, Series
from wickwork.nodes import builtin


def from_1(params: dict[str, Any]) -> Migrated:
    """`length` is called `period`."""
    if params.get("length", 1) == 13:
        raise ValueError("13 brings no luck")
    return Migrated({"period": params.pop("length", 14), **params}, renamed={"length": "period"})


def from_2(params: dict[str, Any]) -> Migrated:
    """One input became two, and of two outputs one is left, under another name."""
    ports = {"source": ("high", "low"), "unused": None}
    return Migrated({**params, "factor": 2.0}, inputs=ports, outputs={"first": "value", "second": None})


@node(title="Spread", group="own", version=3, migrations={1: from_1, 2: from_2})
def span_of_bars(high: Series, low: Series = 0.0, *, period: int = 14, factor: float = 1.0) -> Series:
    """A sentence."""
    return (high - low) * factor + period


def catalogue(*nodes: Node) -> Catalogue:
    return builtin().plus(nodes or (span_of_bars,))


def document(params: dict[str, Any], version: int = 1, out: str = "first", **changes: Any) -> dict[str, Any]:
    nodes = {"bars": {"type": "bars"}, "s": {"type": "span_of_bars", "version": version, "params": params}}
    wires = [["bars.close", "s.source"], ["bars.open", "s.unused"], [f"s.{out}", "up.a"], ["bars.close", "up.b"]]
    return {"nodes": {**nodes, "up": {"type": "greater"}}, "wires": wires, **changes}


NOW = {
    "nodes": {
        "bars": {"type": "bars"},
        "s": {"type": "span_of_bars", "version": 3, "params": {"period": 9, "factor": 2.0}},
        "up": {"type": "greater"},
    },
    "wires": [["bars.close", "s.high"], ["bars.close", "s.low"], ["s.value", "up.a"], ["bars.close", "up.b"]],
}


@pytest.mark.parametrize(("params", "version"), [({"length": 9}, 1), ({"period": 9}, 2)])
def test_an_old_document_runs_as_the_new_one(params: dict[str, Any], version: int) -> None:
    old = from_data(document(params, version))
    made = check(old, catalogue()).graph
    assert made == check(from_data(NOW), catalogue()).graph
    upgraded, faults = migrate(old, catalogue())
    assert (to_text(upgraded), faults) == (to_text(from_data(NOW)), ())
    assert migrate(upgraded, catalogue())[0] is upgraded


def test_a_fixed_value_moves_with_its_input() -> None:
    data = document({"source": 3.0, "period": 9}, 2)
    data["wires"] = [["s.first", "up.a"], ["bars.close", "up.b"]]
    made, faults = migrate(from_data(data), catalogue())
    assert faults == ()
    assert made.nodes["s"].params == {"period": 9, "factor": 2.0, "high": 3.0, "low": 3.0}


def test_a_wire_from_an_output_that_is_gone_is_a_fault() -> None:
    with pytest.raises(GraphFaults, match=r"s.second: the output 'second' is gone .* and up.a needs it; wire another"):
        check(from_data(document({}, out="second")), catalogue())


def test_interfaces_of_sub_graphs_follow() -> None:
    inner = document({"length": 9}) | {
        "interface": {
            "inputs": [{"name": "x", "type": "series", "to": ["s.source", "s.unused"]}],
            "outputs": [{"name": "y", "type": "series", "from": "s.first"}],
            "params": [{"name": "speed", "to": ["s.length"]}],
        },
    }
    inner["wires"] = inner["wires"][2:]
    nodes = {"bars": {"type": "bars"}, "t": {"type": "subgraph", "graph": inner, "params": {"speed": 5}}}
    made = check(from_data({"nodes": nodes, "wires": [["bars.close", "t.x"]]}), catalogue())
    assert made.values["t__s"] == {"period": 5, "factor": 2.0}
    assert {made.wired["t__s", port] for port in ("high", "low")} == {("bars", "close")}


def broken(made: Any) -> Node:
    def bad(params: dict[str, Any]) -> Any:
        return made(params)

    @node(title="t", group="own", version=2, migrations={1: bad}, name="span_of_bars")
    def step(high: Series, low: Series = 0.0) -> Condition:
        """A sentence."""
        return high > low

    return step


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda params: params["no"], "'no'"),
        (lambda params: params, "must return a Migrated, and returned {'length': 3}"),
        (lambda params: Migrated({"a": {1, 2}}), "which JSON cannot"),
        (lambda params: Migrated({3: 4}), "a parameter whose name is no text"),  # type: ignore[dict-item]
        (lambda params: Migrated({}, inputs={"a": 3}), "new name that is no text"),  # type: ignore[dict-item]
        (lambda params: Migrated({"a": "\0"}), "control character"),
    ],
)
def test_a_migration_that_fails_names_the_node(made: Any, message: str) -> None:
    nodes = {"deep": {"type": "span_of_bars", "params": {"length": 3}}}
    graph = from_data({"nodes": {"t": {"type": "subgraph", "graph": {"nodes": nodes}}}})
    with pytest.raises(
        GraphFaults, match=rf"t__deep: the migration of span_of_bars from version 1 failed: .*{message}"
    ):
        check(graph, catalogue(broken(made)))


def test_a_migration_that_raises_names_the_node() -> None:
    with pytest.raises(GraphFaults, match=r"s: the migration of span_of_bars from version 1 failed: 13 brings no luck"):
        check(from_data(document({"length": 13})), catalogue())


def test_a_version_without_a_migration_is_as_the_next() -> None:
    @node(title="t", group="own", version=4, name="span_of_bars")
    def step(high: Series, *, period: int = 1) -> Series:
        """A sentence."""
        return high + period

    nodes = {"bars": {"type": "bars"}, "s": {"type": "span_of_bars", "version": -1, "params": {"period": 3}}}
    made = check(from_data({"nodes": nodes, "wires": [["bars.close", "s.high"]]}), catalogue(step))
    assert made.graph.nodes["s"].version == 4


@pytest.mark.parametrize("key", [0, 2, "1"])
def test_a_migration_from_a_version_that_there_is_not_is_refused(key: Any) -> None:
    with pytest.raises(InputError, match="has a migration from"):

        @node(title="t", group="own", version=2, migrations={key: from_1})
        def step(source: Series) -> Series:
            """A sentence."""
            return source


@node(
    title="Doubled",
    group="own",
    version=2,
    migrations={1: lambda p: Migrated({"bars": 2 * p["n"]}, renamed={"n": "bars"})},
)
def doubled(source: Series, *, bars: int = 14) -> Series:
    """Since version 2, `bars` is two times what `n` was."""
    return source * bars


def doubled_inside(levels: int, params: dict[str, Any], to: str = "inner.n") -> dict[str, Any]:
    """A node of version 1 with n = 5 in so many sub-graphs, of which each promotes `n`; the outermost sets it."""
    entry: dict[str, Any] = {"type": "doubled", "params": {"n": 5}}
    port, param = "inner.source", to
    for level in range(levels):
        interface = {
            "inputs": [{"name": "x", "type": "series", "to": [port]}],
            "params": [{"name": "n", "to": [param], "between": [2, 10]}],
        }
        content = {"nodes": {"inner": entry}, "interface": interface}
        entry = {"type": "subgraph", "graph": content, "params": params if level == levels - 1 else {}}
        port, param = "inner.x", "inner.n"
    return {"nodes": {"bars": {"type": "bars"}, "s": entry}, "wires": [["bars.close", "s.x" if levels else "s.source"]]}


@pytest.mark.parametrize("levels", [1, 2, 4])
@pytest.mark.parametrize(("params", "bars"), [({}, 10), ({"n": 9}, 18)])
def test_a_parameter_that_a_sub_graph_sets_is_migrated_once(levels: int, params: dict[str, int], bars: int) -> None:
    checked = check(from_data(doubled_inside(levels, params)), catalogue(doubled)).graph
    assert checked.nodes["s" + "__inner" * levels].params == {"bars": bars}
    assert check(checked, catalogue(doubled)).graph == checked


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_an_upgrade_that_would_change_what_a_sub_graph_sets_is_a_fault(levels: int) -> None:
    (fault,) = migrate(from_data(doubled_inside(levels, {"n": 9})), catalogue(doubled))[1]
    assert (fault.node, "s" + "__inner" * levels in fault.reason) == ("s", True)
    upgraded, faults = migrate(from_data(doubled_inside(levels, {})), catalogue(doubled))
    assert (faults, migrate(upgraded, catalogue(doubled))) == ((), (upgraded, ()))
    assert (
        check(upgraded, catalogue(doubled)).graph
        == check(from_data(doubled_inside(levels, {})), catalogue(doubled)).graph
    )


def test_one_graph_used_twice_is_migrated_for_each_use() -> None:
    data = doubled_inside(1, {"n": 9})
    graph = from_data(data)
    again = replace(graph.nodes["s"], params={"n": 3})
    wires = (*graph.wires, WireEntry("bars", "close", "t", "x"))
    checked = check(replace(graph, nodes={**graph.nodes, "t": again}, wires=wires), catalogue(doubled)).graph
    assert [checked.nodes[name].params for name in ("s__inner", "t__inner")] == [{"bars": 18}, {"bars": 6}]


def test_faults_of_a_sub_graph_name_the_present_ports_once() -> None:
    inner = {
        "nodes": {"s": {"type": "span_of_bars", "version": 2}},
        "interface": {"inputs": [{"name": "x", "type": "series", "to": ["s.source"]}]},
    }
    data: dict[str, Any] = {"nodes": {"t": {"type": "subgraph", "graph": inner}}}
    with pytest.raises(GraphFaults) as unwired:
        check(from_data(data), catalogue())
    assert [(one.port, one.remedy) for one in unwired.value.faults] == [("high", "wire a series to t.x")]
    with pytest.raises(GraphFaults) as elsewhere:
        check(from_data(data | {"wires": [["nowhere.value", "t.x"]]}), catalogue())
    assert [one.node for one in elsewhere.value.faults] == ["nowhere"]
