"""The command line: exit codes, one-line errors with a cure, and what commands print for people, pipes and programs."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.app import App, servers
from inboxtrack.cli import app, frame, read, words
from inboxtrack.cli.demo import mails
from inboxtrack.config import load
from inboxtrack.keeping import NewMail
from inboxtrack.model import Outcome, Reading, Stage
from inboxtrack.notifiers.texts import environment
from inboxtrack.worker import Limits, Pool
from tests.conftest import ROOT

LAMP, GRINDER, SERUM = mails.LAMP, mails.GRINDER, mails.SERUM
NOW = dt.datetime.now(dt.UTC)
Run = Callable[..., tuple[int, str, str]]


class NoNet:
    """In place of DNS and web servers: nobody answers."""

    def __call__(self, _url: str) -> None: ...

    def mx(self, _domain: str) -> list[str]:
        return []

    def srv(self, _name: str) -> list[tuple[str, int]]:
        return []


@pytest.fixture(autouse=True)
def no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "DnsRecords", NoNet)
    monkeypatch.setattr(servers, "HttpsPages", NoNet)


def write_settings(folder: Path, more: str = "") -> Path:
    path = folder / "inboxtrack.toml"
    path.write_text(f'[general]\ntime_zone = "Europe/London"\nstate_folder = "{folder / "state"}"\n{more}')
    path.chmod(0o600)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: exit code, stdout, stderr."""

    def go(*arguments: str | Path) -> tuple[int, str, str]:
        code = frame.guarded(lambda: app([str(a) for a in arguments], standalone_mode=False))
        out, err = capsys.readouterr()
        return code, out, err

    return go


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder into which the demo's mails were imported, as from Gmail."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "mails").mkdir()
    for number, (mail, _) in enumerate(mails.mailbox(NOW)):
        (folder / "mails" / f"{number}.eml").write_bytes(mail.replace(mails.PROVIDER.encode(), b"mx.google.com"))
    settings = write_settings(folder)
    assert (
        frame.guarded(lambda: app(["import", str(folder / "mails"), "-c", str(settings)], standalone_mode=False)) == 0
    )
    return folder


@pytest.fixture
def settings(imported: Path, tmp_path: Path) -> Path:
    """Settings over a copy of that state, so that each test may change it."""
    shutil.copytree(imported / "state", tmp_path / "state")
    return write_settings(tmp_path)


def one_line(err: str) -> str:
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


