"""Bars from exchanges into the store: what is missing, page by page, and no question twice."""
