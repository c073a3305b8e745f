"""WebSockets on the wire: limits, heartbeats, and an end for clients that do not read.

A transport that is closed waits until all that was written has been sent. A client that stopped reading would keep its
connection, and what is buffered for it, for as long as its machine answers; so it is aborted a moment later.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LINGER = 3.0
"""Seconds for the last messages of a connection that ends."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which ends connections for certain."""

    async def run_asgi(self) -> None:
        """Serve the connection, then end it."""
        await super().run_asgi()
        self._end_soon()

    def keepalive_timeout(self) -> None:
        """A ping was not answered in time."""
        super().keepalive_timeout()
        self._end_soon()

    def send_receive_event_to_app(self) -> None:
        """Pass a message on; a text that is not UTF-8 ends the connection, as the protocol demands."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def _end_soon(self) -> None:
        self.loop.call_later(self.close_timeout if self.close_timer else _LINGER, self.transport.abort)


LIMITS: dict[str, Any] = {
    "ws": WebSocketProtocol,
    "ws_max_size": 64_000,  # bytes of a message
    "ws_ping_interval": 10.0,  # a client that vanished is noticed within 25 seconds
    "ws_ping_timeout": 15.0,
    "ws_per_message_deflate": False,  # it would cost 40 kB of memory for each client, and compress for each anew
}
"""Settings of uvicorn for WebSockets."""
