"""The suite that holds Wickwork against others: what it reads, whom it runs, what it says about them."""

import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from contest import Contestant, Row, contest, sizes_of  # noqa: E402
from environments import Rival, Unavailable, accepts, interpreter_of, read, rivals  # noqa: E402
from table import agreement, headline, page, ratio, section  # noqa: E402
from walks import walk  # noqa: E402

GOOD = """
PACKAGES = ("numpy", "no such package")
calls = []
def start(variant):
    print("a rival may print what it likes")
    return {"cross": {"most": MOST, "note": "variant " + variant}}
def prepare(given):
    def run():
        calls.append(1)
        return {"trades": len(given.close), "total_return": given.fee, "sharpe": float("nan"), "win_rate": len(calls)}
    return run
"""
RAISES = GOOD.replace("calls.append(1)", "raise ValueError('out of luck')")
VANISHES = GOOD.replace("calls.append(1)", "import os; os._exit(3)")
NO_START = "PACKAGES = ()\ndef start(variant):\n    import nothing_of_that_name\n"


def test_every_rival_says_what_it_needs() -> None:
    found = rivals(BENCHMARKS / "rivals")
    assert next(iter(found)) == "wickwork"
    for one in found.values():
        assert one.title
        assert (one.dependencies == ()) == (one.name == "wickwork")
        assert accepts(one.requires_python, "3.11")


@pytest.mark.parametrize(
    ("requirement", "version", "answer"),
    [
        (">=3.11", "3.9", False),
        (">=3.11,<3.14", "3.14", False),
        (">=3.12", "3.12", True),
        (">=3.11,<3.14", "3.13", True),
    ],
)
def test_versions_compare_as_numbers(requirement: str, version: str, answer: bool) -> None:
    assert accepts(requirement, version) is answer


def test_a_rival_without_a_header_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mute.py"
    file.write_text("pass\n")
    with pytest.raises(ValueError, match=r"mute\.py has no header"):
        read(file)


def test_a_rival_that_no_python_fits_is_unavailable(tmp_path: Path) -> None:
    rival = Rival("late", tmp_path / "late.py", "Late", ("x",), ">=4.0", "", ("",))
    with pytest.raises(Unavailable, match=r"needs Python >=4\.0; here is .*3\."):
        interpreter_of(rival, tmp_path)


def contestant(folder: Path, title: str, text: str, ours: bool = False) -> Contestant:
    file = folder / f"{title}.py"
    file.write_text(text)
    return Contestant(Rival(title, file, title, () if ours else ("x",), "", "", ("",)), "", Path(sys.executable))


def test_contestants_take_turns_and_failures_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "minutes.npy", walk(np.random.default_rng(1), 200, 0.001))
    given = [
        contestant(tmp_path, "numpy", GOOD.replace("MOST", "200"), ours=True),  # hides no package by its name
        contestant(tmp_path, "slow", GOOD.replace("MOST", "50")),
        contestant(tmp_path, "raises", RAISES.replace("MOST", "200")),
        contestant(tmp_path, "vanishes", VANISHES.replace("MOST", "200")),
        contestant(tmp_path, "no start", NO_START),
    ]
    rows = contest("cross", 200, given, tmp_path, tmp_path / "log", runs=3, budget=60.0)
    by = {(row.label, row.size): row for row in rows}
    assert [len(by[label, n].seconds) for label, n in (("numpy", 200), ("numpy", 50), ("slow", 50))] == [3, 3, 3]
    assert by["slow", 50].results == {"trades": 50, "total_return": 0.001, "sharpe": None, "win_rate": 4}
    assert list(by["slow", 50].versions) == ["python", "numpy"]
    assert by["raises", 200].error == "ValueError: out of luck"
    assert by["vanishes", 200].error == "ended without an answer (exit code 3)"
    assert "nothing_of_that_name" in by["no start", 0].error
    told = section(rows)
    assert all(f"- **Not measured: {label}**: " in told for label in ("raises", "vanishes", "no start"))


def test_a_slow_contestant_sits_out(tmp_path: Path) -> None:
    np.save(tmp_path / "minutes.npy", walk(np.random.default_rng(1), 200, 0.001))
    one = contestant(tmp_path, "slow", GOOD.replace("MOST", "200"))
    (row,) = contest("cross", 200, [one], tmp_path, tmp_path / "log", runs=5, budget=0.0)
    assert len(row.seconds) == 1


def test_wickwork_runs_what_each_of_the_others_runs(tmp_path: Path) -> None:
    ours, fast, slow = (contestant(tmp_path, name, "", name == "ours") for name in ("ours", "fast", "slow"))
    wanted = sizes_of([(ours, 1_000), (fast, 1_000), (slow, 100)], 500)
    assert wanted == [(ours, 500), (fast, 500), (slow, 100), (ours, 100)]


def row(label: str, size: int, seconds: list[float], **results: float) -> Row:
    figures: dict[str, float | None] = {"trades": 100.0, "total_return": -5.0, "win_rate": 13.0, **results}
    return Row("cross", label, label == "Wickwork", size, seconds=seconds, first=1.0, results=figures)


def test_ratios_compare_medians_over_the_same_bars() -> None:
    rows = [row("Wickwork", 100, [2.0, 1.0, 9.0]), row("Wickwork", 50, [0.5]), row("it", 50, [4.0, 6.0, 5.0])]
    assert ratio(rows[2], rows) == 10.0
    assert ratio(rows[0], rows) == 1.0
    assert ratio(row("alone", 7, [1.0]), rows) is None
    assert "| it | 10.0 |" in headline(rows)


@pytest.mark.parametrize(
    ("results", "answer"),
    [({}, "yes"), ({"trades": 101}, "yes"), ({"trades": 98}, "no"), ({"total_return": -5.1}, "trades")],
)
def test_agreement(results: dict[str, float], answer: str) -> None:
    assert agreement(row("it", 50, [1.0], **results), row("Wickwork", 50, [1.0])) == answer


def test_the_page_names_who_is_missing() -> None:
    text = page(
        [row("Wickwork", 100, [0.02]), row("it", 100, [0.2])], {"Other": "not installed: no"}, {"date": "today"}
    )
    assert "- Other: not installed: no" in text
    assert "| **Wickwork** | 100 | 20.0 | 20 – 20 | 1 |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|") and "ns/bar" in text}
    assert widths == {4, 16}
