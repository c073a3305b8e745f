"""`wick` runs a command in this process: quick, and the compiled engine stays warm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wickwork import demo_bars
from wickwork.cli import main
from wickwork.model.bars import Bars

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
DAY = 86_400_000
JANUARY = 1_704_067_200_000  # 2024-01-01


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} in the JSON")


Wick = Callable[..., Answer]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a store of its own and works in a folder of its own."""
    monkeypatch.setenv("WICKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WICKWORK_DEBUG", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wick(capsys: pytest.CaptureFixture[str]) -> Wick:
    def run(*args: object) -> Answer:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


def write_csv(path: Path, bars: Bars, leave_out: tuple[int, ...] = ()) -> Path:
    lines = ["opened_at,open,high,low,close,volume"]
    for i in range(len(bars)):
        if i not in leave_out:
            values = (getattr(bars, name)[i] for name in ("open", "high", "low", "close", "volume"))
            lines.append(",".join(str(float(v)) for v in (bars.opened_at[i], *values)))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def hourly(home: Path) -> Path:
    """A sound file: two months of hours."""
    return write_csv(home / "BTCUSDT_1h.csv", demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 60 * DAY))


@pytest.fixture
def minutes(home: Path) -> Path:
    """Three days of minutes with two holes."""
    bars = demo_bars("BTC/USDT", "1m", JANUARY, JANUARY + 3 * DAY)
    return write_csv(home / "BTCUSDT_1m.csv", bars, leave_out=(100, 101, 500))


ONE_MONTH = ("--from", "2024-01-01", "--to", "2024-02-01")
EMA = EXAMPLES / "ema_cross.json"
