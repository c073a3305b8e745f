"""What waits for one client of a WebSocket: in order, bounded, and of quotes only the newest."""

from __future__ import annotations

from collections import OrderedDict

MOST_WAITING = 1_000
"""Messages that may wait for a client."""
MOST_BYTES_WAITING = 4_000_000
"""Bytes that may wait for a client."""


class Outbox:
    """Encoded messages in the order in which they are to be sent.

    A message with a `subject` replaces the one about the same subject that still waits, and goes to the end: numbers
    of messages never decrease, so that a client which comes back with the largest one has missed nothing before it.
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[str | int, bytes] = OrderedDict()
        self._bytes = 0
        self._count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether more waits than may."""
        return len(self._waiting) > MOST_WAITING or self._bytes > MOST_BYTES_WAITING

    def put(self, message: bytes, subject: str = "") -> None:
        """Add a message at the end."""
        if subject:
            self._bytes -= len(self._waiting.pop(subject, b""))
        self._count += 1
        self._waiting[subject or self._count] = message
        self._bytes += len(message)

    def take(self) -> bytes:
        """Remove the first message and return it."""
        _, message = self._waiting.popitem(last=False)
        self._bytes -= len(message)
        return message
