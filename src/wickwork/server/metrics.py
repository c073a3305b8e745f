"""Measurements in the text format of Prometheus. docs/server/operations.md has the names."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ROUTE = "(none)"
"""The template of requests that no route answers: their paths are without number."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)


class Metrics:
    """The measurements of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        labels = ("method", "route", "status")
        self._requests = Counter("wickwork_requests", "Requests answered.", labels, registry=self._registry)
        self._durations = Histogram(
            "wickwork_request_seconds",
            "From the request to the end of its answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._jobs = self._gauge("wickwork_jobs", "Jobs in the database.", ("state", "kind"))
        self._children = self._gauge("wickwork_children", "Child processes that compute.")
        self._sockets = self._gauge("wickwork_websockets", "Open WebSockets; those of /ws follow events.", ("path",))
        self._events = self._gauge("wickwork_events", "The number of the newest event.")
        self._database = self._gauge("wickwork_database_seconds", "How long the database took for a trivial query.")
        self._database_up = self._gauge("wickwork_database_up", "1 where the database answered.")

    def _gauge(self, name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(name, meaning, labels, registry=self._registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)

    def set_parts(self, children: int, sockets: Mapping[str, int], events: int) -> None:
        """What holds at this moment in the process."""
        self._children.set(children)
        self._events.set(events)
        self._sockets.clear()
        for path, count in {"/ws": 0, **sockets}.items():
            self._sockets.labels(path).set(count)

    def set_database(self, seconds: float | None, jobs: Mapping[tuple[str, str], int]) -> None:
        """How long the database took, None where it did not answer, and its jobs by state and kind."""
        self._database_up.set(0 if seconds is None else 1)
        self._database.set(seconds if seconds is not None else float("nan"))
        self._jobs.clear()
        for (state, kind), count in jobs.items():
            self._jobs.labels(state, kind).set(count)

    def text(self) -> bytes:
        """All measurements."""
        return generate_latest(self._registry)


class Measured:
    """Middleware that counts and times requests by the template of their route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it when it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            route = getattr(scope.get("route"), "path", "") or _NO_ROUTE
            self._metrics.count(scope["method"], route, status, time.perf_counter() - began)
