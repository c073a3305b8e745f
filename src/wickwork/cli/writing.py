"""Writing files that a command was given the name of."""

from __future__ import annotations

from pathlib import Path


def write_new(target: Path, text: str, force: bool) -> None:
    """Write a file whole; Refused where another is there already, unless `force` replaces it."""
    from wickwork.model.errors import InputError, Refused
    from wickwork.store.durable import replacing

    if target.exists() and not force and (not target.is_file() or target.read_bytes() != text.encode()):
        raise Refused(f"{target} is there already and differs; name another file, or add --force.")
    try:
        with replacing(target) as document:
            document.write(text.encode())
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}; choose another place.") from None


def target_of(out: Path | None, option: Path | None, command: str) -> Path:
    """The file to write, which is given behind the others or as --output; InputError for none, and for two."""
    from wickwork.model.errors import InputError

    if out is not None and option is not None and out != option:
        raise InputError(f"{out} and --output {option} both name the file to write; give one of them.")
    target = out or option
    if target is None:
        raise InputError(f"The file to write is missing: {command} OUT.json.")
    return target
