"""The bars that all users share: what there is, what is wrong with it, and getting more."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from wickwork.market.download.exchanges import EXCHANGES, exchange_of
from wickwork.model.errors import InputError, Unavailable
from wickwork.model.instrument import parse_instrument
from wickwork.model.moments import moment_of
from wickwork.model.timeframe import parse_timeframe
from wickwork.services import jobs
from wickwork.services.access import Access, Caller
from wickwork.services.core import Services, uploads_of
from wickwork.store.database import audit
from wickwork.store.database.tables import Job
from wickwork.store.durable import make_folder
from wickwork.store.ids import new_id

MOST_UPLOADED = 200_000_000
"""Bytes of an uploaded file."""
_OLD = 24 * 3600.0
"""Seconds after which an upload whose import never ran is deleted."""
_WORK = "wickwork.services.work"


async def series(services: Services, caller: Caller) -> list[dict[str, Any]]:
    """All series: stored ones, and those of the demo market (`synthetic`)."""
    caller.require(Access.READ)
    found: list[dict[str, Any]] = await services.pool.call(f"{_WORK}.data:series", {})
    return found


async def quality(services: Services, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
    """One series with its gaps and the faults of its bars. Raises NotFound."""
    caller.require(Access.READ)
    found: dict[str, Any] = await services.pool.call(f"{_WORK}.data:quality", request)
    return found


async def corrections(services: Services, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the bars that arrived later with other values than those stored. Raises NotFound."""
    caller.require(Access.READ)
    found: dict[str, Any] = await services.pool.call(f"{_WORK}.data:corrections", request)
    return found


async def accept(services: Services, caller: Caller, request: Mapping[str, Any]) -> int:
    """Accept corrections of a series; return how many bars changed. Raises NotFound."""
    caller.require(Access.ADMIN)
    wanted = {**request, "now": services.now()}
    found: dict[str, Any] = await services.pool.call(f"{_WORK}.data:accept", wanted)
    await _note(services, caller, "data.accept", request, found)
    return int(found["accepted"])


async def remove(services: Services, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a stored series; return what it was and how many bars it had. Raises NotFound."""
    caller.require(Access.ADMIN)
    found: dict[str, Any] = await services.pool.call(f"{_WORK}.data:remove", request)
    await _note(services, caller, "data.delete", found, found)
    return found


def exchanges(caller: Caller) -> list[dict[str, Any]]:
    """The exchanges from which bars can be downloaded."""
    caller.require(Access.READ)
    return [
        {"name": one.name, "kinds": [kind.value for kind in one.segments], "since": one.since}
        for one in EXCHANGES.values()
    ]


async def download(services: Services, caller: Caller, request: Mapping[str, Any]) -> Job:
    """Begin a download of `instruments` of `venue` in `timeframe`, from `start` to before `end` (texts).

    Raises InputError and NotFound.
    """
    caller.require(Access.RUN)
    venue = exchange_of(request["venue"]).name
    instruments = []
    for name in request["instruments"]:
        one = parse_instrument(name)
        if one.venue not in ("", venue):
            raise InputError(f"{name!r:.60} is of {one.venue}, and the download is from {venue}.")
        instruments.append(str(replace(one, venue="")))
    start, end = (None if request.get(name) is None else moment_of(request[name]) for name in ("start", "end"))
    now = services.now()
    if start is not None and start >= (now if end is None else min(end, now)):
        raise InputError("`start` must lie before `end` and before now, or there is nothing to download.")
    wanted = {
        "venue": venue, "instruments": list(dict.fromkeys(instruments)), "start": start, "end": end,
        "timeframe": str(parse_timeframe(request["timeframe"])),
    }  # fmt: skip
    return await jobs.start(services, caller, "download", wanted)


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and what its sender says about its bars; empty texts where nothing is said."""

    name: str
    content: BinaryIO
    size: int
    instrument: str = ""
    venue: str = ""
    timeframe: str = ""


async def upload(services: Services, caller: Caller, given: Upload) -> Job:
    """Keep an uploaded file until a job has imported it. Raises InputError, and Unavailable for a full disk."""
    caller.require(Access.RUN)
    if given.size > MOST_UPLOADED:
        raise InputError(f"The file has {given.size:,} bytes; at most {MOST_UPLOADED:,} are taken. Divide it.")
    name = given.name.replace("\\", "/").rpartition("/")[2]
    about = {"name": name, "instrument": given.instrument, "venue": given.venue, "timeframe": given.timeframe}
    await services.pool.call(f"{_WORK}.import_bars:check", about)
    upload_id = new_id(services.now())
    await asyncio.to_thread(_keep, services, upload_id, name, given.content)
    return await jobs.start(services, caller, "import", {**about, "upload": upload_id})


def _keep(services: Services, upload_id: str, name: str, content: BinaryIO) -> None:
    folder = uploads_of(services.home)
    try:
        make_folder(folder)
        for one in folder.iterdir():
            with suppress(OSError):
                if time.time() - one.stat().st_mtime > _OLD:
                    shutil.rmtree(one)
        (folder / upload_id).mkdir()
        with (folder / upload_id / name).open("xb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
    except OSError as error:
        shutil.rmtree(folder / upload_id, ignore_errors=True)
        raise Unavailable(f"The upload could not be kept ({error.strerror or error}); try again later.") from None


async def _note(
    services: Services, caller: Caller, action: str, about: Mapping[str, Any], detail: Mapping[str, Any]
) -> None:
    subject = f"{about['venue']}:{about['instrument']} {about['timeframe']}"
    async with services.database.writing() as session:
        await audit.append(session, services.now(), caller.user_id, action, subject, detail)
