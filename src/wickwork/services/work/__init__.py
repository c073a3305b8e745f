"""Functions that child processes run: each takes a request as plain JSON, and `Tools`.

They compute and may write files; they never open the database. What they return is recorded by the parent.
"""
