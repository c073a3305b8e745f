"""The web process imports the SDK at the first request of an assistant, and works where it is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.server.conftest import ClientOf

pytestmark = pytest.mark.anyio


def test_the_application_does_not_import_the_sdk() -> None:
    code = "import sys, wickwork.server.serve; sys.exit(any(one in sys.modules for one in ('mcp', 'mcp_types')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_the_sdk_the_endpoint_says_what_to_install(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one == "wickwork.server.mcp.http" or one.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    client = await client_of("trader")
    answer = await client.post("/mcp", json={})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Assistants need the MCP SDK; install it with `pip install 'wickwork[agents]'`."
