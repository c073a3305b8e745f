"""Comments and groups are kept in the document and change nothing that a strategy does."""

from __future__ import annotations

from typing import Any

import pytest

from wickwork.graph.check import check, find_faults
from wickwork.graph.document import from_data, from_text, to_text
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

NODES = {"bars": {"type": "bars"}, "ema": {"type": "ema"}, "up": {"type": "greater"}, "buy": {"type": "enter_long"}}
WIRES = [["bars.close", "ema.source"], ["bars.close", "up.a"], ["ema.value", "up.b"], ["up.value", "buy.when"]]
GRAPH: dict[str, Any] = {"nodes": NODES, "wires": WIRES}
LAYOUT = {
    "nodes": {"ema": {"x": 40, "y": -80.5, "comment": "Fourteen bars,\nas in the book."}},
    "comments": {"c1": {"text": "Only in a trend", "x": 0, "y": 0, "width": 200, "height": 60, "colour": "#ffcc00"}},
    "groups": {"g1": {"title": "Entry", "members": ["ema", "up", "gone"], "colour": "#3366FF", "folded": True}},
    "zoom": [1.5, None],
}


def test_comments_and_groups_are_kept_and_do_not_count() -> None:
    graph = from_data(GRAPH | {"layout": LAYOUT})
    assert from_text(to_text(graph)).layout == LAYOUT
    assert find_faults(graph, builtin()) == ()
    assert check(graph, builtin()).graph.hash() == check(from_data(GRAPH), builtin()).graph.hash()
    assert graph.with_params({"ema.period": 9}).layout == LAYOUT


def test_so_they_are_in_a_sub_graph() -> None:
    inner = from_data({"nodes": {"t": {"type": "subgraph", "graph": GRAPH | {"layout": LAYOUT, "notes": "n"}}}})
    assert from_text(to_text(inner)) == inner
    plain = from_data({"nodes": {"t": {"type": "subgraph", "graph": GRAPH}}})
    assert inner.hash() == plain.hash()


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ({"comments": []}, "The comments of the layout must be an object, by id"),
        ({"comments": {"c": "text"}}, "layout's comments.c must be an object"),
        ({"comments": {"c": {}}}, "comments.c needs a `text`"),
        ({"comments": {"c": {"text": 3}}}, "comments.c: `text` must be a text"),
        ({"comments": {"c": {"text": "x" * 20_001}}}, "at most 20,000 characters"),
        ({"comments": {"c": {"text": "", "x": "3"}}}, "comments.c: `x` must be a number, was '3'"),
        ({"comments": {"c": {"text": "", "x": True}}}, "`x` must be a number"),
        ({"groups": {"g": {"members": "ema"}}}, "groups.g needs `members` as a list of ids"),
        ({"groups": {"g": {"members": [1]}}}, "groups.g needs `members`"),
        ({"groups": {"g": {"title": None}}}, "groups.g: `title` must be a text"),
        ({"groups": {"g": {"colour": "red"}}}, "`colour` must be like #3366ff, was 'red'"),
        ({"nodes": {"ema": {"comment": 1}}}, "nodes.ema: `comment` must be a text"),
        ({"nodes": {"ema": [1, 2]}}, "nodes.ema must be an object"),
        ({"nodes": {"ema": {"comment": "\x1b[31m"}}}, "control character"),
    ],
)
def test_a_wrong_form_is_refused(layout: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^the graph: .*{message}"):
        from_data(GRAPH | {"layout": layout})
