"""The settings of the running server, which follow the configuration file.

The file is read anew when its content changes and at SIGHUP. Either all of its settings hold or, where one is wrong,
those that held before. Some need a new start; the log names them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path

import structlog

from wickwork.model.errors import WickworkError
from wickwork.services.core import Services
from wickwork.settings import Settings, load_settings
from wickwork.settings.server import Server
from wickwork.store.database import audit

LIVE = ("demo", "log_level", "metrics_open", "names")
"""The settings that can change while the server runs."""
_LOOK = 1.0
"""Seconds between two looks at the file."""
_log = structlog.get_logger("wickwork.settings")


@dataclass(frozen=True)
class Source:
    """What settings are read from."""

    file: Path | None = None
    options: Sequence[tuple[str, str, str]] = ()
    """Those of the command line, as `load_settings` takes them: they go before the file at each reading, too."""


def server_of(settings: Settings) -> Server:
    """The settings of the server, with whole paths of its certificate and key."""
    given = settings.server

    def whole(path: str) -> str:
        return str(settings.path(path)) if path else ""

    return replace(given, certificate=whole(given.certificate), key=whole(given.key))


class LiveSettings:
    """The settings that hold now."""

    def __init__(self, settings: Server, source: Source | None = None) -> None:
        self.now = settings
        self.fault = ""
        """Why the file was not taken when it was read last; empty where it was."""
        self.waiting: tuple[str, ...] = ()
        """The settings that the file has otherwise, and that need a new start."""
        self._source = source or Source()
        self._changed: list[Callable[[Server], None]] = []
        self._requested = asyncio.Event()
        self._seen = _hash_of(self._source.file)

    def on_change(self, act: Callable[[Server], None]) -> None:
        """Call `act` with new settings whenever they change."""
        self._changed.append(act)

    def reload_soon(self) -> None:
        """Read the file at the next moment, whether its content changed or not."""
        self._requested.set()

    async def run(self, services: Services) -> None:
        """Follow the file."""
        found = self._seen
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):  # `wait_for` can lose a cancellation in Python 3.11
                    await self._requested.wait()
            before, found = found, await asyncio.to_thread(_hash_of, self._source.file)
            # An editor may have written half of the file: only what two looks see is read.
            if self._requested.is_set() or before == found != self._seen:
                self._requested.clear()
                self._seen = found
                await self.reload(services)

    async def reload(self, services: Services) -> None:
        """Read the settings anew, and let them hold if all are right."""
        try:
            read = await asyncio.to_thread(load_settings, self._source.file, None, self._source.options)
        except WickworkError as error:
            self.fault = str(error)
            _log.error("not read", file=str(self._source.file), reason=self.fault, kept="the settings before")
            await _record(services, "settings.refused", {"reason": self.fault[:500]})
            return
        given = server_of(read)
        changed = [one.name for one in fields(Server) if getattr(given, one.name) != getattr(self.now, one.name)]
        live = [name for name in changed if name in LIVE]
        self.fault, self.waiting = "", tuple(name for name in changed if name not in LIVE)
        if live:
            self.now = replace(self.now, **{name: getattr(given, name) for name in live})
            for act in self._changed:
                act(self.now)
        _log.info("read", file=str(self._source.file), changed=live, after_a_new_start=self.waiting)
        if changed:
            await _record(services, "settings.changed", {"changed": live, "after_a_new_start": list(self.waiting)})


async def _record(services: Services, action: str, detail: dict[str, object]) -> None:
    try:
        async with services.database.writing() as session:
            await audit.append(session, services.now(), "system", action, "server", detail)
    except WickworkError as error:
        _log.error("not in the audit log", action=action, reason=str(error))


def _hash_of(file: Path | None) -> str:
    """A hash of the content; empty where there is no file to read."""
    if file is None:
        return ""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
