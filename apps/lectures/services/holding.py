"""How many unpaid seats one student may hold, and when again after giving one up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _

from apps.courses.queries import CourseTerms
from apps.lectures.models import LIVE, WAITS, Enrollment, EnrollmentStatus, WaitingListEntry
from apps.lectures.services.refusals import (
    AlreadyEnrolled,
    HoldPaused,
    TooManyHolds,
    TooManyPlaces,
)
from apps.zones import moment
from foundation.locks import lock_until_commit


def refuse_another_hold(*, student_id: int, terms: CourseTerms, now: datetime) -> None:
    """Raise TooManyHolds or HoldPaused, or AlreadyEnrolled, which comes before both.

    First in the caller's transaction: it holds the student's lock to the commit, so that requests
    of the same moment count each other. Two statements; none for a free course.
    """
    if terms.price_minor == 0:
        return
    lock_until_commit("holds", student_id)
    here = Q(course_id=terms.id)
    unpaid = Q(status=EnrollmentStatus.REQUESTED, price_minor__gt=0)
    own = Enrollment.objects.filter(student_id=student_id).aggregate(
        live=Count("pk", filter=here & Q(status__in=LIVE)),
        held=Count("pk", filter=unpaid),
        given_up_at=Max("given_up_at", filter=here),
    )
    if own["live"]:
        raise AlreadyEnrolled()
    _refuse_so_soon(own["given_up_at"], now)
    if own["held"] >= settings.OPEN_HOLDS_PER_STUDENT:
        raise TooManyHolds(
            _(
                "You hold %(count)d seats that are not paid yet, and may hold no more. Pay for one"
                " of them or cancel it; you find them in My courses."
            )
            % {"count": own["held"]},
            limit=settings.OPEN_HOLDS_PER_STUDENT,
        )


def _refuse_so_soon(given_up_at: datetime | None, now: datetime) -> None:
    if given_up_at is None:
        return
    again_at = given_up_at + timedelta(seconds=settings.HOLD_PAUSE_SECONDS)
    if now < again_at:
        raise HoldPaused(
            _(
                "Your seat in this course was given up unpaid, and others go first for a while."
                " You can enroll again from %(at)s."
            )
            % {"at": moment(again_at)},
            again_at=again_at.isoformat(),
        )


def refuse_another_place(*, student_id: int) -> None:
    """Raise TooManyPlaces where the student waits in too many lists: each may bring a seat.

    First in the caller's transaction, as above.
    """
    lock_until_commit("holds", student_id)
    waits = WaitingListEntry.objects.filter(student_id=student_id, status__in=WAITS).count()
    if waits >= settings.WAITING_PLACES_PER_STUDENT:
        raise TooManyPlaces(limit=settings.WAITING_PLACES_PER_STUDENT)
