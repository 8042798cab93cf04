"""Loads what reading a mail needs. The server that worker processes are forked from imports this once for all."""

from inboxtrack.reader import Context, read

read(
    b"From: a@example.invalid\r\nContent-Type: text/html\r\n\r\n<p>Loads parsers, extractors and tables.</p>", Context()
)
