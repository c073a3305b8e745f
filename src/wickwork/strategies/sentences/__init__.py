"""Strategies as sentences: `explain.explained`."""
