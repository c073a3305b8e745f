"""What was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contest import Row

TITLES = {
    "cross": "EMA 12/26 cross, all in",
    "stops": "The same with stop loss 2 %, take profit 5 %, trailing stop 2 %",
    "unit": "EMA 12/26 cross, one unit a trade",
    "unit_stops": "One unit a trade, with stop loss, take profit and trailing stop",
    "sweep": "Sweep of pairs of averages, 50,000 bars each",
    "universe": "38 instruments, 50,000 hours, one cash account",
}
STORIES = {
    "cross": "One-minute bars in memory to total return, Sharpe, drawdown, win rate and number of trades. All cash "
    "goes into each trade, and some 18,000 of them in a million bars leave nothing of it: this is work, not advice.",
    "stops": "Prices move little between two crosses, so that the stops seldom act: this is what watching them costs.",
    "unit": "The same signals with one unit in each trade, so that every engine makes all of the trades.",
    "unit_stops": "As above; each engine has the stops that it can have, see the notes.",
    "sweep": "Five statistics of each pair of fast and slow averages; the figures beside are means over the pairs.",
    "universe": "A cross buys with a tenth of the free cash; sells come before buys.",
}
HEAD = (
    *("", "bars", "median ms", "min – max", "runs", "ns/bar", "× Wickwork", "first call s", "peak MB"),
    *("trades", "return %", "max drawdown %", "win %", "Sharpe", "same as Wickwork"),
)


def agreement(row: Row, ours: Row | None) -> str:
    """Whether a rival came to what Wickwork came to on the same bars: `yes`, `trades` alone, or `no`."""
    if ours is None or row is ours:
        return ""
    mine, theirs = ours.results, row.results

    def near(name: str, share: float, least: float) -> bool:
        a, b = mine.get(name), theirs.get(name)
        return a is not None and b is not None and abs(a - b) <= max(least, share * abs(a))

    if not near("trades", 0.002, 1.0):
        return "no"
    return "yes" if near("total_return", 0.005, 0.0) and near("win_rate", 0.0, 0.2) else "trades"


def ours_for(row: Row, rows: Sequence[Row]) -> Row | None:
    """Wickwork's row with the same bars."""
    same = (one for one in rows if one.measured and one.seconds and one.work == row.work and one.size == row.size)
    return next(same, None)


def ratio(row: Row, rows: Sequence[Row]) -> float | None:
    """How many times the time of Wickwork it took on the same bars, in the same session."""
    ours = ours_for(row, rows)
    return row.median / ours.median if ours and row.seconds else None


def section(rows: Sequence[Row]) -> str:
    """One work: a table, what is to be said about the contestants, and who is missing."""
    done = [row for row in rows if row.seconds]
    done.sort(key=lambda row: (ratio(row, rows) or 0.0, -row.size))
    work = rows[0].work
    lines = [f"## {TITLES[work]}", "", STORIES[work], ""]
    lines += ["| " + " | ".join(HEAD) + " |", "|---|" + "---:|" * (len(HEAD) - 2) + "---|"]
    lines += ["| " + " | ".join(_cells(row, rows)) + " |" for row in done]
    notes = {row.label: row.note for row in done if row.note}
    lines += ["", *(f"- {label}: {note}." for label, note in notes.items())]
    missing: dict[str, list[str]] = {}
    for row in rows:
        if not row.seconds:
            missing.setdefault(row.error, []).append(row.label)
    lines += [f"- **Not measured: {'; '.join(dict.fromkeys(labels))}**: {error}." for error, labels in missing.items()]
    return "\n".join(lines) + "\n"


def _cells(row: Row, rows: Sequence[Row]) -> list[str]:
    results, times = row.results, ratio(row, rows)
    name = f"**{row.label}**" if row.measured else row.label
    return [
        name,
        f"{row.size:,} pairs" if row.work == "sweep" else f"{row.cells:,}",
        f"{row.median * 1e3:,.{1 if row.median < 1 else 0}f}",
        f"{min(row.seconds) * 1e3:,.0f} – {max(row.seconds) * 1e3:,.0f}",
        str(len(row.seconds)),
        f"{row.median / row.cells * 1e9:,.{1 if row.median / row.cells < 1e-7 else 0}f}",
        "" if times is None else f"{times:,.{2 if times < 10 else 0}f}",
        f"{row.first:,.2f}",
        f"{row.peak_mb:,.0f}",
        _figure(results.get("trades"), 0),
        *(_figure(results.get(one), 4) for one in ("total_return", "max_drawdown")),
        *(_figure(results.get(one), 2) for one in ("win_rate", "sharpe")),
        agreement(row, ours_for(row, rows)),
    ]


def _figure(value: float | None, digits: int) -> str:
    if value is None:
        return "–"
    return f"{value:,.{digits if digits == 0 or value != int(value) else 1}f}"


def headline(rows: Sequence[Row]) -> str:
    """The one sentence: how Wickwork stands to the fastest rival in each work."""
    said = []
    for work in TITLES:
        times = {
            row.label: x
            for row in rows
            if row.work == work and not row.label.startswith("Wickwork") and (x := ratio(row, rows)) is not None
        }
        if times:
            label = min(times, key=lambda one: times[one])
            said.append(f"| {TITLES[work]} | {label} | {times[label]:,.{1 if times[label] < 100 else 0}f} |")
    return "\n".join(["| work | fastest rival | × Wickwork's time |", "|---|---|---:|", *said]) + "\n" if said else ""


def page(rows: Sequence[Row], absent: Mapping[str, str], about: Mapping[str, str]) -> str:
    """The whole page; `absent` says who could not be installed and why, `about` where and when this was measured."""
    parts = [
        "# Results\n",
        "Written by `benchmarks/against.py`; README.md beside it says what is measured and what is not fair. "
        "Synthetic bars.\n",
        "".join(f"- {name}: {value}\n" for name, value in about.items()),
        headline(rows),
    ]
    works = dict.fromkeys((row.work, _chapter(row)) for row in rows)
    for work, chapter in works:
        parts.append(section([row for row in rows if row.work == work and _chapter(row) == chapter]))
    versions: dict[str, str] = {}
    for row in rows:
        if row.versions:
            versions[row.label] = ", ".join(f"{name} {number}" for name, number in row.versions.items())
    parts.append("## Versions\n\n" + "".join(f"- {label}: {text}\n" for label, text in versions.items()))
    if absent:
        parts.append("## Not measured\n\n" + "".join(f"- {title}: {reason}\n" for title, reason in absent.items()))
    return "\n".join(parts)


def _chapter(row: Row) -> int:
    """A sweep that only some can make stands apart from the one that all make."""
    return int(row.work == "sweep" and row.size > 1_000)
