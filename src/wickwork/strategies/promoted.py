"""Parameters of a function that builds a sub-graph: numbers and texts that record whether they were computed with.

Such a value is an int, float or str like any other. Where it reaches a node as it is, it becomes a parameter of the
sub-graph; where the function computes with it, compares it or formats it, `computed` becomes true, because then its
value has shaped the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wickwork.graph.signature import Parameter
from wickwork.model.errors import InputError

_COMPUTING = (
    *(["add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and", "or", "xor"]),
    *(["neg", "pos", "abs", "invert", "round", "trunc", "floor", "ceil", "index", "int", "float", "bool"]),
    *(["lt", "le", "gt", "ge", "eq", "ne", "hash", "format", "str", "repr", "len", "contains", "getitem", "iter"]),
)


def _marking(base: type) -> type:
    """A subclass whose operations set `computed` on the value, and give what those of the class give."""

    def marked(name: str) -> Callable[..., Any]:
        original = getattr(base, name)

        def method(self: Any, *args: Any) -> Any:
            result = original(self, *args)
            if result is not NotImplemented:  # else the other operand decides, such as a wire that becomes a node
                self.computed = True
            return result

        return method

    names = [f"__{side}{one}__" for one in _COMPUTING for side in ("", "r")]
    methods: dict[str, Any] = {name: marked(name) for name in names if hasattr(base, name)}
    for name in dir(base):
        if not name.startswith("_") and callable(getattr(base, name)) and name not in methods:
            methods[name] = marked(name)
    return type(f"Promotable{base.__name__.title()}", (base,), {"computed": False, **methods})


_CLASSES = {base: _marking(base) for base in (int, float, str)}


def promotable(name: str, value: Any) -> Any:
    """The value as one that can become the parameter of that name; true and false stay as they are."""
    kind = _CLASSES.get(type(value))
    if kind is None:
        return value
    made = kind(value)
    made.promoted, made.plain = name, value
    return made


def is_promotable(value: Any) -> bool:
    """Whether `promotable` made the value."""
    return isinstance(value, tuple(_CLASSES.values()))


def other_value(value: Any, parameter: Parameter) -> Any:
    """Another value that the parameter may have, to see whether the graph depends on it; None where there is none.

    `range` and NumPy read a number without calling its methods, so `computed` alone does not show it.
    """
    tries = [one for one in parameter.choices if one != value]
    if type(value) in (int, float):
        tries = [value + 1, value - 1, value * 1.01, value * 0.99]
    for one in tries:
        try:
            found = parameter.check("", one)
        except InputError:
            continue
        if found != value:
            return found
    return None


def plain(value: Any) -> Any:
    """The value as an ordinary int, float or str."""
    return value.plain if is_promotable(value) else value


def take_plain(value: Any) -> Any:
    """The value as an ordinary one, for a use that depends on it."""
    if is_promotable(value):
        value.computed = True
    return plain(value)
