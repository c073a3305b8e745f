"""Sweeps of a caller, and the tables that they leave."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from typing import Any

from wickwork.services import backtests, jobs, runs
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.services.sweep_request import values_of
from wickwork.store.database.tables import Job

_TABLE = "wickwork.services.work.sweep_table"


async def start(services: Services, caller: Caller, request: Mapping[str, Any]) -> Job:
    """Begin a sweep: the request of a backtest, with `over` and `by`.

    Raises InputError for what cannot be varied so, NotFound for a strategy, and Conflict where the queue is full.
    """
    caller.require(Access.RUN)
    whole = await backtests.with_graph(services, caller, request)
    return await jobs.start(services, caller, "sweep", whole | {"over": values_of(request["over"])})


async def table(
    services: Services, caller: Caller, run_id: str, by: str | None, order: str, offset: int, count: int
) -> dict[str, Any]:
    """Rows of the table of a sweep, sorted by a column. Raises NotFound, and InputError for an unknown column."""
    sha256 = await _file(services, caller, run_id, "table.parquet")
    path = str(services.files.path(sha256))
    request = {"path": path, "by": by, "order": order, "offset": offset, "count": count}
    found: dict[str, Any] = await services.pool.call(f"{_TABLE}:rows", request)
    return found


async def csv(services: Services, caller: Caller, run_id: str) -> bytes:
    """The whole table of a sweep as CSV. Raises NotFound."""
    sha256 = await _file(services, caller, run_id, "table.csv.gz")
    return await asyncio.to_thread(lambda: gzip.decompress(services.files.read(sha256)))


async def _file(services: Services, caller: Caller, run_id: str, name: str) -> str:
    _, stored = await runs.with_file(services, caller, run_id, name)
    return stored.sha256
