"""What the `inboxtrack` command runs, and `python -m inboxtrack`: the command line, which takes a moment to load."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ctrl-C while it loads is answered as later on: in one line, with exit code 130."""
    try:
        from inboxtrack.cli import main as run
    except KeyboardInterrupt:
        print("inboxtrack: stopped", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
