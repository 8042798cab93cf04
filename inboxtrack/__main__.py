"""Where the `inboxtrack` command and `python -m inboxtrack` begin.

The processes that read mail load this module, too: it brings nothing of the command line with it.
"""


def main() -> None:
    """Run the command line and exit with its code."""
    from inboxtrack.cli import main as run

    run()


if __name__ == "__main__":
    main()
