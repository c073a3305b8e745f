"""The kind of an order and its prices as parts of a sentence."""

from __future__ import annotations

from wickwork.model.order_kinds import MARKET, NEEDS_LIMIT, NEEDS_TRIGGER, ORDER_KINDS, TRAILS, has
from wickwork.strategies.sentences.reader import Reader

_BY_NAME = {kind.name: kind for kind in ORDER_KINDS}


def entry_order(read: Reader) -> str:
    """` by a limit order at 100`, of an entry; empty for a market order."""
    kind = _BY_NAME[str(read.setting("order"))]
    if kind.code == MARKET:
        return ""
    both = has(NEEDS_LIMIT, kind.code) and has(NEEDS_TRIGGER, kind.code)
    limit = read.amount("price") if has(NEEDS_LIMIT, kind.code) else None
    trigger = read.amount("stop" if both else "price") if has(NEEDS_TRIGGER, kind.code) else None
    return f" by {_with_article(kind.title)}{_prices(read, limit, trigger, has(TRAILS, kind.code))}"


def placed_order(read: Reader, purpose: str) -> str:
    """`a limit order to buy 2 units at 100`; the purpose is `to buy 2 units`."""
    kind = _BY_NAME[str(read.setting("order"))]
    limit = read.amount("price") if has(NEEDS_LIMIT, kind.code) else None
    trigger = read.amount("stop") if has(NEEDS_TRIGGER, kind.code) else None
    title = f"reduce-only {kind.title}" if read.setting("reduce_only") else kind.title
    return f"{_with_article(title)} {purpose}{_prices(read, limit, trigger, has(TRAILS, kind.code))}"


def _with_article(title: str) -> str:
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


def _prices(read: Reader, limit: str | None, trigger: str | None, trails: bool) -> str:
    if limit and trigger:
        return f" with the trigger {trigger} and the limit {limit}"
    text = f" at {limit}" if limit else ""
    if trigger:
        text = f", {trigger}" if trails else f" at {trigger}"
    if trails:
        unit = " %" if read.setting("trail_as") == "percent" else ""
        text += f", {read.factor('trail')}{unit} behind the best price since then"
    return text
