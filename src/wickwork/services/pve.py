"""PVE's API: strategies by name as LiteGraph files, backtests with their charts, and analyses of them."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from wickwork.model.bars import iso
from wickwork.model.errors import InputError, NotFound, TooMany, shown
from wickwork.services import graphs, jobs, strategies
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.services.pve_names import ANALYSIS, ANALYSIS_FILE, BACKTEST, CHART_FILE, SUMMARY_FILE
from wickwork.store.database import jobs as job_store
from wickwork.store.database import runs
from wickwork.store.database import strategies as store
from wickwork.store.database.tables import Job, Run, Strategy

_WORK = "wickwork.services.work.pve"
_LISTED = 10
"""Backtests in a list, the newest."""
_PAUSES = {BACKTEST: 10_000, ANALYSIS: 30_000}
"""The least time between two jobs of a kind of one user (ms)."""
_TABLES = ("equity.parquet", "trades.parquet", "fills.parquet")


class Saved(NamedTuple):
    """A strategy that was saved, and what of its file has no counterpart, as sentences."""

    strategy: Strategy
    warnings: list[str]


async def save(services: Services, caller: Caller, name: str, graph_data: Any, run: Mapping[str, str]) -> Saved:
    """Save a LiteGraph graph, as JSON or its text, as the next version of the strategy of that name.

    The strategy is made if there is none.
    `run` has what PVE calls startDate, endDate, timeframe and symbol. Raises InputError for what cannot be imported.
    """
    caller.require(Access.WRITE)
    chosen = strategies.checked_name(name)
    request = {**run, "graph_data": graphs.json_text(graph_data, "graph_data"), "name": chosen}
    read = await services.pool.call(f"{_WORK}:read_file", request)
    found = await _named(services, caller, chosen)
    if found is None:
        made = await strategies.create(services, caller, chosen, "graph", read["text"])
        return Saved(made.strategy, read["warnings"])
    saved, _ = await strategies.save_version(services, caller, found.id, read["text"])
    return Saved(saved, read["warnings"])


async def load(services: Services, caller: Caller, name: str) -> dict[str, Any]:
    """A strategy as a LiteGraph graph, the run that it was made for, and what PVE cannot have. Raises NotFound."""
    caller.require(Access.READ)
    found = await _needed(services, caller, name)
    text = await strategies.text(services, caller, found.id)
    loaded: dict[str, Any] = await services.pool.call(f"{_WORK}:as_file", {"text": text.document})
    return loaded


async def listed(services: Services, caller: Caller) -> list[dict[str, Any]]:
    """All strategies of the caller, the last changed first."""
    found = await strategies.page(services, caller, None, 1_000_000, order="changed")
    return [{"id": one.id, "name": one.name, "modified_at": iso(one.updated_at)} for one in found]


async def compile_graph(services: Services, caller: Caller, name: str, data: str) -> Job:
    """Begin a backtest of a strategy over the run that it was made for, with the bars of `data` (demo or store).

    Raises NotFound, GraphFaults for a strategy that cannot run, and TooMany within ten seconds of the last one.
    """
    caller.require(Access.RUN)
    await _refuse_too_soon(services, caller, BACKTEST)
    found = await _needed(services, caller, name)
    text = await strategies.text(services, caller, found.id)
    if text.document is None or text.version is None:
        raise InputError(f"The strategy {shown(name)!r} is empty; save a graph first.")
    request = await services.pool.call(f"{_WORK}:request_of", {"text": text.document, "name": found.name, "data": data})
    saved = {"id": found.id, "version": text.version.number}
    return await jobs.start(services, caller, BACKTEST, {**request, "strategy": saved})


async def backtests(services: Services, caller: Caller) -> str:
    """The last ten backtests that were begun with `compile_graph`, with their orders, as JSON."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        found = await runs.with_file(session, caller.user_id, SUMMARY_FILE, _LISTED)
        analyzed = [ANALYSIS_FILE in await runs.files_of(session, run.id) for run, _ in found]
    texts = [
        _joined(run, await _text(services, sha256), is_analyzed)
        for (run, sha256), is_analyzed in zip(found, analyzed, strict=True)
    ]
    return f"[{', '.join(texts)}]"


def _joined(run: Run, text: str, is_analyzed: bool) -> str:
    """A record of a run, with what is known of it now."""
    analysis = run.id if is_analyzed else None
    added = {"id": run.id, "updated_at": iso(run.created_at), "analyzer_result_id": analysis}
    return f"{json.dumps(added)[:-1]}, {text[1:]}"


async def chart(services: Services, caller: Caller, backtest_id: str) -> str:
    """A backtest with its chart and orders, as JSON. Raises NotFound."""
    run, files = await _run(services, caller, backtest_id)
    return _joined(run, await _text(services, files[CHART_FILE]), ANALYSIS_FILE in files)


async def launch_analyzer(services: Services, caller: Caller, backtest_id: str, initial_capital: float) -> Job:
    """Begin an analysis of a backtest, as if it had begun with that capital.

    Raises NotFound, and TooMany within half a minute of the last one.
    """
    caller.require(Access.RUN)
    run, files = await _run(services, caller, backtest_id)
    await _refuse_too_soon(services, caller, ANALYSIS)
    capital = float(run.manifest["terms"]["capital"])
    needed = {name: files[name] for name in (CHART_FILE, *_TABLES)}
    request = {"run": run.id, "files": needed, "capital": capital, "initial_capital": initial_capital}
    return await jobs.start(services, caller, ANALYSIS, request)


async def analysis(services: Services, caller: Caller, backtest_id: str) -> str:
    """The analysis of a backtest, as JSON. Raises NotFound where there is none yet."""
    run, files = await _run(services, caller, backtest_id)
    if ANALYSIS_FILE not in files:
        raise NotFound(f"The backtest {run.id} has no analysis yet; launch-analyzer makes one.")
    return await _text(services, files[ANALYSIS_FILE])


async def _run(services: Services, caller: Caller, backtest_id: str) -> tuple[Run, dict[str, str]]:
    """A run of the caller that has a chart, and the hashes of its files."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        run = await runs.get(session, caller.user_id, backtest_id)
        files = {name: one.sha256 for name, one in (await runs.files_of(session, run.id)).items()}
    if CHART_FILE not in files:
        raise NotFound(f"The run {run.id} was not begun with compile-graph, so it has no chart of PVE.")
    return run, files


async def _text(services: Services, sha256: str) -> str:
    return await asyncio.to_thread(lambda: gzip.decompress(services.files.read(sha256)).decode())


async def _refuse_too_soon(services: Services, caller: Caller, kind: str) -> None:
    async with services.database.reading() as session:
        last = await job_store.page(session, caller.user_id, None, 1, (), kind)
    left = _PAUSES[kind] - (services.now() - last[0].created_at) if last else 0
    if left > 0:
        seconds = -(-left // 1000)
        raise TooMany(f"This can be started every {_PAUSES[kind] // 1000} seconds; try again in {seconds} s.", seconds)


async def _named(services: Services, caller: Caller, name: str) -> Strategy | None:
    async with services.database.reading() as session:
        return await store.named(session, caller.user_id, name.strip())


async def _needed(services: Services, caller: Caller, name: str) -> Strategy:
    found = await _named(services, caller, name)
    if found is None:
        raise NotFound(f"There is no strategy {shown(name)!r}.")
    return found
