"""The same program over the same bars again and again, each time with other numbers: what a sweep consists of.

Nothing is laid out anew between two runs. `repeat` restores what a run remembers, writes the numbers of the next one
into their places, runs it, and keeps of it the books alone: fills, orders and round trips are overwritten.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wickwork.graph.native import call, floats, integers, record
from wickwork.sim.frame import FRAME
from wickwork.sim.records import BOOKS

JOB = np.dtype(
    [
        (name, "i8")
        for name in (  # noqa: SIM905
            "frame run size "
            # what a run remembers: rows of (where it lies, where its beginning is kept, how many words)
            "memories memory_count "
            # per run: parameters, by their places in one lane's; numbers of constant columns; addresses of columns
            "params places place_count values "
            "constants constant_count numbers "
            "placed placed_count addresses "
            # where the books of each run go, and their words
            "books words"
        ).split()
    ],
    align=True,
)
"""Addresses and counts of a job: a machine's frame, and tables with one row for each run."""


def repeat(address: int, first: int, last: int) -> None:
    """Do the runs `first <= i < last` of a job, each from the first bar to the last."""
    job = record(address, JOB)
    frame = record(job.frame, FRAME)
    books = record(frame.books, BOOKS)
    source, kept = integers(frame.books), integers(job.books)
    for i in range(first, last):
        prepare(job, frame, i)
        fills, ended, denied, done = 0, 0, 0, 0
        while done < job.size:
            call(job.run, (job.frame, done, job.size))
            done = frame.done
            fills += books.fills
            ended += books.ended
            denied += books.denied
            books.fills = 0
            books.ended = 0
            books.denied = 0
            books.trips_written = 0
        books.fills = fills
        books.ended = ended
        books.denied = denied
        books.trips_written = books.trips
        for k in range(job.words):
            kept[i * job.words + k] = source[k]


def prepare(job: Any, frame: Any, i: int) -> None:
    """Restore the beginning, with the numbers of run `i`."""
    frame.inside = 0
    frame.bars_done = 0
    memories = integers(job.memories)
    for m in range(job.memory_count):
        target, source = integers(memories[3 * m]), integers(memories[3 * m + 1])
        for k in range(memories[3 * m + 2]):
            target[k] = source[k]
    params, places, values = floats(job.params), integers(job.places), floats(job.values)
    for k in range(job.place_count):
        for g in range(frame.lane_count):
            params[g * frame.params_size + places[k]] = values[i * job.place_count + k]
    constants, numbers = integers(job.constants), floats(job.numbers)
    for k in range(job.constant_count):
        for g in range(frame.lane_count):
            column = floats(frame.arena + 8 * frame.block * (g * frame.columns + constants[k]))
            for b in range(frame.block):
                column[b] = numbers[i * job.constant_count + k]
    placed, addresses = integers(job.placed), integers(job.addresses)
    for k in range(job.placed_count):
        placed[2 * k + 1] = addresses[i * job.placed_count + k]
