"""Finding a node by the name that another program, a book or a typing error gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wickwork.graph.node import Node
from wickwork.model.errors import did_you_mean

PREFIXES = ("ta.", "math.", "talib.", "strategy.", "request.")
"""What stands before the names of functions in other programs."""

ELSEWHERE = {
    "avg": "average_of",
    "bbw": "bollinger",
    "cross": "crosses",
    "fixnan": "value_when",
    "iff": "choose",
    "kcw": "keltner",
    "mom": "change",
    "nz": "if_missing",
    "positionavgprice": "average_price",
    "positionsize": "position_quantity",
    "range": "between",
    "security": "timeframe",
    "sum": "rolling_sum",
    "willr": "williams_r",
    "wpr": "williams_r",
}
"""Names of functions elsewhere that no node has as its name or as one of its other names, or that several have."""


def plain(name: str) -> str:
    """The name without what stands before it (`ta.`), capital letters, and everything but letters and digits."""
    lowered = name.strip().lower()
    for prefix in PREFIXES:
        lowered = lowered.removeprefix(prefix)
    return re.sub(r"[^a-z0-9]", "", lowered)


def same_name(name: str, nodes: Mapping[str, Node]) -> str | None:
    """The only node whose name is this one but for how it is written: `RSI`, `ta.valuewhen`, `bars since`."""
    found = [one for one in nodes if plain(one) == plain(name)]
    return found[0] if len(found) == 1 and plain(name) else None


def meant(name: str, nodes: Mapping[str, Node]) -> str:
    """Return `` Did you mean 'x'?`` (with a leading space) for the node that is meant, or an empty string.

    First the node that has this name, then the one that has it as another name, then the one that is spelled alike.
    """
    wanted = plain(name[:100])
    one = same_name(name, nodes) or ELSEWHERE.get(wanted)
    if one is None and wanted:
        one = next((n.name for n in nodes.values() if wanted in map(plain, (n.title, *n.terms))), None)
    if one in nodes:
        return f" Did you mean {one!r}?"
    return did_you_mean(name, nodes)
