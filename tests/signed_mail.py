"""Mails with DKIM signatures of keys that are made here, and a DNS that knows those keys."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HEADERS = [b"from", b"to", b"subject", b"date", b"message-id"]
SENDERS = ("notice.aliexpress.com", "hismileteeth.com", "shop.tiktok.com", "t.shopifyemail.com", "dhl.de")


@cache
def keys() -> tuple[bytes, bytes]:
    """A private key (PEM) and its DNS record."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    der = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.DER, der)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


@dataclass(frozen=True)
class Answers:
    """A DNS that knows the keys of some domains."""

    domains: tuple[str, ...]

    def __call__(self, name: str) -> bytes | None:
        return keys()[1] if name in {f"s1._domainkey.{domain}" for domain in self.domains} else None


DNS = Answers((*SENDERS, "evil.example"))


def signed(raw: bytes, domain: str = "notice.aliexpress.com", **more: object) -> bytes:
    """The mail with a signature of this domain; `more` are options of dkimpy."""
    options = {"include_headers": HEADERS, **more}
    return bytes(dkim.sign(raw, b"s1", domain.encode(), keys()[0], **options)) + raw
