"""Mutation testing: `python -m tests.endurance.mutants_of_code FOLDER [mutants] [--workers 2] [--rooms sim,orders]`.

A seeded sample of small changes (a comparison, a sign, a constant, `and` for `or`, a statement or a result left out) is
made one at a time in a copy of the project below FOLDER, never here. Against each, tests run in stages, the quickest
likely killers first, until one fails; compiled functions run as plain Python (`WICKWORK_JIT=0`) in all but the last,
for compiling a mutant takes longer than running it. A stage that takes far longer than it should also kills: the mutant
loops. Before the first mutant every stage must pass.

What only machine code goes through (`SKIPPED`) cannot be tried in this way and is not sampled. Results are kept in
FOLDER/results.json, and a run goes on where it ended; `--only 3,17` does those again.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).parents[2]
SEED, MUTANTS = 2024, 160
SKIPPED = {
    "native.py": (
        "_compiled", "_invoker", "_with_natives", "_native_value", "_part", "_intrinsics", "_kind_of_cache",
        "is_compiled", "invoke",
        "cache_folder", "_fingerprint", "_hash_value", "_hash_code", "_compiler", "fingerprint", "unlikely",
    ),
}  # fmt: skip
SIM = (
    "0 tests/sim/test_hand_cases.py tests/sim/test_rules.py tests/sim/test_terms.py tests/sim/test_value.py",
    "0 tests/sim/test_agreement.py tests/sim/test_targets.py tests/sim/test_order_states.py tests/sim/test_entries.py",
    "1 tests/sim tests/engine/test_machine.py tests/engine/test_grids.py tests/engine/test_late_fills.py"
    " tests/engine/test_live_reported.py tests/engine/test_slow_venue.py tests/promises/test_live.py tests/research",
)
GRAPH = (
    "0 tests/graph tests/sim/test_hand_cases.py tests/cli/test_catalogue_and_graphs.py",
    "0 tests/nodes/test_agreement.py tests/sim/test_program_agreement.py",
    "1 tests/cli/test_wrong_inputs.py tests/promises tests/engine/test_machine.py tests/endurance tests/research",
)
RUNS = (
    "1 tests/store tests/risk tests/engine/test_faults.py tests/engine/test_late_fills.py"
    " tests/engine/test_order_list.py tests/engine/test_live.py tests/engine/test_series_on_paper.py"
    " tests/engine/test_machine.py",
    "1 tests/engine tests/promises/test_live.py tests/cli/test_paper.py tests/cli/test_paper_resume.py"
    " tests/cli/test_runs.py tests/research",
    "1 tests/promises tests/cli tests/market/test_bar_store.py tests/analytics tests/test_context.py",
)
"""The stages: whether compiled, and the tests. What survives as plain Python is compiled for the last one."""
ROOMS = {
    "sim": SIM,
    "orders": SIM,
    "engine/loop": SIM,
    "engine/paper": RUNS,
    "graph": GRAPH,
    "engine": RUNS,
    "store": RUNS,
    "venues": RUNS,
}
"""The folders whose code is changed, with their stages."""
SECONDS = {"0": 120, "1": 600}
"""So long a stage may take, in processor time: several times what it takes without a mutant."""
FEW = {
    "WICKWORK_PROMISE_CASES": "30",
    "WICKWORK_AGREEMENT_CASES": "150",
    "WICKWORK_PROGRAM_CASES": "48",
    "WICKWORK_SLOW_VENUE_CASES": "20",
}
COMPARISONS = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not",
    ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
SIGNS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}


@dataclass(frozen=True)
class Mutant:
    """One small change: the text between two places of a file, and what stands there instead."""

    file: str
    line: int
    start: int
    stop: int
    before: str
    after: str
    function: str


def sites(path: Path) -> Iterator[Mutant]:
    """Every change that can be made in a file."""
    text = path.read_text()
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def make(node: ast.AST, after: str, function: str) -> Mutant:
        begin = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        before = text.encode()[begin:end].decode()
        return Mutant(str(path.relative_to(ROOT)), node.lineno, begin, end, before, after, function)  # type: ignore[attr-defined]

    def visit(node: ast.AST, function: str) -> Iterator[Mutant]:
        if isinstance(node, ast.FunctionDef):
            function = node.name
        if function in SKIPPED.get(path.name, ()):
            return
        if function:
            for after in changes(node):
                yield make(node, after, function)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from visit(child, function)

    yield from visit(ast.parse(text), "")


def changes(node: ast.AST) -> Iterator[str]:
    """What may stand in the node's place."""
    say = ast.unparse
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield f"({say(node.left)} {COMPARISONS[type(node.ops[0])]} {say(node.comparators[0])})"
    elif isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        yield f"({say(node.left)} {SIGNS[type(node.op)]} {say(node.right)})"
    elif isinstance(node, ast.BoolOp):
        yield "(" + (" and " if isinstance(node.op, ast.Or) else " or ").join(f"({say(v)})" for v in node.values) + ")"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield f"({say(node.operand)})"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield repr(node.value + 1)
    elif isinstance(node, ast.Assign | ast.AugAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield "pass"
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield "return None"
    elif isinstance(node, ast.IfExp):
        yield f"({say(node.orelse)} if {say(node.test)} else {say(node.body)})"
    elif isinstance(node, ast.If):
        yield f"if not ({say(node.test)}):\n" + " " * (node.col_offset + 4) + _body(node)


def _body(node: ast.If) -> str:
    text = ast.unparse(ast.Module(node.body, []))
    lines = text.replace("\n", "\n" + " " * (node.col_offset + 4))
    rest = ast.unparse(ast.Module(node.orelse, [])).replace("\n", "\n" + " " * (node.col_offset + 4))
    return lines + (f"\n{' ' * node.col_offset}else:\n{' ' * (node.col_offset + 4)}{rest}" if node.orelse else "")


def stages_of(file: str) -> tuple[str, ...]:
    """The stages of the folder that a file lies in."""
    room = Path(file).parent.relative_to("src/wickwork").as_posix()
    return ROOMS[room]


def sample(many: int, rooms: Sequence[str]) -> list[Mutant]:
    """A seeded sample of all changes in these folders."""
    every = [m for room in rooms for path in sorted((ROOT / "src/wickwork" / room).glob("*.py")) for m in sites(path)]
    print(f"{len(every):,} changes can be made.", file=sys.stderr)
    return random.Random(SEED).sample(every, many)


def tried(mutant: Mutant, place: Path) -> str:
    """The first test that sees the mutant in that copy of the project, or nothing."""
    target = place / mutant.file
    good = target.read_bytes()
    target.write_bytes(good[: mutant.start] + mutant.after.encode() + good[mutant.stop :])
    try:
        for stage in stages_of(mutant.file):
            seen = fails(stage, place)
            if seen:
                return seen
        return ""
    finally:
        target.write_bytes(good)


def fails(stage: str, place: Path) -> str:
    """The test of that stage that fails there, or nothing."""
    jit, *files = stage.split()
    env = {**os.environ, "WICKWORK_JIT": jit, "PYTHONPATH": f"{place / 'src'}:{place}", "PYTHONDONTWRITEBYTECODE": "1"}
    env |= FEW | {"WICKWORK_CACHE": str(place.with_name(f"{place.name}-cache"))}
    quiet = ["-q", "-x", "-p", "no:cacheprovider", *(["-W", "ignore::RuntimeWarning"] if jit == "0" else [])]
    command = [sys.executable, "-m", "pytest", *quiet, *(f for f in files if (place / f).exists())]
    limited = ["bash", "-c", f'ulimit -t {SECONDS[jit]}; exec nice -n 10 "$0" "$@"', *command]
    done = subprocess.run(limited, cwd=place, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    lines = done.stdout.splitlines()
    told = next((line for line in lines if line.startswith(("FAILED", "ERROR"))), "")
    return told[:160] or f"ended with {done.returncode}"


def copy_to(place: Path) -> None:
    """A copy of all that tests need."""
    if not place.exists():
        skip = shutil.ignore_patterns(".venv", ".git", "node_modules", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, place, ignore=skip)
    shared = place.parent / "shared"
    if not shared.exists() and (ROOT.parent / "shared").exists():
        shared.symlink_to((ROOT.parent / "shared").resolve())


def main() -> None:
    """Try the mutants, and print the score and who survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("mutants", type=int, nargs="?", default=MUTANTS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--rooms", default=",".join(ROOMS))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    kept = given.folder / "results.json"
    results: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    mutants, lock = sample(given.mutants, given.rooms.split(",")), Lock()
    for number in filter(None, given.only.split(",")):
        results.pop(number, None)
    free = [given.folder / f"copy{w}" for w in range(given.workers)]
    for place in free:
        copy_to(place)
    for stage in dict.fromkeys(stage for room in given.rooms.split(",") for stage in ROOMS[room]):
        seen = fails(stage, free[0])
        print(f"without any mutant: {seen or 'no test fails'} ({stage})", flush=True)
        if seen:
            sys.exit("Tests fail without any mutant.")

    def one(number: int) -> None:
        with lock:
            place = free.pop()
        seen = tried(mutants[number], place)
        with lock:
            free.append(place)
            results[str(number)] = seen
            kept.write_text(json.dumps(results, indent=1))
            m = mutants[number]
            print(f"{len(results):4} {number:4} {m.file}:{m.line} {m.function}: {seen[:90] or 'SURVIVED'}", flush=True)

    with ThreadPoolExecutor(given.workers) as pool:
        list(pool.map(one, [n for n in range(len(mutants)) if str(n) not in results]))
    alive = [n for n in range(len(mutants)) if not results[str(n)]]
    print(f"{len(mutants) - len(alive)} of {len(mutants)} killed.")
    for n in alive:
        print(n, json.dumps(asdict(mutants[n]), ensure_ascii=False))


if __name__ == "__main__":
    main()
