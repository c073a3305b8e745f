"""System V4's WebSocket: three actions, and the newest bar when there is one."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from wickwork.model.errors import WickworkError
from wickwork.services import system_v4 as service
from wickwork.services.access import Caller
from wickwork.services.core import Services

_LOOK = 1.0
"""Seconds between two looks for a newer bar."""
_MOST_BYTES = 64_000


async def serve_chart(
    socket: WebSocket, services: Services, caller: Caller, data: str, symbol: str, timeframe: str
) -> None:
    """Answer the actions `ping`, `update` and `configure` until the client leaves, and push newer bars."""
    await socket.accept()

    async def update() -> dict[str, Any]:
        try:
            return await service.latest(services, caller, data, symbol, timeframe)
        except WickworkError as error:
            return {"error": str(error)}

    async def push() -> None:
        known = await update()
        while data == service.STORE:
            await asyncio.sleep(_LOOK)
            newest = await update()
            if newest != known and "error" not in newest:
                known = newest
                await socket.send_text(json.dumps(newest, allow_nan=False))

    pushing = asyncio.ensure_future(push())
    try:
        while True:
            answer = await _answer(await socket.receive_text(), services, caller, update)
            if answer is not None:
                await socket.send_text(json.dumps(answer, allow_nan=False))
    except WebSocketDisconnect:
        pass
    finally:
        pushing.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await pushing


async def _answer(text: str, services: Services, caller: Caller, update: Any) -> dict[str, Any] | None:
    try:
        message = json.loads(text) if len(text) <= _MOST_BYTES else None
    except ValueError:
        message = None
    action = message.get("action") if isinstance(message, dict) else None
    if action == "ping":
        return {"action": "pong", "timestamp": datetime.now(UTC).isoformat()}
    if action == "update":
        answered: dict[str, Any] = await update()
        return answered
    if action == "configure" and isinstance(message, dict):
        changes = message.get("indicators")
        if not isinstance(changes, dict):
            return {"error": "configure needs `indicators`, an object."}
        try:
            await service.configure(services, caller, changes)
        except WickworkError as error:
            return {"error": str(error)}
        return None
    return {"error": 'A message is an object with the action "ping", "update" or "configure".'}
