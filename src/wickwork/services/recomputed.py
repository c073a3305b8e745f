"""What is not kept of a backtest and computed again when it is wanted: wires, and why orders were or were not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import Conflict
from wickwork.services import runs
from wickwork.services.access import Caller
from wickwork.services.core import Services

_WORK = "wickwork.services.work.recompute"


async def columns(
    services: Services, caller: Caller, run_id: str, request: Mapping[str, Any], client: str = ""
) -> dict[str, Any]:
    """The `wires` of a run in a window (`from`, `to`, ms UTC) as curves of at most `points`, for each instrument.

    A newer request of the same `client` of this caller takes the place of an older one, which raises Superseded.
    Raises NotFound, InputError for a window without bars, and Conflict where the run cannot be computed again as it
    was.
    """
    return await _call(services, caller, run_id, "columns", request, client)


async def explain(services: Services, caller: Caller, run_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Every wire at a `bar` (or at `time`, ms UTC) of an `instrument`, and why orders were or were not made there.

    Raises as `columns` does.
    """
    return await _call(services, caller, run_id, "explain", request)


async def _call(
    services: Services, caller: Caller, run_id: str, work: str, request: Mapping[str, Any], client: str = ""
) -> dict[str, Any]:
    run = await runs.get(services, caller, run_id)
    if run.kind != "backtest":
        raise Conflict(f"Only backtests can be computed again, and this run is a {run.kind}.")
    wanted = {**request, "run": run.request, "manifest": run.manifest, "manifest_hash": run.manifest_hash}
    name = f"{caller.user_id}:columns:{client}" if client else ""
    result: dict[str, Any] = await services.pool.call(f"{_WORK}:{work}", wanted, name)
    return result
