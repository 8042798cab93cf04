"""Deadlines for blocking calls: a socket's own time-out counts silence, not the whole command."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def deadline(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Cut the socket when the block takes longer, and raise TimeoutError then. The socket is of no use after it."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            # Not sock.shutdown(): on a TLS socket that drops the TLS object under the feet of the blocked reader.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late.is_set():
            raise TimeoutError(f"not finished within {seconds:g} s") from error
        raise
    finally:
        timer.cancel()


def within(seconds: float, work: Callable[[], T], discard: Callable[[T], object]) -> T:
    """Run work whose socket is not known yet; TimeoutError when it takes longer. A late result is discarded."""
    results: list[T] = []
    errors: list[Exception] = []
    lock, given_up = threading.Lock(), threading.Event()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            errors.append(error)
            return
        with lock:
            results.append(result)
            if not given_up.is_set():
                return
        discard(result)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    with lock:
        if not results and not errors:
            given_up.set()
            raise TimeoutError(f"not finished within {seconds:g} s")
    if errors:
        raise errors[0]
    return results[0]
