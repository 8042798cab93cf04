"""Lists the failures that the program promises to survive and that no test names: `python tests/coverage_of_rows.py`.

A test covers a row by naming it in its docstring: `covers: A1.2, A2.5`. Exit code 1 when a row has no test.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

ROWS = {
    "A1.1": "a connection dies without a word",
    "A1.2": "IDLE hides a dead socket",
    "A1.3": "leaving IDLE blocks",
    "A1.4": "IDLE notices are lost or cut",
    "A1.5": "reconnecting fails while reconnecting",
    "A1.6": "a server drips bytes for ever",
    "A1.7": "a connection is used after a time-out",
    "A1.8": "the server says BYE",
    "A1.9": "TLS mode and port do not fit",
    "A1.10": "too many sessions",
    "A1.11": "a LoginError that is no wrong password",
    "A1.12": "throttling, and one mail that stays broken",
    "A1.13": "authenticated but not connected",
    "A1.14": "suspend and clock jumps",
    "A1.15": "the scheduler drops runs",
    "A2.1": "UIDVALIDITY changes",
    "A2.2": "a folder is re-created while open",
    "A2.3": "n:* returns the last mail",
    "A2.4": "an expunge between SEARCH and FETCH",
    "A2.5": "OK without a body",
    "A2.6": "flags set by accident",
    "A2.7": "the same mail in several folders",
    "A2.8": "the position is kept before the work is done",
    "A2.9": "giant lists of UIDs",
    "A2.10": "giant SEARCH answers",
    "A2.11": "huge mails",
    "A2.12": "giant literals announced",
    "A2.13": "ENVELOPE, BODYSTRUCTURE and dates crash",
    "A2.14": "literal8",
    "A2.15": "search charsets",
    "A2.16": "unreliable server search",
    "A2.17": "SINCE knows no zone",
    "A2.18": "folder names",
    "A2.19": "a folder is missing",
    "A2.20": "Gmail's extensions elsewhere",
    "A2.21": "unasked answers",
    "A2.22": "SEARCH answers that cannot be parsed",
    "A2.24": "one poison mail",
    "A2.25": "OAuth tokens end",
    "A2.26": "passwords beyond ASCII",
    "B1": "a crash between kept and sent",
    "B2": "a crash between sent and marked",
    "B3": "one channel down",
    "B4": "retry storms",
    "B5": "slow services",
    "B6": "a typo in a channel's URL",
    "B7": "storms of old news",
    "B8": "flapping and late mail",
    "B9": "texts that lose the key fact",
    "B10": "expensive characters in SMS",
    "B11": "a dead daemon looks like no parcels",
    "B12": "two instances",
    "B13": "a locked, full or damaged disk",
    "B14": "muted while queued",
    "C1": "mails that exhaust the parser",
    "C2": "slow patterns",
    "C3": "IMAP command injection",
    "C4": "control characters in headers",
    "C5": "look-alike names",
    "C6": "template injection",
    "C7": "markup injection",
    "C8": "spoofed retailers",
    "C9": "forged Authentication-Results",
    "C10": "no usable Authentication-Results",
    "C11": "phishing links",
    "C12": "requests derived from mail",
    "C13": "false tracking numbers",
    "C14": "secrets that others can read",
    "C15": "libraries that log mail",
    "C16": "unverified TLS",
    "C17": "SQL injection",
    "C18": "paths from attachments",
    "C20": "unsafe loaders",
    "C22": "privacy of kept mail",
}
LATER = {
    "A2.23": "CONDSTORE is not used",
    "C19": "the local web page comes later",
    "C21": "supply chain: checked where the package is built",
}
_COVERS = re.compile(r"covers:([^\n\"]*)")
_ROW = re.compile(r"\b(?:[AB]|C)\d+(?:\.\d+)?\b")


def covered(folder: Path) -> Counter[str]:
    """How many docstrings name each row."""
    found: Counter[str] = Counter()
    for file in sorted(folder.glob("test_*.py")):
        for listed in _COVERS.findall(file.read_text(encoding="utf-8")):
            found.update(_ROW.findall(listed))
    return found


def main() -> int:
    """Print the rows without a test, and names that are no rows."""
    found = covered(Path(__file__).parent)
    open_rows = [row for row in ROWS if not found[row]]
    unknown = sorted(set(found) - set(ROWS) - set(LATER))
    for row in open_rows:
        print(f"{row:6} no test: {ROWS[row]}")
    for row in unknown:
        print(f"{row:6} is no row")
    print(f"{len(ROWS) - len(open_rows)} of {len(ROWS)} rows have a test; later: {', '.join(LATER)}")
    return 1 if open_rows or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
