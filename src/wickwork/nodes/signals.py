"""Signals: on each bar a direction (1 buy, −1 sell, 0 none) and how much confidence there is in it, from 0 to 1.

A signal is given on the bar on which something happens. `buy` and `sell` are the same as events.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Choice, Condition, Event, Length, Series, Window
from wickwork.nodes.voting import ROUNDING
from wickwork.nodes.windows import Period, slide_sum

nan = float("nan")
Direction = Annotated[Series, Between(-1, 1)]
Confidence = Annotated[Series, Between(0, 1)]
VOTE, SHARE, ALL, ANY = range(4)


class Signal(NamedTuple):
    """Outputs of most signals."""

    direction: Direction
    confidence: Confidence
    buy: Event
    sell: Event


def share(value: float) -> float:
    """The value, but not below 0 and not above 1."""
    value = value if value < 1.0 else 1.0
    return value if value > 0.0 else 0.0


def signal_of(buy: bool, sell: bool, confidence: float) -> Signal:
    """The signal of two conditions; none where both are true or none is."""
    direction = (1.0 if buy else 0.0) - (1.0 if sell else 0.0)
    return Signal(direction, share(confidence) if direction != 0.0 else 0.0, direction > 0.0, direction < 0.0)


@node(
    title="Signal",
    phrase={
        "direction": "the direction of the signal (buy: {buy})",
        "confidence": "the confidence of the signal (buy: {buy})",
        "buy": "{buy}",
        "sell": "there is a sell signal (buy: {buy})",
    },
    group="signals",
    terms=("buy", "sell", "direction", "strength", "confidence"),
)
def signal(buy: Condition, sell: Condition = False, confidence: Series = 1.0) -> Signal:
    """A signal of your own: a buy while `buy` is true, a sell while `sell` is; none while both are, or none is.

    `confidence` is clipped to 0 … 1; without a signal it is 0.
    """
    return signal_of(buy, sell, confidence)


class Order(NamedTuple):
    """Memory of `macd_signal`: whether the MACD was at or below its signal line, and at or above it."""

    below: int = 0
    above: int = 0


@node(
    title="MACD signal",
    phrase={
        "direction": "the direction of the last cross of {macd} and {signal}",
        "confidence": "the confidence of the cross of {macd} and {signal}",
        "buy": "{macd} crosses above {signal}",
        "sell": "{macd} crosses below {signal}",
    },
    group="signals",
    terms=("macd crossover", "buy", "sell", "cross of the signal line"),
)
def macd_signal(memory: Order, macd: Series, signal: Series, confidence: Series = 0.7) -> tuple[Order, Signal]:
    """A buy where the MACD rises above its signal line, a sell where it falls below.

    Buy: macd > signal, and macd ≤ signal on the bar before; sell mirrored. Wire the lines of `macd`, or any two lines.
    The first bar has no signal.
    """
    buy = (macd > signal) & (memory.below > 0)
    sell = (macd < signal) & (memory.above > 0)
    return Order(1 if macd <= signal else 0, 1 if macd >= signal else 0), signal_of(buy, sell, confidence)


class Before(NamedTuple):
    """Memory of `rsi_signal`: the value of the bar before."""

    value: float = nan


class RsiSignal(NamedTuple):
    """Outputs of `rsi_signal`."""

    direction: Direction
    confidence: Confidence
    buy: Event
    sell: Event
    overbought: Condition
    oversold: Condition


@node(
    title="RSI signal",
    phrase={
        "direction": "the direction of the signal of {rsi} at {oversold} and {overbought}",
        "confidence": "the confidence of the signal of {rsi} at {oversold} and {overbought}",
        "buy": "{rsi} leaves the oversold zone upwards, past {oversold} (overbought: {overbought})",
        "sell": "{rsi} leaves the overbought zone downwards, past {overbought} (oversold: {oversold})",
        "overbought": "{rsi} is overbought (above {overbought}; oversold: {oversold})",
        "oversold": "{rsi} is oversold (below {oversold}; overbought: {overbought})",
    },
    group="signals",
    terms=("overbought", "oversold", "buy", "sell", "oscillator signal"),
)
def rsi_signal(
    memory: Before,
    rsi: Series,
    confidence: Series = 0.6,
    zone_confidence: Series = 0.5,
    *,
    overbought: Annotated[float, Between(50, 100)] = 70.0,
    oversold: Annotated[float, Between(0, 50)] = 30.0,
) -> tuple[Before, RsiSignal]:
    """A sell where the RSI leaves the overbought zone downwards, a buy where it leaves the oversold zone upwards.

    Sell: rsi < overbought, and rsi ≥ overbought on the bar before; buy: rsi > oversold, and rsi ≤ oversold before.
    `overbought` and `oversold` are true while the RSI is beyond these values. `confidence` is that of the signal, or
    `zone_confidence` on bars without one inside a zone. Wire `rsi`, `cutler_rsi` or any oscillator from 0 to 100.
    """
    sell = (rsi < overbought) & (memory.value >= overbought)
    buy = (rsi > oversold) & (memory.value <= oversold) & (not sell)
    high, low = rsi > overbought, rsi < oversold
    found = signal_of(buy, sell, confidence)
    zone = share(zone_confidence) if high | low else 0.0
    sure = found.confidence if buy | sell else zone
    return Before(rsi), RsiSignal(found.direction, sure, found.buy, found.sell, high, low)


class Widths(NamedTuple):
    """Memory of `bollinger_signal`: the value of the bar before, and the widths of the bands."""

    sums: Annotated[Window, Length(lambda period: period)]
    value: float = nan
    part: float = 0.0
    at: int = 0
    seen: int = 0


class BollingerSignal(NamedTuple):
    """Outputs of `bollinger_signal`."""

    direction: Direction
    confidence: Confidence
    buy: Event
    sell: Event
    squeeze: Condition


@node(
    title="Bollinger signal",
    phrase={
        "direction": "the direction of the Bollinger signal of {source} at {lower} and {upper}",
        "confidence": "the confidence of the Bollinger signal of {source} at {lower} and {upper}",
        "buy": "{source} comes down to the lower band ({lower}; upper band: {upper})",
        "sell": "{source} comes up to the upper band ({upper}; lower band: {lower})",
        "squeeze": "the bands of {source} ({lower} and {upper}) are narrow (a squeeze)",
    },
    group="signals",
    terms=("band touch", "squeeze", "band_squeeze", "buy", "sell"),
)
def bollinger_signal(
    memory: Widths,
    source: Series,
    lower: Series,
    upper: Series,
    confidence: Series = 0.65,
    squeeze_confidence: Series = 0.5,
    *,
    squeeze: Annotated[float, Between(0, 1)] = 0.8,
    period: Period = 20,
) -> tuple[Widths, BollingerSignal]:
    """A buy where the price comes down to the lower band, a sell where it comes up to the upper one.

    Buy: source ≤ lower, and the source of the bar before above this same level; sell mirrored. `squeeze` is true while
    upper − lower is less than `squeeze` times its mean of the last `period` bars; never before there are so many.
    `confidence` is that of the signal, or `squeeze_confidence` on bars without one in a squeeze. Wire the lines of
    `bollinger`, or of other bands.
    """
    at, part, total = slide_sum(memory.sums, memory.at, memory.part, upper - lower, period)
    seen = memory.seen + 1
    tight = (seen >= period) & (upper - lower < squeeze * (total * (1.0 / period)))
    buy = (source <= lower) & (memory.value > lower)
    sell = (source >= upper) & (memory.value < upper)
    found = signal_of(buy, sell, confidence)
    idle = share(squeeze_confidence) if tight else 0.0
    sure = found.confidence if found.direction != 0.0 else idle
    return (
        Widths(memory.sums, source, part, at, seen),
        BollingerSignal(found.direction, sure, found.buy, found.sell, tight),
    )


class Lasting(NamedTuple):
    """Memory of `keep_signal`: the latest signal, and how many bars ago it was given."""

    direction: float = 0.0
    confidence: float = 0.0
    age: int = 0


class KeptSignal(NamedTuple):
    """Outputs of `keep_signal`."""

    direction: Direction
    confidence: Confidence


@node(
    title="Keep signal",
    phrase={
        "direction": "{direction}, kept for {bars} bars",
        "confidence": "the confidence of ({direction}), kept for {bars} bars",
    },
    group="signals",
    terms=("hold signal", "last signal", "valid for n bars", "decay", "extend"),
)
def keep_signal(
    memory: Lasting, direction: Series, confidence: Series = 1.0, *, bars: Period = 5, fade: bool = False
) -> tuple[Lasting, KeptSignal]:
    """Keeps a signal for some bars, so that signals of different bars can be combined.

    It lasts `bars` bars, that on which it was given among them, or until the next signal. With `fade` its confidence
    falls in equal steps: of 4 bars to 0.75, 0.5 and 0.25 of what it was. A direction above 0 is a buy, one below 0 a
    sell.
    """
    sign = 1.0 if direction > 0.0 else -1.0 if direction < 0.0 else 0.0
    if sign != 0.0:
        kept = Lasting(sign, share(confidence), 0)
    else:
        kept = Lasting(memory.direction, memory.confidence, memory.age + 1)
    if kept.age >= bars:
        return Lasting(0.0, 0.0, 0), KeptSignal(0.0, 0.0)
    left = 1.0 - kept.age / bars if fade else 1.0
    return kept, KeptSignal(kept.direction, kept.confidence * left)


@node(
    title="Combine signals",
    phrase={
        "direction": "the direction of the combined signals ({inputs})",
        "confidence": "the confidence of the combined signals ({inputs})",
        "buy": "the combined signals ({inputs}) give a buy",
        "sell": "the combined signals ({inputs}) give a sell",
    },
    group="signals",
    terms=("confluence", "vote", "majority", "ensemble", "and", "or"),
)
def combine_signals(
    direction_1: Series,
    direction_2: Series = nan,
    direction_3: Series = nan,
    direction_4: Series = nan,
    confidence_1: Series = 1.0,
    confidence_2: Series = 1.0,
    confidence_3: Series = 1.0,
    confidence_4: Series = 1.0,
    *,
    rule: Annotated[int, Choice("vote", "share", "all", "any")] = VOTE,
    threshold: Annotated[float, Between(0.01, 1)] = 0.3,
) -> Signal:
    """One signal of up to four: a buy where enough of them are buys, a sell where enough of them are sells.

    A direction above 0 is a buy, one below 0 a sell; directions that are not wired do not take part. The rules:
    `vote`: the mean of ±confidence over all signals (0 of one without a direction) is at least ±`threshold`; its size
    is the confidence.
    `share`: at least the share `threshold` of the signals agrees, and more than are against; the confidence is the mean
    of theirs. Two of three are a share of 0.66.
    `all`: all agree; the confidence is the lowest of theirs.
    `any`: one is enough while none is against; the confidence is the highest of theirs.
    """
    wired, ups, downs, up, down, least, most_up, most_down = 0, 0, 0, 0.0, 0.0, 1.0, 0.0, 0.0
    for direction, given in (
        (direction_1, confidence_1), (direction_2, confidence_2), (direction_3, confidence_3),
        (direction_4, confidence_4),
    ):  # fmt: skip
        confidence = share(given)
        if direction == direction:
            wired += 1
            least = confidence if confidence < least else least
        if direction > 0.0:
            ups += 1
            up += confidence
            most_up = confidence if confidence > most_up else most_up
        elif direction < 0.0:
            downs += 1
            down += confidence
            most_down = confidence if confidence > most_down else most_down
    if rule == ALL:
        return signal_of(ups == wired, downs == wired, least)
    if rule == ANY:
        return signal_of((ups > 0) & (downs == 0), (downs > 0) & (ups == 0), most_up if ups > 0 else most_down)
    if rule == VOTE:
        score = (up - down) / wired if wired > 0 else 0.0
        return signal_of(score >= threshold - ROUNDING, score <= ROUNDING - threshold, abs(score))
    mean = up / ups if ups > downs else down / downs if downs > 0 else 0.0
    enough = threshold * wired - ROUNDING
    return signal_of((ups >= enough) & (ups > downs), (downs >= enough) & (downs > ups), mean)
