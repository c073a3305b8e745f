"""The tables of a run: pages of rows, text for spreadsheets, and the curve of equity."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from wickwork.services import runs
from wickwork.services.access import Caller
from wickwork.services.core import Services

_WORK = "wickwork.services.work.run_tables"


async def rows(
    services: Services, caller: Caller, run_id: str, table: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """A page of rows of a table: `from`, `to` (ms UTC), `after` (a row number) and `count`. Raises NotFound."""
    _, file = await runs.with_file(services, caller, run_id, f"{table}.parquet")
    wanted = {**request, "file": file.sha256, "table": table}
    result: dict[str, Any] = await services.pool.call(f"{_WORK}:rows", wanted)
    return result


async def csv_pieces(services: Services, caller: Caller, run_id: str, table: str) -> AsyncIterator[str]:
    """A whole table as CSV, in pieces. Raises NotFound before the first piece."""
    _, file = await runs.with_file(services, caller, run_id, f"{table}.parquet")
    first = await services.pool.call(f"{_WORK}:csv_piece", {"file": file.sha256, "after": 0})

    async def pieces() -> AsyncIterator[str]:
        piece = first
        yield piece["text"]
        while piece["next"] is not None:
            piece = await services.pool.call(f"{_WORK}:csv_piece", {"file": file.sha256, "after": piece["next"]})
            yield piece["text"]

    return pieces()


async def equity(services: Services, caller: Caller, run_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The curves of equity and of drawdown in a window: `from`, `to` (ms UTC) and the most `points`.

    Raises NotFound, and InputError for a window without bars.
    """
    run, file = await runs.with_file(services, caller, run_id, "equity.parquet")
    wanted = {**request, "file": file.sha256, "capital": runs.capital_of(run)}
    result: dict[str, Any] = await services.pool.call(f"{_WORK}:equity", wanted)
    return result
