"""The log, configured in one place: structlog's messages, those of libraries, and Python's warnings.

Every message goes to a file of JSON lines in the folder `logs`, which is replaced at 10 MB and of which five older ones
are kept; to stderr, readable on a terminal and as JSON lines elsewhere; and to the newest lines that administrators
see. No line has a body, a query string or a secret (`redaction`).
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

from wickwork.model.errors import InputError
from wickwork.server.redaction import redact
from wickwork.store.durable import make_folder

FILE = "server.log"
_BYTES, _OLDER = 10_000_000, 5
_QUIET = (
    "aiosqlite",
    "asyncio",
    "sqlalchemy",
    "alembic",
    "httpx",
    "httpcore",
    "numba",
    "multipart",
    "uvicorn",
    "websockets",
)
"""Libraries whose messages below a warning are of no use to an operator, and some of which have values of queries."""
Line = Mapping[str, Any]


@contextmanager
def logging_to(home: Path, level: str, newest: Callable[[Line], None] | None = None) -> Iterator[None]:
    """Log until the block ends; `newest` is called with each line, in the thread that writes it.

    Raises InputError where the folder of the log cannot be written to.
    """
    root = logging.getLogger()
    before, threshold = list(root.handlers), root.level
    handlers: list[logging.Handler] = [_file(home / "logs" / FILE), _stderr()]
    if newest is not None:
        handlers.append(_Newest(newest))
    _configure()
    root.handlers[:] = handlers
    set_level(level)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = before
        root.setLevel(threshold)
        for one in handlers:
            one.close()
        structlog.reset_defaults()


def set_level(level: str) -> None:
    """Log this level and those above it, from now on."""
    number = getattr(logging, level.upper())
    logging.getLogger().setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _configure() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    redact,
]
"""The steps that messages of structlog and of other libraries pass, once for all handlers."""


def _formatter(last: Any) -> logging.Formatter:
    steps = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    return structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=_SHARED)


def _json() -> logging.Formatter:
    return _formatter(structlog.processors.JSONRenderer(ensure_ascii=False))


def _file(path: Path) -> logging.Handler:
    try:
        make_folder(path.parent)
        handler = RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"The log {path} cannot be written: {error.strerror or error}.") from None
    handler.setFormatter(_json())
    handler.handleError = _ignore  # type: ignore[method-assign]
    return handler


def _stderr() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    readable = sys.stderr is not None and sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer(timestamp_key="at") if readable else None
    handler.setFormatter(_formatter(last) if last else _json())
    handler.handleError = _ignore  # type: ignore[method-assign]
    return handler


def _ignore(record: logging.LogRecord) -> None:
    """A full disk or a closed terminal ends the log, not the server."""


class _Newest(logging.Handler):
    """Gives each line to a function, as a mapping."""

    def __init__(self, give: Callable[[Line], None]) -> None:
        super().__init__()
        self._give = give
        self.setFormatter(_json())

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            line: Any = record.msg  # of structlog, it is the line itself
            self._give(dict(line) if isinstance(line, dict) else json.loads(self.format(record)))
