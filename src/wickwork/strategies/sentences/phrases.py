"""What each wire of a graph is called in a sentence: `the 12-bar EMA of the close`.

What is long and used several times gets a name, *trend*, and a definition; nodes that compute the same are one.
Phrases are made from the inputs on, and
long ones are replaced by their names, so no phrase grows without bound.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.entries import SEPARATOR
from wickwork.graph.node import Node
from wickwork.graph.phrases import INPUTS, PLACE
from wickwork.graph.signature import Input
from wickwork.graph.types import Port
from wickwork.strategies.reading_order import reading_order
from wickwork.strategies.sentences.repeated import first_of_equals
from wickwork.strategies.sentences.templates import is_clause, template
from wickwork.strategies.sentences.words import extras, listed, number_text, setting_text, singular, spoken

Wired = tuple[str, str]
SHORT = 45
"""Phrases of at most that many characters are repeated rather than named."""
LONG = 140
"""A phrase of more characters is named, even if it is used once."""
LONG_LIST = 400
"""The same for conditions that are joined by *and* or *or*."""
_OWN_BARS = "the bars"
_JOINED = {"and": "and", "all_of": "and", "strict_and": "and", "or": "or", "any_of": "or", "strict_or": "or"}
_SUMS = {"add": "+", "subtract": "−"}
_PRODUCTS = {"multiply": "×", "divide": "/"}
_NEGATED = (
    (" is ", " is not "),
    (" are ", " are not "),
    (" crosses ", " does not cross "),
    (" equals ", " does not equal "),
    (" differs ", " does not differ "),
    (" forms", " does not form"),
    (" changes", " does not change"),
)


@dataclass(frozen=True)
class Phrase:
    """What a value is called. `kind` decides where it needs brackets as a part of another phrase.

    `plain`: nowhere; `sum`, `product`: as in arithmetic; `tail`: the same, for words that end it (`… rounded up`);
    `and`, `or`: where the other word joins it; `loose`: everywhere.
    """

    text: str
    kind: str = "plain"
    parts: tuple[str, ...] = ()
    """What `and` or `or` joins."""
    negated: str = ""
    of: str = ""
    """What it is of, where the text ends with that."""
    name: str = ""
    """The name that stands for it, where it has one."""

    @property
    def bracketed(self) -> str:
        """The text in brackets, unless it needs none."""
        return self.text if self.kind == "plain" else f"({self.text})"


class Phrases:
    """The phrases of all wires of a graph that something reads."""

    def __init__(self, validated: ValidatedGraph) -> None:
        self._validated = validated
        self.definitions: dict[str, tuple[Phrase, bool]] = {}
        """By name: the phrase, and whether it is a clause. All names, whether they are used or not."""
        self._made: dict[Wired, Phrase] = {}
        order = reading_order(validated)
        self._first = first_of_equals(validated, order)
        self._names = self._own_names(order)
        self._uses = self._counted()
        self._read = {source for source, _ in validated.wired.values()}
        self._taken = {spoken(name) for name, node in validated.nodes.items() if not _automatic(name, node)}
        self._actions = {spoken(name) for name, node in validated.nodes.items() if node.verb}
        for name in order:
            node = validated.nodes[name]
            for output in node.outputs:
                if (name, output.name) in self._uses:
                    self._made[name, output.name] = self._named(name, node, output.name)

    def _own_names(self, order: Sequence[str]) -> dict[str, str]:
        """The name of each first of equal nodes: of those that the author named the first; empty where none is."""
        names: dict[str, str] = {}
        for name in order:
            first = self._first[name]
            if not names.get(first):
                names[first] = "" if _automatic(name, self._validated.nodes[name]) else spoken(name)
        return names

    def _counted(self) -> dict[Wired, int]:
        """How many inputs of different nodes read each wire; a comparison with itself counts once."""
        uses: dict[Wired, int] = {}
        for (name, entry), source in self._validated.wired.items():
            if self._first[name] == name and not (entry == "b" and self._is_known(name) is not None):
                wire = self._wire(source)
                uses[wire] = uses.get(wire, 0) + 1
        return uses

    def _wire(self, source: Wired) -> Wired:
        """The wire that stands for all that carry the same."""
        return self._first.get(source[0], source[0]), source[1]

    def whole(self, source: Wired) -> Phrase:
        """The phrase of a wire in a sentence of its own: its name only where several read it."""
        made = self._made[self._wire(source)]
        return self.part(source) if made.name and self._uses[self._wire(source)] > 1 else made

    def part(self, source: Wired) -> Phrase:
        """The phrase of a wire as a part of a longer one: its name, where it has one."""
        made = self._made[self._wire(source)]
        if not made.name:
            return made
        clause = is_clause(self._validated.nodes[source[0]], source[1])
        return Phrase(f"*{made.name}* is true" if clause else f"*{made.name}*", negated=f"*{made.name}* is false")

    def is_read(self, node: str) -> bool:
        """Whether another node reads an output of that one."""
        return node in self._read

    def amount(self, node: str, entry: str) -> str | None:
        """What an input of a node has: the phrase of its wire or its fixed value; None where it has neither."""
        source = self._validated.wired.get((node, entry))
        if source is not None:
            return self.part(source).text
        fixed = self._validated.literals[node].get(entry)
        return None if fixed is None else number_text(fixed)

    def _named(self, name: str, node: Node, port: str) -> Phrase:
        made = self._phrase(name, node, port)
        length, most = len(made.text), LONG_LIST if made.kind in ("and", "or") else LONG
        if length <= SHORT or (self._uses[name, port] < 2 and length <= most) or node.outputs[0].port is Port.BARS:
            return made
        own = self._names[name]
        clause = is_clause(node, port)
        if own and len(node.outputs) > 1:
            own = f"{own} {port.replace('_', ' ')}"
        number = 1
        wanted = own or f"{'condition' if clause else 'value'} 1"
        while wanted in self.definitions or wanted in self._actions or (not own and wanted in self._taken):
            number += 1
            wanted = f"{own} {number}" if own else f"{'condition' if clause else 'value'} {number}"
        made = replace(made, name=wanted)
        self.definitions[wanted] = (made, clause)
        return made

    # ---- one phrase

    def _phrase(self, name: str, node: Node, port: str) -> Phrase:
        if node.verb:
            return Phrase(f"the orders of *{spoken(name)}*")
        if node.name in _JOINED:
            return self._joined(name, node, _JOINED[node.name])
        if node.name == "not":
            return self._negated(name)
        if (known := self._is_known(name)) is not None:
            return self._known(known)
        if node.name in _SUMS or node.name in _PRODUCTS:
            return self._arithmetic(name, node)
        clause, words = is_clause(node, port), template(node, port)
        mentioned = {one for one, _ in PLACE.findall(words)}
        text = self._filled(name, node, words, clause)
        after = self._bars(name, node, "on" if clause else "of") + extras(self._unmentioned(name, node, mentioned))
        conditions = any(one.name in mentioned and one.port in (Port.CONDITION, Port.EVENT) for one in node.inputs)
        joins = clause and (conditions or INPUTS in mentioned)
        loose = joins or " if " in words or ", " in re.sub(r"\(.*?\)", "", words)
        tail = words.startswith("{") and not clause and not PLACE.fullmatch(words)
        kind = "loose" if loose else "tail" if tail else "plain"
        last = re.search(r"of {(\w+)}$", words)
        of = self._operand(name, node, last[1], clause) if last and not after else ""
        return Phrase(text + after, kind, (), self._negation(name, node, words, after) if clause else "", of or "")

    def _joined(self, name: str, node: Node, word: str) -> Phrase:
        parts: list[str] = []
        for source in self._sources(name, node):
            one = self.part(source)
            parts += one.parts if one.kind == word else [one.bracketed]
        if len(parts) == 1:
            return self.part(self._sources(name, node)[0])
        return Phrase(listed(parts, word), word, tuple(parts))

    def _negated(self, name: str) -> Phrase:
        source = self._validated.wired[name, "value"]
        one = self.part(source)
        if self._is_known(source[0]) is not None:  # a comparison of a value with itself is true or missing
            return Phrase(f"it is false that {one.text}, which never happens", "loose")
        return Phrase(one.negated or f"it is not true that ({one.text})", negated=one.text if one.negated else "")

    def _is_known(self, name: str) -> Wired | None:
        """The wire that a node compares with itself, which says that it is not missing; None for other nodes."""
        if self._validated.nodes[name].name != "equal":
            return None
        left, right = (self._validated.wired.get((name, one)) for one in ("a", "b"))
        return left if left is not None and right is not None and self._wire(left) == self._wire(right) else None

    def _known(self, source: Wired) -> Phrase:
        """The clause that a value is not missing; of the number of an order, that there has been one."""
        node, port = source
        placing = self._validated.wired.get((node, "order"), ("", ""))[0]
        is_number = self._validated.nodes[node].name == "order_state" and port == "number"
        if is_number and placing and self._validated.nodes[placing].verb:
            return Phrase(f"*{spoken(placing)}* has placed an order")
        return Phrase(f"{self.part(source).bracketed} is known")

    def _arithmetic(self, name: str, node: Node) -> Phrase:
        sign = _SUMS.get(node.name) or _PRODUCTS[node.name]
        left, right = (self.part(self._validated.wired[name, one]) for one in ("a", "b"))
        if sign == "×":
            numbers = [self._number(name, one) for one in ("a", "b")]
            if numbers[0] is None and numbers[1] is not None:
                left, right, numbers = right, left, numbers[::-1]
            if numbers[0] == 1.0:
                return replace(right, name="")
            if numbers[0] is not None and 0.5 <= numbers[0] <= 1.25 and numbers[0] != 1.0:
                return Phrase(f"{number_text(numbers[0] * 100.0)} % of {right.bracketed}")
        tight = ("plain", "product") if sign in _SUMS.values() else ("plain",)
        first = (*tight, "sum" if sign in _SUMS.values() else "product")
        after = first if sign in ("+", "×") else tight
        texts = [
            one.text if one.kind in fitting else f"({one.text})" for one, fitting in ((left, first), (right, after))
        ]
        return Phrase(f"{texts[0]} {sign} {texts[1]}", "sum" if sign in _SUMS.values() else "product")

    def _number(self, name: str, entry: str) -> float | None:
        """The fixed number that is wired to an input; None for anything else."""
        source = self._validated.wired[name, entry][0]
        fixed = self._validated.nodes[source].name == "number"
        return float(self._validated.values[source]["value"]) if fixed else None

    def _negation(self, name: str, node: Node, words: str, after: str) -> str:
        """The phrase of the opposite; empty where a *not* in it would mean something else.

        `two of these are not`, or `is not above one and is below another`.
        """
        plain = re.sub(r"\(.*?\)", lambda found: "_" * len(found[0]), words)  # what brackets add is not negated
        verbs = [(verb, negated) for verb, negated in _NEGATED for _ in range(plain.count(verb))]
        if INPUTS in {one for one, _ in PLACE.findall(words)} or len(verbs) != 1:
            return ""
        ((verb, negated),) = verbs
        at = plain.index(verb)
        return self._filled(name, node, words[:at] + negated + words[at + len(verb) :], True) + after

    def _filled(self, name: str, node: Node, words: str, clause: bool) -> str:
        before: dict[str, Phrase] = {}

        def fill(found: re.Match[str]) -> str:
            place, bare = found[1], found[2] is not None
            if place == INPUTS:
                mentioned = {one for one, _ in PLACE.findall(words)}
                return "; ".join(self.part(one).text for one in self._sources(name, node, leave_out=mentioned))
            entry = node.input(place)
            if entry is None:
                return self._setting(name, node, place)
            source = self._validated.wired.get((name, place))
            text = self._operand(name, node, place, clause) or self._unwired(entry)
            if bare:
                return text[4:] if text.startswith("the ") and " of " not in text else f"value of {text}"
            if source is not None:
                one = self.part(source)
                others = list(before.values())
                before[place] = one
                if clause and one.of and text.endswith(f" of {one.of}"):
                    short = text.removesuffix(f" of {one.of}")
                    if any(other.text == one.of for other in others) and short.startswith("the "):
                        return short if " of " in short else f"its {short[4:]}"
                    return short if any(other.of == one.of for other in others) else text
            return text

        return singular(PLACE.sub(fill, words))

    def _operand(self, name: str, node: Node, place: str, clause: bool) -> str | None:
        """The text of an input or parameter as a part of the phrase of the node; None for an input without a value."""
        entry = node.input(place)
        if entry is None:
            return self._setting(name, node, place)
        source = self._validated.wired.get((name, place))
        if source is None:
            return self.amount(name, place)
        one = self.part(source)
        if entry.port in (Port.CONDITION, Port.EVENT):
            return one.text if one.kind == "plain" and (clause or one.text.startswith("*")) else f"({one.text})"
        return one.text if clause and one.kind in ("sum", "product", "tail") else one.bracketed

    def _setting(self, name: str, node: Node, place: str) -> str:
        parameter = next(one for one in node.parameters if one.name == place)
        return setting_text(parameter, self._validated.values[name][place])

    def _unwired(self, entry: Input) -> str:
        return number_text(entry.default) if entry.default == entry.default else "nothing"

    def _sources(self, name: str, node: Node, leave_out: set[str] | frozenset[str] = frozenset()) -> list[Wired]:
        wired = self._validated.wired
        named = [one.name for one in node.inputs if one.port is not Port.BARS and one.name not in leave_out]
        return [wired[name, one] for one in named if (name, one) in wired]

    def _bars(self, name: str, node: Node, word: str) -> str:
        """` of the 4h bars` where the node reads other bars than those of the strategy."""
        sources = [self._validated.wired[name, one.name] for one in node.inputs if one.port is Port.BARS]
        texts = [self._made[self._wire(one)].text for one in sources]
        return "".join(f" {word} {text}" for text in texts if text != _OWN_BARS)

    def _unmentioned(self, name: str, node: Node, mentioned: set[str]) -> list[tuple[str, str]]:
        """Inputs and parameters that the phrase does not name: those that are wired, and those that are not default."""
        values, pairs = self._validated.values[name], []
        for entry in node.inputs:
            if (
                entry.port is Port.BARS
                or entry.name in mentioned
                or (INPUTS in mentioned and (name, entry.name) in self._validated.wired)
            ):
                continue
            text = self.amount(name, entry.name)
            if text is not None:
                pairs.append((entry.name, text))
        for one in node.parameters:
            if one.name not in mentioned and values[one.name] != one.default:
                pairs.append((one.name, setting_text(one, values[one.name])))
        return pairs


def _automatic(name: str, node: Node) -> bool:
    """Whether the id is one that the builder gave: the name of the node, with a number or without."""
    return re.fullmatch(rf"{re.escape(node.name)}(_\d+)?", name.rpartition(SEPARATOR)[2]) is not None
