"""Jobs for assistants: starting them, waiting for them, and their states as texts."""

from __future__ import annotations

import asyncio

from wickwork.model.errors import InputError, Refused
from wickwork.server.mcp.answers import figure, part_of_lines
from wickwork.server.mcp.tool import On
from wickwork.services import jobs, papers, runs
from wickwork.store.database.jobs import ACTIVE, CANCELED, FAILED
from wickwork.store.database.tables import Job, Run

PERMITTED = {"backtest": "backtests", "sweep": "sweeps", "paper": "runs on paper"}
"""The kinds of jobs that an assistant may start and cancel: none of them sends an order to an exchange."""
_MAIN = ("total_return", "buy_and_hold", "max_drawdown", "sharpe", "profit_factor", "win_rate", "trades")
_LOG = 1_000
_LOOK = 0.2
"""Seconds between two looks at a job that takes longer."""


async def started(on: On, job: Job, wait: float) -> str:
    """The state of a job that was started just now, as soon as it has ended, and after `wait` seconds as it is then.

    Raises InputError with the reason where it failed.
    """
    job = await waited(on, job, wait)
    if job.state == FAILED:
        raise InputError(await job_text(on, job))
    return await job_text(on, job)


async def cancel(on: On, job_id: str) -> Job:
    """Cancel a job, of the kinds that can be started here, and wait a moment for its end; a run on paper is stopped."""
    kind = (await jobs.get(on.services, on.caller, job_id)).kind
    if kind not in PERMITTED:
        raise Refused(f"Jobs of the kind {kind} are not for assistants: these have {', '.join(PERMITTED.values())}.")
    ending = papers.stop if kind == papers.KIND else jobs.cancel
    return await waited(on, await ending(on.services, on.caller, job_id), 3.0)


async def waited(on: On, job: Job, seconds: float) -> Job:
    """The job as soon as it has ended, and after so many seconds as it is then."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    job = await jobs.wait_for(on.services, on.caller, job, min(seconds, 0.5))
    while job.state in ACTIVE and clock() < until:
        await asyncio.sleep(_LOOK)
        job = await jobs.get(on.services, on.caller, job.id)
    return job


async def job_text(on: On, job: Job) -> str:
    """The state of a job, and what can be done next."""
    if job.state in ACTIVE:
        stage = f", {job.stage}" if job.stage else ""
        ending = " It will be canceled." if job.cancel_requested else ""
        return (
            f"Job {job.id} ({job.kind}) is {job.state}: {100.0 * job.progress:.0f} % done{stage}.{ending} "
            "get_job with `wait` follows it; cancel_job stops it."
        )
    if job.state == FAILED:
        return f"Job {job.id} ({job.kind}) failed: {job.error or 'the reason is unknown.'}"
    if job.state == CANCELED:
        return f"Job {job.id} ({job.kind}) was canceled."
    result = job.result or {}
    if "run" in result:
        run = await runs.get(on.services, on.caller, result["run"])
        return f"Job {job.id} is done. {run_text(run)}\nread_report has all figures and reasons for doubt."
    lines = [f"Job {job.id} ({job.kind}) is done.", *(f"{name}: {value}" for name, value in result.items())]
    return part_of_lines(lines + ([f"log: {job.log[-_LOG:]}"] if job.log else []))


def run_text(run: Run) -> str:
    """A run with its main figures, on one line."""
    known = {one["name"]: one for one in runs.figures(run)}
    shown = [known[name] for name in _MAIN if name in known]
    figures = ", ".join(f"{one['title'].lower()} {figure(one['value'], one['unit'])}" for one in shown)
    return f"Run {run.id} ({run.kind} of {run.name}){': ' if figures else ''}{figures}."
