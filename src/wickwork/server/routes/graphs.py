"""Graphs that are not saved."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from wickwork.server.access import Of, Reader
from wickwork.server.resource import Body, resource
from wickwork.server.routes.evaluate import GraphFault
from wickwork.services import graphs as service

router = resource("/api/graphs", "graphs")


class Unsaved(Body):
    """A graph that is not saved."""

    graph: Annotated[dict[str, Any], Field(description="A graph document (docs/graph-format.md).")]


class Checked(BaseModel):
    """What is wrong with a graph."""

    hash: str | None = Field(description="The hash that runs of it have; null where it has faults.")
    faults: list[GraphFault] = Field(description="The first 100.")
    fault_count: int


class ActionSentence(BaseModel):
    """What an action does."""

    action: str
    text: str


class Definition(BaseModel):
    """What a name means that stands between asterisks in other sentences."""

    name: str
    text: str


class Sentences(BaseModel):
    """What a strategy does, in the words of a trader."""

    name: str
    actions: list[ActionSentence]
    rules: list[str] = Field(description="What holds for several actions.")
    definitions: list[Definition]


class PartSentences(Sentences):
    """What a part of a portfolio does."""

    timeframe: str
    instruments: list[str]


class Explained(Sentences):
    """What a strategy does; a portfolio has sentences in its parts alone."""

    parts: list[PartSentences]


class Formatted(BaseModel):
    """The canonical text of a graph."""

    text: str


class Hashes(BaseModel):
    """The hashes of a graph, without name, notes and layout."""

    written: str = Field(description="As it is written: what references to sub-graphs have.")
    run: str | None = Field(description="Expanded, with all parameters: what runs have; null where it has faults.")


class ExportedText(BaseModel):
    """A graph in another form."""

    text: str
    left_out: list[str] = Field(description="Sentences about what the form does not have.")


@router.post("/check")
async def check(services: Of, caller: Reader, body: Unsaved) -> Checked:
    """Find every fault of a graph."""
    return Checked.model_validate(await service.check(services, caller, body.graph))


@router.post("/explain")
async def explain(services: Of, caller: Reader, body: Unsaved) -> Explained:
    """Say what a graph does."""
    return Explained.model_validate(await service.explain(services, caller, body.graph))


@router.post("/format")
async def format_(services: Of, caller: Reader, body: Unsaved) -> Formatted:
    """Write a graph in canonical form: sorted, one node and one wire a line."""
    found = await service.export(services, caller, body.graph, "document")
    return Formatted(text=found["text"])


@router.post("/hash")
async def hash_(services: Of, caller: Reader, body: Unsaved) -> Hashes:
    """The hashes of a graph."""
    read, checked = await service.hashes(services, caller, body.graph)
    return Hashes(written=read, run=checked)


@router.post("/python")
async def python(services: Of, caller: Reader, body: Unsaved) -> ExportedText:
    """Write a graph as a Python file that builds the same graph."""
    return ExportedText.model_validate(await service.export(services, caller, body.graph, "python"))


@router.post("/litegraph")
async def litegraph(services: Of, caller: Reader, body: Unsaved) -> ExportedText:
    """Write a graph as a LiteGraph file for PVE."""
    return ExportedText.model_validate(await service.export(services, caller, body.graph, "litegraph"))
