"""Strategies: versions that never change, and one draft."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic import Field

from wickwork.server.access import Of, Reader, Writer
from wickwork.server.resource import (
    Before,
    Body,
    Count,
    IfMatch,
    Page,
    Shown,
    paged,
    resource,
    revision_of,
    set_etag,
)
from wickwork.services import strategies as service

router = resource("/api/strategies", "strategies")


class NewStrategy(Body):
    """A strategy to be made."""

    name: str = Field(min_length=1, max_length=200)
    graph: dict[str, Any] | None = Field(default=None, description="The document of its first version.")


class NewVersion(Body):
    """A version to be saved."""

    graph: dict[str, Any]
    note: str = Field(default="", max_length=1000, description="What changed, in words.")


class StrategyShown(Shown):
    """A strategy."""

    id: str
    name: str
    revision: int = Field(description="Grows with every change; the ETag in quotes.")
    version: int = Field(description="The number of the newest version; 0 where there is none.")
    created_at: int = Field(description="ms since 1970, UTC.")
    updated_at: int = Field(description="ms since 1970, UTC.")


@router.get("")
async def listed(services: Of, caller: Reader, before: Before = None, count: Count = 50) -> Page[StrategyShown]:
    """The caller's strategies, the newest first."""
    return paged(await service.page(services, caller, before, count + 1), count, StrategyShown)


@router.post("", status_code=201)
async def create(services: Of, caller: Writer, body: NewStrategy, response: Response) -> StrategyShown:
    """Make a strategy."""
    strategy = await service.create(services, caller, body.name, body.graph)
    response.headers["Location"] = f"{router.prefix}/{strategy.id}"
    set_etag(response, strategy.revision)
    return StrategyShown.model_validate(strategy)


@router.get("/{strategy_id}")
async def one(services: Of, caller: Reader, strategy_id: str, response: Response) -> StrategyShown:
    """One strategy."""
    strategy = await service.get(services, caller, strategy_id)
    set_etag(response, strategy.revision)
    return StrategyShown.model_validate(strategy)


@router.post("/{strategy_id}/versions", status_code=201)
async def save(
    services: Of, caller: Writer, strategy_id: str, body: NewVersion, response: Response, if_match: IfMatch = None
) -> StrategyShown:
    """Save the next version."""
    strategy = await service.save_version(services, caller, strategy_id, body.graph, body.note, revision_of(if_match))
    set_etag(response, strategy.revision)
    return StrategyShown.model_validate(strategy)


@router.delete("/{strategy_id}", status_code=204)
async def delete(services: Of, caller: Writer, strategy_id: str, if_match: IfMatch = None) -> None:
    """Delete a strategy with its versions; its runs stay."""
    await service.remove(services, caller, strategy_id, revision_of(if_match))
