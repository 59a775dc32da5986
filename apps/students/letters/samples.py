"""What the desk shows of every kind, and what the tests read: made up, without the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.students.letters.accounts import NOTICES
from apps.students.letters.kinds import KINDS
from apps.students.letters.rendering import Reader, Rendered, render
from apps.students.models import HistoryEntry


@dataclass(frozen=True)
class Sample:
    """One case of a kind: ``case`` says which, empty where there is but one."""

    kind: str
    case: str | Promise
    facts: dict[str, Any]


TITLES = {"ko": "처음 배우는 SQL", "en": "Introduction to SQL"}
NAMES = {"ko": "김하늘", "en": "Alice Kim"}
LINK = settings.SITE_URL + "/accounts/…/"


def list_samples(*, language: str) -> list[Sample]:
    """Return every case of every kind, in the order of KINDS, as the school might write today."""
    made = (_enrollment, _refunds, _learning, _waiting)
    found = [sample for make in made for sample in make(language)] + _account()
    order = list(KINDS)
    return sorted(found, key=lambda sample: order.index(sample.kind))


def render_sample(sample: Sample, *, language: str) -> Rendered:
    """Return the sample as its reader would get it."""
    kind = KINDS[sample.kind]
    reader = Reader(
        name=NAMES[language],
        language=language,
        zone=timezone.get_default_timezone(),
        unsubscribe_url=settings.SITE_URL + "/mail/unsubscribe/…/" if kind.switch else "",
    )
    return render(kind, reader, sample.facts)


def _entry(language: str, **fields: Any) -> HistoryEntry:
    now = timezone.now()
    return HistoryEntry(
        **{
            "lecture_id": 1024,
            "course_title": TITLES[language],
            "course_slug": "introduction-to-sql",
            "status": "requested",
            "currency": "KRW",
            "payment_id": 2048,
            "payment_number": "P-7K3M-4X92",
            "pay_by": now + timedelta(hours=24),
        }
        | fields
    )


def _enrollment(language: str) -> list[Sample]:
    now = timezone.now()
    soon, later = now + timedelta(hours=6), now + timedelta(hours=24)
    due = {"amount_minor": 180_000, "pay_by": later.isoformat()}
    waits, paid = _entry(language), _entry(language, status="approved")
    declined = {"amount_minor": 180_000, "decline_code": "insufficient_funds"}
    settled = {"entry": paid, "paid_at": now.isoformat()}
    return [
        Sample("requested", _("To be paid"), {"entry": waits, **due}),
        Sample("requested", _("Sent late"), {"entry": paid, **due}),
        Sample("approved", _("With receipt"), {**settled, "amount_minor": 180_000}),
        Sample("approved", _("Free course"), {**settled, "amount_minor": 0}),
        Sample("deferred", _("To be paid"), {"entry": waits, **due}),
        Sample("deferred", _("Sent late"), {"entry": paid, **due}),
        Sample("declined", "", {"entry": waits, **declined}),
        Sample("payment_due", "", {"entry": waits, **due, "pay_by": soon.isoformat()}),
        Sample("expired", "", {"entry": _entry(language, status="expired")}),
    ]


def _refunds(language: str) -> list[Sample]:
    cancelled = {"entry": _entry(language, status="cancelled"), "amount_minor": 180_000}
    for_nothing = {**cancelled, "amount_minor": 0, "cause": "student"}
    after = (
        ("cancelled", _("After the cancellation")),
        ("expired", _("After the hold expired")),
        ("approved", _("Paid twice")),
    )
    return [
        Sample("cancelled", _("By the student"), {**cancelled, "cause": "student"}),
        Sample("cancelled", _("By the school"), {**cancelled, "cause": "staff"}),
        Sample("cancelled", _("Course withdrawn"), {**cancelled, "cause": "course_withdrawn"}),
        Sample("cancelled", _("Nothing to refund"), for_nothing),
        *(
            Sample("surplus", case, {**cancelled, "entry": _entry(language, status=status)})
            for status, case in after
        ),
        Sample("refunded", "", {**cancelled, "refunded_at": timezone.now().isoformat()}),
    ]


def _learning(language: str) -> list[Sample]:
    learns = _entry(language, status="approved", progress_percent=40)
    fresh = _entry(language, status="approved", progress_percent=0)
    begins = (timezone.localtime() + timedelta(days=1)).replace(hour=10, minute=0, second=0)
    starts = {
        "entry": learns,
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(days=30)).isoformat(),
    }
    done = _entry(language, status="completed", progress_percent=100)
    certified = {"entry": done, "code": "7K2M-9QXD-4RTA"}
    return [
        Sample("course_starts", _("Announced"), {**starts, "sequence": 0}),
        Sample("course_starts", _("Dates changed"), {**starts, "sequence": 1}),
        Sample("lessons_wait", _("Begun"), {"entry": learns}),
        Sample("lessons_wait", _("Not begun"), {"entry": fresh}),
        Sample("completed", "", {"entry": done, "progress_percent": 100}),
        Sample("certified", _("Issued"), certified),
        Sample("certified", _("Issued again"), {**certified, "replaces_code": "3F8N-1WZB-6YHC"}),
    ]


def _waiting(language: str) -> list[Sample]:
    place = {"title": TITLES[language], "slug": "introduction-to-sql"}
    until = (timezone.now() + timedelta(hours=24)).isoformat()
    return [
        Sample("seat_offered", "", {**place, "until": until}),
        Sample("offer_lapsed", "", place),
        Sample("waiting_list_ended", "", place),
    ]


def _account() -> list[Sample]:
    address = {"email": "student@example.com"}
    soon = (timezone.now() + timedelta(days=7)).isoformat()
    made = {
        "timestamp": timezone.now(),
        "ip": "203.0.113.7",
        "user_agent": "Firefox 145 · Windows",
        "from_email": "old@example.com",
        "to_email": "new@example.com",
        "deleted_email": "old@example.com",
    }
    return [
        Sample("welcome", "", {}),
        Sample("log_in_locked", "", {"until": (timezone.now() + timedelta(hours=1)).isoformat()}),
        Sample("account_removed", "", {"removed_at": timezone.now().isoformat()}),
        Sample("second_factor_reset", "", {}),
        Sample("invited", "", {"password_url": LINK}),
        Sample("password_link", "", {"password_url": LINK}),
        Sample("second_factor_link", "", {"reset_url": LINK}),
        Sample("email_confirmation_signup", "", {"activate_url": LINK}),
        Sample("email_confirmation", "", {"activate_url": LINK}),
        Sample("email_changed", "", {**made, "undo_url": LINK, "undo_until": soon}),
        Sample("password_reset_key", "", {"password_reset_url": LINK}),
        Sample("account_already_exists", "", {**address, "password_reset_url": LINK}),
        Sample("unknown_account", "", {**address, "signup_url": LINK}),
        *(Sample(name, "", made) for name in NOTICES),
    ]
