"""A sub-graph is only a way of writing: what it expands to, and what is wrong with one that cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import pytest

from wickwork import (
    Context,
    InputError,
    backtest,
    demo_bars,
    strategy,
    subgraph,
    sweep,
    ta,
    trade,
)
from wickwork.graph.check import GraphFaults, check, find_faults
from wickwork.graph.document import from_data, from_text, to_text
from wickwork.graph.entries import Graph, NodeEntry, Reference
from wickwork.graph.expand import expand
from wickwork.graph.library import find, publish, resolve
from wickwork.graph.types import Bar, Between, Condition, OrderHandle, Series
from wickwork.model.errors import NotFound, Refused
from wickwork.nodes import builtin
from wickwork.strategies.load import Loaded, as_loaded, load_strategy
from wickwork.strategies.strategy import Strategy, Wire
from wickwork.strategies.subgraph import library

BARS = demo_bars("BTC/USDT", "1h").slice(0, 600)


@subgraph
def trend(source: Series, *, fast: Annotated[int, Between(2, 50)] = 12, slow: int = 26) -> Any:
    """Whether a fast average is above a slow one."""
    return ta.ema(source, period=fast, name="fast") > ta.ema(source, period=slow, name="slow")


def nested() -> Strategy:
    """A sub-graph with a sub-graph, and an action whose order is promoted."""

    class Parts(NamedTuple):
        order: Wire
        up: Wire

    @subgraph
    def entry(bars: Bar, *, fast: int = 8, size: float = 50.0) -> Any:
        up = trend(bars.close, fast=fast)
        bought = trade.buy(when=ta.becomes_true(up), size=trade.percent_of_equity(size), name="buy")
        return Parts(bought, up)

    with strategy("Nested") as s:
        made = entry(s.bars, fast=5)
        trade.close(when=ta.becomes_true(~made.up))
    return s


def flat() -> Strategy:
    """The same, written without sub-graphs."""
    with strategy("Flat") as s:
        close = s.bars.close
        fast, slow = (
            ta.ema(close, period=5, name="entry__trend__fast"),
            ta.ema(close, period=26, name="entry__trend__slow"),
        )
        up = ta.greater(fast, slow, name="entry__trend__greater")
        when = ta.becomes_true(up, name="entry__becomes_true")
        trade.buy(when=when, size=trade.percent_of_equity(50), name="entry__buy")
        trade.close(when=ta.becomes_true(~up))
    return s


def test_a_strategy_with_sub_graphs_is_the_one_without() -> None:
    assert set(nested().graph.nodes) == {"bars", "entry", "not", "becomes_true", "close_position"}
    assert nested().check().graph.hash() == flat().check().graph.hash()
    runs = [backtest(one, BARS) for one in (nested(), flat())]
    assert len(runs[0].history.fills) > 5
    assert runs[0].history.fills.tobytes() == runs[1].history.fills.tobytes()


def test_its_document_survives_to_the_byte() -> None:
    graph = nested().graph
    text = to_text(graph)
    assert to_text(from_text(text)) == text
    assert from_text(text) == graph
    assert text.count('"graph": {') == 2


def test_promoted_parameters_can_be_changed() -> None:
    graph = nested().graph
    assert graph.nodes["entry"].params == {"fast": 5}
    assert graph.nodes["entry"].graph.interface["params"][1]["to"] == ["buy.size"]  # type: ignore[union-attr]
    changed = check(graph.with_params({"entry.fast": 7, "entry.size": 25}), builtin())
    assert changed.values["entry__trend__fast"]["period"] == 7
    assert changed.literals["entry__buy"]["size"] == 25


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("entry.fast", 99, r"entry__trend.fast: fast must be between 2 and 50, was 99"),
        ("entry.fast", "x", r"must be between 2 and 50, was 'x'"),
        ("entry.fat", 3, r"entry.fat: the sub-graph has no parameter 'fat'; did you mean 'fast'\?"),
        ("entry.bars", 3, r"entry.bars: the sub-graph has no parameter 'bars'; wire a `number` to it"),
        ("entry.size", [1], r"entry__buy.size: a fixed value must be a number, was \[1\]"),
    ],
)
def test_wrong_parameters_are_named_by_their_path(key: str, value: Any, message: str) -> None:
    with pytest.raises(GraphFaults, match=message):
        check(nested().graph.with_params({key: value}), builtin())


def test_a_parameter_in_a_sub_graph_can_be_varied_by_its_path() -> None:
    changed = as_loaded(nested()).with_params({"entry__trend__slow.period": 40})
    assert changed.check().values["entry__trend__slow"]["period"] == 40


def test_a_sweep_varies_nodes_in_sub_graphs() -> None:
    result = sweep(nested(), BARS, over={"entry__trend__slow.period": [20, 40]})
    runs = [backtest(nested(), BARS, params={"entry__trend__slow.period": n}) for n in (20, 40)]
    assert result.columns()["total_return"].tolist() == [run.stats["total_return"] for run in runs]


def test_a_computed_parameter_has_the_value_of_its_use() -> None:
    @subgraph
    def pair(source: Series, *, period: int = 5, wide: int = 3, times: int = 2, kind: bool = False) -> Any:
        averages = [ta.ema(source, period=wide) for _ in range(wide)]
        doubled = ta.sma(source, period=times * period)
        return {"a": averages[0], "b": doubled if kind else ta.ema(source, period=period)}

    with strategy("s") as s:
        for options in ({}, {"period": 6, "kind": True}, {"wide": 4}):
            assert dir(pair(s.bars.close, **options)) == ["a", "b"]
    first, second, third = (s.graph.nodes[name] for name in ("pair", "pair_2", "pair_3"))
    assert [one["name"] for one in first.graph.interface["params"]] == []
    assert second.graph.nodes["sma"].params == {"period": 12}
    assert len(third.graph.nodes) == 6
    assert second.params == {}


def test_parameters_in_operators_and_levels_are_promoted() -> None:
    @subgraph
    def enter(bars: Bar, *, level: float = 30.0, times: float = 1.5, stop: float = 2.0, kind: str = "long") -> Any:
        up = (level > ta.rsi(bars.close)) & (bars.close > times * ta.atr(bars)) if kind == "long" else bars.close > 0
        return trade.buy(when=ta.becomes_true(up), size=trade.percent_of_equity(50), stop_loss=trade.percent(stop))

    promoted = {one["name"]: one["to"] for one in enter.graph().interface["params"]}
    assert promoted == {"level": ["number.value"], "times": ["number_2.value"], "stop": ["enter_long.stop_loss"]}


def inner(**changes: Any) -> dict[str, Any]:
    """A document whose node `t` is a sub-graph."""
    content: dict[str, Any] = {
        "nodes": {"fast": {"type": "ema"}, "up": {"type": "greater"}},
        "wires": [["fast.value", "up.a"]],
        "interface": {
            "inputs": [{"name": "source", "type": "series", "to": ["fast.source", "up.b"]}],
            "outputs": [{"name": "up", "type": "condition", "from": "up.value"}],
            "params": [{"name": "period", "to": ["fast.period"]}],
        },
    } | changes
    return {
        "nodes": {"bars": {"type": "bars"}, "t": {"type": "subgraph", "graph": content}, "buy": {"type": "enter_long"}},
        "wires": [["bars.close", "t.source"], ["t.up", "buy.when"]],
    }


def faults(data: dict[str, Any]) -> str:
    return " ".join(str(fault) for fault in find_faults(from_data(data), builtin()))


def interface(**changes: Any) -> dict[str, Any]:
    return {**inner()["nodes"]["t"]["graph"]["interface"], **changes}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (inner(nodes={"fast": {"type": "emma"}, "up": {"type": "greater"}}), "t__fast: there is no node called 'emma'"),
        (inner(wires=[]), "t__up.a: nothing is wired to it; wire a series to it."),
        (inner(interface=interface(inputs=[])), "t.source: the sub-graph has no input 'source'; it has none."),
        (inner(interface=interface(outputs=[])), "t.up: the sub-graph has no output 'up'"),
        (
            inner(interface=interface(params=[{"name": "p", "to": ["no.period"]}])),
            "t__no.period: the interface (p) names",
        ),
        (
            inner(interface=interface(outputs=[{"name": "up", "type": "series", "from": "up.value"}])),
            "t.up: the interface has the type series, but t__up.value is a condition",
        ),
        (
            inner() | {"wires": [["t.up", "buy.when"]]},
            "t__fast.source: nothing is wired to it; wire a series to t.source.",
        ),
        (inner() | {"wires": [["bars.close", "t.source"], ["t__up.value", "buy.when"]]}, "t__up.value: a wire"),
        (inner() | {"wires": [["bars.close", "t.source"], ["bars.open", "t.source"]]}, "t.source: two wires come in"),
    ],
)
def test_faults_inside_name_the_path(data: dict[str, Any], message: str) -> None:
    assert message in faults(data)


def test_one_name_for_two_nodes_is_a_fault() -> None:
    data = inner()
    data["nodes"]["t__fast"] = {"type": "ema"}
    data["wires"].append(["bars.close", "t__fast.source"])
    assert "t__fast: a node in a sub-graph gets this name, too; rename one of the two." in faults(data)
    data = inner()
    data["nodes"]["a" * 62] = data["nodes"].pop("t")
    assert "more than 64 characters" in faults(data)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": {}},
        {"inputs": [3]},
        {"inputs": [{"name": "a b", "type": "series"}]},
        {"inputs": [{"name": "a", "type": "sries"}]},
        {"inputs": [{"name": "a", "type": "series", "to": ["x"]}]},
        {"inputs": [{"name": "a", "type": "series", "to": ["x.y", "x.y"]}]},
        {"inputs": [{"name": "a", "type": "series", "columns": {"close": []}}]},
        {"outputs": [{"name": "a", "type": "series"}]},
        {"params": [{"name": "a", "to": []}]},
        {"params": [{"name": "a", "to": ["x.y"], "between": [3, 1]}]},
        {"params": [{"name": "source", "to": ["x.y"]}]},
        {"params": [{"name": "a", "to": ["x.y"]}, {"name": "a", "to": ["x.y"]}]},
        {"params": [{"name": "a", "to": ["x.y"], "title": 3}]},
    ],
)
def test_an_interface_of_a_wrong_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"the sub-graph t: .*interface"):
        from_data(inner(interface=interface(**change)))


def packed(levels: int, content: dict[str, Any]) -> dict[str, Any]:
    for _ in range(levels):
        content = {"nodes": {"a": {"type": "subgraph", "graph": content}}}
    return content


def test_deep_and_large_sub_graphs_are_refused() -> None:
    assert from_data(packed(16, {"nodes": {}})).levels == 16
    for levels in (17, 200):
        with pytest.raises(InputError, match="nested 16 deep"):
            from_data(packed(levels, {"nodes": {}}))
    graph = Graph({"ema": NodeEntry("ema")})
    for _ in range(12):  # doubled at each level, without a document of that size
        graph = Graph({name: NodeEntry("subgraph", graph=graph) for name in "ab"})
    with pytest.raises(InputError, match=r"may have 20,000 nodes, this one has 24,574"):
        Graph({name: NodeEntry("subgraph", graph=graph) for name in "ab"})


def test_many_wires_through_interfaces_are_refused() -> None:
    nodes = {f"n{k}": {"type": "ema"} for k in range(600)}
    content = {
        "nodes": nodes,
        "interface": {"inputs": [{"name": "i", "type": "series", "to": [f"n{k}.source" for k in range(600)]}]},
    }
    outer = [{"name": f"i{k}", "type": "series", "to": ["a.i"]} for k in range(600)]
    data = packed(1, content) | {"interface": {"inputs": outer}}
    with pytest.raises(GraphFaults, match="more than 100,000 wires"):
        check(from_data(data), builtin())


def referring(reference: Reference) -> Graph:
    entry = NodeEntry("subgraph", {"fast": 9}, reference=reference)
    with strategy("outer") as s:
        trade.buy(when=ta.becomes_true(trend(s.bars.close, name="t")), size=trade.quantity(1))
    return Graph({**s.graph.nodes, "t": entry}, s.graph.wires)


def test_a_reference_runs_and_is_saved_as_one(tmp_path: Path) -> None:
    reference = publish(trend.graph(), tmp_path, "trend", 3)
    file = tmp_path / "outer.json"
    file.write_text(to_text(referring(reference)))
    assert '"graph"' not in file.read_text()
    found = load_strategy(file, context=Context(tmp_path / "home"))
    assert found.check().values["t__fast"]["period"] == 9
    assert to_text(found.graph) == file.read_text()
    (tmp_path / "home" / "graphs").mkdir(parents=True)
    (tmp_path / "trend-3.json").rename(tmp_path / "home" / "graphs" / "trend-3.json")
    assert load_strategy(file, context=Context(tmp_path / "home")).check().graph.hash() == found.check().graph.hash()


def test_a_changed_or_missing_reference_is_a_fault_that_names_it(tmp_path: Path) -> None:
    reference = publish(trend.graph(), tmp_path, "trend", 3)
    graph, file = referring(reference), tmp_path / "trend-3.json"
    assert "t: trend version 3 was not looked up" in " ".join(map(str, find_faults(graph, builtin())))
    data = json.loads(file.read_text())
    file.write_text(json.dumps(data | {"notes": "other notes", "layout": {"nodes": {"fast": {"x": 1}}}}))
    assert find_faults(resolve(graph, [tmp_path]), builtin()) == ()
    data["nodes"]["fast"]["params"]["period"] = 13
    file.write_text(json.dumps(data))
    (fault,) = find_faults(resolve(graph, [tmp_path]), builtin())
    assert fault.node == "t"
    assert "trend-3.json is not what trend version 3 was" in fault.reason
    with pytest.raises(Refused, match="next version"):
        publish(trend.graph(), tmp_path, "trend", 3)
    file.write_text("{")
    assert "is not JSON" in str(find_faults(resolve(graph, [tmp_path]), builtin())[0])
    file.unlink()
    (fault,) = find_faults(resolve(graph, [tmp_path]), builtin())
    assert f"the graph trend version 3 is missing: there is no trend-3.json in {tmp_path}" in fault.reason


def test_a_graph_that_contains_itself_is_a_fault(tmp_path: Path) -> None:
    entry = NodeEntry("subgraph", reference=Reference("b", 1, "0" * 64))
    one = publish(Graph({"x": entry}), tmp_path, "a", 1)
    two = publish(Graph({"x": NodeEntry("subgraph", reference=one)}), tmp_path, "b", 1)
    (fault,) = find_faults(resolve(Graph({"top": NodeEntry("subgraph", reference=two)}), [tmp_path]), builtin())
    assert (fault.node, fault.reason) == ("top__x__x", "it contains itself: b → a → b; take one of these out")


def test_a_graph_may_contain_an_earlier_version_of_itself(tmp_path: Path) -> None:
    first = publish(from_data({"nodes": {"bars": {"type": "bars"}}}), tmp_path, "a", 1)
    second = publish(Graph({"x": NodeEntry("subgraph", reference=first)}), tmp_path, "a", 2)
    third = publish(Graph({"x": NodeEntry("subgraph", reference=second)}), tmp_path, "a", 3)
    nodes = {
        name: NodeEntry("subgraph", reference=one) for name, one in zip("trs", (third, first, second), strict=True)
    }
    checked = check(resolve(Graph(nodes), [tmp_path]), builtin()).graph
    assert set(checked.nodes) == {"t__x__x__bars", "s__x__bars", "r__bars"}
    assert find("a", 3, [tmp_path])[0].nodes["x"].graph is not None
    assert find_faults(find("a", 3, [tmp_path])[0], builtin()) == ()


@pytest.mark.parametrize(
    "reference",
    [
        {"name": "../x", "version": 1, "hash": "0" * 64},
        {"name": "x", "version": 0, "hash": "0" * 64},
        {"name": "x", "version": True, "hash": "0" * 64},
        {"name": "x", "version": 1, "hash": "0"},
        {"name": "x", "version": 1},
        "x",
    ],
)
def test_a_reference_of_a_wrong_form_is_refused(reference: Any) -> None:
    with pytest.raises(InputError, match="the sub-graph t"):
        from_data({"nodes": {"t": {"type": "subgraph", "reference": reference}}})


def test_a_library_graph_in_python(tmp_path: Path) -> None:
    publish(trend.graph(), tmp_path, "trend", 2)
    used = library("trend", 2, tmp_path)
    with strategy("s") as s:
        trade.buy(when=ta.becomes_true(used(s.bars.close, fast=4)), size=trade.quantity(1))
    assert s.check().values["trend__fast"]["period"] == 4
    assert s.graph.nodes["trend"].reference == Reference("trend", 2, trend.graph().hash())
    with pytest.raises(NotFound, match=r"no trend-3.json in"):
        library("trend", 3, tmp_path)


def test_a_graph_is_used_as_a_sub_graph() -> None:
    by_graph = subgraph(trend.graph(slow=30))
    with strategy("s") as s:
        trade.buy(when=ta.becomes_true(by_graph(source=s.bars.close, fast=4)), size=trade.quantity(1))
    assert s.check().values["trend__slow"]["period"] == 30


def test_numbers_of_numpy_and_texts_become_parameters() -> None:
    with strategy("s") as s:
        for used in (trend, subgraph(trend.graph())):
            trade.buy(when=ta.becomes_true(used(s.bars.close, fast=np.int64(4))), size=trade.quantity(1))
        trend(s.bars.close, fast="5")
        with pytest.raises(InputError, match=r"trend.fast must be a number, true, false or text, was \[3\]"):
            subgraph(trend.graph())(s.bars.close, fast=[3])
    assert [s.graph.nodes[name].params["fast"] for name in ("trend", "trend_2", "trend_3")] == [4, 4, 5]
    assert from_text(to_text(s.graph)) == s.graph


def test_orders_and_numbers_go_through_a_sub_graph() -> None:
    @subgraph
    def leave(order: OrderHandle, when: Condition, level: Series, bars: Bar, *, period: int = 3) -> None:
        trade.cancel(when=ta.becomes_true(when & (ta.ema(bars.close, period=period) > level)), order=order)
        ta.atr(bars)

    with strategy("s") as s:
        placed = trade.buy(when=s.bars.close > 10, size=trade.quantity(1), limit=5.0)
        assert leave(order=placed, when=s.bars.close < 5, level=100.0) is None
    validated = s.check()
    assert validated.wired["leave__cancel_orders", "order"] == (placed.node, "order")
    assert validated.wired["leave__ema", "source"] == ("bars", "close")
    assert validated.values[validated.wired["leave__greater", "b"][0]]["value"] == 100.0


def number() -> Any:
    """Returns no wire."""
    return 3


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda s: trend(s.bars.close, s.bars.close), "takes 1 wires, 2 were given"),
        (lambda s: trend(s.bars.close, source=s.bars.close), "trend.source was given twice"),
        (lambda s: trend(s.bars.close, fats=3), r"no input or parameter 'fats'. Did you mean 'fast'\?"),
        (lambda s: trend(s.bars.close, fast=99), "trend.fast must be between 2 and 50"),
        (lambda s: trend(s.bars), "name it"),
        (lambda s: trend("x"), "needs a series wire"),
        (lambda s: subgraph(number)(), "must return a wire"),
        (lambda s: subgraph(lambda: None)(), "cannot name a node"),
        (lambda s: subgraph(3), "made of a function or a graph"),  # type: ignore[arg-type]
    ],
)
def test_wrong_uses_in_python(use: Any, message: str) -> None:
    with strategy("s") as s, pytest.raises(InputError, match=message):
        use(s)


def test_functions_that_are_no_sub_graphs() -> None:
    def untyped(source):  # type: ignore[no-untyped-def]
        return source

    def same(source: Series) -> Any:
        return source

    def with_default(source: Series = 3.0) -> Any:
        return source

    def with_many(*sources: Series) -> Any:
        return sources

    for function in (with_default, with_many):
        with pytest.raises(InputError, match="must be one wire without a default value"):
            subgraph(function)
    with pytest.raises(InputError, match="'source' must be a Series"):
        subgraph(untyped)
    with pytest.raises(InputError, match="returns its input 'source' as it is"):
        subgraph(same).graph()


def test_faults_are_not_lost_when_a_parameter_inside_is_changed() -> None:
    data = inner()
    data["nodes"]["gone"] = {"type": "subgraph", "reference": {"name": "x", "version": 1, "hash": "0" * 64}}
    found = Loaded(from_data(data), builtin())
    with pytest.raises(GraphFaults, match="gone: x version 1 was not looked up"):
        found.with_params({"t__fast.period": 3})


def test_the_content_of_a_sub_graph_alone_is_not_complete() -> None:
    graph = trend.graph()
    assert str(find_faults(graph, builtin())[0]) == (
        "fast.source: nothing is wired to it; it is the input 'source' of this graph: use it as a sub-graph."
    )
    assert expand(graph).graph.hash() == graph.hash()


def test_the_interface_of_the_outer_graph_points_into_its_sub_graphs() -> None:
    data = inner() | {"interface": {"params": [{"name": "speed", "title": "x", "to": ["t.period"]}]}}
    whole = expand(from_data(data)).graph
    assert whole.interface["params"] == [{"name": "speed", "title": "x", "to": ["t__fast.period"]}]
