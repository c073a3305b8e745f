"""The form of a layout: where things are drawn, comments and groups. Nothing of it changes what a strategy does.

    {"nodes":    {"fast": {"x": 40, "y": 80, "comment": "twelve bars, as in 1979"}},
     "comments": {"c1": {"text": "Only in a trend", "x": 0, "y": 0, "width": 200, "height": 60, "colour": "#ffcc00"}},
     "groups":   {"g1": {"title": "Entry", "members": ["fast", "buy"], "colour": "#3366ff", "comment": "…"}}}

Further keys, of the layout and of each of its objects, are kept as they are. A member that is not there is no fault: a
group outlives its nodes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError, shown
from wickwork.model.finite import is_finite

SECTIONS = ("nodes", "comments", "groups")
MOST_OBJECTS = 50_000
"""The most nodes, comments or groups of a layout."""
MOST_TEXT = 20_000
"""The most characters of a comment or title."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_NUMBERS = ("x", "y", "width", "height")


def check_layout(layout: Mapping[str, Any]) -> None:
    """Raise InputError where `nodes`, `comments` or `groups` have a wrong form."""
    for section in SECTIONS:
        objects = layout.get(section, {})
        if not isinstance(objects, Mapping):
            raise InputError(f"The {section} of the layout must be an object, by id.")
        if len(objects) > MOST_OBJECTS:
            raise InputError(f"The layout may have {MOST_OBJECTS:,} {section}, this one has {len(objects):,}.")
        for name, one in objects.items():
            where = f"The layout's {section}.{shown(name)}"
            if not isinstance(one, Mapping):
                raise InputError(f"{where} must be an object.")
            _check_object(one, where)
            if section == "comments" and "text" not in one:
                raise InputError(f"{where} needs a `text`.")
            if section == "groups":
                members = one.get("members", [])
                if not isinstance(members, list | tuple) or not all(isinstance(m, str) for m in members):
                    raise InputError(f"{where} needs `members` as a list of ids.")


def _check_object(one: Mapping[str, Any], where: str) -> None:
    for key in ("text", "title", "comment"):
        text = one.get(key, "")
        if not isinstance(text, str) or len(text) > MOST_TEXT:
            raise InputError(f"{where}: `{key}` must be a text of at most {MOST_TEXT:,} characters.")
    for key in _NUMBERS:
        if key in one and not is_finite(one[key]):
            raise InputError(f"{where}: `{key}` must be a number, was {one[key]!r:.60}.")
    colour = one.get("colour", "#000000")
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise InputError(f"{where}: `colour` must be like #3366ff, was {colour!r:.60}.")
