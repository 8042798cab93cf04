"""Whether a mail is from whom it claims: the receiving provider's Authentication-Results (RFC 8601), or DKIM.

What counts, and why, is the table in `docs/trust.md`. Pure: a DKIM check, which needs DNS, is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inboxtrack.mail import authres
from inboxtrack.mail.authres import AuthResults, Result
from inboxtrack.mail.domains import ascii_domain, organisation, same_organisation, within
from inboxtrack.mail.headers import parse_addresses
from inboxtrack.mail.message import Mail
from inboxtrack.mail.received import handed_over, written_by
from inboxtrack.model import Trust

NO_RESULTS = "no Authentication-Results header from your provider"
SIGNED_ONCE = ("Subject", "Date", "Message-ID", "To", "Content-Type", "Content-Transfer-Encoding", "MIME-Version")

# authserv-ids as providers write them; a leading dot stands for every host below
PROVIDERS = (
    "mx.google.com",
    ".icloud.com",
    ".omega.yahoo.com",
    ".mail.ne1.yahoo.com",
    ".mail.bf1.yahoo.com",
    ".messagingengine.com",
    "mail.protonmail.ch",
    "gmx.net",
    "posteo.de",
    "mxs.mail.ru",
    ".yandex.net",
    "mx.zohomail.com",
    "mx.zohomail.eu",
    "mx.infomaniak.com",
    ".mail.de",
    "mx1.riseup.net",
    "disroot.org",
)
# further domains of the hosts that write the Received headers of an id's organisation
ALSO_HOSTS = {
    "google.com": ("googlemail.com",),
    "icloud.com": ("apple.com", "me.com", "mac.com"),
    "mail.ru": ("smailru.net",),
    "posteo.de": ("posteo.name", "posteo.net"),
    "protonmail.ch": ("proton.me", "proton.ch"),
    "yandex.net": ("yandex.ru",),
    "zohomail.com": ("zoho.com",),
    "zohomail.eu": ("zoho.eu",),
    "infomaniak.com": ("infomaniak.ch",),
}
MICROSOFT_FORM = ""
_HOST_NAME = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
MICROSOFT_HOSTS = ("outlook.com", "exchangelabs.com", "office365.com", "hotmail.com")


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose Authentication-Results count.

    `authserv_ids` are exact, or suffixes with a leading dot. `microsoft` accepts the form without an id, from
    Microsoft's hosts. `hosts` are further own hosts, whose Received headers may stand above the provider's.
    `arc_sealers` are domains of forwarders whose ARC-Authentication-Results are believed.
    """

    authserv_ids: tuple[str, ...] = ()
    microsoft: bool = False
    hosts: tuple[str, ...] = ()
    arc_sealers: tuple[str, ...] = ()

    def providers(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """(own hosts, ids) of each provider; one that writes a header a method, each under another id, is one group."""
        groups: dict[tuple[str, ...], tuple[str, ...]] = {MICROSOFT_HOSTS: (MICROSOFT_FORM,)} if self.microsoft else {}
        for authserv_id in self.authserv_ids:
            home = organisation(authserv_id)
            own = (home, *ALSO_HOSTS.get(home, ()))
            groups[own] = (*groups.get(own, ()), authserv_id.lower())
        return tuple((own + self.hosts, ids) for own, ids in groups.items())


WELL_KNOWN = Policy(PROVIDERS, microsoft=True)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a mail's sender, and why."""

    trust: Trust
    reason: str


def judge(
    mail: Mail, domains: tuple[str, ...], policy: Policy, signatures: Callable[[], tuple[Result, ...]] | None = None
) -> Verdict:
    """Judge the sender of a mail for a retailer that these domains may speak for.

    `signatures` checks the mail's DKIM signatures itself; it is asked only where the provider says nothing.
    """
    senders = mail.all("From")
    if len(senders) > 1:
        return Verdict(Trust.FAILED, "it has two From headers")
    if len(parse_addresses(senders[0] if senders else "")) != 1:
        return Verdict(Trust.UNVERIFIED, "it does not have exactly one sender")
    said = provider_says(mail, policy)
    if said:
        return _weigh(mail, domains, said, "your provider")
    checked = signatures() if signatures else ()
    if checked:
        return _weigh(mail, domains, checked, "its DKIM signature")
    unnamed = unnamed_id(mail)
    hint = f"; {unnamed} wrote one: if that is your provider, add it to authserv_ids" if unnamed else ""
    return Verdict(Trust.UNVERIFIED, NO_RESULTS + hint)


def unnamed_id(mail: Mail) -> str:
    """The id of the uppermost Authentication-Results, where its own host took the mail over; '' for any other."""
    found = authres.parse(mail.first("Authentication-Results")).authserv_id
    if not _HOST_NAME.fullmatch(found):
        return ""
    ((hosts, ids),) = Policy((found,)).providers()
    return found if mail.all("Received") and any(_own_headers(mail, ids, hosts)) else ""


def _weigh(mail: Mail, domains: tuple[str, ...], results: tuple[Result, ...], who: str) -> Verdict:
    """The verdict that results from a source we believe lead to."""
    author = ascii_domain(mail.sender.domain)
    ours = [result for result in results if same_organisation(result.domain or _unsaid(result, author), author)]
    if any((result.method, result.result) == ("dmarc", "fail") for result in ours):
        return Verdict(Trust.FAILED, f"{who} says dmarc=fail for {author}")
    passed = next((result for result in ours if result.result == "pass"), None)
    if passed is None:
        if any((result.method, result.result) == ("dkim", "fail") for result in ours):
            return Verdict(Trust.FAILED, f"{who} says dkim=fail for {author}")
        return Verdict(Trust.UNVERIFIED, f"{who} confirms neither DMARC, DKIM nor SPF for {author or 'its sender'}")
    doubt = _doubt(mail, author, domains, ours)
    if doubt:
        return Verdict(Trust.UNVERIFIED, doubt)
    return Verdict(Trust.VERIFIED, f"{who} says {passed.method}=pass for {author}")


def _unsaid(result: Result, author: str) -> str:
    """A DMARC result is about the From header even where the provider does not repeat it."""
    return author if result.method == "dmarc" else ""


def _doubt(mail: Mail, author: str, domains: tuple[str, ...], ours: list[Result]) -> str:
    """Why a mail whose sender is confirmed is not to be believed all the same; '' when it is."""
    twice = next((name for name in SIGNED_ONCE if len(mail.all(name)) > 1), None)
    if twice:
        return f"it has two {twice} headers, of which only one can be signed"
    if _signed_in_part(mail, author) and not any((r.method, r.result) == ("spf", "pass") for r in ours):
        return "its DKIM signature covers only the beginning of the text (l=)"
    if not within(mail.sender.origin_domain, domains):
        return f"{mail.sender.origin_domain} is confirmed, but may not speak for this retailer"
    return ""


def _signed_in_part(mail: Mail, author: str) -> bool:
    """Whether every aligned DKIM signature limits itself to the first bytes of the body."""
    tags = [signature_tags(value) for value in mail.all("DKIM-Signature")]
    aligned = [found for found in tags if same_organisation(found.get("d", ""), author)]
    return bool(aligned) and all("l" in found for found in aligned)


def signature_tags(value: str) -> dict[str, str]:
    """The tags of a DKIM-Signature or ARC header: `d=example.com; l=100`."""
    pairs = (piece.partition("=") for piece in "".join(value.split()).split(";"))
    return {name.lower(): tag for name, mark, tag in pairs if mark}


def provider_says(mail: Mail, policy: Policy) -> tuple[Result, ...]:
    """The results of the receiving provider's own headers; of a believed forwarder's where the provider vouches.

    The provider's headers stand above the Received header it wrote when it took the mail over, or, as the first
    one, right below it. Whatever stands below that came with the mail and may be forged.
    """
    for hosts, ids in policy.providers():
        headers = tuple(_own_headers(mail, ids, hosts))
        if headers:
            results = tuple(result for header in headers for result in header.results)
            return _forwarder_says(mail, results, policy) or results
    return ()


def _own_headers(mail: Mail, ids: tuple[str, ...], hosts: tuple[str, ...]) -> Iterator[AuthResults]:
    """The uppermost Authentication-Results of a provider, with those that no Received parts from it."""
    found = taken_over = False
    for name, value in mail.headers:
        if name.lower() == "received":
            if found or taken_over:
                return
            taken_over = handed_over(value, hosts)
            if not written_by(value, hosts, by_name=taken_over):
                return
        elif name.lower() == "authentication-results":
            header = authres.parse(value)
            if _is_by(header, ids):
                yield header
                found = True
                if taken_over:
                    return


def _is_by(header: AuthResults, ids: tuple[str, ...]) -> bool:
    """Whether a header bears one of these ids. With stray pieces only the form without an id is a provider's own:
    Exchange writes the recipient's domain as the id on mail that it sends."""
    if not header.authserv_id:
        return MICROSOFT_FORM in ids
    known = (header.authserv_id.endswith(i) if i.startswith(".") else header.authserv_id == i for i in ids if i)
    return not header.strays and any(known)


def _forwarder_says(mail: Mail, results: tuple[Result, ...], policy: Policy) -> tuple[Result, ...]:
    """What a believed forwarder saw before it passed the mail on; nothing unless the provider confirms its seal."""
    if not any((result.method, result.result) == ("arc", "pass") for result in results):
        return ()
    seals = (signature_tags(value) for value in mail.all("ARC-Seal"))
    believed = {seal.get("i") for seal in seals if seal.get("d", "").lower() in policy.arc_sealers}
    for value in mail.all("ARC-Authentication-Results"):
        instance, _, rest = value.partition(";")
        if instance.replace(" ", "").removeprefix("i=") in believed:
            return authres.parse(rest).results
    return ()
