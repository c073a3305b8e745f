"""What differs between two graphs, and two changes of one graph put together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wickwork.graph.compare import TEXTS, differences
from wickwork.graph.document import from_text, to_text
from wickwork.graph.merge import merge as merged
from wickwork.services.child import Tools
from wickwork.services.work.graphs import checked
from wickwork.services.work.request import context_of


def diff(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """What differs between the graphs `before` and `after`, apart from layout."""
    before, after = from_text(request["before"], "the first graph"), from_text(request["after"], "the second graph")
    found = differences(before, after, context_of(tools).catalogue)
    return {
        "equal": not found,
        "same_logic": all(one.kind in (*TEXTS, "renamed") for one in found),
        "changes": [{**one.data(), "text": str(one)} for one in found],
    }


def merge(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The changes of `ours` and `theirs` since `base` in one graph, its conflicts, and its faults.

    In a conflict the value of the side is taken that `prefer` names.
    """
    sides = [from_text(request[side], f"the graph `{side}`") for side in ("base", "ours", "theirs")]
    graph, conflicts = merged(*sides, prefer_theirs=request.get("prefer") == "theirs")
    state = checked(graph, tools)
    return {
        "graph": json.loads(to_text(graph)),
        "conflicts": [{**one.data(), "text": str(one)} for one in conflicts],
        "faults": state["faults"],
    }
