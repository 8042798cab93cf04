"""The user's own words: close, mute, ack, note, link, split, report, add, attach; each shown, and each taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inboxtrack.app import App
from inboxtrack.app.corrections import added
from inboxtrack.cli.demo import mails
from inboxtrack.config import load
from inboxtrack.model import Fact, Stage
from inboxtrack.pipeline import correct
from tests.cli_help import LAMP, NOW, SERUM, Run, one_line, run, settings, write_settings

__all__ = ["run", "settings"]

CORRECTIONS = (
    (("close", SERUM), "closed"),
    (("mute", SERUM), "muted"),
    (("ack", SERUM), "you know"),
    (("note", SERUM, "for Kim"), "note kept"),
    (("link", SERUM, "RR123456785GB"), "RR123456785GB belongs"),
    (("split", SERUM, mails.ROYAL_MAIL[0]), f"{mails.ROYAL_MAIL[0]} does not belong"),
    (("report", LAMP, "damaged"), "noted here as damaged (nobody is told but you); what to do: "),
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


def test_ack_says_what_it_does_and_where_it_does_nothing(run: Run, settings: Path) -> None:
    known = f"Hismile {SERUM}: noted that you know"
    assert run("ack", SERUM, "-c", settings)[1] == f"{known}; it needs you again when there is news\n"
    assert run("ack", SERUM, "-c", settings)[1] == f"{known}, though nothing waits for you\n"


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


AGAIN = (
    (("mute", SERUM), f"Hismile {SERUM} is muted already\n"),
    (("close", SERUM), f"Hismile {SERUM} is closed already\n"),
    (("note", SERUM, "for Kim"), f"Hismile {SERUM}: this note is kept already\n"),
    (("link", SERUM, "RR123456785GB"), f"Hismile {SERUM}: parcel RR123456785GB belongs to it already\n"),
    (
        ("split", SERUM, mails.ROYAL_MAIL[0]),
        f"Hismile {SERUM}: parcel {mails.ROYAL_MAIL[0]} is parted from it already\n",
    ),
)


@pytest.mark.parametrize(("arguments", "said"), AGAIN, ids=lambda value: value[0])
def test_a_word_that_stands_is_not_kept_twice_and_one_undo_takes_it_back(
    run: Run, settings: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = run("show", SERUM, "--json", "-c", settings)[1]
    assert run(*arguments, "-c", settings)[0] == 0
    after = run("show", SERUM, "--json", "-c", settings)[1]
    assert run(*arguments, "-c", settings) == (0, said, "")
    assert run("show", SERUM, "--json", "-c", settings)[1] == after
    run(arguments[0], SERUM, "--undo", "-c", settings)
    assert run("show", SERUM, "--json", "-c", settings)[1] == before


@pytest.mark.parametrize("arguments", [("report", "damaged"), ("ack",)], ids=lambda value: value[0])
def test_one_undo_takes_back_all_that_was_said_alike(run: Run, settings: Path, arguments: tuple[str, ...]) -> None:
    kind, *text = arguments
    before = run("show", LAMP, "--json", "-c", settings)[1]
    for _ in range(2):
        assert run(kind, LAMP, *text, "-c", settings)[0] == 0
    assert run(kind, LAMP, "--undo", "-c", settings) == (0, f"AliExpress {LAMP}: {kind} taken back\n", "")
    assert run("show", LAMP, "--json", "-c", settings)[1] == before


def test_a_parcel_that_an_order_never_had_is_not_parted_from_it(run: Run, settings: Path) -> None:
    code, out, err = run("split", SERUM, "RR123456785GB", "-c", settings)
    assert (code, out) == (1, "")
    assert f"order {SERUM} has no parcel RR123456785GB: inboxtrack show {SERUM} lists" in one_line(err)


def test_link_split_link_ends_with_the_parcel_on_the_order(run: Run, settings: Path) -> None:
    for kind in ("link", "split", "link"):
        code, out, _ = run(kind, SERUM, "RR123456785GB", "-c", settings)
        assert (code, "already" in out) == (0, False)
    assert "RR123456785GB" in run("orders", "-c", settings)[1]


def test_an_add_is_told_once(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    run("add", "hismile", "AU4401003", "-c", settings)
    again = run("add", "hismile", "AU4401003", "-c", settings)
    assert again == (0, "Hismile AU4401003 was known already: placed\n", "")
    run("add", "hismile", "AU4401003", "--undo", "-c", settings)
    assert run("orders", "--all", "-c", settings)[1] == ""


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
    page = "https://www.royalmail.com/track-your-item#/tracking-results/RR123456785GB"
    parcel = f"  Royal Mail RR123456785GB: {page} (news comes when a mail names this number)\n"
    assert (code, out) == (0, f"Hismile AU4401003: shipped\n{parcel}")
    assert "RR123456785GB" in run("orders", "-c", settings)[1]


def kept(settings: Path, word: Fact) -> None:
    with App.open(load(settings)) as app, app.store.transaction() as tx:
        correct(word, tx, NOW)


def test_add_of_a_known_parcel_says_so_and_leaves_its_step(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    kept(settings, replace(added("hismile", "AU4401003", "RR123456785GB", NOW), stage=Stage.DELIVERED))
    code, out, _ = run("add", "hismile", "AU4401003", "RR123456785GB", "-c", settings)
    assert code == 0
    assert out.startswith("Hismile AU4401003 was known already: delivered\n  RR123456785GB")


def test_the_look_of_a_number_does_not_overrule_the_carrier_that_is_known(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    kept(settings, added("hismile", "AU4401003", "RR123456785GB", NOW, carrier="parcelforce"))
    run("add", "hismile", "AU4401004", "RR123456785GB", "-c", settings)
    assert "\tParcelforce Worldwide\tRR123456785GB\t" in run("orders", "-c", settings)[1]


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
    (tmp_path / "recipes" / "coffee.toml").write_text(
        'name = "Blue Coffee"\nretailer = "blue-coffee"\nsenders = ["a@coffee.example"]\n'
        '[[step]]\nstage = "placed"\nen = ["we got it"]\n[order]\nsubject = ["order {order}"]\n'
    )
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
