"""From a graph never seen before to its figures: `python benchmarks/unseen.py [bars]`.

20,000 bars. The document is text, the answer all figures of the run. Compiled functions of nodes lie on the disk
(the first round sees to that). Three cases: a process in which nothing has run yet; a process that has run another
graph, with functions of nodes that it has not read yet; and graphs of nodes that this process has used before, but
never in this way.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from speed import cross, reading, twenty

from market import walk
from wickwork import Bars, Strategy, backtest
from wickwork.graph.document import Graph, from_text, to_text

FRESH = 5


def changed(s: Strategy, number: int) -> str:
    """The strategy as text, with other numbers and another order of nodes, so that no text is seen twice."""
    r = random.Random(number)
    graph = s.graph
    periods = {f"{name}.period": r.randrange(3, 90) for name, entry in graph.nodes.items() if "period" in entry.params}
    made = graph.with_params(periods)
    return to_text(Graph(made.nodes, made.wires, f"{graph.name} {number}"))


def answer(text: str, bars: Bars) -> tuple[float, float]:
    """Milliseconds from the text to all figures, and those of them that the figures took."""
    begin = time.perf_counter()
    run = backtest(from_text(text), bars)
    middle = time.perf_counter()
    count = len(run.stats)
    end = time.perf_counter()
    assert count > 40
    return (end - begin) * 1e3, (end - middle) * 1e3


def fresh(name: str, size: int, before: str) -> dict[str, float]:
    """The same in a process of its own: what its imports took, and the answer."""
    done = subprocess.run(
        [sys.executable, __file__, str(size), name, before], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def child(size: int, name: str, before: str) -> None:
    """What the process of its own does."""
    bars = walk(size, 7, "1h", 0.006)
    begin = time.perf_counter()
    import wickwork.analytics.run
    import wickwork.nodes

    wickwork.nodes.builtin()
    imports = (time.perf_counter() - begin) * 1e3
    if before:
        answer(changed(KINDS[before](), 1), bars)
    json.dump({"imports": imports, "answer": answer(changed(KINDS[name](), 2), bars)[0]}, sys.stdout)


KINDS = {"cross": cross, "twenty": twenty, "reading": reading}


def main() -> None:
    """Measure all of it."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    if len(sys.argv) > 3:
        child(size, sys.argv[2], sys.argv[3])
        return
    bars = walk(size, 7, "1h", 0.006)
    for make in KINDS.values():
        answer(changed(make(), 0), bars)
    for name, make in KINDS.items():
        times = [answer(changed(make(), number), bars) for number in range(10, 40)]
        whole, figures = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name:10s} nodes known to the process: {whole:6.1f} ms, of which figures {figures:.1f} ms")
    for name in KINDS:
        for before in ("", "cross" if name != "cross" else "twenty"):
            runs = [fresh(name, size, before) for _ in range(FRESH)]
            took = statistics.median(run["answer"] for run in runs)
            imports = statistics.median(run["imports"] for run in runs)
            what = f"after a run of {before}" if before else f"nothing run yet (imports {imports:.0f} ms more)"
            print(f"{name:10s} new process, {what}: {took:6.1f} ms")


if __name__ == "__main__":
    main()
