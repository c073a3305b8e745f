"""Phrases of nodes: what a trader calls an output, with inputs and parameters in braces.

`{source}` stands for the phrase of what is wired to that input, `{source:bare}` for the same without *the*, `{period}`
for the value of that parameter, `{inputs}` for all wired inputs that are not named otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from wickwork.model.errors import InputError
from wickwork.model.text import plain_text

PLACE = re.compile(r"{(\w*)(:bare)?}")
"""A place in a phrase: its name, and whether *the* is left out."""
INPUTS = "inputs"


def read_phrases(
    node: str, given: str | Mapping[str, str], outputs: Collection[str], known: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """The phrases by output; a single one is that of all outputs, an empty one of none.

    Raises InputError for an output, an input or a parameter that the node does not have.
    """
    phrases = dict(given) if isinstance(given, Mapping) else dict.fromkeys(outputs, given) if given else {}
    for output, text in phrases.items():
        plain_text(text, f"the phrase of the node {node}")
        unknown = [name for name, _ in PLACE.findall(text) if name not in known and name != INPUTS]
        if output not in outputs or unknown:
            wrong = f"the input or parameter {unknown[0]!r}" if unknown else f"the output {output!r}"
            raise InputError(f"The phrase of the node {node} names {wrong}, which the node does not have.")
    return tuple(phrases.items())
