"""HTTP connections that must send the headers of a request in time: one that is slow on purpose holds no place."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
"""Within which the headers of a request must arrive, from its first byte, or from the beginning of the connection."""


class TimedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, with that limit. Use it as `uvicorn.Config(http=TimedProtocol)`."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Something has arrived; of a new request, unless one is being answered."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._deadline is None:
            self._start()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The headers have arrived."""
        self._stop()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """An answer is complete; from now on uvicorn's own limit for idle connections holds."""
        self._stop()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.abort()


def timed(**settings: Any) -> dict[str, Any]:
    """Arguments of `uvicorn.Config` with the limits of connections, and those given."""
    return {"http": TimedProtocol, "timeout_keep_alive": 5, "ws_max_size": 1_000_000, **settings}
