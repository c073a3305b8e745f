"""One WebSocket that follows topics: what it asked for, what it missed, and what happens when it is too slow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from wickwork.server.outbox import MOST_WAITING, Outbox
from wickwork.services.access import Access, Caller
from wickwork.services.events import Event, Events, encoded

MOST_TOPICS = 200
"""Topics that a client may follow."""
_BEAT = 20.0
"""Seconds without a message after which the server sends a heartbeat."""
PATIENCE = 20.0
"""Seconds for which a client may leave a message unread that does not fit into the buffers of the connection."""
CONFLATED = ("bars",)
"""Topics of which only the newest message about a subject waits."""
TRY_AGAIN_LATER = 1013
_CLOSING = 2.0
"""Seconds for the closing message to a client that may not read."""
MESSAGES_PER_SECOND, _BURST = 20.0, 100.0
"""How many messages of a client are read per second, and how many at once; the others wait at the client."""
_PACK = msgspec.msgpack.Encoder()
_NONSENSE = "A message has the type subscribe, unsubscribe or ping."


class Connection:
    """A client that follows topics."""

    def __init__(self, socket: WebSocket, events: Events, caller: Caller, *, binary: bool) -> None:
        self._socket, self._events, self._caller, self._binary = socket, events, caller, binary
        self._topics: set[str] = set()
        self._outbox = Outbox()
        self._held: list[Event | None] | None = None
        """Messages that come while missed ones are looked up, which go first."""
        self._some = asyncio.Event()
        self._slow = False
        self._sender: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve the client until it leaves or is too slow."""
        await self._socket.accept()
        end = self._events.follow(self._take)
        self._say({"type": "hello", "epoch": self._events.epoch, "number": self._events.last})
        self._sender = asyncio.ensure_future(self._send())
        tasks = [self._sender, asyncio.ensure_future(self._receive())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    await self._close()

    async def _close(self) -> None:
        if self._slow:
            await self._socket.close(TRY_AGAIN_LATER, "Too slow: connect again with the last number and epoch.")
        else:
            await self._socket.close()

    def _take(self, event: Event | None) -> None:
        """A message that was published: keep it for the client, if the client follows its topic and may see it."""
        if self._slow:
            return
        if event is not None and (event.topic not in self._topics or event.owner not in (None, self._caller.user_id)):
            return
        if self._held is None:
            self._put(event)
        elif len(self._held) < MOST_WAITING:
            self._held.append(event)
        else:
            self._give_up()

    def _put(self, event: Event | None) -> None:
        if event is None:
            self._resync(sorted(self._topics))
            return
        message = event.as_msgpack if self._binary else event.as_json
        self._add(message, event.subject if event.topic in CONFLATED else "")

    def _say(self, message: dict[str, Any]) -> None:
        """A message to this client alone."""
        self._add(_PACK.encode(message) if self._binary else encoded(message))

    def _resync(self, topics: Sequence[str]) -> None:
        """Messages on these topics are missing: the client has to read the state anew."""
        events = self._events
        self._say({"type": "resync", "topics": list(topics), "epoch": events.epoch, "number": events.last})

    def _add(self, message: bytes, subject: str = "") -> None:
        self._outbox.put(message, subject)
        if self._outbox.full:
            self._give_up()
        self._some.set()

    def _give_up(self) -> None:
        """Close the connection: the client is too slow."""
        self._slow = True
        if self._sender is not None:
            self._sender.cancel()

    async def _send(self) -> None:
        while True:
            if not self._outbox:
                self._some.clear()
                try:
                    async with asyncio.timeout(_BEAT):
                        await self._some.wait()
                except TimeoutError:
                    self._say({"type": "beat", "number": self._events.last})
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._send_one(self._outbox.take())
            except TimeoutError:
                self._slow = True
                return

    async def _send_one(self, message: bytes) -> None:
        if self._binary:
            await self._socket.send_bytes(message)
        else:
            await self._socket.send_text(message.decode())

    async def _receive(self) -> None:
        """Answer the client's messages; a flood of them is read slowly, so that it stays at the client."""
        allowance, before = _BURST, time.monotonic()
        with suppress(WebSocketDisconnect):
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                now = time.monotonic()
                allowance = min(_BURST, allowance + (now - before) * MESSAGES_PER_SECOND) - 1
                before = now
                if allowance < 0:
                    await asyncio.sleep(-allowance / MESSAGES_PER_SECOND)
                await self._answer(message.get("text") or message.get("bytes") or b"")

    async def _answer(self, given: str | bytes) -> None:
        try:
            raw = given.encode() if isinstance(given, str) else given
            asked = msgspec.msgpack.decode(raw) if self._binary else msgspec.json.decode(raw)
        except (ValueError, TypeError, RecursionError):  # DecodeError and text that is none are ValueErrors
            asked = None
        kind = asked.get("type") if isinstance(asked, dict) else None
        if kind == "ping":
            self._say({"type": "pong"})
        elif kind in ("subscribe", "unsubscribe") and isinstance(asked, dict):
            await self._subscribe(asked, wanted=kind == "subscribe")
        else:
            self._error(_NONSENSE)

    def _error(self, detail: str) -> None:
        self._say({"type": "error", "detail": detail})

    async def _subscribe(self, asked: dict[str, Any], *, wanted: bool) -> None:
        topics = asked.get("topics")
        if not isinstance(topics, list) or not all(isinstance(one, str) and 0 < len(one) <= 200 for one in topics):
            self._error("`topics` is a list of texts of 1 to 200 characters.")
        elif not wanted:
            self._topics.difference_update(topics)
            self._subscribed()
        elif len(self._topics.union(topics)) > MOST_TOPICS:
            self._error(f"A client follows at most {MOST_TOPICS} topics.")
        elif "log" in topics and not self._caller.may(Access.ADMIN):
            self._error("Only administrators follow the log.")
        else:
            await self._follow(asked, [one for one in dict.fromkeys(topics) if one not in self._topics])

    async def _follow(self, asked: dict[str, Any], fresh: list[str]) -> None:
        """Follow these topics, beginning with what the client missed on them."""
        self._held = []
        self._topics.update(fresh)
        self._subscribed()
        if fresh and asked.get("since") is not None:
            await self._replay(fresh, asked)
        held, self._held = self._held, None
        for event in held:
            self._put(event)

    def _subscribed(self) -> None:
        self._say({"type": "subscribed", "topics": sorted(self._topics)})

    async def _replay(self, topics: list[str], asked: dict[str, Any]) -> None:
        """Send what the client missed on these topics, or tell it to read everything anew."""
        since, epoch, last = asked["since"], asked.get("epoch"), self._events.last
        missed = None
        if isinstance(since, int) and not isinstance(since, bool) and since >= 0 and epoch == self._events.epoch:
            missed = await self._events.since(since)
        if missed is None or epoch != self._events.epoch:
            self._resync(topics)
            return
        wanted = [one for one in missed if one.topic in topics and one.owner in (None, self._caller.user_id)]
        if len(wanted) > MOST_WAITING // 2:
            self._resync(topics)
            return
        for event in wanted:
            if event.number <= last:
                self._put(event)
