"""Letters to those who wait for a seat."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from apps.students.letters.letter import Button, Letter, address_of, day_and_time


def seat_offered(*, title: str, slug: str, until: str) -> Letter:
    words = {"title": title, "until": day_and_time(datetime.fromisoformat(until))}
    text = _(
        'You are next on the waiting list of "%(title)s", and a seat has become free. It is held'
        " for you until %(until)s; after that it is offered to the next in line."
    )
    return Letter(
        subject=_('A seat in "%(title)s" is free for you') % words,
        paragraphs=(text % words,),
        facts=((_("Course"), title), (_("Held until"), words["until"])),
        button=Button(_("Take the seat, or leave it to the next"), _course(slug)),
        tone="success",
    )


def offer_lapsed(*, title: str, slug: str) -> Letter:
    words = {"title": title}
    text = _(
        'You did not take the seat in "%(title)s" that was held for you in time, so it goes to the'
        " next in line. Nothing was charged."
    )
    again = _("If you are still interested, you can join the waiting list again.")
    return Letter(
        subject=_('The seat in "%(title)s" is no longer held for you') % words,
        paragraphs=(text % words, again),
        button=Button(_("See the course"), _course(slug)),
        tone="warning",
    )


def waiting_list_ended(*, title: str, slug: str) -> Letter:
    words = {"title": title}
    text = _(
        'The course "%(title)s" takes no more enrollments, so its waiting list has ended, and with'
        " it your place. We are sorry. Nothing was charged."
    )
    return Letter(
        subject=_('The waiting list of "%(title)s" has ended') % words,
        paragraphs=(text % words,),
        button=Button(_("Find another course"), address_of("courses:catalogue")),
    )


def _course(slug: str) -> str:
    return address_of("courses:course", slug)
