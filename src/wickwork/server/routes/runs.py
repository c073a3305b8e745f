"""Runs: what backtests, sweeps and runs on paper left."""

from __future__ import annotations

import gzip
from typing import Any

from fastapi import Response
from pydantic import Field

from wickwork.server.access import Of, Reader
from wickwork.server.resource import Before, Count, Page, Shown, paged, resource
from wickwork.services import backtests as service

router = resource("/api/runs", "runs")


class RunShown(Shown):
    """A run."""

    id: str
    kind: str
    name: str
    strategy_id: str | None
    strategy_version: int | None
    stats: dict[str, Any]
    manifest_hash: str = Field(description="The hash of all that determines the result.")
    created_at: int = Field(description="ms since 1970, UTC.")


class WholeRun(RunShown):
    """A run with everything that determines its result."""

    manifest: dict[str, Any]
    request: dict[str, Any]


@router.get("")
async def listed(services: Of, caller: Reader, before: Before = None, count: Count = 50) -> Page[RunShown]:
    """The caller's runs, the newest first."""
    return paged(await service.page(services, caller, before, count + 1), count, RunShown)


@router.get("/{run_id}")
async def one(services: Of, caller: Reader, run_id: str) -> WholeRun:
    """One run."""
    return WholeRun.model_validate(await service.get(services, caller, run_id))


@router.get("/{run_id}/report.html", response_class=Response)
async def report(services: Of, caller: Reader, run_id: str) -> Response:
    """The report: one page that needs nothing else. It is served in a sandbox, apart from this site."""
    text = gzip.decompress(await service.file(services, caller, run_id, "report.html.gz"))
    policy = "sandbox allow-scripts allow-downloads; default-src 'none'; style-src 'unsafe-inline'; " \
             "script-src 'unsafe-inline'; img-src data:; font-src data:"  # fmt: skip
    return Response(text, media_type="text/html", headers={"Content-Security-Policy": policy})
