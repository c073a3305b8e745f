"""What a kind of job is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.store.database.tables import Job

Record = Callable[[AsyncSession, int, Job, Any], Awaitable[Mapping[str, Any]]]
"""Called with a writing session, the time (ms), the job and what its work returned; returns the job's result. The same
transaction ends the job, so what it writes is there exactly when the job is done."""

Known = Callable[[AsyncSession, Job, Any], Awaitable[Any]]
"""Called with a reading session, the job, and what its work asks (`Tools.ask`); returns the answer."""

JOBS, PAPER = "jobs", "paper"
"""Lanes: jobs that end by themselves, of which `workers` are done at once; and runs on paper, beside these."""


@dataclass(frozen=True)
class Kind:
    """A kind of job."""

    name: str
    work: str
    """The function that does it in a child process, `module:function`, called with the request and `Tools`."""
    record: Record
    known: Known | None = None
    priority: int = 0
    """Of the jobs of one user those with the highest are done first."""
    lane: str = JOBS
    resumes: bool = False
    """Whether the work, begun again, goes on from where it was."""
