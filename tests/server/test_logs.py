"""The log: one place, JSON lines, no secrets."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.server.conftest import ClientOf
from wickwork.server.log_stream import LogStream
from wickwork.server.logs import logging_to, set_level
from wickwork.server.operations import Operations
from wickwork.server.redaction import redacted
from wickwork.services.core import Services

SECRET = "wick_" + "Ab3-_" * 8


def lines(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "logs" / "server.log").read_text().splitlines()]


def test_messages_of_all_kinds_are_lines_of_json(tmp_path: Path) -> None:
    kept: list[Any] = []
    with logging_to(tmp_path, "info", kept.append):
        structlog.get_logger("wickwork.x").info("said", request="r1", count=3)
        logging.getLogger("uvicorn.error").warning("of a library %s", "here")
        logging.getLogger("aiosqlite").info("of no use")
        structlog.get_logger("wickwork.x").debug("too fine")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("of Python", stacklevel=1)
        set_level("debug")
        structlog.get_logger("wickwork.x").debug("fine")
        try:
            raise ValueError(f"with {SECRET}")
        except ValueError:
            structlog.get_logger("wickwork.x").exception("fault")
    found = lines(tmp_path)
    assert [one["event"] for one in found[:2]] == ["said", "of a library here"]
    assert found[0] == {"event": "said", "request": "r1", "count": 3, "level": "info", "logger": "wickwork.x",
                        "at": found[0]["at"]}  # fmt: skip
    assert "of Python" in found[2]["event"]
    assert [one["event"] for one in found[3:]] == ["fine", "fault"]
    assert "ValueError: with wick_********" in found[4]["exception"]
    assert [one["event"] for one in kept] == [one["event"] for one in found]
    structlog.get_logger("wickwork.x").info("after the end")
    assert lines(tmp_path) == found


@pytest.mark.parametrize(
    "text",
    [SECRET, f"Authorization: Bearer {SECRET}", "authorization: Basic c2VjcmV0Cg==", "('cookie', 'wickwork=hunter2')",
     "Cookie: a=1; wickwork=hunter2; b=hunter2", "/enter?link=hunter2&x=1", "/ws?ticket=hunter2",
     "postgresql://me:hunter2@host/name", "redis://:hunter2@host", "{'password': 'hunter2'}", '"api_key": "hunter2"',
     "__Host-wickwork=hunter2", "X-CSRF-Token: hunter2", "bot_token=hunter2", "eyJhbGciOi.eyJzdWIiOi.hunter2"],
)  # fmt: skip
def test_no_secret_is_written(text: str) -> None:
    shown = redacted(f"before {text} after")
    for secret in ("hunter2", SECRET[5:], "c2VjcmV0"):
        assert secret not in shown
    assert shown.startswith("before ")


def test_names_of_secrets_hide_their_values_and_control_characters_are_shown(tmp_path: Path) -> None:
    with logging_to(tmp_path, "info"):
        structlog.get_logger("wickwork.x").info(
            "line\x1b[2J\r\nforged", headers={"Cookie": "hunter2", "accept": "x"}, cookie="hunter2", path="/\u202e",
            share=float("nan"), other=object(),
        )  # fmt: skip
    text = (tmp_path / "logs" / "server.log").read_text()
    assert "hunter2" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(lines(tmp_path)) == 1


def test_ordinary_messages_stay_as_they_are() -> None:
    for text in ("The token is unknown or has expired.", "GET /api/tokens 200", "linking 3 files: done", "ticket sold"):
        assert redacted(text) == text


@pytest.mark.anyio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_newest_lines_are_published_and_kept(services: Services) -> None:
    stream, seen = LogStream(), []
    services.events.follow(seen.append)
    for number in range(250):
        stream.take({"event": "said", "number": number, "logger": "wickwork.x"})
    stream.take({"event": "redis", "logger": "wickwork.events"})
    await stream.publish(services.events)
    await stream.publish(services.events)
    assert len(seen) == 1
    assert seen[0].topic == "log"
    assert seen[0].data["left_out"] == 50
    assert seen[0].data["lines"][-1]["number"] == 249
    assert len(stream.newest(1_000)) == 251


@pytest.mark.anyio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_administrators_read_the_log_and_requests_are_in_it(
    client_of: ClientOf, tmp_path: Path, app: Any
) -> None:
    operations: Operations = app.state.operations
    admin = await client_of("admin")
    with logging_to(tmp_path, "info", operations.log.take):
        await admin.get("/api/session?secret=hunter2", headers={"Cookie": "wickwork=hunter2"})
        answer = await admin.get("/api/log?count=1")
    (line,) = answer.json()["lines"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/session", 200)
    assert len(line["request"]) > 10
    text = (tmp_path / "logs" / "server.log").read_text()
    assert "hunter2" not in text
    assert (await (await client_of("trader")).get("/api/log")).status_code == 403
