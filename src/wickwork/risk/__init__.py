"""How much, and may I: the size of an order and the rules that a venue sets for it."""
