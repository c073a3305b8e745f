"""The size of an order, and the rules that a venue sets for orders."""
