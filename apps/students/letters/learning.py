"""Letters about learning: the start, lessons that wait, the end, the certificate."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.students.letters.calendar import course_dates
from apps.students.letters.letter import Button, Letter, address_of, day_and_time
from apps.students.models import HistoryEntry


def _classroom(entry: HistoryEntry, label: str) -> Button:
    return Button(label, address_of("lectures:classroom", entry.lecture_id))


def course_starts(
    *, entry: HistoryEntry, starts_at: str, ends_at: str | None, sequence: int
) -> Letter:
    start = datetime.fromisoformat(starts_at)
    end = datetime.fromisoformat(ends_at) if ends_at else None
    facts = [(_("Course"), entry.course_title), (_("Starts"), day_and_time(start))]
    if end:
        facts += [(_("Ends"), day_and_time(end))]
    dates = course_dates(entry=entry, starts_at=start, ends_at=end, sequence=sequence)
    moved = _("The dates have changed: these ones count.")
    text = _("The attached file puts the dates into your calendar.")
    return Letter(
        subject=_start_in_words(start) % {"title": entry.course_title},
        paragraphs=(
            _('Everything is ready for "%(title)s".') % {"title": entry.course_title},
            *([moved] if sequence else []),
            text,
        ),
        facts=tuple(facts),
        button=_classroom(entry, _("Go to the classroom")),
        attachments=(dates,),
    )


def _start_in_words(start: datetime) -> str:
    """Say tomorrow only when it is, for the reader: this may be sent late, and be read far away."""
    days_ahead = (timezone.localtime(start).date() - timezone.localdate()).days
    if days_ahead == 1:
        return _('"%(title)s" starts tomorrow')
    if days_ahead == 0:
        return _('"%(title)s" starts today')
    return _('The dates of "%(title)s"')


def lessons_wait(*, entry: HistoryEntry) -> Letter:
    words = {"title": entry.course_title, "percent": entry.progress_percent}
    begun = _('You have done %(percent)s %% of "%(title)s". Go on where you stopped.')
    fresh = _('You have not begun with "%(title)s" yet. The first lesson waits for you.')
    return Letter(
        subject=_('Your lessons in "%(title)s" are waiting') % words,
        paragraphs=((begun if entry.progress_percent else fresh) % words,),
        facts=(
            (_("Course"), entry.course_title),
            (_("Progress"), f"{entry.progress_percent} %"),
        ),
        button=_classroom(entry, _("Go on learning")),
    )


def completed(*, entry: HistoryEntry, progress_percent: int) -> Letter:
    words = {"title": entry.course_title}
    return Letter(
        subject=_('You have completed "%(title)s"') % words,
        paragraphs=(
            _('Congratulations! You have completed "%(title)s".') % words,
            _("Your certificate is being issued and comes with an e-mail of its own."),
        ),
        facts=(
            (_("Course"), entry.course_title),
            (_("Progress"), f"{progress_percent} %"),
        ),
        button=Button(_("Review the course"), address_of("lectures:review", entry.lecture_id)),
        tone="success",
    )


def certified(*, entry: HistoryEntry, code: str, replaces_code: str = "") -> Letter:
    words = {"title": entry.course_title, "replaced": replaces_code}
    first = _(
        'Congratulations! You have completed "%(title)s", and your certificate is ready. Anyone'
        " can verify it by its code."
    )
    again = _(
        'Your certificate for "%(title)s" has been issued again, with a new code. It replaces'
        " %(replaced)s, which no longer counts."
    )
    return Letter(
        subject=_('Your certificate for "%(title)s"') % words,
        paragraphs=(
            (again if replaces_code else first) % words,
            _("When you are logged in, you can download it there as a PDF."),
        ),
        facts=((_("Course"), entry.course_title), (_("Certificate code"), code)),
        button=Button(_("See the certificate"), address_of("certification:verify", code)),
        tone="success",
    )
