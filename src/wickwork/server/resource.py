"""How a resource is declared: one file in `routes`, with `router = resource(…)` and its routes."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from wickwork.model.errors import InputError
from wickwork.server.plain import plain
from wickwork.server.problems import PROBLEMS

Item = TypeVar("Item", bound=BaseModel)


class Body(BaseModel):
    """The base of what requests carry: unknown fields and other types are faults."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _is_plain(cls, value: Any) -> Any:
        return plain(value)


class Shown(BaseModel):
    """The base of what answers carry; it is made of rows of the database as well."""

    model_config = ConfigDict(from_attributes=True, ser_json_inf_nan="null")


class Page(BaseModel, Generic[Item]):
    """Some of the objects, the newest first."""

    items: list[Item]
    next: str | None = Field(description="What to give as `before` for those that follow; null after the last ones.")


Before = Annotated[str | None, Query(max_length=100, description="`next` of the page before.")]
Count = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
IfMatch = Annotated[str | None, Header(max_length=100, description="The ETag of what is to be changed, in quotes.")]
Revision = Annotated[int, Field(description="Grows with every change; the ETag in quotes.")]


def resource(path: str, tag: str, **settings: Any) -> APIRouter:
    """A router for the routes below `path`, which `tag` groups in the documentation."""
    return APIRouter(prefix=path, tags=[tag], responses=PROBLEMS, **settings)


def paged(items: list[Any], count: int, kind: type[Item]) -> Page[Item]:
    """A page of rows, of which there is one more than asked for where more follow."""
    shown = [kind.model_validate(one) for one in items[:count]]
    return Page(items=shown, next=items[count - 1].id if len(items) > count else None)


def set_etag(response: Response, revision: int) -> None:
    """Name the revision of what is answered."""
    response.headers["ETag"] = f'"{revision}"'


def revision_of(given: str | None) -> int | None:
    """The revision that `If-Match` names; None where it names none. Raises InputError for what is no ETag of ours."""
    if given is None or given.strip() == "*":
        return None
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InputError('If-Match must be an ETag as it was answered, such as "3", or *.')
    return int(text)
