"""Python files of the user, run as modules that are apart from all others.

The files of one folder are the modules of one package, which is named by the folder's path: two files `own.py` in two
folders are two modules, and so are two files `helpers.py` beside them. What a file imports is searched for beside it
first, as Python does for a script; everything else is imported as usual. `sys.path` is left alone.
"""

from __future__ import annotations

import builtins
import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from types import CodeType, ModuleType
from typing import Any

from wickwork.graph.instead import instead
from wickwork.model.errors import InputError, NotFound

_PREFIX = "wickwork_user_"
_loading = RLock()
"""Held while files are loaded: their modules are in `sys.modules`, by a name made of the path, for all contexts."""


def load_file(path: Path) -> ModuleType:
    """Run a Python file of the user and return it as a module.

    The file is run anew at each call. The files beside it that it imports are run once, and again after one of them
    was changed. Raises NotFound where there is no such file, and InputError with the line and the reason where running
    it fails.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    with _loading:
        name = module_name(path)
        _forget_changed(name.partition(".")[0])
        spec = spec_from_file_location(name, path, loader=_UserFile(name, os.path.abspath(path)))
        if path.suffix != ".py" or spec is None or spec.loader is None:
            raise InputError(f"{path} is not a Python file; its name must end in .py.")
        module = module_from_spec(spec)
        before = sys.modules.get(name)
        sys.modules[name] = module  # annotations of its nodes are resolved there
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            sys.modules.pop(name, None)
            if before is not None:
                sys.modules[name] = before
            sentence = _as_sentence(path, error)
            if sentence is None:
                raise
            raise sentence from error
    return module


def module_name(path: Path) -> str:
    """The name of the module that the file becomes; the package of its folder is made ready."""
    path = path.resolve()
    stem = path.stem
    if not stem.isidentifier():
        stem = re.sub(r"\W", "_", stem) + "_" + hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_package_of(path.parent)}.{stem}"


def file_of(module: ModuleType) -> str | None:
    """The absolute path of a user's file that `load_file` made a module of, or that such a file imported."""
    loader = getattr(module, "__loader__", None)
    return os.path.abspath(loader.path) if isinstance(loader, _UserFile) else None


def folder_of(module: ModuleType) -> str | None:
    """The folder whose package that module is in; None for a module that is not a user's file."""
    root = module.__name__.partition(".")[0]
    if not root.startswith(_PREFIX) or root not in sys.modules:
        return None
    return str(sys.modules[root].__path__[0])


def module_in(folder: str, name: str) -> ModuleType:
    """The module of that name (`package.module`) in the package of a folder. Raises NotFound without its file."""
    root = _package_of(Path(folder))
    with _loading:
        if name not in sys.modules:
            file = Path(folder, *name.split(".")[1:]).with_suffix(".py")
            odd = [one for one in Path(folder).glob("*.py") if not one.stem.isidentifier() and module_name(one) == name]
            for path in (file, *odd):
                if path.is_file() and module_name(path) == name:
                    return load_file(path)
            try:
                builtins.__import__(name)
            except ModuleNotFoundError as error:
                if not (error.name or "").startswith(root):
                    raise
                raise NotFound(f"There is no module {name.partition('.')[2]} in the folder {folder}.") from None
    return sys.modules[name]


def _package_of(folder: Path) -> str:
    place = str(folder.resolve())
    name = _PREFIX + hashlib.sha256(os.fsencode(place)).hexdigest()[:12]
    with _loading:
        if not any(isinstance(one, _Finder) for one in sys.meta_path):
            sys.meta_path.insert(0, _Finder())
        if name not in sys.modules:
            package = ModuleType(name, f"The user's files in {place}.")
            package.__path__ = [place]
            sys.modules[name] = package
    return name


def _forget_changed(package: str) -> None:
    """Let all modules of the package be run again where the file of one has changed or gone, or a file has come."""
    place = sys.modules[package].__path__[0]
    finder = sys.path_importer_cache.get(place)
    if finder is not None and hasattr(finder, "invalidate_caches"):
        finder.invalidate_caches()
    beside = {name: one for name, one in list(sys.modules.items()) if name.startswith(f"{package}.")}
    loaders = [one.__loader__ for one in beside.values()]
    if any(isinstance(one, _UserFile) and one.stamp != _stamp(one.path) for one in loaders):
        for name in beside:
            sys.modules.pop(name, None)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class _UserFile(SourceFileLoader):
    """Runs a user's file; its import statements look beside it first. Reads no kept bytecode."""

    stamp: tuple[int, int] | None = None

    def get_code(self, fullname: str) -> CodeType:
        self.stamp = _stamp(self.path)
        code: CodeType = compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import_beside}
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds the modules of the packages of users' folders."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None or not fullname.startswith(_PREFIX):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _UserFile(fullname, spec.loader.path)
        return spec


def _import_beside(
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    """`__import__` of users' files."""
    importing = str((globals or {}).get("__name__", ""))
    package, first = importing.partition(".")[0], name.partition(".")[0]
    if level or f"{package}.{first}" == importing or not _lies_beside(package, first):
        return builtins.__import__(name, globals, locals, fromlist or (), level)
    found = builtins.__import__(f"{package}.{name}", globals, locals, fromlist or (), 0)
    return found if fromlist else sys.modules[f"{package}.{first}"]


def _lies_beside(package: str, name: str) -> bool:
    """Whether a file imports that name from its folder, not from where all programs import it."""
    if name == "wickwork" or name in sys.builtin_module_names or not package.startswith(_PREFIX):
        return False
    if f"{package}.{name}" in sys.modules:
        return True
    found = PathFinder.find_spec(f"{package}.{name}", list(sys.modules[package].__path__))
    if found is None:
        return False
    known = sys.modules.get(name)
    if found.origin is None:  # a folder without __init__.py
        return known is None and find_spec(name) is None
    # What the program itself has imported from that very file stays one module.
    file = getattr(known, "__file__", None)
    return not (file and os.path.realpath(file) == os.path.realpath(found.origin))


def _as_sentence(path: Path, error: BaseException) -> InputError | None:
    """What to raise instead of that error; None for one that names its place already, or is no fault of the file."""
    if not isinstance(error, Exception | SystemExit):
        return None
    if isinstance(error, InputError):
        line = _line_in(path.resolve(), error)
        plain = type(error) in (InputError, NotFound) and str(path) not in str(error)
        return type(error)(f"{path}, line {line}: {error}") if plain and line else None
    if isinstance(error, SyntaxError):
        place = f", line {error.lineno}" if error.lineno else ""
        return InputError(f"{path}{place}: Python cannot read the file: {error.msg}.")
    line = _line_in(path.resolve(), error)
    if isinstance(error, SystemExit):
        return InputError(f"{path}, line {line}: the file calls sys.exit(); a file of strategies or nodes must not.")
    hint = instead(error) if isinstance(error, Exception) else ""
    return InputError(f"{path}, line {line}: {type(error).__name__}: {error}{'.' + hint if hint else ''}")


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of that file in the error's traceback."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
