"""The newest lines of the log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field

from wickwork.server.access import Admin
from wickwork.server.log_stream import KEPT
from wickwork.server.operations import operations_of
from wickwork.server.resource import resource

router = resource("/api/log", "operations")


class LogShown(BaseModel):
    """Lines of the log of this process."""

    lines: list[dict[str, Any]] = Field(description="The oldest first; each has `at`, `level`, `logger` and `event`.")


@router.get("")
async def newest(
    caller: Admin, request: Request, count: Annotated[int, Query(ge=1, le=KEPT, description="How many at most.")] = 200
) -> LogShown:
    """The newest lines of the log, for administrators; the topic `log` of the WebSocket has those that follow."""
    return LogShown(lines=[dict(one) for one in operations_of(request).log.newest(count)])
