"""Reading a configuration file: YAML, TOML or JSON as plain values, with the line of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from wickwork.model.errors import InputError
from wickwork.model.files import refuse_absent
from wickwork.settings.faults import Fault, Path
from wickwork.settings.syntax import DEEPEST, LARGEST, MOST_BITS, MOST_VALUES, WrongSyntax

ENDINGS = (".yaml", ".yml", ".toml", ".json")


@dataclass
class Document:
    """What a file says: plain values, the line of each (from 1) where it is known, and the faults of its syntax."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_document(path: FilePath) -> Document:
    """Read a configuration file; what is wrong with its syntax is in `faults`.

    Raises NotFound for an absent file, and InputError for one that is no file, has another ending or is a graph.
    """
    refuse_absent(path)
    if path.suffix.lower() not in ENDINGS:
        strategy = " A strategy is run by `wick backtest FILE`." if path.suffix.lower() == ".py" else ""
        raise InputError(f"{path} is not a configuration by its name; it must end in {', '.join(ENDINGS)}.{strategy}")
    found = read_plain(path, path.suffix.lower())
    if "nodes" in found.data or "graph" in found.data:
        raise InputError(f"{path} is a graph, not a configuration; `wick backtest FILE` and `wick paper FILE` run it.")
    return found


def read_plain(path: FilePath, ending: str) -> Document:
    """The plain values of a file that is there, in the format of that ending. Raises InputError as the system does."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise WrongSyntax(f"is larger than {LARGEST:,} bytes; a configuration is a small file")
        found = parse(content.decode("utf-8-sig"), ending)
    except UnicodeDecodeError:
        return Document(faults=[Fault("", "is not text in UTF-8; save it so.", str(path))])
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    except RecursionError:
        return Document(faults=[Fault("", f"is nested more than {DEEPEST} levels deep; make it flatter.", str(path))])
    except WrongSyntax as error:
        where = f"{path}:{error.line}" if error.line else str(path)
        return Document(faults=[Fault("", f"{str(error).rstrip('.')}.", where)])
    return replace(found, faults=[replace(one, where=f"{path}:{one.where}") for one in found.faults])


def parse(text: str, ending: str) -> Document:
    """The document of a text in the format of that ending. Raises WrongSyntax, and RecursionError where it is deep."""
    if ending in (".yaml", ".yml"):
        from wickwork.settings.yaml_document import parse_yaml

        data, lines, faults = parse_yaml(text)
    elif ending == ".toml":
        from wickwork.settings.toml_document import parse_toml

        data, lines, faults = parse_toml(text)
    else:
        from wickwork.settings.json_document import parse_json

        data, lines, faults = parse_json(text)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise WrongSyntax("holds no settings by name; write lines such as capital: 10000")
    refuse_large(data)
    return Document(data, lines, faults)


def refuse_large(data: Mapping[str, Any]) -> None:
    """Raise WrongSyntax for more values, levels or digits than a configuration may have."""
    count, level, values = 0, 0, list(data.values())
    while values:
        count, level = count + len(values), level + 1
        if count > MOST_VALUES or level > DEEPEST:
            raise WrongSyntax(f"has more than {MOST_VALUES:,} values or {DEEPEST} levels; a configuration is smaller")
        below: list[Any] = []
        for one in values:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
            elif isinstance(one, int) and one.bit_length() > MOST_BITS:
                raise WrongSyntax("has a number of too many digits; write a smaller one")
        values = below
