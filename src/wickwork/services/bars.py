"""Bars for charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services


async def window(services: Services, caller: Caller, request: Mapping[str, Any]) -> tuple[str, str | bytes | None]:
    """The ETag of a window of bars, and its content; `services.work.bars.window` has the request.

    The content is None where the caller has it already. Raises InputError and NotFound.
    """
    caller.require(Access.READ)
    found = await services.pool.call("wickwork.services.work.bars:window", request)
    return found["etag"], found["content"]
