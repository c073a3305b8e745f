"""Measurements for Prometheus."""

from __future__ import annotations

from multiprocessing import active_children
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from wickwork.server.access import Needs, Of, services_of
from wickwork.server.listening import is_loopback
from wickwork.server.metrics import CONTENT_TYPE
from wickwork.server.operations import operations_of
from wickwork.server.resource import resource
from wickwork.services import state
from wickwork.services.access import Access

router = resource("", "health")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
_reader = Needs(Access.READ)


async def may_measure(request: Request) -> None:
    """Let through callers who may read, and with `server.metrics_open` every program on this machine.

    A request that a proxy passed on does not count as one of this machine. Raises NotLoggedIn and Refused.
    """
    near = request.client is not None and is_loopback(request.client.host)
    passed_on = any(name in request.headers for name in _FORWARDED)
    if not (request.app.state.settings.metrics_open and near and not passed_on):
        await _reader(request)


@router.get("/metrics", response_class=Response, responses=_TEXT)
@router.get("/api/metrics", response_class=Response, responses=_TEXT, summary="Metrics (alias)")
async def metrics(services: Of, request: Request, _: Annotated[None, Depends(may_measure)]) -> Response:
    """The measurements of this process in the text format of Prometheus; `/api/metrics` is PowerTrader's path."""
    found = operations_of(request)
    found.metrics.set_parts(len(active_children()), found.sockets.count(), services_of(request).events.last)
    found.metrics.set_database(await state.latency(services), await state.jobs_by_state(services))
    return Response(found.metrics.text(), media_type=CONTENT_TYPE)
