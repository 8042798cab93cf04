"""Recipes: what they read, what they refuse, how long they may take, how they stand beside the built-in extractors."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from inboxtrack.extractors import Extractor, Step, discover, is_candidate, with_recipes
from inboxtrack.extractors.recipe import RecipeError, load, load_file
from inboxtrack.mail.message import parse
from inboxtrack.model import Coverage, Outcome, Reading, RefundState, Stage
from inboxtrack.reader import Context, read
from tests.recipe_mail import blocks, mail

COFFEE = "Blue Coffee <orders@bluecoffee.example>"


@pytest.fixture(scope="module")
def coffee(tmp_path_factory: pytest.TempPathFactory) -> Extractor:
    """The recipe of the manual."""
    return one(tmp_path_factory.mktemp("recipes"), blocks("docs/recipes.md", "toml")[0])


def one(folder: Path, text: str) -> Extractor:
    (folder / "shop.toml").write_text(text, "utf-8")
    (extractor,) = load(folder)
    return extractor


def reading(extractor: Extractor, subject: str, body: str, sender: str = COFFEE, *, html: bool = False) -> Reading:
    return read(mail(sender, subject, body, html=html), Context(recipes=(extractor,)))


def test_the_manuals_recipe_reads_an_order(coffee: Extractor) -> None:
    got = reading(coffee, "Thanks for your order BC-204/7!", "Order number: BC-204/7\nTotal: $31.50\n")
    (fact,) = got.facts
    assert (fact.retailer, fact.order, fact.stage) == ("blue-coffee", "BC-204/7", Stage.PLACED)
    assert fact.total is not None
    assert (str(fact.total.amount), fact.total.currency) == ("31.50", "AUD")
    assert got.extractor == "recipe:shop"
    assert {evidence.field for evidence in fact.evidence} >= {"order", "stage", "total"}


def test_values_stand_behind_labels_in_phrases_and_in_elements(coffee: Extractor) -> None:
    body = """<h1>Some of your beans are on their way</h1><p>Order number</p><p>BC-31</p>
    <p>We shipped with FedEx Ground.</p><p>Parcel <a class="parcel-number" href="https://x.example">794609112348</a></p>
    <p>and a tin with number 794609112359.</p>"""
    facts = reading(coffee, "News from Blue Coffee", body, html=True).facts
    assert [fact.tracking for fact in facts] == ["794609112348", "794609112359"]
    assert {(fact.order, fact.stage, fact.coverage, fact.carrier) for fact in facts} == {
        ("BC-31", Stage.SHIPPED, Coverage.SOME, "fedex")
    }


def test_refunds_newsletters_and_unknown_steps(coffee: Extractor) -> None:
    (refund,) = reading(coffee, "We refunded your order BC-31", "Refund: $12.00").facts
    assert refund.refund is not None
    assert (refund.stage, refund.refund.state) == (Stage.UPDATE, RefundState.FULL)
    assert str(refund.refund.amount) == "Money(amount=Decimal('12.00'), currency='AUD')"
    assert reading(coffee, "Roast of the month", "Try it").outcome is Outcome.IGNORED
    assert reading(coffee, "Hello", "We moved").outcome is Outcome.IGNORED
    (unknown,) = reading(coffee, "About your order BC-31", "Nothing more").facts
    assert (unknown.order, unknown.stage, unknown.reason) == ("BC-31", Stage.UPDATE, "unknown_step")


def test_a_step_without_a_number_is_said_to_be_unread(coffee: Extractor) -> None:
    assert reading(coffee, "Your beans are on their way", "Enjoy!").outcome is Outcome.UNREAD


def test_what_will_be_is_not_what_is(coffee: Extractor) -> None:
    body = "Order number: BC-31\nOnce packed, your beans are on their way within a day."
    (fact,) = reading(coffee, "Order BC-31", body).facts
    assert fact.stage is Stage.UPDATE


def test_a_recipe_goes_to_a_worker_and_back(coffee: Extractor) -> None:
    copy = pickle.loads(pickle.dumps(coffee))
    assert (
        reading(copy, "Thanks for your order BC-9", "").facts == reading(coffee, "Thanks for your order BC-9", "").facts
    )


def test_only_its_senders_are_a_recipes_own(coffee: Extractor) -> None:
    got = reading(coffee, "Thanks for your order BC-9", "", "Blue Coffee <orders@bluecoffee.evil.example>")
    assert got.outcome is not Outcome.READ
    assert coffee.domains(parse(mail(COFFEE, "x", "y"))) == ("bluecoffee.example",)
    assert is_candidate(parse(mail(COFFEE, "x", "y")), [coffee])


def test_built_in_senders_come_before_recipes_and_recipes_before_platforms(tmp_path: Path) -> None:
    text = 'name = "X"\nretailer = "x"\nsenders = ["hismileteeth.com", "shop.example"]\n[[step]]\nstage = "placed"\n'
    recipe = one(tmp_path, text + 'en = ["order confirmed"]\n[order]\nsubject = ["order {order}"]\n')
    assert recipe.step is Step.RECIPE
    mine = reading(recipe, "Order AU1234567 confirmed", "", "Hismile <help@hismileteeth.com>")
    assert mine.extractor == "hismile"
    marks = '<td class="order-number__text">Order 77</td><td class="button__cell"></td>'
    assert reading(recipe, "Order 77 confirmed", marks, "X <a@shop.example>", html=True).extractor == "recipe:shop"


# -- phrases for a built-in one ------------------------------------------------------------------------------------

ESTONIAN = """
extends = "shopify"
[[step]]
stage = "delivered"
et = ["on kätte toimetatud"]
[[step]]
ignored = "a survey"
et = ["räägi meile"]
"""
SHARED = "Kuusi <store+4411002299@t.shopifyemail.com>"
CELL = '<td class="order-number__text">Tellimus #8801</td><h2>{}</h2>'


def test_added_phrases_tell_the_step_of_mail_that_was_only_an_update(tmp_path: Path) -> None:
    extension = one(tmp_path, ESTONIAN)
    subject = "Tellimus #8801 on kätte toimetatud"
    (before,) = read(mail(SHARED, subject, CELL.format("Hei"), html=True), Context()).facts
    (after,) = reading(extension, subject, CELL.format("Hei"), SHARED, html=True).facts
    assert (before.stage, before.reason) == (Stage.UPDATE, "unknown_step")
    assert (after.stage, after.reason, after.order) == (Stage.DELIVERED, None, "8801")
    assert next(e for e in after.evidence if e.field == "stage").rule == "phrase et: on kätte toimetatud"


def test_added_phrases_change_nothing_that_is_known(tmp_path: Path) -> None:
    extension = one(tmp_path, ESTONIAN.replace("on kätte toimetatud", "order confirmed"))
    (fact,) = reading(extension, "Order #8801 confirmed", CELL.format("Thank you!"), SHARED, html=True).facts
    assert fact.stage is Stage.PLACED
    ignored = reading(extension, "räägi meile: #8801", CELL.format("Hei"), SHARED, html=True)
    assert (ignored.outcome, ignored.reason) == (Outcome.IGNORED, "a survey")


def test_an_extension_takes_the_place_of_what_it_extends(tmp_path: Path) -> None:
    extension = pickle.loads(pickle.dumps(one(tmp_path, ESTONIAN)))
    both = with_recipes([extension])
    assert len(both) == len(discover())
    assert next(e for e in both if e.key == "shopify").revision > 1_000


# -- what is refused -----------------------------------------------------------------------------------------------

GOOD = """name = "X"
retailer = "x"
senders = ["x.example"]
[[step]]
stage = "placed"
en = ["thanks"]
[order]
text = ["Order"]
"""
WRONG = [
    ("name = ", "this is no TOML"),
    (GOOD.replace('name = "X"\n', ""), "it needs `name`"),
    (GOOD.replace('"placed"', '"plaeced"'), "'plaeced' is none of placed, preparing"),
    (GOOD.replace("stage =", "stagee ="), "it needs `stage`"),
    (GOOD.replace("en =", "english ="), "`english` is not known here; phrases stand under a language"),
    (GOOD.replace('["thanks"]', '"thanks"'), "must be a list of texts"),
    (GOOD.replace('["thanks"]', '["…"]'), "is no phrase"),
    (GOOD.replace('["thanks"]', '["thanks {order}"]'), "is no phrase"),
    (GOOD.replace('["thanks"]', '["a…b…c…d…e"]'), "3 gaps"),
    (GOOD.replace('en = ["thanks"]\n', ""), "it has no phrases"),
    (GOOD.replace("senders", "sender"), "`sender` is not known in a recipe; known are"),
    (GOOD.replace("x.example", "not a sender"), "write an address or a domain"),
    (GOOD.replace('senders = ["x.example"]', 'marks = ["template"]'), "at least two `marks`"),
    (GOOD.replace('retailer = "x"\n', ""), "it needs a `retailer`"),
    (GOOD.replace('retailer = "x"', 'retailer = "X Y"'), "`retailer` must be small letters"),
    (GOOD.replace("text =", "texts ="), "`texts` is not known in [order]"),
    (GOOD.replace('["Order"]', '["{order}"]'), "it has no words of its own"),
    (GOOD.replace('["Order"]', '["Order {number}"]'), "in braces it knows {order} and {any} only"),
    (GOOD.replace('["Order"]', '["Order {tracking}"]'), "it may hold {order} once"),
    (GOOD.replace('text = ["Order"]', 'css = ["a:has(b)"]'), "it may use tags, .classes, #ids"),
    (GOOD.replace('text = ["Order"]', 'css = ["a[[b"]'), "it is no CSS selector"),
    (GOOD.partition("[order]")[0], "it needs [order] or [tracking]"),
    ("revision = 0\n" + GOOD, "`revision` must be a number"),
    ('extends = "alixpress"\n[[step]]\nstage = "placed"\ncs = ["díky"]\n', "'alixpress' is none of aliexpress"),
    ('extends = "shopify"\nname = "X"\n', "`name` is not known in a recipe with `extends`"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_recipe_that_cannot_be_used_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RecipeError) as refused:
        load_file(path)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="cannot be read as UTF-8"):
        load(tmp_path)


# -- bounded time --------------------------------------------------------------------------------------------------


def test_a_mail_that_repeats_the_beginning_of_every_phrase_costs_bounded_time(tmp_path: Path) -> None:
    gaps = GOOD.replace('["thanks"]', '["we {any} are {any} on {any} way"]')
    recipe = one(tmp_path, gaps.replace('["Order"]', '["No {any} no {any} no {order}", "Order number"]'))
    hostile = "\n".join(["we are on no no Order number " * 400] * 40)
    start = time.process_time()
    reading(recipe, "we are on " * 40, hostile, "X <a@x.example>")
    assert time.process_time() - start < 5
