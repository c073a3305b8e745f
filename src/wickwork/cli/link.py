"""`wick link`: a new link that opens the page once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wickwork.cli import installation, options, output

if TYPE_CHECKING:
    from wickwork.services.access import Caller
    from wickwork.services.core import Services


def link(config: installation.Config = None, user: installation.User = "", as_json: options.Json = False) -> None:
    """Print a link that opens the page once, within ten minutes; the server may be running or be started later."""
    from wickwork.server.listening import address_of
    from wickwork.server.running import running
    from wickwork.services import identity

    settings = installation.settings_of(config)

    async def make(services: Services, caller: Caller) -> tuple[str, bool]:
        found = running(services.home)
        address = str(found["address"]) if found else address_of(settings.server)
        secret = await identity.create_link(services, caller.user_id)
        return f"{address}/enter?link={secret}", found is not None

    text, runs = installation.done(settings, user, make)
    if as_json:
        output.write_json({"link": text, "running": runs})
        return
    output.write_text(f"{text}\n")
    if not runs:
        output.note("no server runs over this folder; start it with `wick up` within ten minutes.")
