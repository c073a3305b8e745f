"""The kinds of jobs: one file each, with a `KIND`."""
