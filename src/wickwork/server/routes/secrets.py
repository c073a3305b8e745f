"""Secrets of a user, such as keys of exchanges: written, and never shown again."""

from __future__ import annotations

from pydantic import Field

from wickwork.server.access import Of, Reader, Writer
from wickwork.server.resource import Body, Shown, resource
from wickwork.services import vault as service

router = resource("/api/secrets", "secrets")


class SecretGiven(Body):
    """A secret."""

    value: str = Field(min_length=1, max_length=10_000, repr=False)


class SecretShown(Shown):
    """What is shown of a secret."""

    name: str
    last: str = Field(description="The last four characters; empty for secrets of less than 16.")
    changed_at: int = Field(description="ms since 1970, UTC.")


@router.get("")
async def listed(services: Of, caller: Reader) -> list[SecretShown]:
    """The caller's secrets, by name, without their values."""
    return [SecretShown.model_validate(one) for one in await service.listed(services, caller)]


@router.put("/{name}")
async def put(services: Of, caller: Writer, name: str, body: SecretGiven) -> SecretShown:
    """Keep a secret, encrypted; one of the same name is replaced."""
    return SecretShown.model_validate(await service.put(services, caller, name, body.value))


@router.delete("/{name}", status_code=204)
async def remove(services: Of, caller: Writer, name: str) -> None:
    """Remove a secret."""
    await service.remove(services, caller, name)
