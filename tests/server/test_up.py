"""`wick up` as a process: what it refuses, how it starts, and how it stops."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.cli.conftest import Answer
from tests.ports import free_port
from tests.server.processes import Process, up
from wickwork.cli import main
from wickwork.graph.document import to_text
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

Wick = Callable[..., Answer]
LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes by way of /proc")


@pytest.fixture
def wick(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wick:
    """Runs a command in this process, over a folder of the test."""
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*args: object) -> Answer:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


def refused(answer: Answer) -> str:
    """The one sentence with which a command was refused."""
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("wick: ")
    assert answer.err.count("\n") == 1
    return answer.err


def test_a_port_in_use_is_named(wick: Wick, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} at 127.0.0.1 is in use" in refused(wick("up", "--port", port))
        other_port = free_port()
        answer = wick("up", "--port", other_port, "--system-v4-port", port)
        assert f"Port {port} at 127.0.0.1 is in use" in refused(answer)
    assert not (tmp_path / "home" / "wickwork.sqlite").exists()


def test_the_same_port_twice(wick: Wick) -> None:
    assert "system_v4_port" in refused(wick("up", "--port", 9000, "--system-v4-port", 9000))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_an_address_that_others_reach_needs_tls_or_a_proxy(wick: Wick, host: str) -> None:
    assert "server.certificate" in refused(wick("up", "--host", host))


def test_a_host_that_is_no_address_of_this_machine(wick: Wick) -> None:
    proxied = ("--set", 'server.proxies=["127.0.0.1"]')
    assert "192.0.2.1 is no address of this machine" in refused(wick("up", "--host", "192.0.2.1", *proxied))
    assert "has no address" in refused(wick("up", "--host", "no such host", *proxied))


def test_a_certificate_that_cannot_be_used(wick: Wick, tmp_path: Path) -> None:
    (tmp_path / "wrong.pem").write_text("no certificate")
    for name, said in (("absent.pem", "cannot be read"), ("wrong.pem", "not a certificate")):
        answer = wick("up", "--set", f"server.certificate={name}", "--set", f"server.key={name}")
        assert name in refused(answer)
        assert said in answer.err


def test_a_folder_that_cannot_be_written_to(wick: Wick, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    assert "cannot be written to" in refused(wick("up", "--port", free_port()))


def test_a_second_server_over_the_same_folder_is_refused(wick: Wick, tmp_path: Path) -> None:
    with up(tmp_path / "home", environment={"WICKWORK_JIT": "0"}) as server:
        said = refused(wick("up", "--port", free_port()))
        assert f"http://127.0.0.1:{server.port}" in said
        assert str(server.process.pid) in said
        link = wick("link")
        assert link.out.startswith(f"{server.url}/enter?link=")
        assert link.err == ""


@LINUX
def test_a_stop_closes_sockets_and_queues_jobs_again(tmp_path: Path) -> None:
    graph = json.loads(to_text(load_strategy(template("ema_cross").path).graph))
    with up(tmp_path) as server, server.browser() as browser:
        job = running(browser, browser.post("/api/backtests", json={"graph": graph}).json())
        children = server.children()
        assert len(children) >= 2
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        with connect(f"ws://127.0.0.1:{server.port}/ws", additional_headers={"Cookie": cookie}) as events:
            events.recv()
            code, out, err = server.end(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                drain(events)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
    assert code == 0, err
    assert "Traceback" not in err
    wait_for(lambda: not [one for one in children if _lives(one)])
    with sqlite3.connect(tmp_path / "wickwork.sqlite") as database:
        assert database.execute("SELECT state, runner FROM jobs WHERE id = ?", [job["id"]]).fetchall() == [
            ("queued", None)
        ]
    database.close()
    assert not (tmp_path / "server.json").exists()
    loaded = set(out.split("MODULES ")[1].split())
    assert "sqlalchemy" in loaded
    assert not loaded & {"numba", "pandas", "pyarrow", "ccxt", "scipy"}


def test_a_second_ctrl_c_ends_the_server_at_once(tmp_path: Path) -> None:
    with (
        up(tmp_path, "--workers", "0", environment={"WICKWORK_JIT": "0"}) as server,
        socket.create_connection(("127.0.0.1", server.port)) as slow,
    ):
        slow.sendall(b"POST /api/backtests HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n1")
        time.sleep(0.2)  # the request must have begun, so that the server waits for its end
        server.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        code, _, err = server.end(signal.SIGINT)
    assert code == 130
    assert "Traceback" not in err


def drain(events: ClientConnection) -> None:
    """Read until the connection is closed."""
    while True:
        events.recv(timeout=10)


def running(browser: Any, job: Any) -> Any:
    wait_for(lambda: browser.get(f"/api/jobs/{job['id']}").json()["state"] == "running")
    return job


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def _lives(process: int) -> bool:
    """Whether a process is there, and is not only waiting for its parent to note its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_tokens_are_made_listed_and_revoked(wick: Wick, tmp_path: Path) -> None:
    assert "wick up" in refused(wick("tokens", "list"))
    with up(tmp_path / "home", "--workers", "0", environment={"WICKWORK_JIT": "0"}) as server:
        made = json.loads(wick("tokens", "create", "program", "--scope", "read", "--expires", "30d", "--json").out)
        assert made["scopes"] == ["read"]
        assert 29 * 86_400_000 < made["expires_at"] - made["created_at"] <= 30 * 86_400_000
        assert session_of(server, made["token"]) == 200
        listed = wick("tokens", "list").out
        assert made["id"] in listed
        assert made["token"] not in listed
        assert wick("tokens", "revoke", made["id"]).code == 0
        assert "no token" in refused(wick("tokens", "revoke", made["id"]))
        assert json.loads(wick("tokens", "list", "--json").out) == []
    for wrong in (("--scope", "all"), ("--expires", "soon"), ("--expires", "2020-01-01"), ("--user", "nobody")):
        refused(wick("tokens", "create", "other", *wrong))
    assert "no server runs" in wick("link").err


def session_of(server: Process, token: str) -> int:
    import httpx

    return httpx.get(f"{server.url}/api/session", headers={"Authorization": f"Bearer {token}"}).status_code
