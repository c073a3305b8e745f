"""Where Wickwork keeps its files, for a user with and without a home directory."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from wickwork.model.errors import InputError
from wickwork.store.home import home


@pytest.fixture(autouse=True)
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> str:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("WICKWORK_HOME", raising=False)
    monkeypatch.setattr(platformdirs, "user_data_dir", none)


def test_the_error_names_the_variables() -> None:
    with pytest.raises(InputError, match="WICKWORK_HOME, or set HOME"):
        home()


def test_the_variable_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_HOME", "somewhere")
    assert home() == Path("somewhere")
