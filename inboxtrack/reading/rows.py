"""What stands beside a number in its row of a table."""

from __future__ import annotations

from inboxtrack.mail.message import Mail
from inboxtrack.reading.found import Found
from inboxtrack.tracking.carriers import by_name


def carrier_beside(mail: Mail, number: str) -> Found[str] | None:
    """The cell that names a carrier in the row of a number, as printed; None when there is none."""
    row = next((row for row in mail.rows if len(row) > 1 and any(number in cell for cell in row)), ())
    return next((Found(cell, "table", " | ".join(row), "row of the number") for cell in row if by_name(cell)), None)
