"""Ports for servers of tests."""

from __future__ import annotations

import random
import socket


def free_port() -> int:
    """A port of this machine that nobody uses.

    It is below those that the system gives to outgoing connections: a client that tries to reach a server which has not
    begun could otherwise be given the server's own port, and would be connected to itself.
    """
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(20_000, 32_000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
