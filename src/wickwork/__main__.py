"""`python -m wickwork` is `wick`."""

import sys

from wickwork.cli import main

if __name__ == "__main__":
    sys.exit(main())
