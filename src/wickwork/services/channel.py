"""Messages between a process and its child over a pair of sockets: eight bytes of length, then a pickle.

The parent never blocks: a message may arrive in pieces, and a child that does not read only delays its own call.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
from socket import socket
from typing import Any

from wickwork.model.errors import InputError

_HEAD = struct.Struct("!Q")
MOST = 1 << 29
"""Bytes of the largest message."""


def packed(message: Any) -> bytes:
    """A message as it is sent. Raises InputError where it is too large, and what pickle raises."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    if len(body) > MOST:
        raise InputError(
            f"This has {len(body) >> 20:,} MB, more than the {MOST >> 20} MB allowed; ask for less at once."
        )
    return _HEAD.pack(len(body)) + body


async def send(to: socket, message: Any) -> None:
    """Send a message over a socket that does not block. Raises OSError where the other side has ended."""
    await asyncio.get_running_loop().sock_sendall(to, packed(message))


async def receive(source: socket) -> Any:
    """The next message of a socket that does not block. Raises EOFError or OSError where the other side has ended."""
    (size,) = _HEAD.unpack(await _exactly(source, _HEAD.size))
    return pickle.loads(await _exactly(source, size))  # noqa: S301  # from a process that this one started


async def _exactly(source: socket, size: int) -> bytearray:
    loop, content, done = asyncio.get_running_loop(), bytearray(size), 0
    with memoryview(content) as view:
        while done < size:
            count = await loop.sock_recv_into(source, view[done:])
            if not count:
                raise EOFError
            done += count
    return content


def receive_from(file: Any) -> Any:
    """The next message of a file. Raises EOFError or OSError where the other side has ended."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    (size,) = _HEAD.unpack(head)
    body = file.read(size)
    if len(body) < size:
        raise EOFError
    return pickle.loads(body)  # noqa: S301  # from the process that started this one
