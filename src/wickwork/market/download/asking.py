"""One question to an exchange: again where that can help, and otherwise a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from wickwork.market.download.exchanges import Exchange
from wickwork.model.errors import WickworkError

TRIES = 6
"""A question is asked so many times, with pauses of 1, 2, 4, 8 and 16 s between, each cut by up to a half by chance."""
PATIENCE = 300.0
"""An exchange that asks for a longer pause than so many seconds is left alone."""

Answer = TypeVar("Answer")
Waiting = Callable[[float, str], None]
"""Told before each pause: how many seconds, and why."""


class Unanswered(WickworkError):
    """The exchange did not give what was asked for, and asking again now would not help."""


class BadAnswer(WickworkError):
    """An answer that cannot be true; it is asked for again."""


@dataclass(frozen=True)
class Time:
    """The clock (ms since 1970), the sleep (s) and the chance (0 to 1) that a download lives by."""

    clock: Callable[[], int]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


@dataclass(frozen=True)
class Fault:
    """What an answer was instead of one: the sentence, whether asking again can help, and the pause (s) it asks for."""

    sentence: str
    again: bool
    pause: float | None = None


def ask(
    question: Callable[[], Answer],
    exchange: Exchange,
    client: Any,
    time: Time,
    waiting: Waiting,
    tries: int = TRIES,
) -> Answer:
    """The answer to a question; Unanswered after so many tries, or at once where another try cannot help."""
    import ccxt

    for number in range(1, tries + 1):
        client.last_response_headers = None
        try:
            return question()
        except BadAnswer as error:
            fault = Fault(str(error), again=True)
        except ccxt.BaseError as error:
            fault = _fault(error, exchange, client, time.clock())
        except (LookupError, TypeError, ValueError, AttributeError) as error:  # ccxt met what it did not reckon with
            fault = Fault(f"{exchange.name} gave an answer that cannot be read ({error!r}).", again=True)
        if not fault.again:
            raise Unanswered(fault.sentence)
        if fault.pause is not None and fault.pause > PATIENCE:
            raise Unanswered(f"{fault.sentence} It asks to be left alone for {_length(fault.pause)}.")
        if number == tries:
            raise Unanswered(f"{fault.sentence} It was asked {tries} times.")
        usual = 2.0 ** (number - 1) * (1.0 - time.chance() / 2)
        pause = usual if fault.pause is None else fault.pause + usual / 4  # not all at the very moment it named
        waiting(pause, fault.sentence)
        time.sleep(pause)
    raise AssertionError("a question ends with an answer or an error")


def strict(client: Any) -> None:
    """Make ccxt refuse an answer that is no JSON; by itself it takes a page that was cut off for an empty one."""
    import ccxt

    usual = client.handle_errors

    def handle_errors(code: int, *rest: Any) -> Any:
        answer = rest[5]
        if answer is None and code < 400:
            raise ccxt.BadResponse("no JSON")
        return usual(code, *rest)

    client.handle_errors = handle_errors


def unfiltered(client: Any) -> None:
    """Make ccxt hand out all rows of an answer; by itself it counts those that came twice, and cuts as many others."""

    def parse_ohlcvs(rows: Any, market: Any = None, *_: Any, **__: Any) -> list[Any]:
        return [client.parse_ohlcv(row, market) for row in rows or ()]

    client.parse_ohlcvs = parse_ohlcvs


def paced(client: Any, time: Time) -> None:
    """Keep ccxt's distance between requests by our clock and sleep instead of its own."""
    due = 0.0

    def throttle(cost: float | None = None) -> None:
        nonlocal due
        now = time.clock()
        if now < due:
            time.sleep((due - now) / 1000)
        due = max(due, now) + client.rateLimit * (1 if cost is None else cost)

    client.throttle = throttle


def _fault(error: Exception, exchange: Exchange, client: Any, now: int) -> Fault:
    """What an error of ccxt means for who asks."""
    import ccxt

    name, status = exchange.name, _status(error)
    headers = client.last_response_headers or {}
    if status in (403, 451):
        return Fault(f"{name} refuses requests from here (HTTP {status}): it may not serve this country.", again=False)
    if status is not None and status >= 500:
        return Fault(
            f"{name} has a fault of its own (HTTP {status}).", again=True, pause=_asked(exchange, headers, now)
        )
    if isinstance(error, (ccxt.RateLimitExceeded, ccxt.DDoSProtection)):
        code = f" (HTTP {status})" if status else ""
        return Fault(f"{name} asks for fewer requests{code}.", again=True, pause=exchange.pause(headers, now))
    if isinstance(error, ccxt.BadSymbol):
        return Fault(f"{name} does not know this instrument: {_said(error)}", again=False)
    if isinstance(error, ccxt.RequestTimeout):
        return Fault(f"{name} did not answer in time.", again=True)
    if isinstance(error, ccxt.BadResponse):
        return Fault(f"{name} gave an answer that cannot be read.", again=True)
    if status is not None and 400 <= status < 500:
        return Fault(f"{name} does not take the request (HTTP {status}): {_said(error)}", again=False)
    if isinstance(error, ccxt.NetworkError):
        if isinstance(error, ccxt.ExchangeNotAvailable):
            return Fault(f"{name} is not available: {_said(error)}", again=True)
        host = urlsplit(client.last_request_url or "").netloc
        return Fault(f"{name} cannot be reached at {host}, or the connection broke.", again=True)
    return Fault(f"{name} refuses: {_said(error)}", again=False)


def _asked(exchange: Exchange, headers: Any, now: int) -> float | None:
    return exchange.pause(headers, now) if "Retry-After" in headers else None


def _status(error: BaseException | None) -> int | None:
    """The HTTP status behind an error, if that is what made it."""
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None:
            return int(response.status_code)
        error = error.__cause__ or error.__context__
    return None


def _said(error: Exception) -> str:
    """What the exchange said, short and on one line."""
    text = " ".join(f"{error} {error.__cause__ or ''}".split())
    text = text if len(text) <= 200 else f"{text[:200]}…"
    return text if text.endswith(".") else f"{text}."


def _length(seconds: float) -> str:
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}s"
    return f"{seconds:.0f} seconds"