def test_orders_when_piped_are_plain_lines_with_fields_apart_by_tabs(run: Run, settings: Path) -> None:
    code, out, err = run("orders", "-c", settings)
    assert (code, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert all(len(row) == 8 for row in rows)
    assert "\x1b" not in out
    lamp = next(row for row in rows if row[1] == LAMP)
    assert lamp[:5] == ["AliExpress", LAMP, "out for delivery", "DHL", mails.DHL]
    assert GRINDER not in out


def test_orders_as_json_have_the_fields_of_the_contract(run: Run, settings: Path) -> None:
    code, out, _ = run("orders", "--all", "--json", "-c", settings)
    values = json.loads(out)
    assert (code, values["schema"]) == (0, 1)
    assert {order["number"] for order in values["orders"]} >= {LAMP, GRINDER, SERUM}
    fields = "retailer number stage flags placed_at parcels items total eta refund trust deadlines link last_news_at"
    for order in values["orders"]:
        assert set(fields.split()) <= set(order)
        for parcel in order["parcels"]:
            assert {"tracking", "aliases", "carrier", "stage", "link"} <= set(parcel)


def test_the_finished_orders_are_there_with_all(run: Run, settings: Path) -> None:
    assert GRINDER in run("orders", "--all", "-c", settings)[1]


@pytest.mark.parametrize("arguments", [("orders",), ("orders", "--all")])
def test_empty_lists_say_what_to_do_next(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments, "-c", write_settings(tmp_path))
    assert (code, out) == (0, "")
    assert "inboxtrack init" in one_line(err)


def test_attention_on_an_empty_store_says_that_all_is_well(run: Run, tmp_path: Path) -> None:
    assert run("attention", "-c", write_settings(tmp_path))[1].startswith("Nothing needs you")


def test_attention_does_not_call_well_what_was_never_read(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, MAILBOX)
    said = "Nothing needs you yet, but nothing was read from home so far: inboxtrack poll\n"
    assert run("attention", "-c", settings) == (0, said, "")


def test_attention_lists_the_imitation(run: Run, settings: Path) -> None:
    _, out, _ = run("attention", "-c", settings)
    assert "shop-tiktok-delivery.example" in out
    assert json.loads(run("attention", "--json", "-c", settings)[1])["quarantined"]


def test_show_tells_the_story_of_an_order(run: Run, settings: Path) -> None:
    code, out, _ = run("show", LAMP, "-c", settings)
    assert code == 0
    assert f"AliExpress {LAMP}" in out
    story = [line for line in out.splitlines() if "shop's mail" in line]
    assert len(story) == 5
    assert "out for delivery" in story[-1]
    assert mails.DHL in out


def test_show_finds_an_order_by_its_parcel(run: Run, settings: Path) -> None:
    assert LAMP in run("show", mails.DHL, "-c", settings)[1]


def test_show_why_names_mail_words_and_rule(run: Run, settings: Path) -> None:
    _, out, _ = run("show", LAMP, "--why", "-c", settings)
    assert "mail from transaction@notice.aliexpress.com" in out
    assert re.search(r"stage: “.*out for delivery.*” \(subject; ", out)
    assert "verified" in out


def test_a_mail_on_a_parcel_with_two_orders_is_one_line_of_the_story(run: Run, settings: Path) -> None:
    _, out, _ = run("show", mails.CASE, "-c", settings)
    assert [line.endswith("in transit  AP00812345678901  shop's mail") for line in out.splitlines()].count(True) == 1


def test_show_as_json_has_the_story(run: Run, settings: Path) -> None:
    (order,) = json.loads(run("show", LAMP, "--json", "-c", settings)[1])["orders"]
    assert len(order["story"]) == 5
    assert {line["source"]["kind"] for line in order["story"]} == {"retailer_mail"}


CORRECTIONS = (
    (("close", SERUM), "closed"),
    (("mute", SERUM), "muted"),
    (("ack", SERUM), "you know"),
    (("note", SERUM, "for Kim"), "note kept"),
    (("link", SERUM, "RR123456785GB"), "RR123456785GB belongs"),
    (("split", SERUM, mails.ROYAL_MAIL[0]), f"{mails.ROYAL_MAIL[0]} does not belong"),
    (("report", LAMP, "damaged"), "reported as damaged"),
)


@pytest.mark.parametrize(("arguments", "said"), CORRECTIONS, ids=lambda value: value[0] if value else "")
def test_corrections_are_confirmed_and_shown(run: Run, settings: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments, "-c", settings)
    assert (code, err) == (0, "")
    assert said in out
    assert f"{arguments[0]}" in run("show", arguments[1], "-c", settings)[1]


def test_a_closed_order_leaves_the_list_and_comes_back_with_undo(run: Run, settings: Path) -> None:
    run("close", SERUM, "-c", settings)
    assert SERUM not in run("orders", "-c", settings)[1]
    code, out, _ = run("close", SERUM, "--undo", "-c", settings)
    assert (code, out) == (0, f"Hismile {SERUM}: close taken back\n")
    assert SERUM in run("orders", "-c", settings)[1]


def test_a_note_can_be_taken_back(run: Run, settings: Path) -> None:
    run("note", SERUM, "for Kim", "-c", settings)
    run("note", SERUM, "for Jo", "-c", settings)
    assert run("note", SERUM, "for Kim", "--undo", "-c", settings)[0] == 0
    (order,) = json.loads(run("show", SERUM, "--json", "-c", settings)[1])["orders"]
    assert order["notes"] == ["for Jo"]


@pytest.mark.parametrize("arguments", [arguments for arguments, _ in CORRECTIONS], ids=lambda value: value[0])
def test_every_correction_is_taken_back_without_repeating_it(
    run: Run, settings: Path, arguments: tuple[str, ...]
) -> None:
    before = run("show", arguments[1], "--json", "-c", settings)[1]
    run(*arguments, "-c", settings)
    assert run("show", arguments[1], "--json", "-c", settings)[1] != before
    code, out, err = run(arguments[0], arguments[1], "--undo", "-c", settings)
    assert (code, err) == (0, "")
    assert out.endswith(f": {arguments[0]} taken back\n")
    assert run("show", arguments[1], "--json", "-c", settings)[1] == before


def test_the_add_of_one_of_two_shops_is_taken_back(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    for shop in ("one.example", "two.example"):
        run("add", shop, "1001", "-c", settings)
    assert run("add", "one.example", "1001", "--undo", "-c", settings) == (0, "one.example 1001: add taken back\n", "")
    assert run("orders", "-c", settings)[1].startswith("two.example\t1001\t")


def test_orders_of_several_shops_with_one_number_are_told_apart_by_the_shop(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    for shop in ("two.example", "one.example", "three.example"):
        assert run("add", shop, "1001", "-c", settings) == (0, f"{shop} 1001: placed\n", ""), "the one that was added"
    code, _, err = run("close", "1001", "-c", settings)
    assert code == 1
    assert "one.example/1001" in one_line(err)
    assert run("close", "one.example/1001", "-c", settings) == (0, "one.example 1001: closed\n", "")
    assert run("show", "Two.example/#1001", "-c", settings)[0] == 0
    for unknown in ("four.example/1001", "one.example/", "one.example"):
        assert run("show", unknown, "-c", settings)[0] == 1


def test_undoing_an_add_of_another_shop_undoes_nothing(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    run("add", "hismile", "AU4401003", "-c", settings)
    code, _, err = run("add", "aliexpress", "AU4401003", "--undo", "-c", settings)
    assert code == 1
    assert "aliexpress/AU4401003" in one_line(err)
    assert run("orders", "-c", settings)[1].startswith("Hismile\tAU4401003\t")


def test_nothing_to_undo(run: Run, settings: Path) -> None:
    code, _, err = run("mute", SERUM, "--undo", "-c", settings)
    assert code == 1
    assert "inboxtrack show" in one_line(err)


def test_add_follows_an_order_that_no_mail_told_of(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    code, out, _ = run("add", "hismile", "#AU4401003", "RR 123 456 785 GB", "-c", settings)
    assert (code, out) == (0, "Hismile AU4401003: shipped\n")
    assert "RR123456785GB" in run("orders", "-c", settings)[1]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("AliExpress", "AliExpress"),
        ("TikTok Shop", "TikTok Shop"),
        ("tiktok_shop", "TikTok Shop"),
        ("https://www.blue-lamps.example/orders", "blue-lamps.example"),
        ("blue-coffee", "blue-coffee"),
    ],
)
def test_a_retailer_is_known_by_key_name_domain_or_recipe(run: Run, tmp_path: Path, written: str, name: str) -> None:
    settings = write_settings(tmp_path)
    (tmp_path / "recipes").mkdir()
    shipped = ROOT / "inboxtrack" / "extractors" / "recipes" / "woocommerce.toml"
    shutil.copy(shipped, tmp_path / "recipes" / "blue-coffee.toml")
    assert run("add", written, "4711", "-c", settings) == (0, f"{name} 4711: placed\n", "")


def test_add_is_taken_back(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    for tracking in ("RR123456785GB", "RR123456794GB"):
        run("add", "hismile", "AU4401003", tracking, "-c", settings)
    done = (0, "Hismile AU4401003: add taken back\n", "")
    assert run("add", "hismile", "AU4401003", "RR 123456785 GB", "--undo", "-c", settings) == done
    listed = run("orders", "-c", settings)[1]
    assert "RR123456794GB" in listed
    assert "RR123456785GB" not in listed
    assert run("add", "hismile", "AU4401003", "--undo", "-c", settings) == done
    assert run("orders", "--all", "-c", settings)[1] == ""
    assert run("add", "hismile", "AU4401003", "--undo", "-c", settings)[0] == 1


def test_undoing_add_leaves_what_mails_told(run: Run, settings: Path) -> None:
    code, _, err = run("add", "hismile", SERUM, "--undo", "-c", settings)
    assert code == 1
    assert "has no add that could be undone" in one_line(err)
    before = run("show", SERUM, "--json", "-c", settings)[1]
    run("add", "hismile", SERUM, "RR123456785GB", "-c", settings)
    assert run("add", "hismile", SERUM, "--undo", "-c", settings)[0] == 0
    assert run("show", SERUM, "--json", "-c", settings)[1] == before


def test_attach_keeps_a_private_copy_and_takes_it_back(run: Run, settings: Path, tmp_path: Path) -> None:
    photos = [tmp_path / "unboxing.jpg", tmp_path / "label.jpg"]
    for photo in photos:
        photo.write_bytes(b"\xff\xd8 a photo of " + photo.name.encode())
        assert run("attach", LAMP, photo, "-c", settings)[0] == 0
    folder = tmp_path / "state" / "attachments"
    assert {kept.read_bytes() for kept in folder.iterdir()} == {photo.read_bytes() for photo in photos}
    assert all(kept.stat().st_mode & 0o077 == 0 for kept in folder.iterdir())
    assert "attach unboxing.jpg" in run("show", LAMP, "-c", settings)[1]
    code, out, err = run("attach", LAMP, "unboxing.jpg", "--undo", "-c", settings)
    assert (code, out, err) == (0, f"AliExpress {LAMP}: unboxing.jpg taken back, the copy is deleted\n", "")
    assert [kept.read_bytes() for kept in folder.iterdir()] == [photos[1].read_bytes()]
    told = run("show", LAMP, "-c", settings)[1]
    assert "unboxing.jpg" not in told
    assert "attach label.jpg" in told
    assert run("attach", LAMP, "unboxing.jpg", "--undo", "-c", settings)[0] == 1


def test_the_digest_can_be_looked_at_in_every_style(run: Run, settings: Path) -> None:
    for style in ("sms", "push", "mail"):
        code, out, err = run("digest", "--style", style, "-c", settings)
        assert (code, err) == (0, "")
        assert LAMP[-4:] in out


def test_replay_without_new_rules_changes_nothing(run: Run, settings: Path) -> None:
    before = run("orders", "--json", "-c", settings)[1]
    assert run("replay", "-c", settings)[1] == "Nothing would change.\n"
    assert run("replay", "--apply", "-c", settings)[1] == "Nothing has changed.\n"
    assert run("orders", "--json", "-c", settings)[1] == before


def test_a_look_at_a_replay_holds_nobody_up_and_is_held_up_by_nobody(run: Run, settings: Path) -> None:
    with App.open(load(settings)) as other, other.alone(), other.store.transaction():
        assert run("replay", "-c", settings) == (0, "Nothing would change.\n", "")
        assert run("replay", "--apply", "-c", settings)[0] == 3


def test_a_look_at_a_replay_keeps_nothing_and_apply_does(run: Run, settings: Path) -> None:
    """A fact that the rules of today do not read: as if an older version had read the mail."""
    with App.open(load(settings)) as app_, app_.store.transaction() as tx:
        fact = next(f for mail_id in tx.mails.all_ids() for f in tx.facts.of_mail(mail_id) if f.order == LAMP)
        row = next(r.id for r in map(tx.mails.by_id, tx.mails.all_ids()) if r and fact.key.startswith(r.key))
        tx.facts.add(replace(fact, key=f"{fact.key}x", order="8099999999999999"), row)
    told = re.compile(r".*\n  - [a-z ]+ aliexpress 8099999999999999.*\n", re.DOTALL)
    for _ in range(2):
        code, out, err = run("replay", "-c", settings)
        assert code == 0
        assert told.fullmatch(out)
        assert "1 mail would be read differently" in err
    assert told.fullmatch(run("replay", "--apply", "-c", settings)[1])
    assert run("replay", "-c", settings)[1] == "Nothing would change.\n"


def test_replay_names_what_a_fact_of_the_same_line_says_otherwise(run: Run, settings: Path) -> None:
    with App.open(load(settings)) as app_, app_.store.transaction() as tx:
        fact = next(f for mail_id in tx.mails.all_ids() for f in tx.facts.of_mail(mail_id) if f.order == LAMP)
        row = next(r.id for r in map(tx.mails.by_id, tx.mails.all_ids()) if r and fact.key.startswith(r.key))
        tx.facts.drop_of_mail(row)
        tx.facts.add(replace(fact, items=(), shop_name="Lamps"), row)
    out = run("replay", "-c", settings)[1]
    assert re.fullmatch(rf".*\n  ~ [a-z ]+ aliexpress {LAMP}.*: shop name, items\n", out)


def test_purge_deletes_mail_and_keeps_orders(run: Run, settings: Path) -> None:
    before = run("orders", "--json", "-c", settings)[1]
    code, out, _ = run("purge", "--mail", "--yes", "-c", settings)
    assert code == 0
    assert re.fullmatch(r"[1-9]\d* mails deleted\n", out)
    assert run("orders", "--json", "-c", settings)[1] == before


def test_purge_of_everything_begins_anew(run: Run, settings: Path) -> None:
    assert run("purge", "--everything", "--yes", "-c", settings)[0] == 0
    assert run("orders", "--all", "-c", settings)[1] == ""


def test_a_purge_that_finds_nothing_says_what_it_looked_for(run: Run, settings: Path) -> None:
    said = "no kept mail is older than 365 days (retention_days)\n"
    assert run("purge", "-c", settings) == (0, said, "")
    run("purge", "--mail", "--yes", "-c", settings)
    assert run("purge", "--mail", "--yes", "-c", settings) == (0, "no mail is kept\n", "")


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.UPDATE}))
def test_stages_have_one_name_on_the_terminal_and_in_messages(stage: Stage) -> None:
    macros = environment("en", None).get_template("words.j2").module
    assert str(macros.stage(stage.value)).strip() == words.STAGE_WORDS[stage]


def test_mail_kept_for_ever_is_not_purged_by_its_age(run: Run, settings: Path) -> None:
    settings.write_text(settings.read_text() + "retention_days = 0\n")
    code, _, err = run("purge", "-c", settings)
    assert code == 2
    assert "--mail" in one_line(err)


def test_no_mail_reaches_the_terminal_as_anything_but_text(run: Run, tmp_path: Path) -> None:
    """covers: C17"""
    hostile = "\x1b[31m\x1b]8;;https://evil.example\x07\u202e\u200b[bold]\x9b1A"
    (good,) = [mail for mail, _ in mails.mailbox(NOW) if f"{LAMP}: order confirmed".encode() in mail]
    titled = good.replace(b"Paper floor lamp", f"Paper {hostile} lamp".encode()).replace(
        mails.PROVIDER.encode(), b"mx.google.com"
    )
    subject = base64.b64encode(f"Your order {hostile} news".encode()).decode()
    unread = (
        "Authentication-Results: mx.google.com; dmarc=pass header.from=shop.tiktok.com\r\n"
        f"From: TikTok Shop <no-reply@shop.tiktok.com>\r\nSubject: =?utf-8?B?{subject}?=\r\n\r\nShipped!\r\n"
    ).encode()
    for number, mail in enumerate((titled, unread)):
        (tmp_path / f"{number}.eml").write_bytes(mail)
    settings = write_settings(tmp_path)
    printed = run("import", tmp_path / "0.eml", tmp_path / "1.eml", "-c", settings)[1]
    for arguments in (("orders",), ("show", LAMP, "--why"), ("attention",), ("digest",), ("digest", "--style", "mail")):
        printed += run(*arguments, "-c", settings)[1]
    printed += run("read", tmp_path / "0.eml", tmp_path / "1.eml")[1]
    assert LAMP in printed
    assert "no-reply@shop.tiktok.com" in printed
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e]", printed)
    assert "[bold]" in printed


