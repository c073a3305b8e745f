"""A run on paper: bars arrive by a clock, orders go to the simulated venue, everything is in a journal first.

Begun again after its process was killed, it goes on where its journal ends and decides the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from wickwork.engine import live
from wickwork.engine.bot import Bot
from wickwork.engine.fast_clock import FastClock
from wickwork.engine.journal_entries import Start, start_data
from wickwork.engine.runs import Run, note_late_bars, open_run
from wickwork.launch.markets import Market
from wickwork.launch.paper_runs import SideSeries, bars_after, clock_after, start_on_paper, with_lanes
from wickwork.model.errors import InputError, WickworkError
from wickwork.model.outside import with_other_bars
from wickwork.services.core import digest
from wickwork.services.tools import Tools
from wickwork.services.work.paper_outcomes import Outcomes
from wickwork.services.work.request import Prepared, context_of, prepared

_PATIENCE = 20.0
"""Seconds to wait for a process that was killed and still has the journal open."""


def journal_path(home: Path, owner: str, job: str) -> Path:
    """Where the journal of a run on paper is."""
    return home / "journals" / owner / f"{job}.jsonl"


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Run until the bars are over or the run is stopped; returns how it stands, and what is recorded of it."""
    tools.progress(0.0, "loading")
    path = journal_path(tools.place.home, request["owner"], request["job"])
    if request.get("standing") and not path.exists():
        raise InputError(
            f"The journal of this run ({path.name}) is not in the folder of this process, so it cannot go on here; "
            "all processes that do jobs need the same folder."
        )
    ready = prepared(request, tools)
    market = _market(ready)
    files = map(str, tools.place.nodes)
    start = start_on_paper(tuple(files), ready.loaded.check(), market, SideSeries(), ready.terms)
    outcomes = Outcomes(start, len(_moments(market)), tools)
    with ExitStack() as stack:
        opened = _opened(path, start, ready, outcomes, stack, tools)
        if opened.start.universe.finer != start.universe.finer:
            finer = opened.start.universe.finer
            market = _market(prepared({**request, "finer": str(finer) if finer else "none"}, tools))
        bot, ended = asyncio.run(_live(opened, ready, market, request, outcomes, tools))
        live.stop(bot, opened.ports)
        standing = outcomes.standing(bot)
        tools.progress(1.0, ended)
        tools.log(f"ended: {ended}")
        return {"standing": standing, "run": _record(opened.start, request, {**standing, "ended": ended})}


def _market(ready: Prepared) -> Market:
    market = replace(ready.market, bars=with_other_bars(ready.market.bars, ready.others))
    return with_lanes(market, ready.loaded)


def _moments(market: Market) -> Any:
    return np.unique(np.concatenate([bars.opened_at for bars in market.bars]))


def _opened(path: Path, start: Start, ready: Prepared, outcomes: Outcomes, stack: ExitStack, tools: Tools) -> Run:
    """Open the journal, once a killed process has let go of it."""
    until = time.monotonic() + _PATIENCE
    validated, cache = ready.loaded.check(), context_of(tools).cache
    clock = FastClock(start.first)  # replaced when it is known where the run goes on
    while True:
        try:
            return open_run(path, start, validated, clock, outcomes.take, stack, None, cache)
        except WickworkError as error:
            if type(error) is not WickworkError or time.monotonic() > until:
                raise
            time.sleep(0.2)


async def _live(
    run: Run, ready: Prepared, market: Market, request: Mapping[str, Any], outcomes: Outcomes, tools: Tools
) -> tuple[Bot, str]:
    """Bring the bot to the end of its journal and go on; the bot, and why it ended."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101
    resumed = await run.resume()
    bot = resumed.bot
    for note in (*run.notes, resumed.note):
        if note:
            tools.log(note)
    if bot.bars:
        tools.log(f"goes on after bar {bot.bars:,}")
    opened = bot.window.opened_at
    for note in note_late_bars(run, market.bars, opened) if opened is not None else ():
        tools.log(note)
    ports = replace(run.ports, clock=clock_after(run, bot, request.get("speed") or float("inf")))
    feed = bars_after(run, bot, market, SideSeries(), ready.loaded)
    tools.publish({"type": "standing", **outcomes.standing(bot)})

    def stop() -> None:
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(task.cancel)

    tools.on_stop(stop)
    try:
        await live.run(bot, feed, ports, resumed.saved_bars)
    except asyncio.CancelledError:
        return bot, "stopped"
    return bot, "the bars are over"


def _record(start: Start, request: Mapping[str, Any], stats: Mapping[str, Any]) -> dict[str, Any]:
    manifest = {"kind": "paper", "journal": f"{request['owner']}/{request['job']}.jsonl", **start_data(start)}
    return {
        "name": start.graph.name or "strategy",
        "manifest": manifest,
        "manifest_hash": digest(manifest),
        "stats": stats,
        "files": {},
    }
