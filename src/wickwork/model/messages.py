"""Messages that a strategy records: a text with places for the values of wires."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.text import plain_text

VALUES = ("a", "b", "c", "d")
"""The places of wires; beside them there is `instrument`."""
LEVELS = ("info", "warning", "error")
MISSING = "missing"
"""What stands where a value is missing."""
LONGEST = 500
_NUMBER = re.compile(r"\+?,?(\.\d{1,2})?[fge%]?")


@dataclass(frozen=True)
class Notification:
    """One message of a run, at the close of a bar."""

    instrument: str
    node: str
    """The node that made it, by its id."""
    level: str
    """One of `LEVELS`."""
    text: str


def message_text(text: str) -> str:
    """That text, if it is a message with right places. Raises InputError for unknown places and formats."""
    plain_text(text, "the message")
    if not text.strip() or len(text) > LONGEST:
        raise InputError(f"A message needs 1 to {LONGEST} characters, this one has {len(text)}.")
    for name, form in _places(text):
        if name not in (*VALUES, "instrument"):
            known = ", ".join(f"{{{one}}}" for one in (*VALUES, "instrument"))
            raise InputError(
                f"The message has a place {{{name}}}, which is none of {known}."
                f"{did_you_mean(name, (*VALUES, 'instrument'))}"
            )
        if form and (name == "instrument" or not _NUMBER.fullmatch(form)):
            raise InputError(f"The format {form!r} of {{{name}}} is none of a number; write it as in {{a:.2f}}.")
    return text


def values_shown(text: str) -> set[str]:
    """Which of `VALUES` a message shows. Raises InputError as `message_text` does."""
    return {name for name, _ in _places(message_text(text))} & set(VALUES)


def with_values(text: str, values: Mapping[str, float], instrument: str) -> str:
    """The message with its places filled in; a number without a format has up to 8 digits, a missing one is a word."""
    found = ""
    for literal, name, form, _ in Formatter().parse(text):
        found += literal
        if name == "instrument":
            found += instrument
        elif name is not None:
            value = values[name]
            found += format(value, form or ".8g") if value - value == 0.0 else MISSING
    return found


def _places(text: str) -> list[tuple[str, str]]:
    """The places of a message and their formats."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise InputError(f"The message {text!r:.80} cannot be read: {error}; write {{{{ for a brace.") from None
    if any(conversion for *_, conversion in parts):
        raise InputError(f"The message {text!r:.80} has a place with `!`; write {{a}} or {{a:.2f}}.")
    return [(name, form or "") for _, name, form, _ in parts if name is not None]
