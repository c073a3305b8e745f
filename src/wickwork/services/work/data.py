"""What bars there are, how good they are, and changes of stored series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from wickwork.launch.bar_sources import StoreSource
from wickwork.market.demo import DEMO_INSTRUMENTS, DEMO_PERPETUALS, DEMO_START, DEMO_STOP, demo_bars
from wickwork.market.quality import Report, check_bars
from wickwork.market.series import Correction
from wickwork.market.store import Store
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Instrument, parse_instrument
from wickwork.model.timeframe import MINUTE, Timeframe, parse_timeframe
from wickwork.services.child import Tools
from wickwork.services.work.bars import MOST_BARS
from wickwork.services.work.request import context_of

MOST_SHOWN = 500
"""Gaps, and findings of other kinds, that are shown of one series."""


def series(request: Mapping[str, Any], tools: Tools) -> list[dict[str, Any]]:
    """All stored series, and behind them those of the demo market."""
    del request
    stored = [
        _described(one.instrument, one.timeframe, one.rows, one.first, one.last, synthetic=False)
        for one in _store(tools).series()
    ]
    return [*stored, *_demo_series()]


def quality(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """One series with its gaps and what else a check of its bars found.

    Raises NotFound, and InputError for more bars than `MOST_BARS`.
    """
    if request["data"] == "demo":
        frame = parse_timeframe(request["timeframe"])
        _refuse_many((DEMO_STOP - DEMO_START) // frame.milliseconds)
        return _report(check_bars(demo_bars(request["instrument"], frame)), synthetic=True)
    store = _store(tools)
    instrument, frame = _stored(store, request)
    found = store.find(instrument, frame)
    _refuse_many(found.rows if found else 0)
    return _report(check_bars(store.load(instrument, frame)), synthetic=False)


def corrections(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The corrections of a series behind the first `after`, at most `count`, in order of arrival."""
    store = _store(tools)
    found = store.corrections(*_stored(store, request))
    page = found[request["after"] : request["after"] + request["count"]]
    after = request["after"] + len(page)
    return {
        "items": [{**asdict(one), "old": list(one.old), "new": list(one.new)} for one in page],
        "total": len(found),
        "next": after if page and after < len(found) else None,
    }


def accept(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Put the newest values of corrections in the place of the stored ones: of the bars `opened_at`, or of all.

    Returns how many bars changed. Raises NotFound for a bar that has no correction to accept.
    """
    store = _store(tools)
    instrument, frame = _stored(store, request)
    newest: dict[int, Correction] = {one.opened_at: one for one in store.corrections(instrument, frame)}
    waiting = {at: one for at, one in newest.items() if not one.accepted}
    chosen = sorted(waiting if request["opened_at"] is None else set(request["opened_at"]))
    for at in chosen:
        if at not in waiting:
            raise NotFound(f"The bar that opens at {at} has no correction that waits to be accepted.")
    if not chosen:
        return {"accepted": 0}
    values = np.array([waiting[at].new for at in chosen], np.float64).T
    bars = Bars.of(instrument, frame, np.array(chosen, np.int64), *values, source="corrections")  # type: ignore[misc]
    return {"accepted": store.append(bars, accept_corrections=True, seen_at=request["now"]).corrected}


def remove(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Delete a series; returns what it was and how many bars it had."""
    store = _store(tools)
    instrument, frame = _stored(store, request)
    removed = store.remove(instrument, frame)
    return {"venue": instrument.venue, "instrument": str(instrument), "timeframe": str(frame), "removed": removed}


def _store(tools: Tools) -> Store:
    return context_of(tools).store


def _stored(store: Store, request: Mapping[str, Any]) -> tuple[Instrument, Timeframe]:
    """The stored series that a request names. Raises NotFound."""
    source = StoreSource(store)
    instrument, frame = source.find([request["instrument"]], request["venue"])[0], parse_timeframe(request["timeframe"])
    have = source.timeframes(instrument)
    if frame not in have:
        raise NotFound(f"The store has no {frame} bars of {instrument}; it has {', '.join(map(str, have))}.")
    return instrument, frame


def _demo_series() -> Iterator[dict[str, Any]]:
    frame = Timeframe(MINUTE)
    bars = (DEMO_STOP - DEMO_START) // MINUTE
    for one in (*DEMO_INSTRUMENTS, *DEMO_PERPETUALS):
        yield _described(parse_instrument(one), frame, bars, DEMO_START, DEMO_STOP - MINUTE, synthetic=True)


def _described(
    instrument: Instrument, frame: Timeframe, bars: int, first: int, last: int, *, synthetic: bool
) -> dict[str, Any]:
    return {
        "venue": instrument.venue,
        "instrument": str(instrument),
        "kind": instrument.kind.value,
        "timeframe": str(frame),
        "synthetic": synthetic,
        "bars": bars,
        "first": first,
        "last": last,
        "missing": (last - first) // frame.milliseconds + 1 - bars if bars else 0,
    }


def _report(report: Report, *, synthetic: bool) -> dict[str, Any]:
    gaps = report.of("gap")
    others = [one for one in report.findings if one.kind != "gap"]
    shown = _described(report.instrument, report.timeframe, report.rows, report.first, report.last, synthetic=synthetic)
    return {
        **shown,
        "valid": report.valid,
        "gaps": [asdict(one) for one in gaps[:MOST_SHOWN]],
        "findings": [asdict(one) for one in others[:MOST_SHOWN]],
        "left_out": max(len(gaps) - MOST_SHOWN, 0) + max(len(others) - MOST_SHOWN, 0),
    }


def _refuse_many(bars: int) -> None:
    if bars > MOST_BARS:
        raise InputError(
            f"The series has {bars:,} bars, more than the {MOST_BARS:,} that are checked while somebody waits; use "
            "`wick data check`."
        )
