"""Where Wickwork keeps its files, for a user with and without a home directory."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import platformdirs
import pytest

from wickwork.model.errors import InputError
from wickwork.store.home import cache_home, home


@pytest.fixture(autouse=True)
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> str:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("WICKWORK_HOME", raising=False)
    monkeypatch.setattr(platformdirs, "user_data_dir", none)
    monkeypatch.setattr(platformdirs, "user_cache_dir", none)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_the_error_names_the_variables() -> None:
    with pytest.raises(InputError, match="WICKWORK_HOME, or set HOME"):
        home()


def test_the_variable_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WICKWORK_HOME", "somewhere")
    assert home() == Path("somewhere")


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_compiled_code_is_kept_in_a_private_folder() -> None:
    assert stat.S_IMODE(cache_home().stat().st_mode) == 0o700
    assert cache_home() == cache_home()


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_folder_that_others_may_write_to_is_refused() -> None:
    cache_home().chmod(0o777)
    with pytest.raises(InputError, match="WICKWORK_CACHE"):
        cache_home()
