"""Strategies to begin with: `wick new NAME` copies one. Each file is a strategy that runs as it is."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from wickwork.model.errors import NotFound, did_you_mean, shown


@dataclass(frozen=True)
class Template:
    """A strategy to begin with."""

    name: str
    path: Path
    help: str
    """What it does, in one sentence."""

    @property
    def text(self) -> str:
        """Its Python."""
        return self.path.read_text(encoding="utf-8")


def templates() -> list[Template]:
    """All templates, by name."""
    found = []
    for path in sorted(Path(str(files(__name__))).glob("*.py")):
        if not path.stem.startswith("_"):
            words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            found.append(Template(path.stem, path, " ".join(words.partition("\n\n")[0].split())))
    return found


def template(name: str) -> Template:
    """The template of that name. Raises NotFound where there is none."""
    known = {one.name: one for one in templates()}
    if name not in known:
        hint = did_you_mean(name, known) or f" There are {', '.join(known)}."
        raise NotFound(f"There is no template {shown(name)!r}.{hint}")
    return known[name]
