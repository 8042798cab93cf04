"""Apprise against real endpoints: what arrives, what is said when it does not, and that no secret is told."""

from __future__ import annotations

import io
import logging
import threading
from pathlib import Path

import pytest

import inboxtrack.notifiers.apprise as apprise_notifier
from inboxtrack.channel import Channel, ChannelError, Limits, Message, NotifyError, Style
from inboxtrack.notifiers import notifier_for
from inboxtrack.notifiers.apprise import AppriseNotifier
from inboxtrack.notifiers.console import ConsoleNotifier
from tests.sinks import free_port, mqtt_broker, sink, smtp_sink

LINK = "https://track.example/36LQX40118720"
HELLO = Message(title="Hismile <b>", body="AU7730412 *is* out & about", link=LINK, html="<p>out &amp; about</p>")


def send(url: str, message: Message = HELLO, **more: object) -> None:
    notifier_for(Channel(name="phone", url=url, **more)).send(message)  # type: ignore[arg-type]


def error_of(url: str, **more: object) -> NotifyError:
    with pytest.raises(NotifyError) as raised:
        send(url, **more)
    return raised.value


def test_text_arrives_as_it_was_written() -> None:
    """covers: B9: nothing is truncated, split, interpreted or retried."""
    long = Message(title="T", body=":smile: \\n ${HOME} " + "x" * 20_000)
    with sink() as got:
        send(got.url, long)
    assert [one["message"] for one in got.got] == [long.body]


def test_a_link_is_a_tap_where_the_service_has_one_and_a_line_elsewhere() -> None:
    with sink() as got:
        send(f"ntfy://127.0.0.1:{got.port}/parcels")
        send(got.url)
        send(got.url, style=Style.SMS)
    assert got.heads[0]["x-click"] == LINK
    assert LINK not in got.got[0]["message"]
    assert got.got[1]["message"].endswith(f"\n{LINK}")
    assert LINK not in got.got[2]["message"]


@pytest.mark.parametrize(
    ("status", "text", "permanent"),
    [
        (500, "the service answered 500", False),
        (429, "the service answered 429", False),
        (401, "the service refused the message (401): check the channel's URL", True),
        (404, "the service refused the message (404): check the channel's URL", True),
    ],
)
def test_what_a_service_answers_is_said(status: int, text: str, permanent: bool) -> None:
    with sink(status, headers={"Retry-After": "120"}) as got:
        error = error_of(got.url)
    assert (str(error), error.permanent, error.unknown) == (text, permanent, False)
    assert got.asked == 1


def test_nobody_there_is_no_unknown_outcome() -> None:
    for url in (
        f"json://127.0.0.1:{free_port()}/",
        f"mailto://127.0.0.1:{free_port()}/?from=a@b.example&to=c@d.example",
    ):
        error = error_of(url)
        assert (str(error), error.permanent, error.unknown) == ("the service cannot be reached", False, False)


def test_no_answer_in_time_is_an_unknown_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """covers: B5"""
    monkeypatch.setattr(apprise_notifier, "TIMEOUT", 0.5)
    with sink(stall=threading.Event()) as got:
        error = error_of(got.url)
        assert got.wait_for(1)
    assert (error.permanent, error.unknown) == (False, True)


def test_a_connection_that_breaks_before_the_answer_is_an_unknown_outcome() -> None:
    """covers: B2"""
    with sink(hang_up=True) as got:
        error = error_of(got.url)
    assert (got.asked, error.unknown) == (1, True)


def test_a_redirect_is_not_followed() -> None:
    with sink() as elsewhere, sink(307, headers={"Location": f"http://127.0.0.1:{elsewhere.port}/"}) as got:
        assert str(error_of(got.url)) == "the service answered 307"
    assert elsewhere.asked == 0


