"""Lets `python -m inboxtrack` do what the `inboxtrack` command does."""

from inboxtrack.cli import main

if __name__ == "__main__":
    main()
