"""Work on graph documents. They come from the network, so nothing of them is executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.graph.document import from_text, to_text
from wickwork.services.child import Tools
from wickwork.services.core import canonical


def read(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The canonical text of `graph` and its hash. Raises InputError for what is no graph; faults are no error."""
    del tools
    graph = from_text(canonical(request["graph"]))
    return {"text": to_text(graph), "hash": graph.hash()}
