"""The rules, one function for each setting or list of settings."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from foundation.deployment.entropy import bytes_are_guessable, is_guessable

MIN_KEY_LENGTH = 50  # as Django's own check security.W009
DEVELOPMENT_KEY = "for-a-demo-on-this-machine-only"
DEVELOPMENT_KEY_SIGNS = (DEVELOPMENT_KEY, "django-insecure-")
NEW_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
UNSENT = {"console", "filebased", "locmem", "dummy"}
"""Django's e-mail backends by which no e-mail leaves."""
WEAK_HASHERS = ("MD5", "SHA1", "Unsalted", "Crypt")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One setting that production refuses."""

    id: str
    name: str
    reason: str
    remedy: str


def refuse_weak_keys(settings: Any) -> Iterator[Problem]:
    named = {_secret_key(settings)}  # SECOND_FACTOR_KEYS are by default the keys before it
    if reason := _why_weak(_secret_key(settings)):
        yield Problem(
            id="deployment.E001",
            name="SECRET_KEY",
            reason=f"It {reason}.",
            remedy=f"Set SECRET_KEY to a new one: {NEW_KEY}",
        )
    for name in ("SECRET_KEY_FALLBACKS", "SECOND_FACTOR_KEYS"):
        keys = getattr(settings, name)
        for number, key in enumerate(keys, start=1):
            if key not in named and (reason := _why_weak(key)):
                yield Problem(
                    id="deployment.E001",
                    name=name,
                    reason=f"Key {number} of {len(keys)} {reason}.",
                    remedy=f"Take it out of {name}, or put a new one in its place: {NEW_KEY}",
                )
        named.update(keys)


def _secret_key(settings: Any) -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's own answer to an empty one
        return ""


def _why_weak(key: str) -> str:
    if not key:
        return "is empty"
    if any(sign in key for sign in DEVELOPMENT_KEY_SIGNS):
        return "is the key of the repository, which everybody can read"
    if len(key) < MIN_KEY_LENGTH:
        return f"is shorter than {MIN_KEY_LENGTH} characters"
    return "can be guessed: it repeats, counts or is made of words" if is_guessable(key) else ""


def refuse_debug(settings: Any) -> Iterator[Problem]:
    if settings.DEBUG:
        yield Problem(
            id="deployment.E002",
            name="DEBUG",
            reason="It shows settings and source code to every visitor.",
            remedy="Unset DEBUG.",
        )


def refuse_failpoints(settings: Any) -> Iterator[Problem]:
    if settings.CRASH_POINTS_DIR:
        yield Problem(
            id="deployment.E003",
            name="CRASH_POINTS_DIR",
            reason="It is for tests, which kill processes.",
            remedy="Unset CRASH_POINTS_DIR.",
        )


def refuse_every_host(settings: Any) -> Iterator[Problem]:
    remedy = "Set ALLOWED_HOSTS to the names of your site, such as school.example.com."
    if not any(settings.ALLOWED_HOSTS):
        yield Problem(
            id="deployment.E004", name="ALLOWED_HOSTS", reason="It is empty.", remedy=remedy
        )
    for host in settings.ALLOWED_HOSTS:
        is_wide = host.startswith(".") and "." not in host.strip(".")
        if "*" in host or is_wide:
            yield Problem(
                id="deployment.E004",
                name="ALLOWED_HOSTS",
                reason=f"{host!r} lets requests name a host that is not yours.",
                remedy=remedy,
            )


def refuse_insecure_site_url(settings: Any) -> Iterator[Problem]:
    remedy = "Set SITE_URL to https and the name of your site, such as https://school.example.com."
    reason = _why_no_site(settings.SITE_URL)
    if reason:
        yield Problem(id="deployment.E005", name="SITE_URL", reason=reason, remedy=remedy)


def refuse_insecure_files_origin(settings: Any) -> Iterator[Problem]:
    if settings.FILES_ORIGIN and (reason := _why_no_site(settings.FILES_ORIGIN)):
        yield Problem(
            id="deployment.E010",
            name="FILES_ORIGIN",
            reason=reason,
            remedy="Unset FILES_ORIGIN, or set it to such as https://files.example.com.",
        )


def _why_no_site(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return f"{address!r} is not an address."
    if not address:
        return "It is empty."
    if parts.scheme != "https":
        return f"{address!r} does not begin with https://."
    if not host or parts.username is not None or parts.path or parts.query or parts.fragment:
        return f"{address!r} is not https:// and a host alone."
    return ""


def refuse_unsent_mail(settings: Any) -> Iterator[Problem]:
    backend = settings.EMAIL_BACKEND
    kind = backend.removeprefix("django.core.mail.backends.").partition(".")[0]
    reason = ""
    if kind in UNSENT:
        reason = f"By {backend} no e-mail leaves."
    elif kind == "smtp" and not settings.EMAIL_HOST:
        reason = "It names no mail server."
    if reason:
        yield Problem(
            id="deployment.E006",
            name="EMAIL_URL",
            reason=reason,
            remedy="Set EMAIL_URL to a mail server, such as"
            " smtp+tls://user:password@mail.example.com:587.",
        )


def refuse_unknown_gateway(settings: Any) -> Iterator[Problem]:
    real = sorted(set(settings.PAYMENT_GATEWAYS) - {"sandbox"})
    reason = ""
    if settings.PAYMENT_GATEWAY == "sandbox":
        reason = "The sandbox takes no real money."
    elif settings.PAYMENT_GATEWAY not in settings.PAYMENT_GATEWAYS:
        reason = f"There is no gateway {settings.PAYMENT_GATEWAY!r}."
    if reason:
        yield Problem(
            id="deployment.E007",
            name="PAYMENT_GATEWAY",
            reason=reason,
            remedy=f"Set PAYMENT_GATEWAY to {' or '.join(real)} (none: a school of free courses).",
        )


def refuse_guessable_webhook_secret(settings: Any) -> Iterator[Problem]:
    secret = settings.PAYMENT_WEBHOOK_SECRET
    if secret is not None and _webhook_secret_is_guessable(secret):
        yield Problem(
            id="deployment.E008",
            name="PAYMENT_WEBHOOK_SECRET",
            reason="It can be guessed: it is short, repeats, counts or is a text.",
            remedy="Unset it, or take the one that the gateway made. One of your own: whsec_ and"
            " the output of openssl rand -base64 32.",
        )


def _webhook_secret_is_guessable(secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return True
    return bytes_are_guessable(key)


def refuse_weak_hashers(settings: Any) -> Iterator[Problem]:
    hashers = getattr(settings, "PASSWORD_HASHERS", global_settings.PASSWORD_HASHERS)
    first = hashers[0].rpartition(".")[2]
    if first.startswith(WEAK_HASHERS):
        yield Problem(
            id="deployment.E009",
            name="PASSWORD_HASHERS",
            reason=f"{first} is for tests: a stolen database gives its passwords away.",
            remedy="Leave Django's own default.",
        )


RULES: tuple[Callable[[Any], Iterator[Problem]], ...] = (
    refuse_weak_keys,
    refuse_debug,
    refuse_failpoints,
    refuse_every_host,
    refuse_insecure_site_url,
    refuse_insecure_files_origin,
    refuse_unsent_mail,
    refuse_unknown_gateway,
    refuse_guessable_webhook_secret,
    refuse_weak_hashers,
)
