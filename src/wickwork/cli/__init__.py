"""The command line: `wick`. Nothing here knows anything about trading; each verb asks the rooms below and shows the answer."""

from wickwork.cli.app import main

__all__ = ["main"]
