"""Why a backtest did or did not trade on a bar."""

from __future__ import annotations

from typing import Any

from wickwork.model.errors import Conflict, InputError
from wickwork.services import runs
from wickwork.services.access import Caller
from wickwork.services.core import Services


async def explain_bar(
    services: Services, caller: Caller, run_id: str, bar: int | None, time: int | None, instrument: str | None
) -> dict[str, Any]:
    """One bar of a run, by its number or by a `time` (ms UTC) inside it: `decisions`, `events`, `values` and more.

    Without `instrument` the first one. The run is computed again. Raises NotFound, InputError for a bar that the run
    does not have, and Conflict where it cannot be computed again as it was.
    """
    run = await runs.get(services, caller, run_id)
    if run.kind != "backtest":
        raise Conflict(f"Only bars of backtests can be explained, and this run is a {run.kind}.")
    if (bar is None) == (time is None):
        raise InputError("Name one bar: its number, or a time inside it; give one of the two.")
    wanted = {"bar": bar, "time": time, "instrument": instrument}
    request = {"run": run.request, "manifest_hash": run.manifest_hash, **wanted}
    result: dict[str, Any] = await services.pool.call("wickwork.services.work.explain_bar:explain_bar", request)
    return result
