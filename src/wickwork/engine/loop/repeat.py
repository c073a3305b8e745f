"""The same program over the same bars again and again, each time with other numbers: what a sweep consists of.

Nothing is allocated between two runs. `repeat` restores the memory that a run changes, writes the numbers of the next
one into their places, runs it, and keeps only its account: fills, orders and round trips are overwritten.
"""

from __future__ import annotations

from wickwork.engine.loop.history import is_crowded
from wickwork.graph.native import call, floats, integers, record
from wickwork.graph.records import Record, record_type
from wickwork.orders.frame import Frame
from wickwork.orders.records import Account


class Job(Record):
    """Addresses and counts of a job: a machine's frame, and tables with one row for each run."""

    frame: int
    run: int
    """The native function `engine.loop.history.run`."""
    size: int
    """Bars of each run."""
    done: int
    """The first run not done."""
    memories: int
    """What a run changes: rows of (address, address of a copy of its beginning, words)."""
    memory_count: int
    # Per run: parameters, by their indices in those of one lane; values of constant columns; addresses of columns.
    params: int
    param_indices: int
    param_count: int
    values: int
    constants: int
    constant_count: int
    numbers: int
    external_columns: int
    external_count: int
    addresses: int
    # Where the account of each run is written, and its words.
    accounts: int
    words: int


JOB = record_type(Job)


def repeat(address: int, first: int, last: int) -> None:
    """Do the runs `first <= i < last` of a job, each from the first bar to the last.

    Sets `done` to the first run not done: before `last` where an order table is too small for it.
    """
    job = record(address, Job)
    frame = record(job.frame, Frame)
    account = record(frame.account, Account)
    source, kept = integers(frame.account), integers(job.accounts)
    for i in range(first, last):
        prepare(job, frame, i)
        fills, closed_orders, denied, notifications, done = 0, 0, 0, 0, 0
        while done < job.size:
            call(job.run, (job.frame, done, job.size))
            done = frame.done
            if done < job.size and is_crowded(frame):  # the tables must grow first, and then this run begins anew
                job.done = i
                return
            fills += account.fill_rows
            closed_orders += account.closed_order_rows
            denied += account.denied_rows
            notifications += account.notification_rows
            account.fill_rows = 0
            account.closed_order_rows = 0
            account.denied_rows = 0
            account.notification_rows = 0
            account.round_trip_rows = 0
        account.fill_rows = fills
        account.closed_order_rows = closed_orders
        account.denied_rows = denied
        account.notification_rows = notifications
        account.round_trip_rows = account.round_trip_total
        for k in range(job.words):
            kept[i * job.words + k] = source[k]
    job.done = last


def prepare(job: Job, frame: Frame, i: int) -> None:
    """Restore the beginning, with the numbers of run `i`."""
    frame.interrupted = 0
    frame.bars_done = 0
    frame.rows_used = 0
    frame.most_rows_used = 0
    memories = integers(job.memories)
    for m in range(job.memory_count):
        target, source = integers(memories[3 * m]), integers(memories[3 * m + 1])
        for k in range(memories[3 * m + 2]):
            target[k] = source[k]
    params, indices, values = floats(job.params), integers(job.param_indices), floats(job.values)
    for k in range(job.param_count):
        for g in range(frame.lane_count):
            params[g * frame.params_size + indices[k]] = values[i * job.param_count + k]
    constants, numbers = integers(job.constants), floats(job.numbers)
    for k in range(job.constant_count):
        for g in range(frame.lane_count):
            column = floats(frame.arena + 8 * frame.block * (g * frame.columns + constants[k]))
            for b in range(frame.block):
                column[b] = numbers[i * job.constant_count + k]
    external, addresses = integers(job.external_columns), integers(job.addresses)
    for k in range(job.external_count):
        external[2 * k + 1] = addresses[i * job.external_count + k]
