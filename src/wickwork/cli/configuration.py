"""`wick config`: check a configuration file, and show every setting with where it comes from."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output
from wickwork.cli.output import columns

if TYPE_CHECKING:
    from wickwork.settings.faults import Fault
    from wickwork.settings.loading import Loading

FILE_VARIABLES = ("WICKWORK_CONFIG", "VALVULIN_CONFIG")
File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="YAML, TOML or JSON; without it, the file that WICKWORK_CONFIG names."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Another value of a setting; several may be given."),
]


def check(file: File = None, changed: Changes = None, as_json: options.Json = False) -> None:
    """Check a configuration and all its strategies, whose files are run; exit 1 where there are faults."""
    from wickwork.launch.folders import context_of
    from wickwork.launch.prepare import check as check_strategies

    path = path_of_configuration(file)
    loading = read(path, changed)
    with contextlib.redirect_stdout(sys.stderr):  # what a user's file prints is not part of the answer
        faults = [*loading.faults, *check_strategies(loading, context_of(loading.settings))]
    errors = [one for one in faults if one.severity == "error"]
    if as_json:
        output.write_json({"file": str(path), "faults": [vars(one) for one in faults]})
    elif faults:
        show_faults(faults)
    if not as_json and not errors:
        parts = output.many(len(loading.settings.strategies), "strategy", "strategies")
        output.say(f"{path} is fine: {parts}.", style="bold")
    if errors:
        raise typer.Exit(1)


def show(
    file: File = None,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
    changed: Changes = None,
    as_json: options.Json = False,
) -> None:
    """Show every setting; secrets are masked. Values come from options, the environment, the file, or are defaults."""
    import json

    from wickwork.settings.listing import rows_of

    path = path_of_configuration(file, needed=False)
    loading = read(path, changed)
    refuse_faults(loading.errors)
    rows = rows_of(loading.settings, loading.layered)
    if as_json:
        output.write_json([vars(row) if origin else {"path": row.path, "value": row.value} for row in rows])
        return
    texts = [(row.path, "" if row.value is None else json.dumps(row.value, ensure_ascii=False)) for row in rows]
    if origin:
        output.table(
            columns("setting", "value", "from"), [(*text, row.origin) for text, row in zip(texts, rows, strict=True)]
        )
    else:
        output.table(columns("setting", "value"), texts)


def reference() -> None:
    """Print the reference of all settings as Markdown, as docs/configuration.md has it."""
    from wickwork.settings.reference import reference as text

    output.write_text(text())


def path_of_configuration(file: Path | None, needed: bool = True) -> Path | None:
    """The file that is named, else by an environment variable. Raises InputError where one is needed."""
    from wickwork.model.errors import InputError

    named = file or next((Path(os.environ[name]) for name in FILE_VARIABLES if os.environ.get(name)), None)
    if named is None and needed:
        raise InputError(
            "No configuration is named; write the path of a YAML, TOML or JSON file, or set WICKWORK_CONFIG to it."
        )
    return named


def read(path: Path | None, changed: Iterable[str] | None, further: Iterable[tuple[str, str, str]] = ()) -> Loading:
    """The configuration below the environment and the options `--set`; `further` are options of their own."""
    from wickwork.settings.loading import read_settings

    return read_settings(path, options=[*further, *options_of(changed)])


def options_of(changed: Iterable[str] | None) -> list[tuple[str, str, str]]:
    """The options `--set KEY=VALUE` as settings are read with them. Raises InputError."""
    from wickwork.model.errors import InputError

    given = []
    for text in changed or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {text!r:.60} is not KEY=VALUE; write one such as --set capital=5000.")
        given.append((f"--set {key.strip()}", key.strip(), value.strip()))
    return given


def refuse_faults(faults: Sequence[Fault]) -> None:
    """Show the faults where there are some, and raise InputError."""
    from wickwork.settings.faults import SettingsFaults

    if faults:
        for one in faults[:-1]:
            output.note(str(one))
        raise SettingsFaults(faults[-1:])


def show_faults(faults: list[Fault]) -> None:
    """A table of faults."""
    rows: list[Any] = [(one.severity, one.where, one.path, one.problem) for one in faults]
    output.table(columns("", "where", "setting", "what to do"), rows)
