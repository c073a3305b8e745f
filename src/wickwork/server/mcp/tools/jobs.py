"""Jobs: work that goes on while nobody waits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wickwork.server.mcp import jobs
from wickwork.server.mcp.arguments import Wait
from wickwork.server.mcp.tool import On, tool
from wickwork.services import jobs as service
from wickwork.services.access import Access

JobId = Annotated[str, Field(max_length=100, description="As run_backtest, run_sweep and start_paper_run name it.")]


@tool(Access.READ)
async def get_job(on: On, job_id: JobId, wait: Wait = 0.0) -> str:
    """Show the state of a job: its progress, and the result when it is done."""
    job = await service.get(on.services, on.caller, job_id)
    return await jobs.job_text(on, await jobs.waited(on, job, wait))


@tool(Access.RUN)
async def cancel_job(on: On, job_id: JobId) -> str:
    """Stop a job: a queued one at once, a running one within a second. One that has ended stays as it is."""
    return await jobs.job_text(on, await jobs.cancel(on, job_id))