def test_read_gives_up_a_mail_that_breaks_a_limit_and_reads_the_next(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """covers: A2.24"""
    good = ROOT / "tests" / "fixtures" / "emails" / "aliexpress" / "at_customs.en.eml"
    large = tmp_path / "large.html"
    large.write_bytes(b"<p>" * 3_000_000)
    code, out, err = run("read", large, good, "--json")
    assert (code, err) == (0, "")
    assert [file["outcome"] for file in json.loads(out)["files"]][1] == "read"
    monkeypatch.setattr(read, "Pool", lambda jobs: Pool(jobs, Limits(seconds=0)))
    code, out, err = run("read", good)
    assert (code, err) == (0, "")
    assert out.startswith(f"{good}: failed (reading it took longer than 0 s)\n")


def test_importing_twice_changes_nothing(run: Run, settings: Path, imported: Path) -> None:
    before = run("orders", "--all", "--json", "-c", settings)[1]
    code, out, _ = run("import", imported / "mails", "-c", settings)
    assert code == 0
    assert out == "import: 62 mails, 21 order mails read, 1 quarantined\n"
    assert run("orders", "--all", "--json", "-c", settings)[1] == before


MAILBOX = '[[mailbox]]\nname = "home"\naddress = "kim@post.example"\npassword = "x"\n'
WRONG = (
    (("poll",), "", 2, "[[mailbox]]"),
    (("run",), "", 2, "[[mailbox]]"),
    (("poll",), "[digst]\n", 2, "did you mean digest?"),
    (("poll",), MAILBOX.replace("password", "pasword"), 2, "did you mean password?"),
    (("poll",), MAILBOX, 2, "set host"),
    (("notify-test",), "", 2, "[[channel]]"),
    (("digest", "--send"), "", 2, "[[channel]]"),
    (("digest", "--style", "fax"), "", 2, "sms, push, mail"),
    (("backfill", "--since", "spring"), MAILBOX, 2, "180d"),
    (("show", "4711"), "", 1, "inboxtrack orders --all"),
    (("close", "4711"), "", 1, "inboxtrack orders --all"),
    (("report", "4711", "ugly"), "", 2, "not-received, damaged, wrong"),
    (("report", "4711"), "", 2, "name what is the matter, one of not-received"),
    (("note", "4711"), "", 2, "name what to remember: only --undo does without"),
    (("link", "4711"), "", 2, "name the parcel's number"),
    (("add", "hismile", "two words"), "", 2, "no blanks"),
    (("add", "hissmile", "4711"), "", 2, "name aliexpress, hismile, tiktok_shop, or a shop's domain"),
    (("add", "parcel", "4711"), "", 2, "a shop's domain"),
    (("add", "hismile", "4711", "ab"), "", 2, "'ab' is no tracking number: those are 7 to 40"),
    (("add", "hismile", "4711", "tomorrow"), "", 2, "is no tracking number"),
    (("add", "hismile", "4711", "--undo"), "", 1, "inboxtrack orders --all"),
    (("import", "/nowhere/mail.eml"), "", 1, "/nowhere/mail.eml"),
    (("read", "/nowhere/mail.eml"), "", 1, "/nowhere/mail.eml"),
    (("scrub", "/nowhere/mail.eml"), "", 1, "/nowhere/mail.eml"),
    (("doctor", "--sign-in", "work"), MAILBOX, 2, "'home'"),
)


@pytest.mark.parametrize(("arguments", "more", "code", "said"), WRONG, ids=lambda value: str(value)[:40])
def test_what_goes_wrong_is_one_line_that_names_the_cure(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], more: str, code: int, said: str
) -> None:
    found, out, err = run(*arguments, "-c", write_settings(tmp_path, more))
    assert (found, out) == (code, "")
    assert said in one_line(err)


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("sho",), "inboxtrack --help"),
        (("show",), "inboxtrack show --help"),
        (("orders", "--al"), "inboxtrack orders --help"),
        (("orders", "--config"), "inboxtrack --help"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], where: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert one_line(err).endswith(f"(see {where})\n")


