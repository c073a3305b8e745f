"""A strategy as sentences that a trader would write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.entries import Part
from wickwork.graph.types import ENTER
from wickwork.strategies.reading_order import action_ids
from wickwork.strategies.sentences.actions import action_sentence
from wickwork.strategies.sentences.phrases import Phrase, Phrases
from wickwork.strategies.sentences.words import listed


@dataclass(frozen=True)
class Sentences:
    """What a strategy does."""

    name: str
    actions: tuple[tuple[str, str], ...]
    """(id of the action, its sentence)."""
    rules: tuple[str, ...]
    """What holds for several actions."""
    definitions: tuple[tuple[str, str], ...]
    """(name, sentence), for each name that stands between asterisks in another sentence."""

    def __str__(self) -> str:
        lines = [*(text for _, text in self.actions), *self.rules, *(text for _, text in self.definitions)]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """The sentences as plain JSON."""
        return {
            "name": self.name,
            "actions": [{"action": name, "text": text} for name, text in self.actions],
            "rules": list(self.rules),
            "definitions": [{"name": name, "text": text} for name, text in self.definitions],
        }


def explained(validated: ValidatedGraph) -> Sentences:
    """The sentences of a graph. What no action needs is not in them."""
    phrases = Phrases(validated)
    parts = validated.graph.parts
    actions = tuple(
        (name, _member(parts, name) + action_sentence(validated, phrases, name)) for name in action_ids(validated)
    )
    return Sentences(validated.graph.name, actions, _rules(validated), _definitions(phrases, actions))


def _member(parts: Sequence[Part], action: str) -> str:
    """What stands before an action of a portfolio: which member it is of, and what that trades; else empty."""
    found = (one for one in parts if action.startswith(one.prefix))
    return "".join(f"{one.name}, {one.timeframe} bars of {listed(one.instruments, 'and')}: " for one in found)


def _rules(validated: ValidatedGraph) -> tuple[str, ...]:
    rules = []
    if not any(node.verb for node in validated.nodes.values()):
        rules.append("It has no action, so it never trades.")
    entries = [name for name, node in validated.nodes.items() if node.verb == ENTER]
    flat = [name for name in entries if not validated.values[name]["add"]]
    if flat:
        which = "It enters" if len(flat) == len(entries) else "It makes the other entries"
        rules.append(f"{which} only while it holds no position.")
    made_for = validated.graph.suggested_run
    if "instrument" in made_for or "timeframe" in made_for:
        bars = f"{made_for['timeframe']} bars" if "timeframe" in made_for else "bars"
        whose = f" of {made_for['instrument']}" if "instrument" in made_for else ""
        rules.append(f"It was made for {bars}{whose}.")
    return tuple(rules)


def _definitions(phrases: Phrases, actions: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The sentences of all names that the actions use, and that their definitions use in turn, in their order."""
    mentioned: list[tuple[str, str]] = []
    texts = [text for _, text in actions]
    for name, (phrase, clause) in reversed(phrases.definitions.items()):  # a name stands in later ones only
        if any(f"*{name}*" in text for text in texts):  # a message may have asterisks, too
            texts.append(_definition(name, phrase, clause))
            mentioned.append((name, texts[-1]))
    return tuple(reversed(mentioned))


def _definition(name: str, phrase: Phrase, clause: bool) -> str:
    return f"*{name}* means that {phrase.text}." if clause else f"*{name}* is {phrase.text}."
