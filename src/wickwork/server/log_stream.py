"""The newest lines of the log, for administrators: kept, and published on the topic `log`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from wickwork.model.errors import WickworkError
from wickwork.services.events import Events

KEPT = 1_000
TOPIC = "log"
_PAUSE = 0.5
"""Seconds between two messages, each with all lines since the one before: a busy log must not fill the stream."""
_OWN = ("wickwork.events", "wickwork.redis")
_MOST = 200
"""Lines of one message; further ones are left out of it, and counted."""


class LogStream:
    """Takes lines from any thread."""

    def __init__(self) -> None:
        self._kept: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        self._fresh: deque[Mapping[str, Any]] = deque(maxlen=KEPT)

    def take(self, line: Mapping[str, Any]) -> None:
        """One more line."""
        self._kept.append(line)
        self._fresh.append(line)

    def newest(self, count: int) -> Sequence[Mapping[str, Any]]:
        """The newest lines, the oldest of them first."""
        return list(self._kept)[-count:]

    async def run(self, events: Events) -> None:
        """Publish what comes."""
        while True:
            await asyncio.sleep(_PAUSE)
            await self.publish(events)

    async def publish(self, events: Events) -> None:
        """Publish the lines since the last time, if there are any."""
        taken = [self._fresh.popleft() for _ in range(len(self._fresh))]
        # What publishing itself says would be the next message to publish, for ever.
        lines = [one for one in taken if not str(one.get("logger", "")).startswith(_OWN)]
        if not lines:
            return
        left_out = max(0, len(lines) - _MOST)
        with suppress(WickworkError, OSError):  # a message about this would be the next line to publish
            await events.publish(TOPIC, None, {"lines": lines[left_out:], "left_out": left_out})
