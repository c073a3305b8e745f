"""A backtest: the run, and the files that are kept of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any

from wickwork.analytics.report.page import report_text
from wickwork.analytics.run import Run
from wickwork.services.child import Tools
from wickwork.services.core import digest
from wickwork.services.work.request import prepared
from wickwork.store.files import Files, StoredFile


def run(
    request: Mapping[str, Any], tools: Tools, more: Callable[[Run], Mapping[str, bytes]] = lambda done: {}
) -> dict[str, Any]:
    """Run a backtest and keep its tables, its report, and `more` files.

    Returns `{"run": id}` where the same was computed before, else name, manifest, its hash, stats and files.
    """
    tools.progress(0.0, "loading")
    planned = prepared(request, tools).plan()
    manifest = dict(planned.manifest)
    manifest_hash = digest(manifest)
    known = tools.ask(manifest_hash)
    if known is not None:
        return {"run": known}
    done = planned.run(lambda bars, of: tools.progress(0.05 + 0.85 * bars / of, "running"))
    tools.progress(0.9, "saving")
    kept = Files(tools.place.files)
    files = keep(done, kept) | {name: kept.put(content) for name, content in more(done).items()}
    name = manifest["strategy"]["name"] or "strategy"
    return {
        "name": name,
        "manifest": manifest,
        "manifest_hash": manifest_hash,
        "stats": dict(done.stats),
        "files": files,
    }


TABLES = ("trades", "orders", "fills", "exits", "denied", "notifications")


def keep(done: Run, files: Files) -> dict[str, StoredFile]:
    """Keep the tables of a run as Parquet, its JSON, and its report, the texts compressed with gzip."""
    tables = {"equity": done.equity.to_frame(), **{name: getattr(done, name) for name in TABLES}}
    kept = {f"{name}.parquet": files.put_made("parquet", table.to_parquet) for name, table in tables.items()}
    texts = {"report.html.gz": report_text(done), "run.json.gz": done.to_json()}
    return kept | {name: files.put(gzip.compress(text.encode(), 6, mtime=0)) for name, text in texts.items()}
