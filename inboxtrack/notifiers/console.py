"""Messages printed to the terminal, for a first try and for `digest` previews."""

from __future__ import annotations

import sys
from typing import TextIO

from inboxtrack.channel import Channel, Limits, Message, Style


class ConsoleNotifier:
    """Prints what would be sent; on a terminal within a frame."""

    def __init__(self, channel: Channel, stream: TextIO | None = None) -> None:
        self._channel = channel
        self._stream = stream or sys.stdout

    @property
    def limits(self) -> Limits:
        """A terminal takes everything."""
        return Limits()

    def send(self, message: Message) -> None:
        """Print one message."""
        show(message, self._channel.name, self._channel.style, self._stream)


def show(message: Message, name: str, style: Style, stream: TextIO) -> None:
    """Print a message as plain text, or framed where the stream is a terminal."""
    link = message.link if style is Style.PUSH else None
    text = "\n".join(filter(None, [message.title, message.body, link]))
    if not stream.isatty():
        print(text, file=stream, flush=True)
        return
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    body = Text.assemble((f"{message.title}\n" if message.title else "", "bold"), message.body)
    if link:
        body.append(f"\n{link}", style="cyan")
    Console(file=stream).print(Panel(body, title=f"{name} · {style}", title_align="left", width=62, padding=(0, 1)))
