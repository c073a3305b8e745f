"""Twins of nodes/volume.py."""

from __future__ import annotations

import datetime
import math
from typing import Any

from tests.nodes.twins.common import Bars, Numbers, twin
from tests.nodes.twins.price import hlc3


@twin
def vwap(bar: Bars, moment: list[int], *, anchor: str) -> Numbers:
    def session(ms: int) -> Any:
        day = (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).date()
        return day if anchor == "day" else day.isocalendar()[:2]

    price = hlc3(bar)
    answer = []
    for i, now in enumerate(moment):
        mine = [k for k in range(i + 1) if session(moment[k]) == session(now)]
        volume = math.fsum(bar.volume[k] for k in mine)
        answer.append(math.fsum(price[k] * bar.volume[k] for k in mine) / volume if volume else price[i])
    return answer


@twin
def obv(bar: Bars) -> Numbers:
    signed = [bar.volume[0]]
    for before, now, volume in zip(bar.close, bar.close[1:], bar.volume[1:], strict=False):
        signed.append(volume if now > before else -volume if now < before else 0.0)
    return [math.fsum(signed[: i + 1]) for i in range(len(signed))]
