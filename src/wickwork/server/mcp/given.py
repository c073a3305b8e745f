"""What JSON can carry and neither a hash nor a database can hold."""

from __future__ import annotations

import re
from typing import Any

from wickwork.model.errors import InputError
from wickwork.services.core import canonical

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def refuse_unusual(given: Any) -> None:
    """Raise InputError for NaN, endless numbers, halves of characters, the character 0, and too deep nesting."""
    try:
        text = canonical(given)
        text.encode()
    except RecursionError:
        raise InputError("This is nested too deep; flatten it.") from None
    except UnicodeEncodeError:
        raise InputError("There is a text with half of a character (a lone surrogate); leave it out.") from None
    except ValueError:
        raise InputError("There is a number that is too large, or none (NaN); give another one.") from None
    if _NUL.search(text):
        raise InputError("There is a text with the character 0; leave it out.")
