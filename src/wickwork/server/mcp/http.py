"""The protocol over HTTP: every request is complete in itself, so there are no sessions. This imports the SDK."""

from __future__ import annotations

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from wickwork.server.mcp.protocol import make_server
from wickwork.server.mcp.tool import On

_GUARDED = TransportSecuritySettings(enable_dns_rebinding_protection=False)
"""The guard of the application has looked at Host and Origin already."""


class Exchange(Response):
    """A response that the SDK writes: the answer to one message of a caller."""

    def __init__(self, on: On, body: bytes) -> None:
        super().__init__()
        self._on, self._body_given = on, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        manager = StreamableHTTPSessionManager(
            make_server(self._on), json_response=True, stateless=True, security_settings=_GUARDED
        )
        given = False

        async def again() -> Message:
            """The body, which was read already, and then what the client sends next: that it left."""
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": self._body_given, "more_body": False}

        async with manager.run():
            await manager.handle_request(scope, again, send)
