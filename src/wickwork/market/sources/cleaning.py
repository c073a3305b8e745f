"""Rows of a file into valid bars: rows are sorted and left out, never added and never changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wickwork.market.raw import NO_TIME, Finding, RawBars, broken_rules, describe_row
from wickwork.model.bars import COLUMNS, Bars, iso

_SINGLE = 100
"""Rows of a kind that have a finding each; the rest share one."""

_REASONS = {
    "cells": "it has another number of cells than the header",
    "time": "its time is missing, unreadable or outside 2000 to 2100",
    "grid": "it does not open on the grid of the timeframe",
    "price": "a price is missing, not finite or not above 0",
    "volume": "its volume is missing, not finite or negative",
    "ohlc": "its open or close lies outside low and high",
    "duplicate": "another row is equal",
    "conflict": "a later row of the file has the same time and other values",
    "unfinished": "its bar has not closed yet",
}


def clean(raw: RawBars, now: int | None = None) -> tuple[Bars, list[Finding]]:
    """The bars in the rows of a file, and a finding for each row that was left out (beyond 100 of a kind, one for all).

    Rows are sorted by time. Left out are rows that break a rule by themselves, and of rows with the same time all but
    the last in the file, which is the one that was written latest. With `now` (ms UTC), bars that had not closed by
    then are left out as well. What is wrong with the file as a whole comes first; with an error there are no bars.
    """
    findings = [*raw.findings, *_malformed(raw)]
    unusable = any(finding.severity == "error" for finding in raw.findings)
    kept = np.full(len(raw), not unusable)

    def drop(kind: str, wrong: NDArray[np.bool_]) -> None:
        findings.extend(_left_out(raw, kind, np.flatnonzero(wrong & kept)))
        kept[wrong] = False

    for kind, wrong in broken_rules(raw).items():
        drop(kind, wrong)
    if now is not None:
        drop("unfinished", raw.opened_at > now - raw.timeframe.milliseconds)
    rows = np.flatnonzero(kept)
    order = rows[np.argsort(raw.opened_at[rows], kind="stable")]
    again = np.flatnonzero(np.diff(raw.opened_at[order]) == 0)
    if len(again):
        values = np.array([getattr(raw, name)[order] for name in COLUMNS])
        same = (values[:, again] == values[:, again + 1]).all(axis=0)
        for kind, which in (("duplicate", again[same]), ("conflict", again[~same])):
            wrong = np.zeros(len(raw), dtype=bool)
            wrong[order[which]] = True
            drop(kind, wrong)
    back = int((np.diff(raw.opened_at[rows]) < 0).sum())
    if back:
        first, last = int(raw.opened_at[order[0]]), int(raw.opened_at[order[-1]])
        sentence = f"{back:,} rows were out of order and were sorted."
        findings.append(Finding("order", "note", first, last, back, sentence))
    order = order[kept[order]]
    columns = {name: getattr(raw, name)[order] for name in ("opened_at", *COLUMNS)}
    return Bars.of(raw.instrument, raw.timeframe, **columns, source=raw.source), findings


def _malformed(raw: RawBars) -> list[Finding]:
    shown = [one for one in raw.unreadable if one.column == "row"][:_SINGLE]
    reason = _REASONS["cells"]
    findings = [
        Finding("cells", "warning", 0, 0, 1, f"Row {one.row} was left out: {reason} ({one.text!r}).") for one in shown
    ]
    rest = len(raw.malformed) - len(shown)
    if rest > 0:
        findings.append(Finding("cells", "warning", 0, 0, rest, _summary(rest, reason)))
    return findings


def _left_out(raw: RawBars, kind: str, rows: NDArray[np.intp]) -> list[Finding]:
    findings = []
    cells = {one.row: str(one) for one in reversed(raw.unreadable) if one.column != "row"}
    for row in rows[:_SINGLE].tolist():
        when, place = int(raw.opened_at[row]), raw.row_in_file(row)
        at = "" if when == NO_TIME else f" ({iso(when)})"
        cell = cells.get(place) or describe_row(raw, row)
        sentence = f"Row {place}{at} was left out: {_REASONS[kind]} ({cell})."
        time = 0 if when == NO_TIME else when
        findings.append(Finding(kind, "note" if kind == "duplicate" else "warning", time, time, 1, sentence))
    rest = raw.opened_at[rows[_SINGLE:]]
    if len(rest):
        timed = rest[rest != NO_TIME]
        first, last = (int(timed.min()), int(timed.max())) if len(timed) else (0, 0)
        findings.append(Finding(kind, "warning", first, last, len(rest), _summary(len(rest), _REASONS[kind])))
    return findings


def _summary(count: int, reason: str) -> str:
    return f"{count:,} more rows were left out for the same reason: {reason}."
