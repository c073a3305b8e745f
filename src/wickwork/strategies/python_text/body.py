"""The statements of a file that builds a graph: one for each node, but for what is shorter inside another statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.node import Node
from wickwork.graph.types import Port
from wickwork.model.errors import InputError
from wickwork.model.other_bars import other_name
from wickwork.nodes import builtin
from wickwork.strategies import trade
from wickwork.strategies.python_text.actions import Action, atr_is_added, written_action
from wickwork.strategies.python_text.comments import Comment
from wickwork.strategies.python_text.imports import Imports
from wickwork.strategies.python_text.layout import fits, lines
from wickwork.strategies.python_text.names import LONGEST, Variables, function_name
from wickwork.strategies.python_text.order import statement_order
from wickwork.strategies.python_text.terms import Term, call, of_literal, of_output, operator_text, wires_in
from wickwork.strategies.strategy import BarsOutputs, Strategy
from wickwork.strategies.vocabulary import ta

BARS = ("bars", "bars")
"""The bars of the strategy itself, as the source of a wire."""
_INDENT = "    "


class Body:
    """The statements inside the `with` block, in `lines` once `write` was called."""

    def __init__(
        self, validated: ValidatedGraph, imports: Imports, strategy: Strategy, comments: Iterable[Comment] = ()
    ) -> None:
        self.validated, self.strategy = validated, strategy
        self.lines: list[str] = []
        self.words: set[str] = set()
        """Which of `ta` and `trade` the statements need."""
        self._functions = imports.names
        self._variables = Variables(imports.names.values())
        self._made: dict[str, Term] = {}
        self._pending: list[str] = []
        """Operators that were executed but not yet written, because the next statement may contain them."""
        self._acted = False
        """Whether the last statement is an action."""
        self._own_bars = "bars" in validated.nodes and validated.nodes["bars"].name == "bars"
        self._columns: dict[str, Term] = {}
        self._targets: dict[str, list[tuple[str, str]]] = {}
        for (target, port), (source, _) in sorted(validated.wired.items()):
            self._targets.setdefault(source, []).append((target, port))
        self._written_by = {name: user for name in validated.nodes if (user := self._user_of_literal(name))}
        self._comments = list(comments)
        self._inside: dict[str, list[str]] = {}
        """By statement: the nodes that it contains beside its own."""

    def write(self) -> None:
        """Write and execute all statements."""
        self._write_comments(set())
        if self._own_bars:
            self._write_comments({"bars"})
            self._write_columns()
        for name in statement_order(self.validated, self._written_by, {"bars"} if self._own_bars else ()):
            self._write(name)
        self._write_pending()

    def _write_columns(self) -> None:
        """The columns of the strategy's own bars: those that are used several times get a variable."""
        bars = self.strategy.bars
        uses: dict[str, int] = {}
        for source, port in self.validated.wired.values():
            if source == "bars":
                uses[port] = uses.get(port, 0) + 1
        for output in self.validated.nodes["bars"].outputs:
            port, value = output.name, getattr(bars, output.name)
            self._columns[port] = Term(f"s.bars.{port}", value)
            if uses.get(port, 0) > 1 and port not in {"bars", *self.validated.nodes} and self._variables.free(port):
                self.lines.append(f"{_INDENT}{self._variables.new(port)} = s.bars.{port}")
                self._columns[port] = Term(port, value)
        if not uses:
            self.lines.append(f"{_INDENT}{self._variables.new('bars')} = s.bars")

    def _user_of_literal(self, name: str) -> str | None:
        """The node whose statement adds this one: a fixed number or condition as a literal, an ATR for its levels."""
        node, targets = self.validated.nodes[name], self._targets.get(name, [])
        if len(targets) != 1 or not _comes_with_wickwork(node):
            return None
        target, port = targets[0]
        user = self.validated.nodes[target]
        entry = user.input(port)
        assert entry is not None  # noqa: S101  # the graph is valid
        if node.name == "atr":
            own = self._own_bars and self.validated.wired.get((name, "bars")) == BARS
            return target if own and port == "atr" and atr_is_added(user, self.validated.values[target]) else None
        number = node.name == "number" and entry.port is Port.SERIES and entry.required
        condition = node.name == "always" and entry.port is Port.CONDITION
        return target if (number or condition) and not user.verb else None

    # ---- one statement

    def _write(self, name: str) -> None:
        node = self.validated.nodes[name]
        if node.verb and self._write_with_trade(name, node):
            return
        literals = self._literals_of(name, node)
        automatic = self.strategy.next_name(node.name) == name
        args, kwargs = self._arguments(name, node, literals, automatic)
        plain = [replace(one, simple=True, unary=False) for one in args]
        short = automatic and not kwargs and _comes_with_wickwork(node) and operator_text(node, plain) is not None
        reads = wires_in([*args, *kwargs.values()])
        kept = self._contained(reads, only_unary=short)
        self._inside[name] = [*literals, *kept, *(one for other in kept for one in self._inside.get(other, ()))]
        others = self._pending[: len(self._pending) - len(kept)]
        operator = _operator(node, args) if short and not set(others) & set(reads) else None
        if operator is not None and len(self._targets.get(name, ())) == 1:
            self._made[name] = replace(operator, value=self._called(node, args, kwargs)[0].value)
            self._pending = [*others, name]
            return
        if self._write_pending(kept):
            args, kwargs = self._arguments(name, node, literals, automatic)
        operator = _operator(node, args) if short else None
        made, word = self._called(node, args, kwargs)
        if operator is not None:
            made = replace(operator, value=made.value)
        else:
            self.words.add(word)
        self._made[name] = made
        self._write_statement(name)

    def _write_statement(self, name: str) -> None:
        """Write the expression of a node as a statement; from now on its variable stands for it."""
        made, acts = self._made[name], bool(self.validated.nodes[name].verb)
        before = ""
        if name in self._targets or not acts:
            variable = self._variables.new(name)
            before = f"{variable} = "
            self._made[name] = Term(variable, made.value)
        if self._acted and not acts:
            self.lines.append("")
        self._acted = acts
        self._write_comments({name, *self._inside.get(name, ())})
        self.lines += lines(made.text, before, "", len(_INDENT))

    def _write_comments(self, nodes: Collection[str]) -> None:
        """Write the comments on one of these nodes that were not written yet; without nodes, those on the strategy."""
        if not self._comments:
            return
        due = [one for one in self._comments if (one.about & set(nodes) if nodes else not one.about)]
        self._comments = [one for one in self._comments if one not in due]
        self.lines += [f"{_INDENT}{line}" for one in due for line in one.lines]

    def _contained(self, reads: Sequence[str], only_unary: bool = False) -> list[str]:
        """The pending operators that the next statement contains, in the order in which they were executed.

        `reads` are the nodes that it reads, in the order of its text.
        """
        kept = list(self._pending)
        while kept and (
            [one for one in reads if one in kept] != kept
            or (only_unary and not all(self._made[one].unary for one in kept))
        ):
            kept.pop(0)
        return kept

    def _write_pending(self, kept: Sequence[str] = ()) -> bool:
        """Write the pending operators, but those that the next statement contains; whether there were any to write."""
        written = self._pending[: len(self._pending) - len(kept)]
        self._pending = []
        for name in written:
            self._write_statement(name)
        return bool(written)

    # ---- its parts

    def _wire(self, source: str, port: str) -> Term:
        """The value of an output."""
        if source == "bars" and self._own_bars:
            return self._columns[port]
        made = self._made[source]
        return of_output(made, port) if len(self.validated.nodes[source].outputs) > 1 else made

    def _literals_of(self, name: str, node: Node) -> dict[str, Term]:
        """The nodes that the statement adds by a literal, by id; those that would get another id are written before."""
        added: dict[str, Term] = {}
        taken: set[str] = set()
        for entry in node.inputs:
            source = self.validated.wired.get((name, entry.name), ("", ""))[0]
            if self._written_by.get(source) != name or source in self._made:
                continue
            if self.strategy.next_name(self.validated.nodes[source].name, taken) == source:
                added[source] = of_literal(self.validated.values[source]["value"])
                taken.add(source)
            else:
                self._write_pending()
                self._write(source)
        return added

    def _arguments(
        self, name: str, node: Node, literals: Mapping[str, Term], automatic: bool
    ) -> tuple[list[Term], dict[str, Term]]:
        """The arguments of a node as a function: wires in order as far as they have no gap, the rest by name."""
        args: list[Term] = []
        kwargs: dict[str, Term] = {}
        for place, entry in enumerate(node.inputs):
            source = self.validated.wired.get((name, entry.name))
            if source is None:
                if entry.name in self.validated.literals[name]:
                    kwargs[entry.name] = of_literal(self.validated.literals[name][entry.name])
                continue
            if source == BARS and entry.port is Port.BARS and self._own_bars:
                continue
            term = literals.get(source[0]) or self._wire(*source)
            lettered = len(entry.name) == 1  # a, b, c …: any number of like wires
            if (entry.required or lettered) and len(args) == place and not kwargs:
                args.append(term)
            else:
                kwargs[entry.name] = term
        defaults = {one.name: one.default for one in node.parameters}
        values = self.validated.values[name]
        kwargs |= {key: of_literal(value) for key, value in values.items() if value != defaults[key]}
        if "name" in kwargs:
            raise InputError(
                f"{name}: {node.name} has an input or parameter called name, and in Python name= is the id of a node; "
                "export the graph as a document (.json)."
            )
        return args, kwargs if automatic else kwargs | {"name": of_literal(name)}

    def _called(self, node: Node, args: Sequence[Term], kwargs: Mapping[str, Term]) -> tuple[Term, str]:
        """The call that adds the node, and which of `ta` and `trade` it needs."""
        if node.name in self._functions:
            return call(self._functions[node.name], node, args, kwargs), ""
        named = {key: one for key, one in kwargs.items() if key == "name"}
        if node.name == "timeframe" and set(kwargs) <= {"to"}:
            bars = args[0] if args else Term("s.bars", self.strategy.bars)
            if isinstance(bars.value, BarsOutputs):
                to = kwargs.get("to") or of_literal(node.parameters[0].default)
                return call(str(bars.text), bars.value, [to]), ""
        if node.name == "bars_of" and other_name(str(kwargs["instrument"].value)) == kwargs["instrument"].value:
            return call("s.bars_of", self.strategy.bars_of, [kwargs["instrument"]], named), ""
        if node.name == "column":
            return call("s.column", self.strategy.column, [kwargs["field"]], named), ""
        function = function_name(node.name)
        return call(f"ta.{function}", getattr(ta, function), args, kwargs), "ta"

    def _write_with_trade(self, name: str, node: Node) -> bool:
        """Write an action with `trade`; False where only its node can express it."""
        atr = self.validated.wired.get((name, "atr"), ("", ""))[0]
        added = atr if self._written_by.get(atr) == name else ""
        found = self._with_trade(name, node, added) if added and self.strategy.next_name("atr") == added else None
        if found is None:
            if added:
                self._write_pending()
                self._write(added)
            added = ""
            found = self._with_trade(name, node)
        if found is None:
            return False
        kept = self._contained(wires_in(found[1].values()))
        self._inside[name] = [added, *kept, *(one for other in kept for one in self._inside.get(other, ()))]
        if self._write_pending(kept):
            found = self._with_trade(name, node, added) or found
        function, arguments = found
        self._made[name] = call(f"trade.{function}", getattr(trade, function), [], arguments, tall=len(arguments) > 4)
        self.words.add("trade")
        self._write_statement(name)
        return True

    def _with_trade(self, name: str, node: Node, added: str = "") -> tuple[str, dict[str, Term]] | None:
        """The function of `trade` with its arguments; `added` is the ATR that it adds itself."""
        inputs: dict[str, Term] = {}
        for entry in node.inputs:
            source = self.validated.wired.get((name, entry.name))
            if source is not None and source[0] != added:
                inputs[entry.name] = self._wire(*source)
            elif entry.name in self.validated.literals[name]:
                inputs[entry.name] = of_literal(self.validated.literals[name][entry.name])
        period = int(self.validated.values[added]["period"]) if added else None
        automatic = self.strategy.next_name(node.name) == name
        action = Action(name, node, inputs, self.validated.values[name], period)
        return written_action(action, None if automatic else of_literal(name))


def _operator(node: Node, args: Sequence[Term]) -> Term | None:
    """The node as an operator, still without its value; None where that is not possible or too long for a line."""
    text = operator_text(node, args)
    if text is None or not fits(f"{_INDENT}{'x' * LONGEST} = {text}"):
        return None
    return Term(text, None, simple=False, unary=len(args) == 1 and node.name != "absolute")


def _comes_with_wickwork(node: Node) -> bool:
    return node is builtin().nodes.get(node.name)
