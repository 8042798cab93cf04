"""Connections that are lost, fall silent or drip: each is classified, none hangs, and a dead one is not used again."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from inboxtrack.mail.source import Kind, MailboxError
from tests.fake_imap import FakeImap, Peer, hanging_up
from tests.imap_help import HASTY, failure_of, orders, reading_at


@pytest.mark.parametrize("name", ["greeting", "LOGIN", "EXAMINE", "SEARCH"])
def test_a_lost_connection_is_never_a_wrong_password(name: str) -> None:
    """covers: A1.11"""
    with FakeImap(orders(1), hooks={name: hanging_up}) as server:
        error = failure_of(reading_at(server))
    assert error.kind is Kind.TRANSIENT
    assert "ended the connection" in error.text


BYES = ["* BYE Server shutting down", "* BYE Connection closed", "* BYE [LIMIT] Too many connections"]


@pytest.mark.parametrize("bye", BYES)
@pytest.mark.parametrize("name", ["greeting", "EXAMINE", "FETCH"])
def test_a_bye_is_transient(bye: str, name: str) -> None:
    """covers: A1.8"""

    def hook(peer: Peer, _tag: str, _arguments: str) -> bool:
        peer.send(bye)
        peer.hang_up()
        return True

    with FakeImap(orders(3), hooks={name: hook}) as server:
        error = failure_of(reading_at(server))
    assert error.kind is Kind.TRANSIENT
    assert (error.wait >= 600) == ("LIMIT" in bye)


def test_a_bye_without_an_end_of_line_is_transient() -> None:
    """covers: A1.8"""

    def hook(peer: Peer, _tag: str, _arguments: str) -> bool:
        peer.raw(b"* BYE Connection closed. 14")
        peer.hang_up()
        return True

    with FakeImap(orders(3), hooks={"EXAMINE": hook}) as server:
        assert failure_of(reading_at(server)).kind is Kind.TRANSIENT


def silent(peer: Peer, _tag: str, _arguments: str) -> bool:
    peer.line()
    return True


BRIEF = replace(HASTY, command=0.8)


def dripping(peer: Peer, tag: str, _arguments: str) -> bool:
    for _ in range(200):
        peer.raw(b"x")
        time.sleep(0.1)  # this is the slowness that the test is about
    peer.send(f"{tag} OK done")
    return True


@pytest.mark.parametrize("name", ["greeting", "LOGIN", "EXAMINE", "SEARCH", "FETCH"])
def test_a_silent_server_is_given_up_in_time(name: str) -> None:
    """covers: A1.3, A1.7"""
    with FakeImap(orders(1), hooks={name: silent}) as server:
        begin = time.monotonic()
        error = failure_of(reading_at(server))
        assert time.monotonic() - begin < 3.5
    assert error.kind is Kind.TRANSIENT


@pytest.mark.parametrize("name", ["greeting", "LOGIN", "SEARCH", "FETCH"])
def test_a_dripping_server_is_given_up_at_the_deadline(name: str) -> None:
    """covers: A1.6"""
    with FakeImap(orders(1), hooks={name: dripping}) as server:
        begin = time.monotonic()
        error = failure_of(reading_at(server, limits=BRIEF))
        assert time.monotonic() - begin < BRIEF.command + 1.5
    assert error.kind is Kind.TRANSIENT


def test_a_connection_is_not_used_again_after_a_time_out() -> None:
    """covers: A1.7"""
    with FakeImap(orders(1), hooks={"EXAMINE": silent}) as server:
        reading = reading_at(server)
        with pytest.raises(MailboxError):
            reading.poll()
        server.hooks.clear()
        assert len(reading.new()) == 1
        assert server.sessions == 2
        reading.source.close()
