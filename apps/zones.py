"""Time zones: which there are, what they are called, and a moment in the reader's own."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.dates import get_timezone_location
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

REGIONS: dict[str, str | Promise] = {
    "Asia": _("Asia"),
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Atlantic": _("Atlantic Ocean"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
}
UNIVERSAL = "UTC"
Choices = list[tuple[str, list[tuple[str, str]]]]


def refuse_unknown_zone(name: str) -> None:
    """Raise ValidationError unless the name is one of the IANA database, such as Asia/Seoul."""
    if name not in available_timezones():
        raise ValidationError(
            _("Choose a time zone of the list, such as Asia/Seoul."), code="unknown_zone"
        )


def zone_called(name: str) -> ZoneInfo:
    """Return the zone; the school's own for an empty name, or one that is known no more."""
    known = name in available_timezones()
    return ZoneInfo(name if known else settings.TIME_ZONE)


def list_zones() -> Choices:
    """Return the zones as groups of choices by region, each by its city in the active language."""
    zones = _zones_in(get_language() or settings.LANGUAGE_CODE)
    groups = [(str(title), zones[region]) for region, title in REGIONS.items()]
    universal = pgettext_lazy("time zone", "Universal time")
    return [*groups, (str(universal), [(UNIVERSAL, UNIVERSAL)])]


@cache
def _zones_in(language: str) -> dict[str, list[tuple[str, str]]]:
    aliases = get_global("zone_aliases")
    zones: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in available_timezones() - set(aliases):
        region = name.partition("/")[0]
        if region in zones:
            city = get_timezone_location(name, locale=language, return_city=True)
            zones[region].append((name, city))
    return {region: sorted(choices, key=lambda it: it[1]) for region, choices in zones.items()}


def zone_name(at: datetime) -> str:
    """Return what the zone is called at that moment: KST, or UTC+04 where it has no letters."""
    name = at.tzname() or UNIVERSAL
    return name if name.isalpha() else f"{UNIVERSAL}{name}"


def moment(at: datetime) -> str:
    """Return date, time and zone, in the reader's language and time zone."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({zone_name(local)})"
