"""`wick tokens`: tokens of programs, made on the machine of the server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import installation, options, output

if TYPE_CHECKING:
    from wickwork.services.access import Caller
    from wickwork.services.core import Services
    from wickwork.store.database.tables import Token

_DAY = 86_400_000
_SPANS = {"h": _DAY // 24, "d": _DAY, "w": 7 * _DAY}


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the token is for.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="read, write, run or admin; several may be given. All without."),
    ] = None,
    expires: Annotated[
        str, typer.Option("--expires", metavar="WHEN", help="A date (UTC), or a span such as 12h, 30d or 8w.")
    ] = "",
    config: installation.Config = None,
    user: installation.User = "",
    as_json: options.Json = False,
) -> None:
    """Make a token and print it; it is shown this once."""
    from wickwork.services import identity

    until = _moment(expires)

    async def make(services: Services, caller: Caller) -> tuple[Token, str]:
        return await identity.create_token(services, caller, name, scopes or None, until)

    token, secret = installation.done(installation.settings_of(config), user, make)
    if as_json:
        output.write_json({**_shown(token), "token": secret})
    else:
        output.write_text(f"{secret}\n")
        output.note(f"this is the only time that the token is shown; its scopes are {', '.join(token.scopes)}.")


def listed(config: installation.Config = None, user: installation.User = "", as_json: options.Json = False) -> None:
    """List the tokens of a user: what they may do and until when, not the tokens themselves."""
    from wickwork.services import identity

    async def look(services: Services, caller: Caller) -> list[Token]:
        return await identity.tokens_of(services, caller)

    found = installation.done(installation.settings_of(config), user, look)
    if as_json:
        output.write_json([_shown(one) for one in found])
        return
    rows = [
        (one.id, one.name, " ".join(one.scopes), _day(one.created_at), _day(one.expires_at), _day(one.last_used_at))
        for one in found
    ]
    output.table(output.columns("id", "name", "scopes", "made", "expires", "last used"), rows)


def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `wick tokens list` shows.")],
    config: installation.Config = None,
    user: installation.User = "",
) -> None:
    """End a token."""
    from wickwork.services import identity

    async def end(services: Services, caller: Caller) -> None:
        await identity.revoke_token(services, caller, token_id)

    installation.done(installation.settings_of(config), user, end)
    output.say(f"The token {token_id} is revoked.")


def _shown(token: Token) -> dict[str, Any]:
    names = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at")
    return {name: getattr(token, name) for name in names}


def _moment(text: str) -> int | None:
    """A time in ms: a date, or a span from now on. Raises InputError."""
    span = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text.strip())
    if span:
        return time.time_ns() // 1_000_000 + int(span[1]) * _SPANS[span[2]]
    return options.moment(text, "--expires") if text else None


def _day(moment: int | None) -> str:
    from wickwork.model.bars import iso

    return "never" if moment is None else iso(moment)[:16].replace("T", " ")


VERBS: dict[str, Callable[..., None]] = {"create": create, "list": listed, "revoke": revoke}
