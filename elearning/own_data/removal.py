"""Remove an account in one go: what is under way is ended first, with the sums shown before.

Each step is a transaction of the context that it belongs to, and does nothing a second time: a
removal that died halfway is gone on with by asking again. From StudentRemoved on, what is left to
forget is owed like every delivery.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.certification import queries as certification
from apps.crash_points import CrashPoint, reach
from apps.lectures import queries as lectures
from apps.lectures import services as lectures_services
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.queries import WaitingPlace as Place
from apps.refusals import FactsChanged, Refusal
from apps.students import queries as student_queries
from apps.students import services as students
from elearning.bulk import forgetting
from foundation.agreement import Agreement, token_of
from foundation.batches.services import run_each


class StaffAccount(Refusal):
    code = "staff_account"
    message = _(
        "Staff accounts are not removed here. Ask an administrator to take your rights first."
    )


class CertificateUnderWay(Refusal):
    code = "certificate_under_way"
    message = _("A certificate of yours is still being issued. Try again in a few minutes.")


class RemovalIncomplete(Refusal):
    code = "removal_incomplete"
    message = _(
        "Not everything could be ended, so your account is still there. The school has been told."
        " Please try again later."
    )


@dataclass(frozen=True)
class RemovalPlan:
    """What a removal would end now, and what it would give back."""

    enrollments: list[EnrollmentDetail]
    places: list[Place]
    certificates_under_way: int

    @property
    def refunds(self) -> list[tuple[int, str]]:
        """The sums that go back, in minor units, one for each currency."""
        sums: Counter[str] = Counter()
        for enrollment in self.enrollments:
            sums[enrollment.currency] += enrollment.refund_minor
        return [(amount_minor, currency) for currency, amount_minor in sums.items() if amount_minor]

    @property
    def facts(self) -> dict[str, Any]:
        """What the page says would end, which its form agrees to."""
        return {
            "enrollments": {
                each.id: lectures.cancellation_facts(each) for each in self.enrollments
            },
            "places": [place.id for place in self.places],
        }

    @property
    def is_empty(self) -> bool:
        return not (self.enrollments or self.places)


def plan_removal(*, student_id: int) -> RemovalPlan:
    """Return what removing the account would end, and its refunds as of now."""
    own = lectures.visible_enrollments(viewer_id=student_id, viewer_is_staff=False)
    places = lectures.visible_places(viewer_id=student_id, viewer_is_staff=False)
    completed = list(own.filter(status="completed").values_list("pk", flat=True))
    return RemovalPlan(
        enrollments=lectures.describe(own.filter(status__in=["requested", "approved"])),
        places=lectures.describe_places(places.filter(status__in=["waiting", "offered"])),
        certificates_under_way=certification.count_uncertified(lecture_ids=completed),
    )


def remove_account(*, student_id: int, is_staff: bool, agreed: str) -> None:
    """End all that is under way, then remove the account; ``agreed`` is its page's token.

    Raises StaffAccount, CertificateUnderWay, FactsChanged: then nothing has been done, or only
    what was agreed to, and the next try goes on.
    """
    plan = plan_removal(student_id=student_id)
    if is_staff:
        raise StaffAccount()
    if plan.certificates_under_way:
        raise CertificateUnderWay()
    if agreed != token_of(plan.facts):
        raise FactsChanged()
    if end_what_is_under_way(plan, student_id=student_id):
        raise RemovalIncomplete()
    forgetting.forget_words(words=_names_of(student_id))
    with transaction.atomic():
        still_there = students.lock_account(student_id=student_id)
        if still_there and not plan_removal(student_id=student_id).is_empty:
            raise FactsChanged()
        students.remove_student(student_id=student_id)


def end_what_is_under_way(plan: RemovalPlan, *, student_id: int) -> list[str]:
    """Cancel the enrollments and leave the queues, each in a transaction of its own.

    Returns what failed; it is tried again with the removal.
    """

    planned = {enrollment.id: enrollment for enrollment in plan.enrollments}

    def cancel(enrollment_id: int) -> None:
        # What ended or changed meanwhile: the plan is compared once more before the account goes.
        with suppress(lectures_services.EnrollmentStateRefused, FactsChanged):
            lectures_services.cancel_enrollment(
                enrollment_id=enrollment_id,
                student_id=student_id,
                agreed=_agreed_on(planned[enrollment_id]),
            )
        reach(CrashPoint.REMOVAL_HALFWAY)

    def leave(entry_id: int) -> None:
        with suppress(lectures_services.NotWaiting):
            lectures_services.leave_waiting_list(entry_id=entry_id, student_id=student_id)

    places = [place.id for place in plan.places]
    run = partial(run_each, scope=str(student_id), respects_backoff=False)
    cancelled = run(batch="elearning.removal_cancels", keys=list(planned), step=cancel)
    left = run(batch="elearning.removal_leaves", keys=places, step=leave)
    return cancelled.failed + left.failed


def _agreed_on(planned: EnrollmentDetail) -> Agreement:
    """Hold the cancellation to what the plan says of this enrollment."""
    return Agreement(
        (token_of(lectures.cancellation_facts(planned)),),
        lambda: lectures.read_cancellation_facts(
            enrollment_id=planned.id, viewer_id=planned.student_id
        ),
        FactsChanged,
    )


def _names_of(student_id: int) -> set[str]:
    """Return what names the student: nothing once the account is gone."""
    held = student_queries.get_held(student_id=student_id)
    profile = held.profile
    own = {profile.name, profile.latin_name, profile.email}
    return own | {each.email for each in held.addresses}
