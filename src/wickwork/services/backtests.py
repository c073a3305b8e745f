"""Backtests of a caller."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError
from wickwork.services import jobs, strategies
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database.tables import Job

QUICK = 0.3
"""Seconds for which a backtest is waited for before it is answered as a job."""


async def start(services: Services, caller: Caller, request: Mapping[str, Any]) -> Job:
    """Begin a backtest; `docs/server.md` has the fields of a request. A quick one has ended when this returns.

    In place of `graph`, `strategy` (`{"id": …, "version": …}`) names a saved one. Raises InputError and NotFound.
    """
    caller.require(Access.RUN)
    job = await jobs.start(services, caller, "backtest", await with_graph(services, caller, request))
    return await jobs.wait_for(services, caller, job, QUICK)


async def with_graph(services: Services, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
    """The request with the graph of the strategy that it names, whose version is then a number."""
    named, graph = request.get("strategy"), request.get("graph")
    if (named is None) == (graph is None):
        raise InputError("A run needs one strategy: a `graph`, or the `strategy` that is saved; give one of the two.")
    rest = {key: value for key, value in request.items() if value is not None}
    if named is None:
        return rest
    version = await strategies.version(services, caller, named["id"], named.get("version"))
    saved = {"id": version.strategy_id, "version": version.number}
    return rest | {"strategy": saved, "graph": json.loads(version.document)}
