"""Graphs as Python files: `write.python_file`."""
