"""One WebSocket that follows topics: what it asked for, what it missed, and what happens when it is too slow."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from wickwork.services.access import Access, Caller
from wickwork.services.events import Event, Events

MOST_WAITING = 1_000
"""Messages that wait for a client; one more, and it is closed with 1013."""
MOST_TOPICS = 200
_MOST_BYTES = 64_000
_BEAT = 20.0
"""Seconds without a message after which the server sends a heartbeat."""
CONFLATED = ("bars",)
"""Topics of which only the newest message about the same thing waits."""
TRY_AGAIN_LATER = 1013
_CLOSING = 2.0
"""Seconds for saying goodbye to a client that may not read."""
_JSON, _PACK = msgspec.json.Encoder(), msgspec.msgpack.Encoder()


class Connection:
    """A client that follows topics."""

    def __init__(self, socket: WebSocket, events: Events, caller: Caller, *, binary: bool) -> None:
        self._socket, self._events, self._caller, self._binary = socket, events, caller, binary
        self._topics: set[str] = set()
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._held: list[Event] | None = None
        """Messages that came while missed ones are looked up, which go first."""
        self._some = asyncio.Event()
        self._slow = asyncio.Event()

    async def run(self) -> None:
        """Serve the client until it leaves or is too slow."""
        await self._socket.accept()
        end = self._events.follow(self._take)
        self._say({"type": "hello", "epoch": self._events.epoch, "number": self._events.last})
        tasks = [asyncio.ensure_future(one) for one in (self._send(), self._receive(), self._slow.wait())]
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
        if self._slow.is_set():
            await self._socket.close(TRY_AGAIN_LATER, "Too slow: connect again, and resync.")
        else:
            await self._socket.close()

    def _take(self, event: Event) -> None:
        """A message that was published: keep it for the client, if the client follows its topic and may see it."""
        if event.topic not in self._topics or event.owner not in (None, self._caller.user_id):
            return
        if self._held is None:
            self._put(event)
        elif len(self._held) < MOST_WAITING:
            self._held.append(event)
        else:
            self._slow.set()

    def _put(self, event: Event) -> None:
        encoded = event.as_msgpack if self._binary else event.as_json
        about = repr(event.data) if event.topic in CONFLATED else ""
        if about:
            for place, (older, _) in enumerate(self._waiting):
                if older == about:
                    self._waiting[place] = about, encoded
                    return
        if len(self._waiting) >= MOST_WAITING:
            self._slow.set()
        else:
            self._waiting.append((about, encoded))
        self._some.set()

    def _say(self, message: dict[str, Any]) -> None:
        """A message to this client alone."""
        self._waiting.append(("", (_PACK if self._binary else _JSON).encode(message)))
        self._some.set()

    async def _send(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._some.wait(), _BEAT)
            except TimeoutError:
                self._say({"type": "beat", "number": self._events.last})
            self._some.clear()
            while self._waiting:
                _, encoded = self._waiting.popleft()
                if self._binary:
                    await self._socket.send_bytes(encoded)
                else:
                    await self._socket.send_text(encoded.decode())

    async def _receive(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._answer(message.get("text") or message.get("bytes") or b"")

    async def _answer(self, given: str | bytes) -> None:
        raw = given.encode() if isinstance(given, str) else given
        try:
            asked = msgspec.msgpack.decode(raw) if self._binary else msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            asked = None
        kind = asked.get("type") if isinstance(asked, dict) and len(raw) <= _MOST_BYTES else None
        if kind == "ping":
            self._say({"type": "pong"})
        elif kind in ("subscribe", "unsubscribe") and isinstance(asked, dict):
            await self._subscribe(asked, wanted=kind == "subscribe")
        else:
            self._say({"type": "error", "detail": "A message has the type subscribe, unsubscribe or ping."})

    async def _subscribe(self, asked: dict[str, Any], *, wanted: bool) -> None:
        topics = asked.get("topics")
        if not isinstance(topics, list) or not all(isinstance(one, str) and len(one) <= 200 for one in topics):
            self._say({"type": "error", "detail": "`topics` is a list of texts."})
            return
        if not wanted:
            self._topics.difference_update(topics)
        elif len(self._topics.union(topics)) > MOST_TOPICS:
            self._say({"type": "error", "detail": f"A client follows at most {MOST_TOPICS} topics."})
            return
        elif "log" in topics and not self._caller.may(Access.ADMIN):
            self._say({"type": "error", "detail": "Only administrators follow the log."})
            return
        fresh = [one for one in topics if one not in self._topics] if wanted else []
        self._held = []
        self._topics.update(fresh)
        self._say({"type": "subscribed", "topics": sorted(self._topics)})
        if fresh and asked.get("since") is not None:
            await self._replay(fresh, asked)
        held, self._held = self._held, None
        for event in held:
            self._put(event)

    async def _replay(self, topics: list[str], asked: dict[str, Any]) -> None:
        """Send what the client missed on these topics, or tell it to read everything anew."""
        since, epoch, last = asked["since"], asked.get("epoch"), self._events.last
        missed = None
        if isinstance(since, int) and not isinstance(since, bool) and since >= 0 and epoch == self._events.epoch:
            missed = await self._events.since(since)
        if missed is None:
            self._say({"type": "resync", "topics": topics, "number": last})
            return
        for event in missed:
            if event.topic in topics and event.owner in (None, self._caller.user_id) and event.number <= last:
                self._put(event)
