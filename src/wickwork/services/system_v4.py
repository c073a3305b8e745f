"""System V4's API: bars with indicators and signals, and a configuration of indicators for each user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services
from wickwork.store.database import preferences

TIMEFRAMES = ("15m", "1h", "1d")
DEMO, STORE = "demo", "store"
_WORK = "wickwork.services.work.system_v4"
_PREFERENCE = "system_v4.indicators"


async def symbols(services: Services, caller: Caller, data: str) -> list[str]:
    """The symbols that have bars, as BTCUSDT: those of the store, or of the demo market (`data`)."""
    caller.require(Access.READ)
    found: list[str] = await services.pool.call(f"{_WORK}:symbols", {"data": data})
    return found


async def configuration(services: Services, caller: Caller) -> dict[str, Any]:
    """The caller's configuration: `{"indicators": {name: {"enabled": …, "params": {…}}}}`."""
    caller.require(Access.READ)
    async with services.database.reading() as session:
        kept = await preferences.get(session, caller.user_id, _PREFERENCE)
    complete: dict[str, Any] = await services.pool.call(f"{_WORK}:configuration", {"config": kept})
    return complete


async def configure(services: Services, caller: Caller, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change the caller's configuration, all of it or nothing, and return it.

    Raises NotFound for an unknown indicator, InputError for parameters that are wrong.
    """
    caller.require(Access.READ)
    now = await configuration(services, caller)
    changed: dict[str, Any] = await services.pool.call(f"{_WORK}:configuration", {"config": now, "changes": changes})
    async with services.database.writing() as session:
        await preferences.put(session, services.now(), caller.user_id, _PREFERENCE, changed)
    return changed


async def indicators(services: Services, caller: Caller) -> dict[str, Any]:
    """All indicators, and the names of those that the caller has turned on."""
    config = await configuration(services, caller)
    found: dict[str, Any] = await services.pool.call(f"{_WORK}:indicators", {})
    return {"indicators": found, "enabled": [name for name, one in config["indicators"].items() if one["enabled"]]}


async def klines(
    services: Services, caller: Caller, data: str, symbol: str, timeframe: str, limit: int
) -> dict[str, Any]:
    """The last `limit` bars with the caller's indicators, whose values do not depend on `limit`."""
    return await _computed("klines", services, caller, data, symbol, timeframe, limit)


async def signals(services: Services, caller: Caller, data: str, symbol: str, timeframe: str) -> dict[str, Any]:
    """The signals of the caller's indicators over all bars."""
    return await _computed("signals", services, caller, data, symbol, timeframe)


async def latest(services: Services, caller: Caller, data: str, symbol: str, timeframe: str) -> dict[str, Any]:
    """The last bar."""
    caller.require(Access.READ)
    _refuse_other(timeframe)
    request = {"data": data, "symbol": symbol, "timeframe": timeframe}
    found: dict[str, Any] = await services.pool.call(f"{_WORK}:latest", request)
    return found


async def _computed(
    work: str, services: Services, caller: Caller, data: str, symbol: str, timeframe: str, limit: int = 0
) -> dict[str, Any]:
    _refuse_other(timeframe)
    config = await configuration(services, caller)
    request = {"data": data, "symbol": symbol, "timeframe": timeframe, "limit": limit, "config": config}
    found: dict[str, Any] = await services.pool.call(f"{_WORK}:{work}", request)
    return found


def _refuse_other(timeframe: str) -> None:
    if timeframe not in TIMEFRAMES:
        raise InputError(f"The timeframe {timeframe!r:.20} is not one of {', '.join(TIMEFRAMES)}.")
