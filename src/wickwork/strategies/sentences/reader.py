"""The inputs and parameters of one action, as words. What has been read counts as mentioned."""

from __future__ import annotations

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.signature import Value
from wickwork.graph.types import Port
from wickwork.strategies.sentences.phrases import Phrases
from wickwork.strategies.sentences.words import number_text, setting_text, spoken

_SIZES = {
    "quantity": ("", "{} units"),
    "quote": ("for ", "{} in quote currency"),
    "percent_of_equity": ("", "{} % of equity"),
    "percent_of_cash": ("", "{} % of cash"),
    "risk_percent": ("with ", "{} % of equity at risk"),
}
"""By the way in which a size is meant: the word before it, and the size."""
_IN_FORCE = {"ioc": "what does not fill at once is canceled", "fok": "it fills at once as a whole, or not at all"}


class Reader:
    """Reads one action; `unmentioned` gives what has not been read."""

    def __init__(self, validated: ValidatedGraph, phrases: Phrases, name: str) -> None:
        self.node = validated.nodes[name]
        self._validated, self._phrases, self._name = validated, phrases, name
        self._mentioned: set[str] = set()

    def amount(self, entry: str) -> str | None:
        """The phrase or number of an input; None where it has no value."""
        self._mentioned.add(entry)
        source = self._validated.wired.get((self._name, entry))
        if source is not None:
            return self._phrases.part(source).text
        return self._phrases.amount(self._name, entry)

    def factor(self, entry: str) -> str | None:
        """As `amount`, for a place where a number is expected: a phrase is in brackets, unless it is a name."""
        text = self.amount(entry)
        wired = (self._name, entry) in self._validated.wired
        return f"({text})" if text and wired and not text.startswith("*") else text

    def setting(self, parameter: str) -> Value:
        """A parameter. The default of the node where the action does not have it."""
        self._mentioned.add(parameter)
        return self._validated.values[self._name].get(parameter, 0)

    def peek(self, parameter: str) -> Value:
        """A parameter, which does not count as mentioned."""
        return self._validated.values[self._name][parameter]

    def range_name(self) -> str:
        """What a distance is a multiple of: `ATR`, or `× (…)` where that is not the usual one."""
        self._mentioned.add("atr")
        nodes, wired = self._validated.nodes, self._validated.wired
        source = wired.get((self._name, "atr"), ("", ""))[0]
        if source and nodes[source].name == "atr" and self._validated.values[source] == {"period": 14}:
            bars = wired[source, "bars"]
            if bars[1] == "bars" and nodes[bars[0]].name == "bars":
                return "ATR"
        return f"× {self.factor('atr')}"

    def has(self, parameter: str) -> bool:
        """Whether the action has such a parameter."""
        return parameter in self._validated.values[self._name]

    def when(self) -> str:
        """`when …`."""
        self._mentioned.add("when")
        return f"when {self._phrases.whole(self._validated.wired[self._name, 'when']).text}"

    def order(self) -> str:
        """The name of the action whose orders are meant; empty for none."""
        source = self._validated.wired.get((self._name, "order"))
        self._mentioned.add("order")
        return spoken(source[0]) if source else ""

    def size(self, default: float | None, word: str = "") -> str:
        """How much, behind `word` or, without one, behind the word that the way needs; empty where it is not given.

        `default` is the number where the action has none.
        """
        amount = self.factor("size") or (None if default is None else number_text(default))
        if amount is None:
            return ""
        own, text = _SIZES[str(self.setting("size_as"))]
        return f"{word or own}{text.format(amount)}"

    def life(self) -> str:
        """How long an order stays, and how it may fill."""
        parts = []
        bars, force = self.setting("good_for"), str(self.setting("time_in_force"))
        if bars:
            parts.append(f"the order ends after {number_text(float(bars))} bars")
        if self.setting("post_only"):
            parts.append("it is canceled rather than filled as a taker (post-only)")
        if force in _IN_FORCE:
            parts.append(_IN_FORCE[force])
        return "".join(f"; {part}" for part in parts)

    def unmentioned(self) -> list[tuple[str, str]]:
        """Inputs that are wired or fixed, and parameters that are not the default, which have not been read."""
        values, pairs = self._validated.values[self._name], []
        for entry in self.node.inputs:
            if entry.name not in self._mentioned and entry.port is not Port.BARS:
                text = self.amount(entry.name)
                pairs += [(entry.name, text)] if text else []
        for one in self.node.parameters:
            if one.name not in self._mentioned and values[one.name] != one.default:
                pairs.append((one.name, setting_text(one, values[one.name])))
        return pairs
