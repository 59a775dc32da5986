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

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.certification import queries as certification
from apps.crash_points import CrashPoint, reach
from apps.lectures import queries as lectures
from apps.lectures import services as lectures_services
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.queries import WaitingPlace as Place
from apps.refusals import Refusal
from apps.students import queries as student_queries
from apps.students import services as students
from elearning.bulk import services as bulk
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


class PlanHasChanged(Refusal):
    code = "plan_has_changed"
    message = _("Something has changed since you opened the page. Please look at it again.")


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
    def shown(self) -> str:
        """What was shown before the click, in a form that can be compared after it."""
        ended = [f"{each.id}:{each.refund_minor}" for each in self.enrollments]
        return ",".join([*ended, *(f"w{place.id}" for place in self.places)])


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


def remove_account(*, student_id: int, is_staff: bool, shown: str) -> None:
    """End all that is under way, then remove the account; ``shown`` is the plan agreed to.

    Raises StaffAccount, CertificateUnderWay, PlanHasChanged: then nothing has been done, or only
    what was agreed to, and the next try goes on.
    """
    plan = plan_removal(student_id=student_id)
    if is_staff:
        raise StaffAccount()
    if plan.certificates_under_way:
        raise CertificateUnderWay()
    if plan.shown != shown:
        raise PlanHasChanged()
    if end_what_is_under_way(plan, student_id=student_id):
        raise RemovalIncomplete()
    bulk.forget_words(words=_names_of(student_id))
    with transaction.atomic():
        still_there = students.lock_account(student_id=student_id)
        if still_there and plan_removal(student_id=student_id).shown:
            raise PlanHasChanged()
        students.remove_student(student_id=student_id)


def end_what_is_under_way(plan: RemovalPlan, *, student_id: int) -> list[str]:
    """Cancel the enrollments and leave the queues, each in a transaction of its own.

    Returns what failed; it is tried again with the removal.
    """

    def cancel(enrollment_id: int) -> None:
        with suppress(lectures_services.EnrollmentStateRefused):  # ended meanwhile
            lectures_services.cancel_enrollment(enrollment_id=enrollment_id, student_id=student_id)
        reach(CrashPoint.REMOVAL_HALFWAY)

    def leave(entry_id: int) -> None:
        with suppress(lectures_services.NotWaiting):
            lectures_services.leave_waiting_list(entry_id=entry_id, student_id=student_id)

    enrollments = [enrollment.id for enrollment in plan.enrollments]
    places = [place.id for place in plan.places]
    run = partial(run_each, scope=str(student_id), respects_backoff=False)
    cancelled = run(batch="elearning.removal_cancels", keys=enrollments, step=cancel)
    left = run(batch="elearning.removal_leaves", keys=places, step=leave)
    return cancelled.failed + left.failed


def _names_of(student_id: int) -> set[str]:
    """Return what names the student: nothing once the account is gone."""
    held = student_queries.get_held(student_id=student_id)
    profile = held.profile
    own = {profile.name, profile.latin_name, profile.email}
    return own | {each.email for each in held.addresses}
