"""The files of `deploy/`: what a linter of Dockerfiles looks for, and whether systemd accepts the unit."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile: (the word, the rest)."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    text = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


def test_the_dockerfile_has_no_common_mistake() -> None:
    found = instructions()
    words = [word for word, _ in found]
    known = {"FROM", "SHELL", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
             "ENTRYPOINT", "CMD"}  # fmt: skip
    assert set(words) <= known
    for word, rest in found:
        if word == "FROM":
            assert re.match(r"[\w./-]+:[\w.-]+( AS \w+)?$", rest), rest
            assert ":latest" not in rest
        if word in ("ENTRYPOINT", "CMD", "SHELL"):
            assert json.loads(rest), rest
        if word == "WORKDIR":
            assert rest.startswith("/")
        if word == "COPY" and (stage := re.match(r"--from=(\w+)", rest)):
            assert f"AS {stage[1]}" in (DEPLOY / "Dockerfile").read_text()
        if word == "RUN":
            assert "sudo" not in rest
            assert not re.search(r"(curl|wget)[^|]*\|", rest)
            if "apt-get install" in rest:
                assert "--no-install-recommends" in rest
                assert "rm -rf /var/lib/apt/lists/*" in rest
            for call in re.findall(r"pip (?:install|wheel)[^&]*", rest):
                assert "--no-cache-dir" in call
                assert "--require-hashes" in call or "--no-deps" in call
        if word == "ENV":
            assert not re.search(r"(?i)password|secret|token", rest)
    assert words.count("ENTRYPOINT") == words.count("CMD") == words.count("HEALTHCHECK") == 1


def test_the_container_does_not_run_as_root_and_is_published_for_this_machine_alone() -> None:
    found = instructions()
    last = max(place for place, (word, _) in enumerate(found) if word == "FROM")
    users = [rest for word, rest in found[last:] if word == "USER"]
    assert users
    assert users[-1] not in ("root", "0")
    published = re.findall(r"-p (\S+)", (DEPLOY / "Dockerfile").read_text())
    assert published == ["127.0.0.1:8420:8420"]
    copied = {line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines()}
    assert {".git", ".venv", "**/node_modules"} <= copied


def test_the_unit_stops_as_the_server_does() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "wickwork.service")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/wick up")
    assert "-HUP" in service["ExecReload"]
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > 5
    assert service["User"] != "root"
    assert service["NoNewPrivileges"] == "yes"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "wickwork.service").read_text().replace("/opt/wickwork/bin/wick", "/bin/true")
    (tmp_path / "wickwork.service").write_text(unit)
    command = ["systemd-analyze", "verify", str(tmp_path / "wickwork.service")]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert "wickwork.service" not in done.stderr
