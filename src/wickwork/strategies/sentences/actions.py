"""What an action does, as a sentence: buys 95 % of equity when …, with a stop loss 2 % below the entry."""

from __future__ import annotations

from collections.abc import Callable

from wickwork.graph.check import ValidatedGraph
from wickwork.strategies import trade
from wickwork.strategies.sentences.brackets import bracket_texts
from wickwork.strategies.sentences.orders import entry_order, placed_order
from wickwork.strategies.sentences.phrases import Phrases
from wickwork.strategies.sentences.reader import Reader
from wickwork.strategies.sentences.words import extras, number_text, singular, spoken


def action_sentence(validated: ValidatedGraph, phrases: Phrases, name: str) -> str:
    """The sentence of one action. It names each wired input and each parameter that is not the default."""
    node = validated.nodes[name]
    read = Reader(validated, phrases, name)
    write = _SENTENCES.get(trade.FUNCTIONS.get(node.name, ""), _any_action)
    text = write(read)
    label = f"*{spoken(name)}*: " if phrases.is_read(name) else ""
    return singular(f"{label}{text}{extras(read.unmentioned())}.")


def _enters(verb: str, long: bool) -> Callable[[Reader], str]:
    def sentence(read: Reader) -> str:
        size = read.size(95.0)
        text = f"{verb} {size}{entry_order(read)} {read.when()}"
        if read.setting("add"):
            text += ", also when such a position is held already"
        return text + bracket_texts(read, long) + read.life()

    return sentence


def _reverses(read: Reader) -> str:
    to = read.setting("to")
    size = read.size(95.0, "with ")
    if to == "other":
        return f"Reverses the position, {size} on the other side, {read.when()}{bracket_texts(read, None)}"
    text = f"Goes {to} {size} {read.when()}, closing a {'short' if to == 'long' else 'long'} position first"
    return text + bracket_texts(read, to == "long")


def _closes(read: Reader) -> str:
    percent = read.factor("percent") or "100"
    part = "" if percent == "100" else f"{percent} % of "
    only = read.setting("only")
    return f"Closes {part}{'the' if only == 'any' else f'a {only}'} position {read.when()}"


def _places(read: Reader) -> str:
    side = str(read.setting("side"))
    long = side == "buy"
    text = f"Places {placed_order(read, f'to {side} {read.size(None)}'.rstrip())} {read.when()}"
    group = read.setting("oco")
    if group:
        text += f", as one of the orders of group {group}, in which a fill of one cancels the others"
    return text + bracket_texts(read, long) + read.life()


def _grid(read: Reader) -> str:
    levels, way = read.setting("levels"), read.setting("direction")
    centre, lower, upper = (_unless_zero(read.amount(entry)) for entry in ("centre", "lower", "upper"))
    spacing = read.factor("spacing") or "1"
    apart = f"{spacing} % apart" if read.setting("spacing_as") == "percent" else f"{spacing} apart"
    text = f"Starts a grid of {levels} limit orders to buy below {centre or 'the price'} and {levels} to sell above it"
    text += f", {apart}, each {read.size(5.0, 'for ')}"
    text += f", none of them below {lower}" if lower else ""
    text += f", none of them above {upper}" if upper else ""
    text += f", {read.when()}, unless a grid is running"
    if way == "long":
        text += ". It first buys what its sell orders need, and never sells short"
    if way == "short":
        text += ". It first sells short what its buy orders need, and never goes long"
    return text


def _unless_zero(amount: str | None) -> str | None:
    return None if amount == "0" else amount


def _cancels(read: Reader) -> str:
    leg, order, number = str(read.setting("leg")), read.order(), int(read.setting("target"))
    if leg != "none":
        return f"Cancels {_target(leg, number)} of {f'*{order}*' if order else 'all entries'} {read.when()}"
    whose = f"the working orders of *{order}*" if order else "all working orders"
    too = ", and their stop losses, take profits and trailing stops," if read.setting("legs") else ""
    return f"Cancels {whose}{too} {read.when()}"


def _modifies(read: Reader) -> str:
    leg, order, price, quantity = read.setting("leg"), read.order(), read.amount("price"), read.amount("quantity")
    number = int(read.setting("target"))
    if leg != "none":
        text = f"Moves {_target(str(leg), number)} of *{order}* to {price}"
        return f"{text}{f', with the quantity {quantity},' if quantity else ''} {read.when()}"
    changes = [f"the {what} {value}" for what, value in (("price", price), ("quantity", quantity)) if value]
    return f"Changes the working orders of *{order}* to {' and '.join(changes) or 'what they are'} {read.when()}"


def _target(leg: str, number: int) -> str:
    return f"the {leg.replace('_', ' ')}{f' number {number}' if number != 1 else ''}"


def _rebalances(read: Reader) -> str:
    tolerance = float(read.setting("tolerance"))
    text = f"Brings the position to {read.factor('weight')} % of equity {read.when()}"
    return text if tolerance == 1.0 else f"{text}, unless it is within {number_text(tolerance)} % of that"


def _records(read: Reader) -> str:
    text = f'Records the message "{read.setting("message")}" {read.when()}'
    values = [f"{name} is {value}" for name in ("a", "b", "c", "d") if (value := read.amount(name))]
    return text + (f", where {' and '.join(values)}" if values else "")


def _ladder(read: Reader) -> str:
    spacing = read.factor("spacing") or "1"
    apart = f"{spacing} % apart" if read.setting("spacing_as") == "percent" else f"{spacing} apart"
    start = read.amount("price")
    text = f"Places {read.setting('levels')} limit orders to {read.setting('side')}, {apart}"
    text += f" from {start}" if start else ""
    return f"{text}, the first {read.size(5.0, 'for ')}, {read.when()}{read.life()}"


def _any_action(read: Reader) -> str:
    return f"{read.node.title} {read.when()}"


_SENTENCES: dict[str, Callable[[Reader], str]] = {
    "buy": _enters("Buys", True),
    "short": _enters("Sells short", False),
    "reverse": _reverses,
    "close": _closes,
    "place": _places,
    "grid": _grid,
    "cancel": _cancels,
    "modify": _modifies,
    "rebalance": _rebalances,
    "notify": _records,
    "ladder": _ladder,
}
