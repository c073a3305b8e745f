"""Strategies: versions that never change, and one draft."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query, Response
from pydantic import Field

from wickwork.model.errors import InputError
from wickwork.server.access import Of, Reader, Writer
from wickwork.server.etags import NOT_MODIFIED, IfNoneMatch, tagged
from wickwork.server.problems import Problem
from wickwork.server.resource import Body, Count, IfMatch, Page, Shown, resource, revision_of, set_etag
from wickwork.server.routes.evaluate import GraphFault
from wickwork.services import strategies as service
from wickwork.store.database.tables import Strategy

router = resource("/api/strategies", "strategies")

Graph = Annotated[dict[str, Any], Field(description="A graph document (docs/graph-format.md).")]
File = Annotated[dict[str, Any] | str, Field(description="The content of the file: as JSON, or as text.")]
WHICH = "^(newest|draft|[1-9][0-9]{0,8})$"
Which = Annotated[
    str,
    Query(
        pattern=WHICH,
        description="The number of a version, `newest` (what was saved last) or `draft`.",
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
_NEEDS_REVISION: dict[int | str, dict[str, Any]] = {
    428: {
        "model": Problem,
        "description": "If-Match is missing, without which the draft of another editor could be lost.",
        "content": {"application/problem+json": {}},
    }
}


class NewStrategy(Body):
    """A strategy to be made: of a graph, a template, a file of PVE, a share file, or empty. At most one is given."""

    name: Name | None = Field(default=None, description="Without one: the name of what it is made of.")
    graph: Graph | None = None
    template: str | None = Field(default=None, max_length=100, description="The name of a template, as ema_cross.")
    litegraph: File | None = Field(default=None, description="A LiteGraph file of PVE: its JSON, or its text.")
    share: File | None = Field(default=None, description="A share file, as the export gives it: its JSON, or its text.")
    note: str = Field(default="", max_length=1000, description="A note on the first version.")


class NewVersion(Body):
    """A version to be saved."""

    graph: Graph
    note: str = Field(default="", max_length=1000, description="What changed, in words.")


class NewDraft(Body):
    """What is being edited."""

    graph: Graph


class Change(Body):
    """What to change of a strategy besides its graph."""

    name: Name


class Copy(Body):
    """How a copy is called."""

    name: Name | None = Field(default=None, description="Without one: NAME copy.")


class StrategyShown(Shown):
    """A strategy."""

    id: str
    name: str
    revision: int = Field(description="Grows with every change, a draft's too; the ETag in quotes.")
    version: int = Field(description="The number of the newest version; 0 where there is none.")
    has_draft: bool
    created_at: int = Field(description="ms since 1970, UTC.")
    updated_at: int = Field(description="ms since 1970, UTC.")


class ImportedNode(Shown):
    """What became of one node of PVE."""

    id: int | str
    type: str
    outcome: Literal["same", "differs", "left out", "placeholder"]
    became: list[str] = Field(description="Nodes, or the wires that stand for it.")
    notes: list[str]


class ImportReport(Shown):
    """What an import made of a LiteGraph file. With a placeholder the strategy cannot run."""

    counts: dict[str, int]
    nodes: list[ImportedNode]
    general: list[str]
    file: list[str]
    faults: list[GraphFault]


class MadeStrategy(StrategyShown):
    """A new strategy."""

    report: ImportReport | None = Field(description="What was made of a LiteGraph file; null for other sources.")


class WholeStrategy(StrategyShown):
    """A strategy with one of its graphs."""

    graph: dict[str, Any] | None = Field(description="Null where there is no version yet.")
    graph_version: int | None = Field(description="The version that the graph is; null for the draft.")
    graph_hash: str | None = Field(description="The hash of the graph as it is written; null for the draft.")


class VersionShown(Shown):
    """A version."""

    number: int
    graph_hash: str = Field(description="The hash of the graph as it is written, without name, notes and layout.")
    note: str
    created_at: int = Field(description="ms since 1970, UTC.")


class Versions(Shown):
    """Some of the versions, the newest first."""

    items: list[VersionShown]
    next: int | None = Field(description="What to give as `before` for those that follow; null after the last ones.")


class WholeVersion(VersionShown):
    """A version with its graph."""

    graph: dict[str, Any]


class Draft(Shown):
    """A draft."""

    revision: int = Field(description="The revision of the strategy; the ETag in quotes.")
    graph: dict[str, Any]


@router.get("")
async def listed(
    services: Of,
    caller: Reader,
    before: Annotated[str | None, Query(max_length=2000, description="`next` of the page before.")] = None,
    count: Count = 50,
    search: Annotated[str, Query(max_length=200, description="Words that the name has.")] = "",
    sort: Annotated[service.Order, Query(description="By when they were made or changed, or by name.")] = "newest",
) -> Page[StrategyShown]:
    """The caller's strategies: the newest or the last changed first, or from A to Z."""
    after = _key(before, sort) if before else None
    found = await service.page(services, caller, after, count + 1, search, sort)
    rest = _cursor(service.key_of(found[count - 1], sort)) if len(found) > count else None
    return Page(items=[StrategyShown.model_validate(one) for one in found[:count]], next=rest)


