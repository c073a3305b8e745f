"""Reading the report of a run."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

from wickwork.analytics.report.reading import data_of_page
from wickwork.services.child import Tools
from wickwork.store.files import Files

_PARTS = ("market", "synthetic", "quote", "assumptions", "doubts", "exits", "by_instrument", "by_strategy")
_EXTREMES = 3


def read(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Some parts of the data of a report, the number of its trades, and the best and the worst of these."""
    data = data_of_page(gzip.decompress(Files(tools.place.files).read(request["sha256"])).decode())
    columns = data["trades"]["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    closed = sorted((one for one in rows if not one["open"]), key=lambda one: -one["gain"])
    best = [one for one in closed[:_EXTREMES] if one["gain"] > 0.0]
    worst = [one for one in closed[: -_EXTREMES - 1 : -1] if one["gain"] <= 0.0]
    counts = {"trades": data["trades"]["rows"], "open_trades": sum(one["open"] for one in rows)}
    return {name: data[name] for name in _PARTS} | counts | {"best": best, "worst": worst}
