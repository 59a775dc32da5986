"""The dates of a course as a calendar file (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from apps.students.letters.letter import Attachment, address_of
from apps.students.models import HistoryEntry


def course_dates(
    *, entry: HistoryEntry, starts_at: datetime, ends_at: datetime | None, sequence: int
) -> Attachment:
    """Return one event from start to end, an hour where no end is set.

    The UID stays that of the enrollment and ``sequence`` grows, so that changed dates replace the
    event in the reader's calendar. It blocks no time: nobody is busy for all of a course.
    """
    end = ends_at if ends_at and ends_at > starts_at else starts_at + timedelta(hours=1)
    event = Event()
    event.add("uid", f"enrollment-{entry.lecture_id}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", sequence)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", starts_at.astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    event.add("summary", entry.course_title)
    event.add("description", _("Your course at %(school)s") % {"school": settings.SCHOOL_NAME})
    event.add("url", address_of("lectures:classroom", entry.lecture_id))
    event.add("organizer", _organizer())
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return Attachment(
        name="course.ics",
        content=_calendar_of(event),
        subtype="calendar",
        parameters=(("method", "PUBLISH"),),
    )


def _calendar_of(event: Event) -> str:
    calendar = Calendar()
    calendar.add("prodid", f"-//elearning//{translation.get_language()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _organizer() -> vCalAddress:
    address = vCalAddress("mailto:" + parseaddr(settings.REPLY_TO_EMAIL)[1])
    address.params["cn"] = vText(settings.SCHOOL_NAME)
    return address
