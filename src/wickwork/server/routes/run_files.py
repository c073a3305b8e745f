"""The files of a run: its report, its JSON, and its tables as Parquet and CSV."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from fastapi.params import Path
from starlette.responses import StreamingResponse

from wickwork.server.access import Of, Reader
from wickwork.server.resource import resource
from wickwork.services import run_files, run_tables
from wickwork.services.access import Caller
from wickwork.services.core import Services

router = resource("/api/runs/{run_id}", "runs")

_SANDBOX = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:; font-src data:"
)
TableName = Annotated[str, Path(max_length=50, description="The name of a table, such as trades.")]


def _answer(media_type: str, **schema: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": schema or {"type": "string"}}}}}


@router.get("/report.html", response_class=StreamingResponse, responses=_answer("text/html"))
async def report(services: Of, caller: Reader, run_id: str, request: Request) -> StreamingResponse:
    """The report: one page that needs nothing else. It is served in a sandbox, apart from this site."""
    headers = {"Content-Security-Policy": _SANDBOX}
    return await _compressed(services, caller, run_id, "report.html.gz", request, "text/html; charset=utf-8", headers)


@router.get("/run.json", response_class=StreamingResponse, responses=_answer("application/json", type="object"))
async def run_json(services: Of, caller: Reader, run_id: str, request: Request) -> StreamingResponse:
    """The whole run as JSON."""
    return await _compressed(services, caller, run_id, "run.json.gz", request, "application/json", {})


@router.get(
    "/files/{name}.parquet",
    response_class=StreamingResponse,
    responses=_answer("application/vnd.apache.parquet", type="string", format="binary"),
)
async def parquet(services: Of, caller: Reader, run_id: str, name: TableName) -> StreamingResponse:
    """A table as a Parquet file."""
    found = await run_files.content(services, caller, run_id, f"{name}.parquet")
    headers = {"Content-Length": str(found.size), **_download(f"{name}.parquet")}
    return StreamingResponse(found.pieces, media_type="application/vnd.apache.parquet", headers=headers)


@router.get("/{table}.csv", response_class=StreamingResponse, responses=_answer("text/csv"))
async def csv(services: Of, caller: Reader, run_id: str, table: TableName) -> StreamingResponse:
    """A table as CSV. A text that a spreadsheet would compute as a formula has an apostrophe in front."""
    pieces = await run_tables.csv_pieces(services, caller, run_id, table)
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=_download(f"{table}.csv"))


def _download(name: str) -> dict[str, str]:
    """The name under which a browser saves a file, which is that of a file of the run."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _compressed(
    services: Services, caller: Caller, run_id: str, name: str, request: Request, media_type: str, headers: Any
) -> StreamingResponse:
    """A file that is kept with gzip: as it is where the client takes that, else unpacked."""
    takes_gzip = _takes_gzip(request.headers.get("accept-encoding", ""))
    found = await run_files.content(services, caller, run_id, name, unpacked=not takes_gzip)
    more = {"Content-Encoding": "gzip", "Content-Length": str(found.size)} if takes_gzip else {}
    answered = {**headers, **more, "Vary": "Accept-Encoding"}
    return StreamingResponse(found.pieces, media_type=media_type, headers=answered)


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        name, _, quality = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