def test_a_mail_has_html_and_text() -> None:
    with smtp_sink() as (port, got):
        send(f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&mode=insecure", style=Style.MAIL)
    (mail,) = got
    html = mail.get_body(("html",))
    assert mail["Subject"] == "Hismile <b>"
    assert html is not None
    assert html.get_content().strip() == HELLO.html
    assert mail.get_body(("plain",)) is not None


def test_plain_text_is_escaped_for_services_that_want_html() -> None:
    """covers: C7: a push notice by mail shows the text, not what it would be as HTML."""
    with smtp_sink() as (port, got):
        send(
            f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&format=html",
            Message(title="T", body="<script>alert(1)</script>"),
        )
    html = got[0].get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()


def test_a_mail_server_that_refuses_is_named() -> None:
    with smtp_sink("535 who are you") as (port, _):
        error = error_of(f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example", style=Style.MAIL)
    assert (str(error), error.permanent) == ("the service refused the message (535): check the channel's URL", True)


def test_mqtt() -> None:
    with mqtt_broker("parcels") as (port, got):
        send(f"mqtt://127.0.0.1:{port}/parcels", Message(title="Hismile", body="is delivered"))
        assert got.get(timeout=10).split() == ["Hismile", "is", "delivered"]
    error = error_of(f"mqtt://127.0.0.1:{port}/parcels")
    assert (str(error), error.unknown) == ("the service cannot be reached", False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "its url is no Apprise URL such as ntfy://my-secret-topic: see https://appriseit.com/services/"),
        ("phone", "its url is no Apprise URL such as ntfy://my-secret-topic: see https://appriseit.com/services/"),
        (
            "http//s3cret",
            "its url is no Apprise URL such as ntfy://my-secret-topic: see https://appriseit.com/services/",
        ),
        ("ntfyy://s3cret", "Apprise knows no ntfyy:// service: is ntfy:// meant?"),
        ("qqqqqqqq://s3cret", "Apprise knows no qqqqqqqq:// service: see https://appriseit.com/services/"),
        (
            "tgram://s3cret",
            "Apprise cannot use this tgram:// URL: compare it with https://appriseit.com/services/telegram/",
        ),
        (
            "twilio://s3cret:x@5/6",
            "Apprise cannot use this twilio:// URL: compare it with https://appriseit.com/services/twilio/",
        ),
    ],
)
def test_a_url_that_cannot_be_used_is_an_error_at_once(url: str, said: str) -> None:
    """covers: B6: a typo names the channel and the cure, never the secret."""
    with pytest.raises(ChannelError) as raised:
        notifier_for(Channel(name="phone", url=url))
    assert str(raised.value) == f"channel 'phone': {said}"


def test_nothing_tells_the_secrets(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """covers: C14, C15: not the log at DEBUG, not the errors, not the repr."""
    root = io.StringIO()
    handler = logging.StreamHandler(root)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with sink(500) as got:
            channel = Channel(name="phone", url=f"json://user:s3cret@127.0.0.1:{got.port}/t0ken/?-secret=s3cret")
            notifier = AppriseNotifier(channel)
            with pytest.raises(NotifyError) as raised:
                notifier.send(HELLO)
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    told = root.getvalue() + str(raised.value) + repr(channel) + "".join(capfd.readouterr())
    assert "s3cret" not in told
    assert "t0ken" not in told
    assert HELLO.body not in told
    assert "s3cret" not in notifier.address


def test_a_service_of_apprises_own_file_by_its_tag(tmp_path: Path) -> None:
    with sink() as got:
        config = tmp_path / "apprise.yml"
        config.write_text(
            f"urls:\n  - json://127.0.0.1:{got.port}/phone: [{{tag: phone}}]\n"
            "  - json://127.0.0.1:9/: [{tag: two}]\n  - json://127.0.0.1:10/: [{tag: two}]\n"
        )
        send(f"apprise://{config}#phone")
        assert got.paths == ["/phone"]
        for wrong, said in (
            ("#two", "2 services"),
            ("#none", "0 services"),
            ("", "name the tag"),
            ("x#phone", "is no file"),
        ):
            with pytest.raises(ChannelError, match=said):
                send(f"apprise://{config}{wrong}")


def test_limits_come_from_apprise() -> None:
    assert notifier_for(Channel(name="x", url="pover://u@t")).limits == Limits(250, 1024)
    assert notifier_for(Channel(name="x", url="discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")).limits.body == 2000


def test_the_console_prints_what_would_be_sent() -> None:
    stream = io.StringIO()
    ConsoleNotifier(Channel(name="x", url="console:"), stream).send(HELLO)
    assert stream.getvalue() == f"{HELLO.title}\n{HELLO.body}\n{LINK}\n"
    assert isinstance(notifier_for(Channel(name="x", url="console:")), ConsoleNotifier)
