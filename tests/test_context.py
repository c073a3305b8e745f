"""One object holds what belongs to a user, and two users of one process do not see each other's."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from wickwork import demo_bars
from wickwork.context import Context
from wickwork.graph.catalogue import Catalogue
from wickwork.market.store import Store
from wickwork.nodes import builtin


def test_the_context_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WICKWORK_CACHE", str(tmp_path / "cache"))
    context = Context.default()
    assert (context.home, context.cache) == (tmp_path / "home", tmp_path / "cache")
    assert context.store == Store()
    assert context.catalogue is builtin()
    assert not list(tmp_path.iterdir())


def test_contexts_of_two_users(tmp_path: Path) -> None:
    one, other = Context(tmp_path / "one"), Context(tmp_path / "other", Catalogue({}))
    one.store.append(demo_bars("BTC/USDT", "1h").slice(0, 10))
    assert [len(user.store.series()) for user in (one, other)] == [1, 0]
    assert (len(other.catalogue), other.journals) == (0, tmp_path / "other" / "journals")
    with pytest.raises(FrozenInstanceError):
        one.home = other.home  # type: ignore[misc]
