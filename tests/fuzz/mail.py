"""Mail -> reading: any bytes give an outcome, no exception escapes, every number of a fact is one."""

from __future__ import annotations

import json
import re
import sys

import atheris

with atheris.instrument_imports(include=["inboxtrack"]):
    from inboxtrack.jsonform import reading_to_json
    from inboxtrack.model import Outcome
    from inboxtrack.reader import Context, read

RAISED = re.compile(r"\w(?:Error|Exception) at ")
NUMBER = re.compile(r"[^\s\x00-\x1f<>\"'{}$%]{1,64}")


def target(data: bytes) -> None:
    """One input; an exception, or an extractor that raised one, is a finding."""
    reading = read(data, Context())
    assert reading.outcome is not Outcome.FAILED or not RAISED.search(reading.reason), reading.reason
    json.dumps(reading_to_json("x", reading)).encode()
    for fact in reading.facts:
        for number in (fact.order, fact.tracking, *(one.value for one in fact.also)):
            assert number is None or NUMBER.fullmatch(number), number


if __name__ == "__main__":
    # the tables are compiled before the clock of the first input runs
    target(b"From: a@example.invalid\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>")
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
