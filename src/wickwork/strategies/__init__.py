"""Graphs written in Python: the same graphs that are drawn, read from a file or sent over the wire."""
