"""Stop loss, take profits and trailing stop as parts of a sentence."""

from __future__ import annotations

from wickwork.strategies.sentences.reader import Reader
from wickwork.strategies.sentences.words import listed, number_text
from wickwork.strategies.trade import TARGETS


def bracket_texts(read: Reader, long: bool | None) -> str:
    """`, with a stop loss 2 % below the entry and …`; `long` is the side of the position, None where it can be both."""
    parts = []
    stop = _level(read, "stop_loss", _side(long, losing=True))
    if stop:
        parts.append(f"a stop loss {stop}")
    targets = [(leg, text) for leg in TARGETS if (text := _level(read, leg, _side(long, losing=False)))]
    for leg, text in targets:
        share = float(read.setting(f"{leg}_share"))
        parts.append(f"a take profit {text}" if share == 100.0 else f"a take profit {text} for {number_text(share)} %")
    trailing = _level(read, "trailing", "behind the best price")
    if trailing:
        after = _level(read, "trailing_after", _side(long, losing=False))
        parts.append(f"a trailing stop {trailing}{f', which follows from a price {after} on' if after else ''}")
    return f", with {listed(parts, 'and')}" if parts else ""


def _side(long: bool | None, *, losing: bool) -> str:
    if long is None:
        return "against the entry" if losing else "in favour of the entry"
    return "below the entry" if long is losing else "above the entry"


def _level(read: Reader, leg: str, where: str) -> str:
    """Where a leg is; empty where there is none."""
    if not read.has(f"{leg}_as") or read.peek(f"{leg}_as") == "none":
        return ""
    mode = str(read.setting(f"{leg}_as"))
    if mode == "price":
        return f"at {read.amount(leg)}"
    amount = read.factor(leg)
    if mode == "r":
        return f"at {amount} R" if leg != "trailing" else f"{amount} R {where}"
    if mode == "percent":
        return f"{amount} % {where}"
    return f"{amount} {read.range_name()} {where}" if mode == "atr" else f"{amount} {where}"
