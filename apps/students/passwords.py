"""Which passwords are refused, beside by Django's own rules: those that a guesser tries first."""

from __future__ import annotations

import hashlib
import http.client
import logging
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

WORDS = {
    "elearning",
    "learning",
    "student",
    "course",
    "lecture",
    "수강신청",
    "수강",
    "강의",
    "학생",
}
"""What such a system is about, in both languages; the school's own words are added."""
FEWEST_LETTERS = 4
"""So many must be left besides the words of the context; digits and signs add little to them."""
DATES = ("%Y%m%d", "%d%m%Y", "%m%d%Y")
YEARS = range(1900, 2100)
TIMEOUT_SECONDS = 2


class ContextValidator:
    """Refuses the words of this school and of its subject, with nothing much beside them."""

    def validate(self, password: str, user: Any = None) -> None:
        rest = given = password.casefold()
        for word in sorted(context_words(), key=len, reverse=True):
            rest = rest.replace(word, " ")
        if rest != given and sum(letter.isalpha() for letter in rest) < FEWEST_LETTERS:
            message = _("This is little more than the name of the school. Add words of your own.")
            raise ValidationError(message, code="password_of_the_context")

    def get_help_text(self) -> str:
        return _("Your password can\u2019t be the name of the school.")


def context_words() -> set[str]:
    """Return the words of the subject, of the school's name and of its address."""
    own = f"{settings.SCHOOL_NAME} {urlsplit(settings.SITE_URL).hostname}".casefold()
    return WORDS | {word for word in re.findall(r"[^\W_]+", own) if len(word.encode()) >= 4}


class DateValidator:
    """Refuses a plain date, such as a birthday; other digits are as good as letters."""

    def validate(self, password: str, user: Any = None) -> None:
        digits = re.sub(r"[\s./-]", "", password)
        if any(is_date(digits, order) for order in DATES):
            message = _("A date is guessed easily. Add words of your own.")
            raise ValidationError(message, code="password_is_a_date")

    def get_help_text(self) -> str:
        return _("Your password can\u2019t be a date.")


def is_date(digits: str, order: str) -> bool:
    if not re.fullmatch(r"[0-9]{8}", digits):
        return False
    try:
        return datetime.strptime(digits, order).year in YEARS  # noqa: DTZ007  (a day, no moment)
    except ValueError:
        return False


class BreachValidator:
    """Refuses published passwords, and those known from breaches if BREACHED_PASSWORDS_URL is set.

    The service learns five of the forty digits of the password's SHA-1, which hundreds of known
    passwords share. When it does not answer, the other rules must do.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if password in settings.PUBLISHED_PASSWORDS:
            message = _("This password is public: the demo school uses it. Choose another.")
            raise ValidationError(message, code="password_published")
        if settings.BREACHED_PASSWORDS_URL and is_breached(password):
            message = _("This password is known from a breach of another site. Choose another.")
            raise ValidationError(message, code="password_breached")

    def get_help_text(self) -> str:
        return ""


def is_breached(password: str) -> bool:
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        lines = _ask(digest[:5]).split()
    except (OSError, http.client.HTTPException):
        logger.exception("Whether a password was breached could not be asked")
        return False
    found = dict(line.split(":") for line in lines if line.count(":") == 1)
    return found.get(digest[5:], "0") != "0"  # the service pads its answer with zeros


def _ask(prefix: str) -> str:
    address = urlsplit(settings.BREACHED_PASSWORDS_URL)
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=TIMEOUT_SECONDS)
    try:
        headers = {"User-Agent": "elearning", "Add-Padding": "true"}
        connection.request("GET", f"{address.path}{prefix}", headers=headers)
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise http.client.HTTPException(f"answered {answer.status}")
        return answer.read().decode("ascii", "replace")
    finally:
        connection.close()
