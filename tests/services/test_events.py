from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from wickwork.services import events as module
from wickwork.services.events import Event, LocalEvents

pytestmark = pytest.mark.anyio


async def numbers_since(events: LocalEvents, number: int) -> list[int] | None:
    found = await events.since(number)
    return None if found is None else [event.number for event in found]


async def test_what_is_no_longer_kept_is_known_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    events = LocalEvents()
    for number in range(5):
        await events.publish("jobs", None, {"n": number})
    assert await numbers_since(events, 5) == []
    assert await numbers_since(events, 2) == [3, 4, 5]
    assert [await numbers_since(events, number) for number in (1, 6, -1)] == [None, None, None]


async def test_large_messages_are_kept_up_to_a_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT_BYTES", 10_000)
    events = LocalEvents()
    for _ in range(20):
        await events.publish("jobs", None, {"text": "x" * 2_000})
    assert await numbers_since(events, 16) == [17, 18, 19, 20]
    assert await numbers_since(events, 15) is None


async def test_of_one_subject_no_version_is_sent_twice_or_after_a_newer_one() -> None:
    events, seen = LocalEvents(), []
    events.follow(seen.append)
    for version in (1, 1, 3, 2, 4):
        assert await events.publish("jobs", None, {"n": version}, "a job", version)
    assert [event.data["n"] for event in seen if event] == [1, 3, 4]


async def test_after_a_gap_followers_know_that_messages_are_missing() -> None:
    events, seen = LocalEvents(), []
    events.follow(seen.append)
    for number in (1, 2, 7, 8):
        events.deliver(Event(number, "jobs", None, {}))
    assert [event and event.number for event in seen] == [1, 2, None, 7, 8]
    assert await numbers_since(events, 2) is None
    assert await numbers_since(events, 6) == [7, 8]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**70, -(2**70), "\ud800", {"\udfff": 1}, None, []])
async def test_any_value_can_be_sent_in_both_formats(value: Any) -> None:
    event = Event(1, "jobs", None, {"value": value})
    assert json.loads(event.as_json)["number"] == 1
    assert msgspec.msgpack.decode(event.as_msgpack)["number"] == 1
