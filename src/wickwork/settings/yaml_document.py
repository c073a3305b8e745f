"""YAML as plain values with their lines. Scalars are read as in JSON (`syntax.plain_value`)."""

from __future__ import annotations

import re
from typing import Any

from wickwork.settings.faults import Fault, Path, path_text
from wickwork.settings.syntax import DEEPEST, MOST_VALUES, WrongSyntax, plain_value

_PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_MERGE = "<<"


def parse_yaml(text: str) -> tuple[Any, dict[Path, int], list[Fault]]:
    """The values, the line of each, and faults such as a name that stands twice.

    Raises WrongSyntax where it is no YAML.
    """
    import yaml  # here, since other formats do not need it

    texts_alone: Any = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    try:
        node = yaml.compose(text, Loader=texts_alone)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise WrongSyntax(
            f"is not YAML: {_described(error.context, error.problem)}", mark.line + 1 if mark else 0
        ) from None
    except (yaml.YAMLError, ValueError) as error:  # a character that YAML does not allow
        raise WrongSyntax(f"is not YAML: {_described(getattr(error, 'reason', ''))}") from None
    reading = _Reading(yaml)
    return (None if node is None else reading.value(node, ())), reading.lines, reading.faults


def _described(*problems: str | None) -> str:
    """What is wrong, without words of the file: an alias or a tag may be a password without its quotes."""
    known = [one.split("\n")[0] for one in problems if one]
    text = " ".join(known).rstrip(".") or "a part of it cannot be read"
    return re.sub(r" '(?!<)[^']{2,}'", "", text)


class _Reading:
    """One walk over the nodes of a file."""

    def __init__(self, yaml: Any) -> None:
        self.yaml = yaml
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self.count = 0

    def value(self, node: Any, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines[path] = line
        self._count(path)
        if node.tag not in _PLAIN_TAGS:
            self._fault(
                path, line, "has a tag (a word after !), which is not read; leave it out, or put the text into quotes."
            )
        if isinstance(node, self.yaml.ScalarNode):
            return plain_value(node.value) if node.style is None else node.value
        if isinstance(node, self.yaml.SequenceNode):
            return [self.value(one, (*path, i)) for i, one in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: Any, path: Path, taken: set[str] | None = None) -> dict[str, Any]:
        """The values of a mapping and those that it merges; names in `taken` are left out, and new ones added to it."""
        taken = set() if taken is None else taken
        found: dict[str, Any] = {}
        merges: list[Any] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, self.yaml.ScalarNode):
                self._fault(path, line, "a name of a setting is a list or a mapping; write a word.")
            elif key.value == _MERGE and key.style is None:
                merges.append(value)
            elif key.value in found:
                first = self.lines[(*path, key.value)]
                self._fault((*path, key.value), line, f"is given twice, first in line {first}; keep one.")
            elif key.value in taken:
                self._count(path)
            else:
                found[key.value] = self.value(value, (*path, key.value))
                self.lines[(*path, key.value)] = line
        taken.update(found)
        return self._merged(merges, path, taken) | found

    def _merged(self, merges: list[Any], path: Path, taken: set[str]) -> dict[str, Any]:
        """What `<<: *anchor` takes from other mappings: of a name that several have, the first."""
        found: dict[str, Any] = {}
        for merge in merges:
            for one in merge.value if isinstance(merge, self.yaml.SequenceNode) else [merge]:
                self._count(path)  # mappings without values of their own can merge each other many times
                if isinstance(one, self.yaml.MappingNode):
                    found.update(self._mapping(one, path, taken))
                else:
                    self._fault(path, merge.start_mark.line + 1, "<< takes a mapping, such as *name of an anchor.")
        return found

    def _count(self, path: Path) -> None:
        self.count += 1
        if self.count > MOST_VALUES or len(path) > DEEPEST:
            raise WrongSyntax(f"has more than {MOST_VALUES:,} values or {DEEPEST} levels; a configuration is smaller")

    def _fault(self, path: Path, line: int, problem: str) -> None:
        self.faults.append(Fault(path_text(path), problem, str(line)))
