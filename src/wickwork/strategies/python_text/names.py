"""Names of variables: the ids of nodes, changed where Python has another meaning for them."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable

LONGEST = 36
"""The most characters of a variable, so that two of them and an operator fit on a line."""
_CONFUSING = frozenset({"l", "O", "I"})
"""Letters that look like digits."""
_TAKEN = frozenset({"s", "ta", "trade", "strategy"}) | _CONFUSING | frozenset(dir(builtins))


class Variables:
    """Which variables a file has; each name is given once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(_TAKEN) | set(taken)

    def new(self, wanted: str) -> str:
        """A variable with that name, or one like it that is free."""
        name = wanted[:LONGEST]
        if name in self._taken or keyword.iskeyword(name):
            name = f"{name[: LONGEST - 1]}_"
        number = 2
        while name in self._taken or keyword.iskeyword(name):
            name = f"{wanted[: LONGEST - 5]}_{number}"
            number += 1
        self._taken.add(name)
        return name

    def free(self, name: str) -> bool:
        """Whether no variable has that name, and no word of Python."""
        return name not in self._taken and not keyword.iskeyword(name)


def function_name(node: str) -> str:
    """The name of a node as a function: a keyword has an underscore behind it (`and_`)."""
    return f"{node}_" if keyword.iskeyword(node) else node
