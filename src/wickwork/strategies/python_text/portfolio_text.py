"""The text of a Python file that builds the members of a portfolio and joins them."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from dataclasses import replace

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.check import ValidatedGraph, check
from wickwork.graph.document import Graph, Part
from wickwork.graph.parts import join, part_graphs
from wickwork.model.errors import InputError
from wickwork.model.other_bars import other_name
from wickwork.model.timeframe import parse_timeframe
from wickwork.strategies.python_text.block import Block, block_of, left_out
from wickwork.strategies.python_text.imports import Imports
from wickwork.strategies.python_text.layout import Bracketed, docstring, lines, literal


def portfolio_text(graph: Graph, validated: ValidatedGraph, catalogue: Catalogue, imports: Imports) -> list[str]:
    """The lines of the file. Raises InputError where it would build another portfolio."""
    blocks = {}
    for name, one in part_graphs(graph).items():
        blocks[name] = block_of(check(one, catalogue), one, catalogue, imports, with_docstring=False)
    joined = join(graph.name, [(_as_member(part), blocks[part.name].graph) for part in graph.parts])
    if check(joined, catalogue).graph.hash() != validated.graph.hash():
        raise InputError(f"The portfolio {graph.name!r} cannot be written as Python; export it as a document (.json).")
    notes = docstring(graph.notes) if isinstance(graph.notes, str) else None
    words = sorted({"Member", "portfolio", "strategy"}.union(*(block.words for block in blocks.values())))
    variables = _variables(blocks, imports)
    text = [
        *([notes, ""] if notes else []),
        f"from wickwork import {', '.join(words)}",
        *(["", *imports.lines] if imports.lines else []),
    ]
    for name, block in blocks.items():
        text += ["", *block.lines, f"{variables[name]} = s"]
    members = [
        Bracketed(
            "Member(",
            (
                ("", literal(part.name)),
                ("", variables[part.name]),
                ("", literal(list(part.instruments))),
                ("", literal(part.timeframe)),
            ),
            ")",
        )
        for part in graph.parts
    ]
    items = tuple(("", member) for member in members)
    named = (("name=", literal(graph.name)),) if graph.name else ()
    joining = lines(Bracketed("portfolio(", (*items, *named), ")", tall=True), f"{variables['']} = ")
    return [*text, "", *joining]


def _as_member(part: Part) -> Part:
    """The part as `portfolio` makes it of a member."""
    instruments = tuple(other_name(one) for one in part.instruments)
    return replace(part, timeframe=str(parse_timeframe(part.timeframe)), instruments=instruments)


def portfolio_left_out(graph: Graph) -> tuple[str, ...]:
    """Sentences about what of the document the file does not have."""
    found = [f"{name}: {sentence}" for name, one in part_graphs(graph).items() for sentence in left_out(one)]
    if graph.layout or graph.notes or graph.suggested_run:
        found.append(
            "notes, drawing and suggested run of the portfolio as a whole are left out; its members keep theirs."
        )
    return tuple(found)


def _variables(blocks: dict[str, Block], imports: Imports) -> dict[str, str]:
    """A variable for each member, and for the portfolio (by the name ""), which no statement of the file uses."""
    texts = [*imports.lines, *(line for block in blocks.values() for line in block.lines)]
    taken = {word for text in texts for word in re.findall(r"\w+", text)} | {"Member", "portfolio", "strategy", "s"}
    found = {}
    for name in (*blocks, ""):
        found[name] = _unused(name or "joined", taken)
        taken.add(found[name])
    return found


def _unused(name: str, taken: Collection[str]) -> str:
    """That name, perhaps with something behind it, which is none of those taken and no word of Python."""
    for ending in ("", "_member", *(f"_{number}" for number in range(2, len(taken) + 3))):
        one = name + ending
        if one not in taken and not keyword.iskeyword(one) and not hasattr(builtins, one):
            break
    return one