def test_no_settings_say_how_to_write_them(run: Run, tmp_path: Path) -> None:
    code, _, err = run("orders", "-c", tmp_path / "none.toml")
    assert code == 2
    assert "inboxtrack init" in one_line(err)


def test_init_writes_private_settings_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "inboxtrack.toml"
    assert run("init", "-c", path)[0] == 0
    assert path.stat().st_mode & 0o777 == 0o600
    code, _, err = run("init", "-c", path)
    assert code == 1
    assert "is there already" in one_line(err)


def test_a_state_folder_that_cannot_be_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    code, _, err = run("orders", "-c", write_settings(tmp_path))
    assert code == 1
    assert "state_folder" in one_line(err)


def test_a_second_instance_ends_with_3(run: Run, tmp_path: Path) -> None:
    from inboxtrack.app.lock import instance_lock

    settings = write_settings(tmp_path, MAILBOX)
    with instance_lock(tmp_path / "state"):
        code, _, err = run("poll", "-c", settings)
    assert code == 3
    assert f"process {os.getpid()}" in one_line(err)


CHANNELS = """
[[channel]]
name = "typo"
url = "nttfy://topic"
[[channel]]
name = "missing"
url_file = "phone.url"
"""


def test_each_channel_is_tested_whatever_the_others_do(run: Run, tmp_path: Path) -> None:
    code, out, err = run("notify-test", "-c", write_settings(tmp_path, CHANNELS))
    assert (code, err) == (1, "")
    typo, missing = out.splitlines()
    assert "is ntfy:// meant?" in typo
    assert f"{tmp_path / 'phone.url'} cannot be read" in missing
    doctor = run("doctor", "-c", tmp_path / "inboxtrack.toml")[1]
    assert doctor.count("✗ channel") == 2


