"""What a graph document must not hold, and how much of it there may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wickwork import node, strategy, ta
from wickwork.graph.check import GraphFaults, check, find_faults
from wickwork.graph.document import MOST_BYTES, MOST_NODES, Graph, NodeEntry, from_data, from_text, load, to_text
from wickwork.graph.faults import MOST_FAULTS
from wickwork.graph.types import Series
from wickwork.model.errors import InputError
from wickwork.nodes import builtin
from wickwork.strategies.load import load_strategy

BAD = {
    "half a pair": "E\ud800MA",
    "the other half": "\udfff",
    "NUL": "a\0b",
    "escape": "\x1b[31m",
    "C1": "\x85",
    "line": "\u2028",
}
GRAPH: dict[str, Any] = {
    "name": "n",
    "nodes": {"bars": {"type": "bars"}, "ema": {"type": "ema", "params": {}}},
    "wires": [],
}


def places(bad: str) -> list[dict[str, Any]]:
    """The graph with that text wherever there may be one."""
    entry = {"type": "timeframe", "params": {"to": bad}}
    return [
        GRAPH | {"name": bad},
        GRAPH | {"notes": bad},
        GRAPH | {"notes": {"deep": [bad]}},
        GRAPH | {"layout": {bad: 1}},
        GRAPH | {"interface": {"a": [{"b": bad}]}},
        GRAPH | {"nodes": {"x": {"type": bad}}},
        GRAPH | {"nodes": {"x": {"type": "ema", "params": {bad: 1}}}},
        GRAPH | {"nodes": {"x": entry}},
    ]


@pytest.mark.parametrize("what", BAD)
def test_text_that_cannot_be_written_or_shown_is_refused(what: str) -> None:
    for data in places(BAD[what]):
        with pytest.raises(InputError, match=r"^my file: .* at place \d+ of .*; leave it out") as fault:
            from_text(json.dumps(data), "my file")
        str(fault.value).encode()
        assert str(fault.value).isprintable()


@pytest.mark.parametrize("what", BAD)
def test_so_it_is_in_python(what: str) -> None:
    bad = BAD[what]
    with pytest.raises(InputError, match="name of the strategy"):
        strategy(bad)
    with pytest.raises(InputError, match="name of the graph"):
        Graph({}, name=bad)
    with pytest.raises(InputError, match="leave it out"):
        Graph({"x": NodeEntry("ema")}).with_params({"x.period": bad})
    noted = strategy("s")
    noted.notes = bad
    with pytest.raises(InputError, match="notes"):
        noted.graph  # noqa: B018
    for texts in ({"title": bad}, {"help": bad, "title": "t"}, {"name": bad, "title": "t"}):
        with pytest.raises(InputError):

            @node(**{"group": "own", **texts})
            def own(source: Series) -> Series:
                """A sentence."""
                return source


def test_other_text_is_as_good_as_any() -> None:
    graph = from_data(GRAPH | {"name": "Größe 指数 👨‍👩‍👧 é", "notes": "two\nlines\tand a tab"})
    assert from_text(to_text(graph)) == graph


@pytest.mark.parametrize(
    "text",
    [
        '{"nodes": {"a": {"type": "ema"}, "a": {"type": "sma"}}}',
        '{"nodes": {}, "nodes": {"a": {"type": "ema"}}}',
        '{"nodes": {"a": {"type": "ema", "params": {"a": 5, "a": 6}}}}',
        '{"nodes": {}, "layout": {"deep": [{"a": 1, "b": 2, "a": 1}]}}',
    ],
)
def test_a_key_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^my file: '(a|nodes)' stands twice in one object"):
        from_text(text, "my file")


def chain(length: int) -> Graph:
    nodes = {"bars": NodeEntry("bars")} | {f"n{k}": NodeEntry("ema") for k in range(length)}
    wires = [["bars.close", "n0.source"], *([f"n{k}.value", f"n{k + 1}.source"] for k in range(length - 1))]
    return from_data({"nodes": {name: {"type": entry.type} for name, entry in nodes.items()}, "wires": wires})


def test_as_many_nodes_as_may_be_are_checked_in_one_pass_over_them() -> None:
    """Anything quadratic would take minutes here."""
    graph = chain(MOST_NODES - 1)
    assert check(graph, builtin()).order[-1] == f"n{MOST_NODES - 2}"
    unknown = Graph({name: NodeEntry("emma") for name in graph.nodes}, graph.wires)
    assert len(find_faults(unknown, builtin())) == MOST_FAULTS
    elsewhere = Graph({f"x{name}": entry for name, entry in graph.nodes.items()}, graph.wires)
    assert len(find_faults(elsewhere, builtin())) == MOST_FAULTS


def test_one_node_more_is_refused() -> None:
    with pytest.raises(InputError, match=r"may have 20,000 nodes, this one has 20,001"):
        chain(MOST_NODES)


def test_a_document_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    text = to_text(from_data(GRAPH))
    file.write_text(text + " " * (MOST_BYTES - len(text)))
    assert load(file) == from_data(GRAPH)
    with open(file, "a") as more:
        more.write(" ")
    with pytest.raises(InputError, match=r"large.json has more than 8,000,000 bytes"):
        load_strategy(file)


def test_a_circle_is_named_without_what_leads_to_it() -> None:
    names = ["lead", "a", "b", "c", "after"]
    wires = [["bars.close", "lead.a"], ["lead.value", "a.a"], ["a.value", "b.a"], ["b.value", "c.a"]]
    wires += [["c.value", "a.b"], ["c.value", "after.a"], ["lead.value", "b.b"], ["lead.value", "c.b"]]
    wires += [["lead.value", "after.b"], ["bars.open", "lead.b"]]
    nodes = {"bars": {"type": "bars"}} | {name: {"type": "add"} for name in names}
    with pytest.raises(GraphFaults, match=r"circle: a → b → c → a; cut one of them"):
        check(from_data({"nodes": nodes, "wires": wires}), builtin())


def test_thousands_of_nodes_of_one_type_get_names() -> None:
    with strategy("many") as s:
        close = s.bars.close
        ta.ema(close, name="ema_3")
        made = [ta.ema(close).node for _ in range(3)]
    assert made == ["ema", "ema_2", "ema_4"]


def test_a_suggested_run_is_kept_and_is_no_part_of_the_hash() -> None:
    suggested = {"instrument": "BTC/USDT:USDT", "timeframe": "3m", "start": "2025-01-01", "end": "2025-02-01"}
    graph = from_data(GRAPH | {"suggested_run": suggested})
    assert from_text(to_text(graph)).suggested_run == suggested
    assert graph.with_params({"ema.period": 9}).suggested_run == suggested
    assert graph.hash() == from_data(GRAPH).hash()
    for wrong in ({"symbol": "X"}, {"start": 3}, []):
        with pytest.raises(InputError, match="suggested"):
            from_data(GRAPH | {"suggested_run": wrong})
