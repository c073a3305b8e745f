"""An environment of its own for every rival, made from the few lines at the top of its file.

A rival's file begins with inline script metadata (PEP 723): `requires-python`, `dependencies`, and under
`[tool.against]` its `title`, perhaps `variants` of it and the `python` that it would rather have. A file without
dependencies runs in the environment that runs the suite: that is Wickwork.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(r"^# /// script\n((?:#.*\n)+?)# ///$", re.MULTILINE)
INSTALL_SECONDS = 600


class Unavailable(Exception):
    """A rival cannot be measured here; the message is the reason."""


@dataclass(frozen=True)
class Rival:
    """One file of `rivals/`, as its header describes it."""

    name: str
    file: Path
    title: str
    dependencies: tuple[str, ...]
    requires_python: str
    python: str
    variants: tuple[str, ...]


def read(file: Path) -> Rival:
    """The header of a rival's file."""
    found = HEADER.search(file.read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{file.name} has no header; begin it with the inline script metadata of PEP 723.")
    data = tomllib.loads("\n".join(line[2:] for line in found[1].splitlines()))
    mine = data.get("tool", {}).get("against", {})
    return Rival(
        name=file.stem,
        file=file,
        title=mine.get("title", file.stem),
        dependencies=tuple(data.get("dependencies", ())),
        requires_python=data.get("requires-python", ">=3.11"),
        python=mine.get("python", ""),
        variants=tuple(mine.get("variants", ("",))),
    )


def rivals(folder: Path) -> dict[str, Rival]:
    """Every rival by name, Wickwork first."""
    found = [read(file) for file in sorted(folder.glob("*.py"))]
    return {one.name: one for one in sorted(found, key=lambda one: bool(one.dependencies))}


def interpreter_of(rival: Rival, folder: Path) -> Path:
    """The Python of the rival's environment, which is made when it is not there or asks for other versions."""
    if not rival.dependencies:
        return Path(sys.executable)
    base, version = _base(rival)
    home = folder / rival.name
    python, mark = home / "bin" / "python", home / ".ready"
    wanted = hashlib.sha256("\n".join((version, *rival.dependencies)).encode()).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return python
    shutil.rmtree(home, ignore_errors=True)
    print(f"making an environment for {rival.title} with Python {version} …", file=sys.stderr, flush=True)
    install = [python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    try:
        _call([base, "-m", "venv", home])
        _call([*install, *rival.dependencies])
    except Unavailable:
        shutil.rmtree(home, ignore_errors=True)
        raise
    mark.write_text(wanted)
    return python


def _call(command: list[str | Path]) -> None:
    """Run a command to its end, or say why that was not possible."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _, complaint = process.communicate(timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise Unavailable(f"not installed within {INSTALL_SECONDS} s") from None
    if process.returncode:
        lines = [line.removeprefix("ERROR: ") for line in complaint.splitlines() if line.strip()]
        raise Unavailable(f"not installed: {lines[-1] if lines else 'pip failed without a word'}")


def _base(rival: Rival) -> tuple[str, str]:
    """An interpreter that the rival accepts, the one it would rather have if it is here, and its version."""
    known = [(path, version) for path in _candidates(rival.python) if (version := _version(path))]
    for path, version in sorted(known, key=lambda one: one[1] != rival.python):
        if accepts(rival.requires_python, version):
            return path, version
    raise Unavailable(f"needs Python {rival.requires_python}; here is {', '.join(sorted({v for _, v in known}))}")


def _candidates(wanted: str) -> list[str]:
    """Interpreters that may be here: the running one, those on the path, those of pyenv."""
    names = [f"python{wanted}"] if wanted else []
    names += [f"python3.{minor}" for minor in (11, 12, 13, 14)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [sys.executable, *(shutil.which(name) for name in names)]
    found += sorted(str(path) for path in pyenv.glob("3.*/bin/python"))
    return list(dict.fromkeys(path for path in found if path))


def _version(path: str) -> str:
    """`3.12`, or nothing where the file is not an interpreter that starts (pyenv leaves shims that do not)."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def accepts(requirement: str, version: str) -> bool:
    """Whether `3.12` fulfils `>=3.11,<3.14`."""
    have = tuple(int(part) for part in version.split("."))
    for part in requirement.split(","):
        bound = part.strip()
        limit = tuple(int(x) for x in bound.lstrip("<>=").split("."))
        if (bound.startswith(">=") and have < limit) or (bound[0] == "<" and bound[1] != "=" and have >= limit):
            return False
    return True
