"""Personal tokens of programs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wickwork.server.access import Of, PersonOrWriter, Reader
from wickwork.server.resource import Body, Shown, resource
from wickwork.services import identity as service

router = resource("/api/tokens", "tokens")

Scope = Literal["read", "write", "run", "admin"]


class NewToken(Body):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=100, description="What it is for.")
    scopes: list[Scope] | None = Field(
        default=None, min_length=1, max_length=4, description="What it may do; all that the caller may without them."
    )
    expires_at: int | None = Field(
        default=None, ge=0, le=253_402_300_799_000, description="ms since 1970, UTC; null for a token without an end."
    )


class TokenShown(Shown):
    """A token, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: int = Field(description="ms since 1970, UTC.")
    expires_at: int | None
    last_used_at: int | None = Field(
        description="ms since 1970, UTC; up to a minute ago more; null before its first use."
    )


class TokenMade(TokenShown):
    """A new token."""

    token: str = Field(description="The token itself, which is shown only here.")


@router.get("")
async def listed(services: Of, caller: Reader) -> list[TokenShown]:
    """The caller's tokens, the newest first."""
    return [TokenShown.model_validate(one) for one in await service.tokens_of(services, caller)]


@router.post("", status_code=201)
async def create(services: Of, caller: PersonOrWriter, body: NewToken) -> TokenMade:
    """Make a token, which may do no more than the caller and outlives no token that makes it."""
    token, secret = await service.create_token(services, caller, body.name, body.scopes, body.expires_at)
    return TokenMade(**TokenShown.model_validate(token).model_dump(), token=secret)


@router.delete("/{token_id}", status_code=204)
async def revoke(services: Of, caller: PersonOrWriter, token_id: str) -> None:
    """Revoke a token at once, with its WebSockets."""
    await service.revoke_token(services, caller, token_id)
