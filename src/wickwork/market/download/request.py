"""Requests to an exchange, repeated after errors that may pass; any other error becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from wickwork.market.download.exchanges import Exchange
from wickwork.model.errors import WickworkError

TRIES = 6
"""Attempts per request. The pauses between them are 1, 2, 4, 8 and 16 s, each shortened at random by up to a half."""
PATIENCE = 300.0
"""The longest pause (s) for which a download waits when an exchange sets one with Retry-After."""

Response = TypeVar("Response")
OnPause = Callable[[float, str], None]
"""Called before each pause with its length in seconds and the reason."""


class RequestFailed(WickworkError):
    """The exchange did not answer the request, and repeating it now would not help."""


class InvalidResponse(WickworkError):
    """A response that cannot be correct; the request is repeated."""


@dataclass(frozen=True)
class Timing:
    """What a download uses for time: a clock (ms since 1970 UTC), a sleep (s), and a random number from 0 to 1."""

    clock: Callable[[], int]
    sleep: Callable[[float], None]
    random: Callable[[], float]


@dataclass(frozen=True)
class Failure:
    """Why a request failed: a sentence, whether repeating it can help, and the pause (s) that the exchange set."""

    sentence: str
    retry: bool
    pause: float | None = None


def with_retries(
    send: Callable[[], Response],
    exchange: Exchange,
    client: Any,
    time: Timing,
    on_pause: OnPause,
    tries: int = TRIES,
) -> Response:
    """The response to a request; RequestFailed after `tries` attempts, or at once where another one cannot help."""
    import ccxt

    for number in range(1, tries + 1):
        client.last_response_headers = None
        try:
            return send()
        except InvalidResponse as error:
            failure = Failure(str(error), retry=True)
        except ccxt.BaseError as error:
            failure = _failure(error, exchange, client, time.clock())
        except (LookupError, TypeError, ValueError, AttributeError) as error:  # ccxt did not expect such a response
            failure = Failure(f"{exchange.name} sent a response that cannot be read ({error!r}).", retry=True)
        if not failure.retry:
            raise RequestFailed(failure.sentence)
        if failure.pause is not None and failure.pause > PATIENCE:
            raise RequestFailed(f"{failure.sentence} It sets a pause of {_duration(failure.pause)}.")
        if number == tries:
            raise RequestFailed(f"{failure.sentence} It was requested {tries} times.")
        usual = 2.0 ** (number - 1) * (1.0 - time.random() / 2)
        pause = (
            usual if failure.pause is None else failure.pause + usual / 4
        )  # so that clients do not all return at the same moment
        on_pause(pause, failure.sentence)
        time.sleep(pause)
    raise AssertionError("unreachable: the last attempt returns or raises")


def reject_invalid_json(client: Any) -> None:
    """Make ccxt reject a response that is not JSON; by default it treats a truncated page as an empty one."""
    import ccxt

    usual = client.handle_errors

    def handle_errors(code: int, *rest: Any) -> Any:
        answer = rest[5]
        if answer is None and code < 400:
            raise ccxt.BadResponse("no JSON")
        return usual(code, *rest)

    client.handle_errors = handle_errors


def keep_all_rows(client: Any) -> None:
    """Make ccxt return all rows of a response; by default it drops as many rows as there are duplicates."""

    def parse_ohlcvs(rows: Any, market: Any = None, *_: Any, **__: Any) -> list[Any]:
        return [client.parse_ohlcv(row, market) for row in rows or ()]

    client.parse_ohlcvs = parse_ohlcvs


def limit_rate(client: Any, time: Timing) -> None:
    """Make ccxt keep its rate limit with the clock and the sleep of `time` instead of its own."""
    due = 0.0

    def throttle(cost: float | None = None) -> None:
        nonlocal due
        now = time.clock()
        if now < due:
            time.sleep((due - now) / 1000)
        due = max(due, now) + client.rateLimit * (1 if cost is None else cost)

    client.throttle = throttle


def _failure(error: Exception, exchange: Exchange, client: Any, now: int) -> Failure:
    """An error of ccxt as a failure."""
    import ccxt

    name, status = exchange.name, _status(error)
    headers = client.last_response_headers or {}
    if status in (403, 451):
        return Failure(
            f"{name} refuses requests from here (HTTP {status}): it may not serve this country.", retry=False
        )
    if status is not None and status >= 500:
        return Failure(
            f"{name} has an internal error (HTTP {status}).", retry=True, pause=_retry_after(exchange, headers, now)
        )
    if isinstance(error, (ccxt.RateLimitExceeded, ccxt.DDoSProtection)):
        code = f" (HTTP {status})" if status else ""
        return Failure(f"{name} limits the rate of requests{code}.", retry=True, pause=exchange.pause(headers, now))
    if isinstance(error, ccxt.BadSymbol):
        return Failure(f"{name} does not list this instrument: {_message(error)}", retry=False)
    if isinstance(error, ccxt.RequestTimeout):
        return Failure(f"{name} did not answer in time.", retry=True)
    if isinstance(error, ccxt.BadResponse):
        return Failure(f"{name} sent a response that cannot be read.", retry=True)
    if status is not None and 400 <= status < 500:
        return Failure(f"{name} rejects the request (HTTP {status}): {_message(error)}", retry=False)
    if isinstance(error, ccxt.NetworkError):
        if isinstance(error, ccxt.ExchangeNotAvailable):
            return Failure(f"{name} is not available: {_message(error)}", retry=True)
        host = urlsplit(client.last_request_url or "").netloc
        return Failure(f"{name} cannot be reached at {host}, or the connection broke.", retry=True)
    return Failure(f"{name} refuses: {_message(error)}", retry=False)


def _retry_after(exchange: Exchange, headers: Any, now: int) -> float | None:
    return exchange.pause(headers, now) if "Retry-After" in headers else None


def _status(error: BaseException | None) -> int | None:
    """The HTTP status that caused an error, if there is one."""
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None:
            return int(response.status_code)
        error = error.__cause__ or error.__context__
    return None


def _message(error: Exception) -> str:
    """The message of an exchange on one line, at most 200 characters."""
    text = " ".join(f"{error} {error.__cause__ or ''}".split())
    text = text if len(text) <= 200 else f"{text[:200]}…"
    return text if text.endswith(".") else f"{text}."


def _duration(seconds: float) -> str:
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}s"
    return f"{seconds:.0f} seconds"
