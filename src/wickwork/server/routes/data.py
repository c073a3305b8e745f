"""The bars that all users share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from wickwork.model.errors import InputError
from wickwork.server.access import Admin, Of, Reader, Starter
from wickwork.server.resource import Body, resource
from wickwork.server.routes.jobs import JobShown
from wickwork.services import data as service

router = resource("/api/data", "data")

Instrument = Annotated[str, Query(min_length=1, max_length=100, description="As BTC/USDT.")]
Venue = Annotated[str, Query(max_length=50, description="Where several venues have the instrument.")]
Timeframe = Annotated[str, Query(min_length=1, max_length=20, description="As 1h.")]
_TEXT = {"type": "string", "maxLength": 100}
_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "CSV, Parquet, Feather or JSON rows."},
        "instrument": _TEXT | {"description": "Where neither the name of the file nor a column says it."},
        "venue": _TEXT,
        "timeframe": _TEXT,
    },
}


class Series(BaseModel):
    """Bars of one instrument in one timeframe."""

    venue: str = Field(description="Empty where the bars have none.")
    instrument: str
    kind: str = Field(description="spot or perpetual.")
    timeframe: str = Field(description="Longer ones are made of it.")
    synthetic: bool = Field(description="True for the demo market, whose prices are made up.")
    bars: int
    first: int = Field(description="When the first bar opens, ms since 1970, UTC.")
    last: int = Field(description="When the last bar opens.")
    missing: int = Field(description="Bars that are absent between the first and the last.")


class SeriesList(BaseModel):
    """All series."""

    items: list[Series]


class Finding(BaseModel):
    """A fault or an oddity of bars."""

    kind: str
    severity: Literal["error", "warning", "note"]
    first: int = Field(description="The first bar that it is about, ms since 1970, UTC; 0 where it is unknown.")
    last: int
    count: int
    sentence: str


class CheckedSeries(Series):
    """A series whose bars were checked."""

    valid: bool = Field(description="Whether there is no error.")
    gaps: list[Finding]
    findings: list[Finding]
    left_out: int = Field(description="Gaps and findings that are not shown.")


class Correction(BaseModel):
    """A bar that arrived later with other values than the stored ones: open, high, low, close, volume."""

    opened_at: int
    old: list[float]
    new: list[float]
    accepted: bool = Field(description="Whether the new values took the place of the old ones.")
    source: str
    seen_at: int | None


class Corrections(BaseModel):
    """Some corrections of a series, in order of arrival."""

    items: list[Correction]
    total: int
    next: int | None = Field(description="What to give as `after` for those that follow; null after the last ones.")


class Acceptance(Body):
    """Which corrections to accept."""

    instrument: str = Field(min_length=1, max_length=100)
    venue: str = Field(default="", max_length=50)
    timeframe: str = Field(min_length=1, max_length=20)
    opened_at: list[int] | None = Field(default=None, max_length=10_000, description="Of these bars; all without it.")


class Accepted(BaseModel):
    """What was changed."""

    accepted: int = Field(description="Bars that have the new values now.")


class Removed(BaseModel):
    """A series that was deleted."""

    venue: str
    instrument: str
    timeframe: str
    removed: int = Field(description="The bars that it had.")


class Exchange(BaseModel):
    """An exchange from which bars can be downloaded."""

    name: str
    kinds: list[str] = Field(description="spot, perpetual.")
    since: int = Field(description="Its first day, ms since 1970, UTC.")


class Download(Body):
    """What to download."""

    venue: str = Field(min_length=1, max_length=50, description="The exchange, as binance.")
    instruments: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(min_length=1, max_length=50)
    timeframe: str = Field(default="1h", min_length=1, max_length=20)
    start: str | None = Field(
        default=None, max_length=40, description="As 2024-01-31; the first stored bar without it."
    )
    end: str | None = Field(default=None, max_length=40, description="The last closed bar without it.")


@router.get("")
async def series(services: Of, caller: Reader) -> SeriesList:
    """All series, stored ones and those of the demo market."""
    return SeriesList.model_validate({"items": await service.series(services, caller)})


@router.get("/series")
async def quality(
    services: Of,
    caller: Reader,
    instrument: Instrument,
    timeframe: Timeframe,
    venue: Venue = "",
    data: Annotated[Literal["demo", "store"], Query(description="The demo market, or the stored bars.")] = "store",
) -> CheckedSeries:
    """One series with its gaps and the faults of its bars."""
    request = {"instrument": instrument, "venue": venue, "timeframe": timeframe, "data": data}
    return CheckedSeries.model_validate(await service.quality(services, caller, request))


@router.delete("/series")
async def remove(
    services: Of, caller: Admin, instrument: Instrument, timeframe: Timeframe, venue: Venue = ""
) -> Removed:
    """Delete a stored series with its record of corrections."""
    request = {"instrument": instrument, "venue": venue, "timeframe": timeframe}
    return Removed.model_validate(await service.remove(services, caller, request))


@router.get("/corrections")
async def corrections(
    services: Of,
    caller: Reader,
    instrument: Instrument,
    timeframe: Timeframe,
    venue: Venue = "",
    after: Annotated[int, Query(ge=0, le=2**53, description="`next` of the page before.")] = 0,
    count: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Corrections:
    """Bars that arrived later with other values than those stored; a stored bar stays until someone accepts it."""
    request = {"instrument": instrument, "venue": venue, "timeframe": timeframe, "after": after, "count": count}
    return Corrections.model_validate(await service.corrections(services, caller, request))


@router.post("/corrections/accept")
async def accept(services: Of, caller: Admin, body: Acceptance) -> Accepted:
    """Let the newest values of corrections take the place of stored ones; runs over them can then not be repeated."""
    return Accepted(accepted=await service.accept(services, caller, body.model_dump()))


@router.get("/exchanges")
async def exchanges(caller: Reader) -> list[Exchange]:
    """The exchanges from which bars can be downloaded; no key is needed."""
    return [Exchange.model_validate(one) for one in service.exchanges(caller)]


@router.post("/downloads", status_code=202)
async def download(services: Of, caller: Starter, body: Download) -> JobShown:
    """Download what is missing of some instruments: a job. What arrived before it is canceled stays."""
    return JobShown.model_validate(await service.download(services, caller, body.model_dump()))


@router.post(
    "/uploads",
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def upload(services: Of, caller: Starter, request: Request) -> JobShown:
    """Upload a file of bars, which a job imports. Its result says what was stored and what was left out, and why."""
    # The body is read here and not by an argument, so that nothing is read of those who may not upload.
    async with request.form(max_files=1, max_fields=3, max_part_size=1000) as form:
        fields = dict(form.multi_items())
        file = fields.pop("file", None)
        if not isinstance(file, UploadFile) or not file.filename:
            raise InputError("Send the file as multipart/form-data in the field `file`, with its name.")
        for name, value in fields.items():
            if name not in ("instrument", "venue", "timeframe") or not isinstance(value, str) or len(value) > 100:
                raise InputError(
                    f"The field {name!r:.40} is unknown or too long; fields are instrument, venue, timeframe."
                )
        texts = {name: str(value).strip() for name, value in fields.items()}
        given = service.Upload(file.filename, file.file, file.size or 0, **texts)
        return JobShown.model_validate(await service.upload(services, caller, given))
