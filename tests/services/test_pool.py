from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wickwork.model.errors import Unavailable
from wickwork.services.child import Child, ChildEnded, Place
from wickwork.services.pool import Pool

pytestmark = pytest.mark.anyio


class Dying(Child):
    """A child whose process ends a number of times before its work is done."""

    def __init__(self, place: Place, times: int) -> None:
        super().__init__(place)
        self.times = times

    def start(self) -> None:
        """No process starts."""

    async def call(self, *_: Any, **__: Any) -> Any:
        self.times -= 1
        if self.times >= 0:
            raise ChildEnded("The process that did this work ended before it was done.")
        return "done"


async def test_work_whose_process_was_killed_is_done_once_more(tmp_path: Path) -> None:
    pool = Pool(Place(tmp_path, tmp_path), 0)
    pool._free.put_nowait(Dying(Place(tmp_path, tmp_path), 1))
    assert await pool.call("x:y", {}) == "done"


async def test_work_that_ends_its_process_each_time_is_unavailable(tmp_path: Path) -> None:
    pool = Pool(Place(tmp_path, tmp_path), 0)
    pool._free.put_nowait(Dying(Place(tmp_path, tmp_path), 9))
    with pytest.raises(Unavailable, match="ended; it may have needed more memory"):
        await pool.call("x:y", {})
