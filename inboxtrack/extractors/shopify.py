"""Any shop on Shopify, by the marks of Shopify's stock mails; also mails of ParcelPanel, an app that sends the same.

Shopify's shared mail domain speaks only for the shop id in the address, a shop's own domain only for that domain.
ParcelPanel's address proves no shop, so its mail stays unverified.
"""

from __future__ import annotations

from inboxtrack.extractors import Ignored, Step, sent_by
from inboxtrack.mail.message import Mail
from inboxtrack.model import Fact
from inboxtrack.reading import shop_pages, shopify
from inboxtrack.reading.shopify_shop import APP_DOMAINS, SHARED_DOMAIN, shop_of, speaking_domains

NAME = "Shopify"
SENDERS = (SHARED_DOMAIN, *(f"no-reply@{domain}" for domain in APP_DOMAINS))
REVISION = 3
STEP = Step.PLATFORM
SUBJECTS = shopify.subject_phrases()


def claims(mail: Mail) -> bool:
    """Whether a mail is built on Shopify's templates, or sent by Shopify or ParcelPanel for a shop."""
    return sent_by(mail.sender.origin, SENDERS) or shopify.recognise(mail)


def domains(mail: Mail) -> tuple[str, ...]:
    """The domains that may speak for the shop of this mail."""
    return speaking_domains(mail)


def disowned(mail: Mail) -> str | None:
    """Why a mail cannot be its sender's: it shows another shop, or does not name its sender."""
    return shop_pages.disowned(mail)


def extract(mail: Mail) -> list[Fact]:
    """The facts of a shop's mail; `Ignored` for what is no order news."""
    try:
        return shopify.read_shopify(mail, shop_of(mail))
    except shopify.IgnoredMail as ignored:
        raise Ignored(str(ignored)) from ignored
