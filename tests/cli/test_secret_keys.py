from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from wickwork.cli import main
from wickwork.server.serve import open_services
from wickwork.services import identity, vault
from wickwork.services.key_store import FILE
from wickwork.settings import Settings
from wickwork.store.database import schema


def test_the_key_is_changed_and_secrets_stay_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path))
    assert main(["secrets", "rotate"]) == 2
    assert "start `wick up` once" in capsys.readouterr().err
    services = open_services(Settings(), tmp_path)

    async def begin() -> str:
        await schema.upgrade(services.database)
        await identity.first_start(services)
        admin = await identity.local_admin(services)
        await vault.put(services, admin, "a", "kept")
        await services.database.close()
        return admin.user_id

    async def read(user: str) -> str:
        found = (await vault.reveal(services, user, "a")).reveal()
        await services.database.close()
        return found

    user = asyncio.run(begin())
    before = (tmp_path / FILE).read_bytes()
    assert main(["secrets", "rotate"]) == 0
    assert "1 secrets were encrypted anew" in capsys.readouterr().out
    assert (tmp_path / FILE).read_bytes() != before
    assert asyncio.run(read(user)) == "kept"
