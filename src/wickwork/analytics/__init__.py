"""Reading results: what a run left behind, its metrics, and its trades, fills and orders as tables."""
