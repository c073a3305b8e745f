"""What bars there are: in the store, and in the demo market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.market.demo import DEMO_INSTRUMENTS, DEMO_PERPETUALS, DEMO_START, DEMO_STOP
from wickwork.model.bars import iso
from wickwork.services.child import Tools
from wickwork.services.work.request import context_of


def coverage(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The series of the store, and the instruments and the span of the demo market."""
    del request
    series = [
        {
            "venue": one.venue,
            "instrument": str(one.instrument),
            "timeframe": str(one.timeframe),
            "bars": one.rows,
            "first": iso(one.first),
            "last": iso(one.last),
        }
        for one in context_of(tools).store.series()
    ]
    names = [str(one) for one in (*DEMO_INSTRUMENTS, *DEMO_PERPETUALS)]
    demo = {"instruments": list(dict.fromkeys(names)), "first": iso(DEMO_START), "stop": iso(DEMO_STOP)}
    return {"store": series, "demo": demo}
