"""What became of the orders of an action, as wires: `entry.filled`, `entry.leg("stop_loss").price`."""

from __future__ import annotations

from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.nodes import builtin
from wickwork.strategies.strategy import Outputs, Wire


class OrderWires(Wire):
    """The handle of an action's orders; the outputs of the node `order_state` are its attributes.

    `working`, `filled`, `complete`, `canceled`, `orders`, `number`, `side`, `price`, `quantity`, `filled_quantity`,
    `average`, `remaining` and `age`. The node is added where the first of them is used.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Wire:
        if name.startswith("_"):
            raise AttributeError(name)
        known = [output.name for output in builtin()["order_state"].outputs]
        if name not in known:
            raise InputError(
                f"Orders have no {name!r}; they have {', '.join(known)}, leg, modify and cancel."
                f"{did_you_mean(name, [*known, 'leg', 'modify', 'cancel'])}"
            )
        return getattr(self._read("order_state", {}), name)  # type: ignore[no-any-return]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(output.name for output in builtin()["order_state"].outputs)]

    def leg(self, leg: str, target: int = 1) -> Outputs:
        """One leg of these entries, `stop_loss`, `take_profit` or `trailing`: the outputs of the node `leg_state`.

        Of several take profits it is the one with the number `target`. Raises InputError for another word.
        """
        node = builtin()["leg_state"]
        return self._read("leg_state", node.check({"leg": leg, "target": target}))

    def _read(self, kind: str, params: dict[str, Any]) -> Outputs:
        """The outputs of the node of that kind which reads these orders, a new one where there is none yet."""
        node, graph = builtin()[kind], self.strategy.graph
        for wire in graph.wires:
            entry = graph.nodes[wire.target]
            reads_these = (wire.source, wire.source_port) == (self.node, self.port) and entry.type == kind
            if reads_these and node.check(entry.params) == node.check(params):
                return Outputs(self.strategy, wire.target, {one.name: one.port for one in node.outputs})
        return self.strategy.add(node, (self,), params)  # type: ignore[no-any-return]