def test_orders_are_listed_without_the_channels_secrets(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, MAILBOX + CHANNELS)
    assert run("add", "hismile", "AU4401003", "-c", settings)[0] == 0
    assert "AU4401003" in run("orders", "-c", settings)[1]
    run("close", "AU4401003", "-c", settings)
    assert "orders --all" in one_line(run("orders", "-c", settings)[2])


@pytest.mark.parametrize(("signed", "others", "named"), [(8, 2, True), (4, 0, False), (7, 3, False), (0, 9, False)])
def test_doctor_takes_no_few_mails_for_the_own_server_s_word(
    run: Run, tmp_path: Path, free_port: int, signed: int, others: int, named: bool
) -> None:
    box = f'[[mailbox]]\nname = "home"\nhost = "127.0.0.1"\nport = {free_port}\nuser = "kim"\npassword = "x"\n'
    settings = write_settings(tmp_path, box)
    results = b"Authentication-Results: mx.firm.example; dmarc=pass\r\n"
    received = b"Received: from a by mx.firm.example; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
    reading = Reading(outcome=Outcome.READ, reason="read")
    with App.open(load(settings)) as opened, opened.store.transaction() as tx:
        for number in range(signed + others):
            raw = (results if number < signed else b"") + received + b"From: a@shop.example\r\n\r\n"
            row = NewMail(key=str(number), account="home", received_at=NOW, raw=raw, truncated=False)
            tx.mails.record(row, reading, NOW)
    _, out, _ = run("doctor", "-c", settings)
    assert "proven by the DKIM signatures" in out
    assert ('set authserv_ids = ["mx.firm.example"]' in out) is named


