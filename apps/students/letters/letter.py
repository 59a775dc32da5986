"""The parts of a letter, and the words that letters share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.zones import zone_name


@dataclass(frozen=True)
class Button:
    """What the reader can do, once; the address stands beside it in full."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of text; ``subtype`` is that of ``text/…``."""

    name: str
    content: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An e-mail before it is rendered. The first paragraph is what inboxes show beside the subject.

    ``tone`` is ``info``, ``success``, ``warning`` or ``error``. ``greets`` by name only who has
    confirmed the address: else a stranger's words could be sent to anybody in the school's name.
    """

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    button: Button | None = None
    closing: tuple[str, ...] = ()
    tone: str = "info"
    greets: bool = True
    attachments: tuple[Attachment, ...] = ()


def address_of(name: str, *args: object) -> str:
    """Return the full address of a page."""
    return settings.SITE_URL + reverse(name, args=args)


def day(moment: datetime) -> str:
    """Return the date in the reader's language and time zone."""
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def day_and_time(moment: datetime) -> str:
    """Return date and time in the reader's language and time zone, which is named."""
    local = timezone.localtime(moment)
    return _("%(date)s, %(time)s (%(zone)s)") % {
        "date": date_format(local, "DATE_FORMAT"),
        "time": date_format(local, "H:i"),
        "zone": zone_name(local),
    }
