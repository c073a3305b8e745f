"""Asking questions of many runs: which numbers would have done best, and how much of that is luck."""
