"""Section 1, step 3: the decisions of one instrument at a close."""

from .grids import begin
from .intents import attempt, cancel, close, ladder, modify, order_from, reverse
from .values import Account, Desk, Intent

RANK = {"cancel": 0, "modify": 1, "close": 2, "reverse": 3, "enter": 4, "place": 4, "grid": 5}
# entries and placed orders act together


def act(account: Account, desk: Desk, t: int, intents: list[Intent]) -> None:
    """Section 1, step 3: the actions of one instrument in their order; ties in the order of the document."""
    for intent in sorted(intents, key=lambda intent: (RANK[intent.verb], intent.action)):
        match intent.verb:
            case "cancel":
                cancel(account, desk, t, intent)
            case "modify":
                attempt(modify, account, desk, t, intent)
            case "close":
                attempt(close, account, desk, t, intent)
            case "reverse":
                reverse(account, desk, t, intent)
            case "place" if intent.levels:
                attempt(ladder, account, desk, t, intent)
            case "enter" | "place":
                attempt(order_from, account, desk, t, intent)
            case "grid":
                attempt(begin, account, desk, t, intent)
