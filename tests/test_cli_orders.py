"""What `orders`, `show`, `attention` and `digest` print for people, pipes and programs."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from inboxtrack.app import App
from inboxtrack.cli import words
from inboxtrack.cli.demo import mails
from inboxtrack.cli.show_order import show
from inboxtrack.cli.show_orders import Clock
from inboxtrack.config import load
from inboxtrack.model import Stage
from inboxtrack.notifiers.texts import environment
from tests.cli_help import CHANNELS, GRINDER, LAMP, MAILBOX, NOW, SERUM, Run, one_line, run, settings, write_settings
from tests.conftest import ROOT

__all__ = ["run", "settings"]


def test_orders_when_piped_are_plain_lines_with_fields_apart_by_tabs(run: Run, settings: Path) -> None:
    code, out, err = run("orders", "-c", settings)
    assert (code, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert all(len(row) == 8 for row in rows)
    assert "\x1b" not in out
    days = {row[5] for row in rows} - {"-"}
    assert all(re.fullmatch(r"(\d{4}-\d\d-\d\d)(\.\.(?!\1)\d{4}-\d\d-\d\d)?", day) for day in days)
    assert any(".." not in day for day in days), "a single day is one day"
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


def test_the_digest_can_be_looked_at_in_every_style(run: Run, settings: Path) -> None:
    for style in ("sms", "push", "mail"):
        code, out, err = run("digest", "--style", style, "-c", settings)
        assert (code, err) == (0, "")
        assert LAMP[-4:] in out


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.UPDATE}))
def test_stages_have_one_name_on_the_terminal_and_in_messages(stage: Stage) -> None:
    macros = environment("en", None).get_template("words.j2").module
    assert str(macros.stage(stage.value)).strip() == words.STAGE_WORDS[stage]


def test_orders_are_listed_without_the_channels_secrets(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path, MAILBOX + CHANNELS)
    assert run("add", "hismile", "AU4401003", "-c", settings)[0] == 0
    assert "AU4401003" in run("orders", "-c", settings)[1]
    run("close", "AU4401003", "-c", settings)
    assert "orders --all" in one_line(run("orders", "-c", settings)[2])


@pytest.mark.parametrize("width", [40, 60, 80])
def test_show_stays_within_the_screen_and_leaves_links_whole(settings: Path, width: int) -> None:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    with App.open(load(settings)) as app:
        (view,) = app.orders.find(SERUM)
        show(view, app.orders.story(view), Clock(NOW), console, why=False)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    links = [line.strip() for line in lines if "https://" in line]
    assert {parcel.link for parcel in view.parcels} <= set(links)
    assert max(len(line) for line in lines if "https://" not in line) <= width
    assert all(line == line.rstrip() for line in lines if line.strip())


def test_news_without_a_step_are_told_with_the_mail_s_subject(run: Run, tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    run("import", ROOT / "tests" / "fixtures" / "emails" / "aliexpress" / "unknown_step.en.eml", "-c", settings)
    number = run("orders", "--all", "-c", settings)[1].split("\t")[1]
    assert re.search(
        r"\d +news  “Order \d+: resting at the moon base”  shop's mail\n", run("show", number, "-c", settings)[1]
    )
