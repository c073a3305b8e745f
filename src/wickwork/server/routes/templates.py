"""Strategies to begin with."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader
from wickwork.server.etags import NOT_MODIFIED, IfNoneMatch, etag_of, tagged
from wickwork.server.resource import resource
from wickwork.services import templates as service

router = resource("/api/templates", "templates")


class TemplatePart(BaseModel):
    """A strategy of a portfolio."""

    name: str
    timeframe: str


class TemplateShown(BaseModel):
    """A template."""

    name: str = Field(description="What a new strategy names it by.")
    title: str
    help: str = Field(description="What it does, in one sentence.")
    suggested_run: dict[str, str] = Field(description="What it was made for: instrument, timeframe, start, end.")
    parts: list[TemplatePart] = Field(description="The strategies of a portfolio; empty for a single one.")


class WholeTemplate(TemplateShown):
    """A template with its content."""

    graph: dict[str, Any]
    python: str = Field(description="The Python file that builds it.")


class Templates(BaseModel):
    """All templates."""

    items: list[TemplateShown]


@router.get("", response_model=Templates, responses=NOT_MODIFIED)
async def listed(services: Of, caller: Reader, if_none_match: IfNoneMatch = None) -> Response:
    """All templates, by name."""
    return _answer(Templates.model_validate({"items": await service.listed(services, caller)}), if_none_match)


@router.get("/{name}", response_model=WholeTemplate, responses=NOT_MODIFIED)
async def one(services: Of, caller: Reader, name: str, if_none_match: IfNoneMatch = None) -> Response:
    """One template with its graph and its Python text."""
    return _answer(WholeTemplate.model_validate(await service.one(services, caller, name)), if_none_match)


def _answer(shown: BaseModel, if_none_match: str | None) -> Response:
    content = shown.model_dump_json().encode()
    return tagged(content, etag_of(content), if_none_match)
