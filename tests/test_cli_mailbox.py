"""A mailbox that cannot be read, as the user meets it: one line with the cure, exit code 1, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dovecot import Dovecot, dovecot
from tests.living import deliver, life, run, stages, write_settings
from tests.sinks import sink

pytestmark = pytest.mark.dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as started:
        yield started


WRONG = (
    ('user = "anna"', 'user = "nobody"', "refused the password of nobody"),
    ('user = "anna"', 'user = "anna"\nfolders = ["INBOX", "Orders"]', "folder 'Orders' cannot be opened"),
    ('security = "plain"', 'security = "tls"', "speaks no TLS"),
)


def test_each_mistake_says_its_cure_and_loses_nothing(server: Dovecot, tmp_path: Path) -> None:
    some = life(5, seed=7)
    deliver(server, some.mails)
    with sink() as phone:
        settings = write_settings(tmp_path, server, phone.url)
        good = settings.read_text()
        for right, wrong, said in WRONG:
            settings.write_text(good.replace(right, wrong, 1))
            code, _, err = run("poll", "--quiet", "--config", str(settings))
            assert code == 1, (wrong, err)
            assert err.startswith("mailbox 'home': ")
            assert said in err
            assert err.count("\n") == 1
        settings.write_text(good)
        code, out, err = run("poll", "--config", str(settings))
        assert (code, err) == (0, "")
        assert "home: " in out
    assert set(stages(settings)) == set(some.orders)
