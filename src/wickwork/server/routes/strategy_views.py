"""What can be said of the texts of a strategy: faults, sentences, differences, merges, other forms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader
from wickwork.server.resource import Body, resource
from wickwork.server.routes.evaluate import GraphFault
from wickwork.server.routes.graphs import Checked, Explained, ExportedText
from wickwork.server.routes.strategies import WHICH, Which
from wickwork.services import strategy_views as service
from wickwork.services.graphs import Form

router = resource("/api/strategies/{strategy_id}", "strategies")

Text = Annotated[
    Annotated[str, Field(pattern=WHICH)] | dict[str, Any],
    Field(description="A graph document; or `newest`, `draft` or the number of a version, each as text."),
]


class Difference(BaseModel):
    """One difference."""

    kind: str = Field(description="added, removed, renamed, changed, rewired, interface, parts, name, notes …")
    where: str = Field(description="The path of the node, or of node and input or parameter.")
    before: Any = Field(default=None, description="Absent where that side has nothing.")
    after: Any = None
    text: str = Field(description="The difference as a line.")


class Differences(BaseModel):
    """What differs, apart from layout."""

    equal: bool
    same_logic: bool = Field(description="Whether both do the same: only names, notes and the suggested run differ.")
    changes: list[Difference]


class ToMerge(Body):
    """Two changes of one graph."""

    base: Text = Field(description="The graph before both changes.")
    ours: Text
    theirs: Text = "newest"
    prefer: Literal["ours", "theirs"] = Field(default="ours", description="Whose value is taken in a conflict.")


class MergeConflict(BaseModel):
    """A value that both sides changed in different ways."""

    where: str
    base: Any = Field(default=None, description="Absent where that side has nothing.")
    ours: Any = None
    theirs: Any = None
    text: str


class Merged(BaseModel):
    """The graph with both changes. Nothing was saved."""

    graph: dict[str, Any]
    conflicts: list[MergeConflict]
    faults: list[GraphFault]


class ExportedFile(ExportedText):
    """A strategy as a file."""

    file_name: str
    media_type: str


@router.get("/check")
async def check(services: Of, caller: Reader, strategy_id: str, version: Which = "newest") -> Checked:
    """Every fault of a version or of the draft."""
    return Checked.model_validate(await service.check(services, caller, strategy_id, version))


@router.get("/explain")
async def explain(services: Of, caller: Reader, strategy_id: str, version: Which = "newest") -> Explained:
    """What a version or the draft does, in sentences."""
    return Explained.model_validate(await service.explain(services, caller, strategy_id, version))


@router.get("/diff", response_model_exclude_unset=True)
async def diff(
    services: Of,
    caller: Reader,
    strategy_id: str,
    before: Which,
    after: Which = "newest",
    other: Annotated[
        str | None, Query(max_length=100, description="The id of the strategy that `after` belongs to.")
    ] = None,
) -> Differences:
    """What differs between two versions, a version and the draft, or this strategy and another."""
    return Differences.model_validate(await service.diff(services, caller, strategy_id, before, after, other))


@router.post("/merge", response_model_exclude_unset=True)
async def merge(services: Of, caller: Reader, strategy_id: str, body: ToMerge) -> Merged:
    """Put two changes of one graph together, by node, parameter and wire; nothing is saved."""
    sides = {"base": body.base, "ours": body.ours, "theirs": body.theirs}
    return Merged.model_validate(await service.merge(services, caller, strategy_id, sides, body.prefer))


@router.get(
    "/export",
    response_model=ExportedFile,
    responses={200: {"content": {"text/x-python": {}}, "description": "The file and what it lacks, or the file."}},
)
async def export(
    services: Of,
    caller: Reader,
    strategy_id: str,
    form: Annotated[Form, Query(alias="as", description="What it is exported as.")] = "document",
    version: Which = "newest",
    download: Annotated[bool, Query(description="Answer the file itself, without what it lacks.")] = False,
) -> Any:
    """A strategy as a file: a document, Python, a LiteGraph file for PVE, or a share file.

    A share file has nothing of its owner, and a new strategy is made of it with `share`.
    """
    made = await service.export(services, caller, strategy_id, version, form)
    if not download:
        return ExportedFile(**made._asdict())
    headers = {"Content-Disposition": f'attachment; filename="{made.file_name}"'}
    return Response(made.text, media_type=made.media_type, headers=headers)
