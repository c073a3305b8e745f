from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from uvicorn import Config

from wickwork.model.errors import InputError, Unavailable
from wickwork.services.child import Child, Place, Tools


def large(request: dict[str, Any], tools: Tools) -> str:
    """Work for a child: an answer that does not fit into the buffers of a pipe."""
    return "x" * 20_000_000


def ask(request: dict[str, Any], tools: Tools) -> Any:
    """Work for a child: what its parent answers, or an error."""
    if "wrong" in request:
        raise InputError("the request is wrong")
    return tools.ask("known?")


@pytest.mark.anyio
async def test_a_child_whose_question_was_not_answered_does_not_take_the_next_call_for_the_answer(
    tmp_path: Path,
) -> None:
    child = Child(Place(tmp_path, tmp_path))
    work = f"{__name__}:ask"

    async def fails(question: Any) -> Any:
        raise Unavailable("no database")

    async def knows(question: Any) -> Any:
        return f"{question} yes"

    with pytest.raises(Unavailable):
        await child.call(work, {}, answer=fails)
    assert await child.call(work, {}, answer=knows) == "known? yes"
    with pytest.raises(InputError, match="the request is wrong"):
        await child.call(work, {"wrong": 1})
    assert await child.call(work, {}, answer=knows) == "known? yes"
    child.kill()


def test_large_requests_and_answers_pass_with_the_event_loop_of_the_server(tmp_path: Path) -> None:
    child = Child(Place(tmp_path, tmp_path))

    async def call() -> list[int]:
        request = {"text": "x" * 20_000_000}
        return [len(await child.call(f"{__name__}:large", request)) for _ in range(3)]

    with asyncio.Runner(loop_factory=Config("", log_config=None).get_loop_factory()) as loop:
        assert loop.run(call()) == [20_000_000] * 3
    child.kill()
