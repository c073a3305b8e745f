"""Errors that a user can correct.

WickworkError          every error that we raise on purpose; its text is a sentence: what was wrong, where, what to do
├── InputError         something that was given (a file, a value, an option, a graph) must be mended by whoever gave it
│   └── NotFound       a name that nothing has
├── Conflict           the input is right, but what it changes is in another state by now
├── Refused            the input is right, but a rule of safety says no
├── TooMany            too many attempts or requests; the same is possible later
└── Unavailable        something that is needed does not answer now, such as a database; trying again can help
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class WickworkError(Exception):
    """Something went wrong that a person can mend; the text says how."""


class InputError(WickworkError, ValueError):
    """What was given is wrong: the text names the value, where it stood and what would be right."""


class NotFound(InputError, LookupError):
    """A name that nothing has; the text offers the nearest one."""


class Conflict(WickworkError):
    """What is to be changed is in a state that does not allow it, such as changed by another since it was read."""


class Refused(WickworkError):
    """A rule of safety says no to something that was well-formed."""


class TooMany(WickworkError):
    """There were too many attempts or requests; `seconds` is how long to wait."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


class Unavailable(WickworkError):
    """Something that is needed does not answer now; the same may succeed later."""


def shown(text: str, most: int = 60) -> str:
    """Text of a user for an error message: on one line, cut to that length."""
    plain = text if text.isprintable() else repr(text)[1:-1]
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` (with a leading space) for the nearest known name, or an empty string."""
    if len(name) > 100:
        return ""  # comparing takes memory and time that grow with the text
    lowered = {k.lower(): k for k in known}
    close = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f" Did you mean {lowered[close[0]]!r}?" if close else ""
