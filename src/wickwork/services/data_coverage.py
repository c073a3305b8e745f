"""What bars there are."""

from __future__ import annotations

from typing import Any

from wickwork.services.access import Access, Caller
from wickwork.services.core import Services


async def coverage(services: Services, caller: Caller) -> dict[str, Any]:
    """The series of the `store` with their spans, and what the `demo` market has."""
    caller.require(Access.READ)
    result: dict[str, Any] = await services.pool.call("wickwork.services.work.data_coverage:coverage", {})
    return result
