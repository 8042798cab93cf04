"""Waiting for mail: IDLE wakes the poll, dead connections are noticed, and nothing spins."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from inboxtrack.mail.account import Limits
from inboxtrack.mail.imap import ImapSource, idle
from inboxtrack.mail.source import MailboxError
from tests.dovecot import Dovecot, dovecot, start, stop
from tests.fake_imap import FakeImap, Hook, Peer
from tests.imap_help import Reading, account_at, account_of, deliver, mail, orders
from tests.relay import Relay

LIMITS = Limits(connect=2, read=1.5, command=3, leave=0.7, idle=1)


@pytest.fixture(autouse=True)
def _short_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "FLOOR", 0.05)


def after(seconds: float, work: object, *args: object) -> threading.Timer:
    timer = threading.Timer(seconds, work, args)  # type: ignore[arg-type] # any callable
    timer.start()
    return timer


@pytest.mark.dovecot
@pytest.mark.parametrize("security", ["plain", "tls"])
def test_a_delivery_ends_the_wait(server: Dovecot, security: str) -> None:
    """covers: A1.1"""
    port = server.tls if security == "tls" else server.plain
    source = ImapSource(account_of(server, security=security, port=port, ca_file=server.ca, host="localhost"))
    reading = Reading(source)
    reading.poll()
    with server.admin() as admin:
        timer = after(0.2, deliver, admin, mail("Order 1"))
        begin = time.monotonic()
        assert source.wait(15) is True
        assert time.monotonic() - begin < 5
        timer.join()
    assert len(reading.new()) == 1
    source.close()


@pytest.mark.dovecot
def test_a_quiet_wait_ends_and_an_interrupt_ends_it_at_once(server: Dovecot) -> None:
    source = ImapSource(account_of(server))
    Reading(source).poll()
    assert source.wait(0.2) is False
    timer = after(0.2, source.interrupt)
    begin = time.monotonic()
    assert source.wait(15) is False
    assert time.monotonic() - begin < 3
    timer.join()
    source.interrupt()
    assert source.wait(15) is False, "an interrupt before the wait counts, too"
    source.close()


@pytest.mark.dovecot
def test_mail_between_poll_and_idle_is_not_slept_over(server: Dovecot) -> None:
    """covers: A1.4"""
    source = ImapSource(account_of(server))
    Reading(source).poll()
    with server.admin() as admin:
        deliver(admin, mail("Order 1"))
    begin = time.monotonic()
    assert source.wait(15) is True
    assert time.monotonic() - begin < 5
    source.close()


@pytest.mark.dovecot
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_in_idle_is_noticed_without_spinning(server: Dovecot, number: signal.Signals) -> None:
    """covers: A1.2"""
    source = ImapSource(account_of(server))
    reading = Reading(source)
    reading.poll()
    after(0.2, server.kill_sessions, number)
    turns, begin = 0, time.monotonic()
    while not reading.new():
        turns += 1
        assert source.wait(5) is True
        if not turns - 1:
            with server.admin() as admin:
                deliver(admin, mail("Order 1"))
    assert turns < 3
    assert time.monotonic() - begin < 10
    source.close()


@pytest.mark.dovecot
@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_connection_that_breaks_in_idle_ends_the_wait(server: Dovecot, fault: str) -> None:
    """covers: A1.2, A1.5"""
    with Relay(server.plain) as relay:
        source = ImapSource(account_of(server, port=relay.port, limits=LIMITS))
        reading = Reading(source)
        reading.poll()
        after(0.2, getattr(relay, fault))
        begin = time.monotonic()
        assert source.wait(10) is True
        assert time.monotonic() - begin < 5
        with server.admin() as admin:
            deliver(admin, mail("Order 1"))
        assert len(reading.new()) == 1
        assert relay.accepted == 2
        source.close()


@pytest.mark.dovecot
def test_a_network_that_swallows_everything_is_noticed_within_the_window(server: Dovecot) -> None:
    """covers: A1.1, A1.3"""
    with Relay(server.plain) as relay:
        source = ImapSource(account_of(server, port=relay.port, limits=LIMITS))
        reading = Reading(source)
        reading.poll()
        timer = after(0.3, relay.stalled.set)
        begin = time.monotonic()
        assert source.wait(60) is True
        timer.join()
        with server.admin() as admin:
            deliver(admin, mail("Order 1"))
        relay.stalled.clear()
        assert len(reading.new()) == 1
        assert time.monotonic() - begin < LIMITS.idle + 2 * LIMITS.leave + LIMITS.command
        source.close()


@pytest.mark.dovecot
def test_leaving_idle_never_blocks(server: Dovecot) -> None:
    """covers: A1.3"""
    with Relay(server.plain) as relay:
        limits = Limits(connect=2, read=60, command=60, leave=0.5, idle=0.5)
        source = ImapSource(account_of(server, port=relay.port, limits=limits))
        Reading(source).poll()
        timer = after(0.2, relay.stalled.set)
        begin = time.monotonic()
        assert source.wait(60) is True
        assert time.monotonic() - begin < 6
        timer.join()
        source.drop()


@pytest.mark.dovecot
def test_a_stopped_server_process_is_given_up_and_healed(server: Dovecot) -> None:
    """covers: A1.7"""
    source = ImapSource(account_of(server, limits=LIMITS))
    reading = Reading(source)
    reading.poll()
    stopped = server.sessions()
    server.kill_sessions(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        with server.admin() as admin:
            deliver(admin, mail("Order 1"))
        assert len(reading.new()) == 1
        assert time.monotonic() - begin < LIMITS.command + 2
    finally:
        for pid in set(stopped) & set(server.sessions()):
            os.kill(pid, signal.SIGCONT)
        source.close()


@pytest.mark.dovecot
def test_a_server_that_comes_back_is_found_with_one_connection() -> None:
    """covers: A1.5"""
    with dovecot() as server:
        source = ImapSource(account_of(server, limits=LIMITS))
        reading = Reading(source)
        reading.poll()
        threads = threading.active_count()
        stop(server)
        for _ in range(5):
            with pytest.raises(MailboxError):
                reading.poll()
        assert source.wait(0.1) in (True, False)
        again = start(server.home, server.plain, server.tls)
        server.process = again.process
        with server.admin() as admin:
            deliver(admin, mail("Order 1"))
        assert len(reading.new()) == 1
        assert len(server.sessions()) <= 2
        assert threading.active_count() <= threads
        source.close()


def idle_answer(*packets: bytes) -> Hook:
    def hook(peer: Peer, tag: str, _: str) -> bool:
        for packet in packets:
            peer.raw(packet)
            time.sleep(0.05)
        if peer.line() is not None:
            peer.send(f"{tag} OK done")
        return True

    return hook


SHAPES = {
    "with the continuation": (b"+ idling\r\n* 2 EXISTS\r\n",),
    "before the continuation": (b"* 2 EXISTS\r\n+ idling\r\n",),
    "split over two packets": (b"+ idling\r\n", b"* 2 EXI", b"STS\r\n"),
    "split and never finished": (b"+ idling\r\n", b"* 2 EXI"),
    "a BYE": (b"+ idling\r\n", b"* BYE too long\r\n"),
    "nonsense": (b"+ idling\r\n", b"\x00\xff((((\r\n"),
}


@pytest.mark.parametrize("packets", SHAPES.values(), ids=SHAPES)
def test_whatever_idle_says_the_mail_is_found_by_the_next_search(packets: tuple[bytes, ...]) -> None:
    """covers: A1.4"""
    with FakeImap(orders(1), hooks={"IDLE": idle_answer(*packets)}) as server:
        source = ImapSource(account_at(server))
        reading = Reading(source)
        reading.poll()
        begin = time.monotonic()
        source.wait(0.4)
        assert time.monotonic() - begin < 4
        server.mails[2] = mail("Order 2")
        assert len(reading.new()) == 1
        source.close()


def test_a_server_without_idle_is_waited_for_by_the_clock() -> None:
    with FakeImap(orders(1), capability="IMAP4rev1") as server:
        source = ImapSource(account_at(server))
        Reading(source).poll()
        begin = time.monotonic()
        assert source.wait(0.3) is False
        assert 0.25 < time.monotonic() - begin < 1.5
        assert "IDLE" not in server.commands
        source.close()


def test_a_chatty_server_cannot_make_the_loop_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: A1.2"""
    monkeypatch.setattr(idle, "FLOOR", 0.3)
    with FakeImap(
        orders(1), hooks={"IDLE": idle_answer(b"+ idling\r\n* 1 EXISTS\r\n", b"* OK still here\r\n")}
    ) as server:
        source = ImapSource(account_at(server))
        reading = Reading(source)
        reading.poll()
        begin = time.monotonic()
        for _ in range(3):
            source.wait(5)
        assert time.monotonic() - begin > 0.8
        source.close()


def test_an_unreachable_server_cannot_make_the_loop_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: A1.5"""
    monkeypatch.setattr(idle, "FLOOR", 0.3)
    with FakeImap(orders(1)) as server:
        account = account_at(server)
    source = ImapSource(account)
    begin = time.monotonic()
    assert source.wait(5) is True
    assert time.monotonic() - begin > 0.25
    source.close()
