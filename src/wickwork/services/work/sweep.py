"""A sweep: many combinations of parameters over the same bars, and the table that is kept of it."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping
from typing import Any

from wickwork.research.parameter_space import listed
from wickwork.research.sweep import Sweep, better_of
from wickwork.research.sweep import sweep as run_sweep
from wickwork.services.core import digest
from wickwork.services.tools import Tools
from wickwork.services.work.request import prepared
from wickwork.store.files import Files, StoredFile

_BEST = 20
"""Combinations that are kept with the run; the table has all."""
_MOST_VALUES = 100
"""Values of one parameter that are listed as those with which nothing was traded."""


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Try all combinations of `over` and keep their table.

    Returns `{"run": id}` where the same was computed before, else name, manifest, its hash, stats and files. The
    manifest of a sweep is complete only after it ran, so it is found again by another hash: that of the manifest of a
    backtest with the first combination (strategy, bars, terms, engine), of all values tried, and of `by`.
    """
    tools.progress(0.0, "loading")
    by, over = request.get("by", "sharpe"), listed(request["over"])
    better_of(by)
    ready = prepared(request, tools)
    first = prepared({**request, "params": {**request.get("params", {}), **{k: v[0] for k, v in over.items()}}}, tools)
    key = digest({"sweep": dict(first.plan().manifest), "over": over, "by": by})
    known = tools.ask(key)
    if known is not None:
        return {"run": known}
    tools.log(f"{_size(over):,} combinations")

    def progress(done: int, of: int) -> None:
        tools.progress(0.02 + 0.93 * done / of, f"{done:,} of {of:,} combinations")

    began = time.monotonic()
    result = run_sweep(
        ready.loaded,
        ready.market.bars,
        over,
        finer=ready.market.finer,
        terms=ready.terms,
        with_bars=ready.others,
        progress=progress,
    )
    tools.log(f"{result.tried:,} combinations tried in {time.monotonic() - began:.1f} s")
    tools.progress(0.95, "saving")
    return {
        "name": result.manifest["strategy"]["name"] or "strategy",
        "manifest": {**result.manifest, "by": by},
        "manifest_hash": key,
        "stats": stats_of(result, by),
        "files": keep(result, Files(tools.place.files)),
    }


def _size(over: Mapping[str, list[Any]]) -> int:
    size = 1
    for values in over.values():
        size *= len(values)
    return size


def stats_of(result: Sweep, by: str) -> dict[str, Any]:
    """How many were tried, the best of them, and how good the best of as many would look by luck alone."""
    best = [result.combination(int(number)) for number in result.ranking(by)[:_BEST]]
    return {
        "tried": result.tried,
        "years": result.years,
        "luckiest_sharpe": result.luck,
        "by": by,
        "best": [{"params": dict(one.params), "stats": dict(one.stats)} for one in best],
        "untraded": int((~result.traded).sum()),
        "untraded_values": {k: v[:_MOST_VALUES] for k, v in result.untraded_values().items()},
    }


def keep(result: Sweep, files: Files) -> dict[str, StoredFile]:
    """Keep the table as Parquet, and as CSV compressed with gzip."""
    text = result.table.to_csv(index=False)
    return {
        "table.parquet": files.put_made("parquet", lambda path: result.table.to_parquet(path, index=False)),
        "table.csv.gz": files.put(gzip.compress(text.encode(), 6, mtime=0)),
    }