def test_a_sick_mailbox_in_doctor_has_a_cure_and_exit_code_1(run: Run, tmp_path: Path, free_port: int) -> None:
    mailbox = MAILBOX + f'host = "127.0.0.1"\nport = {free_port}\nsecurity = "plain"\n'
    code, out, err = run("doctor", "-c", write_settings(tmp_path, mailbox))
    assert (code, err) == (1, "")
    assert "✗ mailbox home: cannot be read" in out
    assert f"nothing listens at 127.0.0.1:{free_port}" in out
    assert "✗ channels: none is set" in out


def test_errors_nobody_foresaw_are_one_line_and_a_traceback_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise ZeroDivisionError("division\nby zero")

    assert frame.guarded(fail) == 1
    assert "ZeroDivisionError: division by zero (INBOXTRACK_DEBUG=1" in one_line(capsys.readouterr().err)
    monkeypatch.setenv("INBOXTRACK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        frame.guarded(fail)


@pytest.mark.parametrize("arguments", [("orders", "--all"), ("orders", "--all", "--json")])
def test_a_reader_that_leaves_a_pipe_is_no_error(settings: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "inboxtrack", *arguments, "-c", str(settings)]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_loads_nothing_heavy() -> None:
    heavy = ("apprise", "sqlalchemy", "bs4", "lxml", "httpx", "jinja2", "apscheduler", "pydantic", "imapclient")
    ask = f"import sys, inboxtrack.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("charset", ["ascii", "latin-1"])
def test_a_terminal_with_few_characters_gets_question_marks(settings: Path, charset: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inboxtrack", "doctor", "--config", str(settings)],
        env=os.environ | {"PYTHONIOENCODING": charset, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert b"? settings: " in done.stdout
    assert b"UnicodeEncodeError" not in done.stderr


def test_ctrl_c_is_said(tmp_path: Path) -> None:
    """A pipe that nobody fills keeps the command waiting."""
    os.mkfifo(tmp_path / "mail.eml")
    with subprocess.Popen(
        [sys.executable, "-m", "inboxtrack", "read", str(tmp_path / "mail.eml")],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        writer = os.open(tmp_path / "mail.eml", os.O_WRONLY)  # returns when the command reads
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        os.close(writer)
    assert (process.returncode, err) == (130, "inboxtrack: stopped\n")