@router.post("", status_code=201)
async def create(services: Of, caller: Writer, body: NewStrategy, response: Response) -> MadeStrategy:
    """Make a strategy. A file of PVE is imported, and the answer says what became of each of its nodes."""
    sources: tuple[Literal["graph", "template", "litegraph", "share"], ...] = (
        "graph", "template", "litegraph", "share",
    )  # fmt: skip
    given = [name for name in sources if getattr(body, name) is not None]
    if len(given) > 1:
        raise InputError(f"A strategy is made of one thing; give one of {', '.join(given)}.")
    source = given[0] if given else None
    made = await service.create(
        services, caller, body.name, source, getattr(body, source) if source else None, body.note
    )
    response.headers["Location"] = f"{router.prefix}/{made.strategy.id}"
    set_etag(response, made.strategy.revision)
    report = ImportReport.model_validate(made.report) if made.report else None
    return MadeStrategy(**shown(made.strategy).model_dump(), report=report)


@router.get("/{strategy_id}", response_model=WholeStrategy, responses=NOT_MODIFIED)
async def one(
    services: Of,
    caller: Reader,
    strategy_id: str,
    version: Which = service.NEWEST,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One strategy with a graph: the newest version's, that of another version, or the draft."""
    found = await service.text(services, caller, strategy_id, version)
    facts = {
        "graph_version": found.version.number if found.version else None,
        "graph_hash": found.version.graph_hash if found.version else None,
    }
    content = _with_graph({**shown(found.strategy).model_dump(), **facts}, found.document)
    return tagged(content, f'"{found.strategy.revision}"', if_none_match)


@router.patch("/{strategy_id}")
async def change(
    services: Of, caller: Writer, strategy_id: str, body: Change, response: Response, if_match: IfMatch = None
) -> StrategyShown:
    """Rename a strategy."""
    strategy = await service.rename(services, caller, strategy_id, body.name, revision_of(if_match))
    set_etag(response, strategy.revision)
    return shown(strategy)


@router.delete("/{strategy_id}", status_code=204)
async def delete(services: Of, caller: Writer, strategy_id: str, if_match: IfMatch = None) -> None:
    """Delete a strategy with its versions; its runs stay."""
    await service.remove(services, caller, strategy_id, revision_of(if_match))


@router.post("/{strategy_id}/duplicate", status_code=201)
async def duplicate(services: Of, caller: Writer, strategy_id: str, body: Copy, response: Response) -> StrategyShown:
    """Make a strategy of the newest version and the draft of this one."""
    strategy = await service.duplicate(services, caller, strategy_id, body.name)
    response.headers["Location"] = f"{router.prefix}/{strategy.id}"
    set_etag(response, strategy.revision)
    return shown(strategy)


@router.get("/{strategy_id}/versions")
async def versions(
    services: Of,
    caller: Reader,
    strategy_id: str,
    before: Annotated[int | None, Query(ge=1, le=10**9, description="`next` of the page before.")] = None,
    count: Count = 50,
) -> Versions:
    """The versions, the newest first."""
    found = await service.versions(services, caller, strategy_id, before, count + 1)
    rest = found[count - 1].number if len(found) > count else None
    return Versions(items=[VersionShown.model_validate(one) for one in found[:count]], next=rest)


@router.get("/{strategy_id}/versions/{number}", response_model=WholeVersion, responses=NOT_MODIFIED)
async def one_version(
    services: Of, caller: Reader, strategy_id: str, number: int, if_none_match: IfNoneMatch = None
) -> Response:
    """One version with its graph. It never changes."""
    found = await service.version(services, caller, strategy_id, min(max(number, 0), 10**9))
    content = _with_graph(VersionShown.model_validate(found).model_dump(), found.document)
    return tagged(content, f'"{found.number}"', if_none_match)


@router.post(
    "/{strategy_id}/versions",
    status_code=201,
    responses={200: {"model": StrategyShown, "description": "The newest version is the same; none was added."}},
)
async def save(
    services: Of, caller: Writer, strategy_id: str, body: NewVersion, response: Response, if_match: IfMatch = None
) -> StrategyShown:
    """Save the next version. With If-Match the draft is dropped, without it the draft stays."""
    revision = revision_of(if_match)
    strategy, is_new = await service.save_version(services, caller, strategy_id, body.graph, body.note, revision)
    response.status_code = 201 if is_new else 200
    set_etag(response, strategy.revision)
    return shown(strategy)


@router.get("/{strategy_id}/draft", response_model=Draft, responses=NOT_MODIFIED)
async def draft(services: Of, caller: Reader, strategy_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """The draft."""
    found = await service.text(services, caller, strategy_id, service.DRAFT)
    revision = found.strategy.revision
    return tagged(_with_graph({"revision": revision}, found.document), f'"{revision}"', if_none_match)


@router.put("/{strategy_id}/draft", responses=_NEEDS_REVISION)
async def save_draft(
    services: Of, caller: Writer, strategy_id: str, body: NewDraft, response: Response, if_match: IfMatch = None
) -> StrategyShown:
    """Keep what is being edited: any graph, with faults too. If-Match must name the revision that the editor has."""
    revision = revision_of(if_match)
    if revision is None:
        raise HTTPException(
            428, "A draft is kept only with If-Match and the ETag of the strategy, so that no other editor's is lost"
        )
    strategy = await service.save_draft(services, caller, strategy_id, body.graph, revision)
    set_etag(response, strategy.revision)
    return shown(strategy)


@router.delete("/{strategy_id}/draft")
async def drop_draft(
    services: Of, caller: Writer, strategy_id: str, response: Response, if_match: IfMatch = None
) -> StrategyShown:
    """Drop the draft."""
    strategy = await service.drop_draft(services, caller, strategy_id, revision_of(if_match))
    set_etag(response, strategy.revision)
    return shown(strategy)


def shown(strategy: Strategy) -> StrategyShown:
    """A strategy as answers have it."""
    return StrategyShown(
        id=strategy.id,
        name=strategy.name,
        revision=strategy.revision,
        version=strategy.version,
        has_draft=strategy.draft is not None,
        created_at=strategy.created_at,
        updated_at=strategy.updated_at,
    )


def _with_graph(values: dict[str, Any], document: str | None) -> str:
    """A JSON object with a graph, which is stored as JSON and need not be read."""
    return f'{json.dumps(values, ensure_ascii=False)[:-1]}, "graph": {document or "null"}}}'


def _cursor(key: tuple[Any, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _key(cursor: str, order: service.Order) -> tuple[Any, str]:
    """The key that `_cursor` wrote."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, RecursionError):
        key = None
    kind = int if order == "changed" else str
    if not isinstance(key, list) or len(key) != 2 or type(key[0]) is not kind or not isinstance(key[1], str):
        raise InputError("`before` must be `next` of a page in the same order.")
    return key[0], key[1]
