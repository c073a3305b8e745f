"""What the operator of the server looks at and changes, as one object: settings, sockets, measurements, log."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from wickwork.server.live_settings import LiveSettings
from wickwork.server.log_stream import LogStream
from wickwork.server.metrics import Metrics
from wickwork.server.open_sockets import OpenSockets
from wickwork.settings.server import Server


@dataclass(frozen=True)
class Operations:
    """One of each for an application."""

    live: LiveSettings = field(default_factory=lambda: LiveSettings(Server()))
    sockets: OpenSockets = field(default_factory=OpenSockets)
    metrics: Metrics = field(default_factory=Metrics)
    log: LogStream = field(default_factory=LogStream)


def operations_of(connection: HTTPConnection) -> Operations:
    """Those of the application."""
    found: Operations = connection.app.state.operations
    return found
