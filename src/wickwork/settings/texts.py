"""The text of a variable or an option as the value that it would be in a file."""

from __future__ import annotations

import json
import os
from typing import Any

from wickwork.settings.document import refuse_large
from wickwork.settings.faults import Path
from wickwork.settings.kinds import FREE, LIST, VALUE, Kind, scalar
from wickwork.settings.layers import kind_below, section_of
from wickwork.settings.secret import Secret
from wickwork.settings.spec import known_as

_PATHS_OF_FEEDS = ("path", "data_dir")


def value_of_text(kind: Kind | None, text: str, path: Path) -> Any:
    """The value of a setting of that kind at that path; paths of files in it begin in the working folder.

    An empty text is None, which stands for the default. What is no JSON stays a text, for which reading the setting
    has the fault. Raises WrongSyntax where it is too large.
    """
    value = _parsed(kind, text)
    refuse_large({"": value})
    return _from_here(kind, value, path)


def _parsed(kind: Kind | None, text: str) -> Any:
    if kind is None or kind.shape == FREE:
        return scalar(text)
    if not text:
        return None
    if kind.is_secret:
        return Secret(text)
    if kind.shape == VALUE:
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text
    if isinstance(found, list) or kind.shape != LIST or kind.of.shape != VALUE:
        return found
    return [one.strip() for one in text.split(",") if one.strip()]


def _from_here(kind: Kind | None, value: Any, path: Path) -> Any:
    """The value with absolute paths of files: others begin in the folder of the configuration."""
    if isinstance(value, dict):
        names = known_as(section) if (section := section_of(kind)) else {}
        made: dict[str, Any] = {}
        for name, one in value.items():
            right: str = names.get(name) or name
            made[name] = _from_here(kind_below(kind, right), one, (*path, right))
        return made
    if isinstance(value, list):
        return [_from_here(kind_below(kind, i), one, (*path, i)) for i, one in enumerate(value)]
    if isinstance(value, str) and _names_file(kind, value, path):
        return os.path.abspath(os.path.expanduser(value))
    return value


def _names_file(kind: Kind | None, value: str, path: Path) -> bool:
    if path[0] == "data_feeds" and path[-1] in _PATHS_OF_FEEDS:
        return bool(value)
    return kind is not None and kind.names_file is not None and kind.names_file(value)
