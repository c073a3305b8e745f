"""The examples of docs/graph-format.md are what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from wickwork.graph.check import check, find_faults
from wickwork.graph.document import from_data, from_text, to_text
from wickwork.nodes import builtin
from wickwork.strategies.load import load_strategy

PAGE = (Path(__file__).parents[2] / "docs" / "graph-format.md").read_text()
JSON = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_document_is_canonical_and_has_no_fault() -> None:
    assert to_text(from_text(JSON[0])) == JSON[0]
    assert find_faults(from_text(JSON[0]), builtin()) == ()


def test_the_sub_graph_and_the_layout_belong_to_a_document() -> None:
    nodes: dict[str, Any] = json.loads("{" + JSON[1] + "}") | {"bars": {"type": "bars"}}
    nodes |= {"when": {"type": "becomes_true"}, "buy": {"type": "enter_long"}}
    wires = [["bars.close", "trend.source"], ["trend.up", "when.condition"], ["when.value", "buy.when"]]
    graph = from_data({"nodes": nodes, "wires": wires, **json.loads("{" + JSON[2] + "}")})
    assert check(graph, builtin()).values["trend__fast"]["period"] == 9


def test_the_example_in_python_has_no_fault(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(PYTHON[1])
    found = load_strategy(tmp_path / "example.py")
    assert find_faults(found.graph, found.catalogue) == ()
