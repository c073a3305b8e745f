"""The commands put together; errors become one sentence and an exit code on which a script can rely."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer

from wickwork.cli import (
    backtest,
    configuration,
    data,
    db,
    doctor,
    documents,
    graph,
    link,
    mcp,
    new,
    nodes,
    output,
    paper,
    replay,
    run,
    runs,
    secret_keys,
    streams,
    sweep,
    tokens,
    up,
    worker,
)
from wickwork.cli.codes import FINE, INTERNAL_ERROR, INTERRUPTED, WRONG_INPUT

EXIT_CODES = (
    "Exit codes: 0 fine; 1 what was checked has faults; 2 the input is wrong; 3 a fault of Wickwork itself "
    "(WICKWORK_DEBUG=1 shows where); 130 interrupted."
)
_SETTINGS: dict[str, Any] = {"rich_markup_mode": "rich" if output.is_terminal() else None, "add_completion": False}
# typer may contain its own copy of click, so the base class of its errors is taken from their inheritance.
_USAGE: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(help="Wickwork: what you tested is what trades.", epilog=EXIT_CODES, **_SETTINGS)
data_app = typer.Typer(help="Bars: download them, import them, look at them, check them.", **_SETTINGS)
db_app = typer.Typer(help="What the server keeps: upgrade, back up, restore and check it.", **_SETTINGS)
config_app = typer.Typer(help="One file for a whole run: check it, and show every setting.", **_SETTINGS)
graph_app = typer.Typer(
    help="Strategies as data: check, show, explain, hash, export, compare and merge them.", **_SETTINGS
)

secrets_app = typer.Typer(help="The key that encrypts the secrets of a server.", **_SETTINGS)
tokens_app = typer.Typer(help="Tokens with which programs use the server: make, list, revoke them.", **_SETTINGS)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"wick {version('wickwork')}")  # noqa: T201
        raise typer.Exit


def _show_help(ctx: typer.Context) -> None:
    """Show the help of a group that is called without a command."""
    if ctx.invoked_subcommand is None:
        text = ctx.get_help()
        if text:
            print(text)  # noqa: T201


@app.callback(invoke_without_command=True)
def _wick(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    _show_help(ctx)


secrets_app.callback(invoke_without_command=True)(_show_help)
data_app.callback(invoke_without_command=True)(_show_help)
db_app.callback(invoke_without_command=True)(_show_help)
config_app.callback(invoke_without_command=True)(_show_help)
graph_app.callback(invoke_without_command=True)(_show_help)
tokens_app.callback(invoke_without_command=True)(_show_help)
app.command("backtest")(backtest.backtest)
app.command("run")(run.run)
app.add_typer(config_app, name="config")
app.command("paper")(paper.paper)
app.command("replay")(replay.replay)
app.command("runs")(runs.runs)
app.command("sweep")(sweep.sweep)
app.add_typer(data_app, name="data")
app.command("nodes")(nodes.nodes)
app.command("new")(new.new)
app.add_typer(graph_app, name="graph")
app.command("doctor")(doctor.doctor)
app.command("up")(up.up)
app.add_typer(db_app, name="db")
app.command("worker")(worker.worker)
app.add_typer(secrets_app, name="secrets")
secrets_app.command("rotate")(secret_keys.rotate)
app.command("link")(link.link)
app.add_typer(tokens_app, name="tokens")
for _name, _verb in tokens.VERBS.items():
    tokens_app.command(_name)(_verb)
app.command("mcp")(mcp.mcp)
for _name, _verb in data.VERBS.items():
    data_app.command(_name)(_verb)
for _name, _verb in db.VERBS.items():
    db_app.command(_name)(_verb)
config_app.command("check")(configuration.check)
config_app.command("show")(configuration.show)
config_app.command("reference")(configuration.reference)
for _name, _verb in (*graph.VERBS.items(), *documents.VERBS.items()):
    graph_app.command(_name)(_verb)


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors become one sentence on stderr."""
    given = list(sys.argv[1:] if args is None else args)
    as_json = "--json" in given and "--help" not in given
    if streams.open_missing():
        return output.fail("standard output is closed, so there is no place for the answer.", WRONG_INPUT, False)
    with streams.answering(as_json, restore=args is not None):
        code = _answered(given, as_json)
        if args is None:
            _ignore_interrupts()
        error = streams.lost()
        if error is not None and not isinstance(error, BrokenPipeError) and code != WRONG_INPUT:
            return output.fail(_not_written(error), WRONG_INPUT, False)
        return code


def _answered(given: list[str], as_json: bool) -> int:
    try:
        with _shown_warnings(), _kept_interrupts():
            code = app(given, prog_name="wick", standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the output was closed, as by `head`
        streams.discard(streams.answer())
        return FINE
    except _USAGE as error:
        return output.fail(_usage_sentence(error), WRONG_INPUT, as_json)
    except Exception as error:
        return _failed(error, as_json)
    if code == INTERRUPTED and not isinstance(code, output.ReportedCode):
        return output.fail("interrupted.", INTERRUPTED, as_json)
    return int(code or FINE)


def _not_written(error: OSError) -> str:
    return f"the answer could not be written to standard output: {error.strerror or error}."


def _failed(error: Exception, as_json: bool) -> int:
    """Report an error: its own sentence if Wickwork raised it, else exit code 3."""
    from wickwork.model.errors import WickworkError

    debug = os.environ.get("WICKWORK_DEBUG", "") not in ("", "0")
    if debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, WickworkError):
        return output.fail(output.sentence_of(error), WRONG_INPUT, as_json)
    if isinstance(error, OSError) and (unwritten := streams.lost()):
        return output.fail(_not_written(unwritten), WRONG_INPUT, False)
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return output.fail(f"{where}{error.strerror}; correct that and try again.", WRONG_INPUT, as_json)
    text = f"{type(error).__name__}: {error}".rstrip(".: ")
    hint = "" if debug else "; run it again with WICKWORK_DEBUG=1 to see where, and please report it"
    return output.fail(f"a fault of Wickwork itself, {text}{hint}.", INTERNAL_ERROR, as_json)


def _usage_sentence(error: Any) -> str:
    """The message of the option parser, with a hint at the right usage."""
    path = error.ctx.command_path if getattr(error, "ctx", None) else "wick"
    said = str(error.format_message()).strip().rstrip(".")
    possible = sorted(getattr(error, "possibilities", None) or ())
    if possible and hasattr(error, "option_name"):
        return f"there is no option {error.option_name} of `{path}`; did you mean {' or '.join(possible)}?"
    if said.endswith("?"):
        return said
    return f"{said}; see `{path} --help`."


@contextmanager
def _shown_warnings() -> Iterator[None]:
    """Warnings of Wickwork become sentences; those of libraries are for developers."""

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if category.__module__.startswith("wickwork"):
            output.note(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        yield


@contextmanager
def _kept_interrupts() -> Iterator[None]:
    """Repeat Ctrl-C where it arrived in code whose errors Python drops, such as the callback of a weak reference."""
    before = sys.unraisablehook

    def raise_again(dropped: Any) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            later = threading.Timer(0.01, _thread.interrupt_main)  # at once, it would be dropped again
            later.daemon = True
            later.start()
        else:
            before(dropped)

    sys.unraisablehook = raise_again
    try:
        yield
    finally:
        sys.unraisablehook = before


def _ignore_interrupts() -> None:
    """The answer is there; Ctrl-C while the process ends would only add a traceback."""
    with suppress(ValueError):  # another thread than the main one
        signal.signal(signal.SIGINT, signal.SIG_IGN)
