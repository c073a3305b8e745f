"""The catalogue of nodes."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader
from wickwork.server.etags import NOT_MODIFIED, IfNoneMatch, etag_of, tagged
from wickwork.server.resource import resource
from wickwork.services import nodes as service

router = resource("/api/nodes", "nodes")


class NodeInput(BaseModel):
    """An input of a node."""

    name: str
    type: str
    required: bool
    default: float | None = Field(default=None, description="The value where nothing is wired; absent if missing.")


class NodeOutput(BaseModel):
    """An output of a node."""

    name: str
    type: str
    minimum: float | None = None
    maximum: float | None = None
    may_be_missing: bool = Field(default=False, description="Whether values may be missing after the warm-up.")


class NodeParameter(BaseModel):
    """A parameter of a node."""

    name: str
    type: str = Field(description="integer, number, boolean, text, choice, timeframe or time.")
    default: float | int | str | bool
    minimum: float | None = None
    maximum: float | None = None
    choices: list[str] | None = None


class NodeShown(BaseModel):
    """A node of the catalogue."""

    name: str
    title: str
    group: str
    help: str = Field(description="The first sentence says what it gives; the rest how, with its formula.")
    inputs: list[NodeInput]
    outputs: list[NodeOutput]
    params: list[NodeParameter]
    warmup: int = Field(description="Bars needed before the first value, with the defaults.")
    terms: list[str] = Field(description="Other names under which it is found.")
    source: str
    version: int
    across: bool = Field(default=False, description="Whether it compares the instruments of a run.")


class NodePage(NodeShown):
    """A node with what its page in the reference has."""

    call: str = Field(description="How it is called in Python.")
    warmup_formula: str = Field(description="The warm-up as a formula of the parameters; empty where it is none.")
    about_group: str
    phrases: dict[str, str] = Field(description="What a trader calls its outputs.")
    is_action: bool


class NodeGroup(BaseModel):
    """A group of nodes."""

    name: str
    about: str
    nodes: list[str]


@router.get("", response_model=list[NodeShown], responses=NOT_MODIFIED)
async def listed(
    services: Of,
    caller: Reader,
    request: Request,
    group: Annotated[str, Query(max_length=100, description="Only this group, as trend.")] = "",
    search: Annotated[str, Query(max_length=200, description="Words of name, title, help or other names.")] = "",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Every node: its ports, parameters with ranges and defaults, warm-up, help and source."""
    if group or search:
        content = _encoded(service.listed(services, caller, group, search))
        return tagged(content, etag_of(content), if_none_match)
    state = request.app.state
    if not hasattr(state, "node_list"):  # all nodes take long to encode and never change in a process
        content = _encoded(service.listed(services, caller))
        state.node_list = (content, etag_of(content))
    content, etag = state.node_list
    return tagged(content, etag, if_none_match)


@router.get("/groups")
async def groups(services: Of, caller: Reader) -> list[NodeGroup]:
    """The groups, and the names of their nodes."""
    return [NodeGroup.model_validate(one) for one in service.groups(services, caller)]


@router.get("/{name}", response_model=NodePage, responses=NOT_MODIFIED)
async def node(services: Of, caller: Reader, name: str, if_none_match: IfNoneMatch = None) -> Response:
    """One node with its page in the reference."""
    content = _encoded(service.one(services, caller, name))
    return tagged(content, etag_of(content), if_none_match)


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
