"""Appends to a store until it is killed, for test_bar_store_kills.py; stdin tells where to go on and when to kill.

Each line `first milliseconds` makes a child that appends the states from `first` on, one after the other, and is killed
with SIGKILL after so many milliseconds. The answer is the number of the last append that had returned before the kill.
"""

import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from market_cases import make_bars, pick

from wickwork.market.store import Store
from wickwork.model.bars import Bars

STATES = 24
ROWS = 800  # days from 2021 to 2023: three files


def increments() -> list[Bars]:
    """Bars to append one after the other; each touches all three years."""
    bars = make_bars(ROWS, "1d")
    return [pick(bars, slice(part, ROWS, STATES)) for part in range(STATES)]


def child(folder: Path, parts: list[Bars], first: int, pipe: int) -> None:
    store = Store(folder)
    for number, bars in enumerate(parts[first:], start=first):
        store.append(bars)
        os.write(pipe, bytes([number + 1]))


def main() -> None:
    folder, parts = Path(sys.argv[1]), increments()
    with TemporaryDirectory() as elsewhere:
        Store(Path(elsewhere)).append(parts[0])  # pyarrow makes itself ready now, not in every child
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        first, delay = line.split()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(folder, parts, int(first), writer)
            os._exit(0)
        os.close(writer)
        signal.sigtimedwait({signal.SIGCHLD}, float(delay) / 1000)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        while signal.sigtimedwait({signal.SIGCHLD}, 0):
            pass
        answers = os.read(reader, 4096)
        os.close(reader)
        print(answers[-1] if answers else int(first), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
