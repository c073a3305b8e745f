"""The standard streams of a command: where its answer goes, and where everything else that is printed goes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast


class Redirected(io.TextIOBase):
    """Replaces `sys.stdout` while a command answers with JSON: what user code prints goes to stderr."""

    def __init__(self, answer: TextIO) -> None:
        self.answer = answer
        """The stream of the JSON, in UTF-8."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of stderr."""
        return sys.stderr.encoding or "utf-8"

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Write to stderr."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush stderr."""
        if not sys.stderr.closed:
            sys.stderr.flush()

    def fileno(self) -> int:
        """The descriptor of stderr."""
        return sys.stderr.fileno()

    def isatty(self) -> bool:
        """Whether the answer is shown on a terminal."""
        return self.answer.isatty()

    def close(self) -> None:
        """Nothing: user code may call it."""


def answer() -> TextIO:
    """The stream of the answer."""
    found: TextIO = getattr(sys.stdout, "answer", sys.stdout)
    return found


def open_missing() -> bool:
    """Put a null device where stdin, stdout or stderr were closed when the process began; True if stdout was.

    Without it the next file that is opened would take the number of the closed one, and receive what is printed.
    """
    no_stdout = sys.stdout is None
    if no_stdout or sys.stderr is None:
        for descriptor in range(3):
            with suppress(OSError):
                os.fstat(descriptor)
                continue
            os.open(os.devnull, os.O_RDWR)
    if no_stdout:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return no_stdout


@contextmanager
def answering(as_json: bool, restore: bool) -> Iterator[None]:
    """Prepare stdout for an answer: text in the encoding of the console, or JSON in UTF-8.

    With JSON, what else is written to `sys.stdout` or to descriptor 1 goes to stderr; without `restore` also after the
    block, for code that runs at the exit of the process.
    """
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")  # a console without ▁ or → shows ? instead
    before = sys.stdout
    number = _descriptor(before)
    own = os.dup(1) if as_json and number == 1 else None
    if own is not None:
        os.dup2(2, 1)
    stream = before if number is None else _opened(before, number if own is None else own, as_json)
    sys.stdout = cast(TextIO, Redirected(stream)) if as_json else stream
    try:
        yield
    finally:
        if restore:
            sys.stdout = before
            if stream is not before:
                with suppress(OSError):
                    stream.flush()
            if own is not None:
                os.dup2(own, 1)
                stream.close()
                os.close(own)


class _Output(io.FileIO):
    """A descriptor that keeps the first error of writing, since buffers above it drop what they could not write."""

    error: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.error = self.error or error
            raise


def _descriptor(stdout: Any) -> int | None:
    """The descriptor of stdout, its buffer written; None where stdout is no file, or is a console of Windows."""
    try:
        if os.name == "nt" and stdout.isatty():
            return None
        stdout.flush()
        number = stdout.fileno()
    except (OSError, ValueError, AttributeError):
        return None
    return number if isinstance(stdout, io.TextIOWrapper) else None


def _opened(before: TextIO, descriptor: int, as_json: bool) -> TextIO:
    # A path that is not UTF-8 has lone surrogates; \udcff is also what JSON writes for one.
    encoding, errors = ("utf-8", "backslashreplace") if as_json else (before.encoding, "replace")
    raw = _Output(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=raw.isatty())


def lost() -> OSError | None:
    """Why what was written to the answer did not arrive; None where it did."""
    stream = answer()
    try:
        stream.flush()
        error = getattr(getattr(getattr(stream, "buffer", None), "raw", None), "error", None)
    except OSError as failure:
        error = failure
    if error is not None:
        discard(stream)
    return error


def discard(stream: Any) -> None:
    """Send what is still in the buffer of a stream, and all that follows, to the null device."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
