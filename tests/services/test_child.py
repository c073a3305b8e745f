from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wickwork.model.errors import InputError, Unavailable
from wickwork.services.child import Child, Place, Tools

pytestmark = pytest.mark.anyio


def ask(request: dict[str, Any], tools: Tools) -> Any:
    """Work for a child: what its parent answers, or an error."""
    if "wrong" in request:
        raise InputError("the request is wrong")
    return tools.ask("known?")


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
