"""Open and complete lessons; the course completes at its threshold."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from apps.courses import queries as courses_queries
from apps.courses.queries import LessonContent
from apps.events.services import publish
from apps.lectures import policies
from apps.lectures.events import EnrollmentCompleted, EnrollmentProgressed
from apps.lectures.models import Enrollment, EnrollmentStatus, LessonProgress
from apps.lectures.services.announcing import about
from apps.lectures.services.locking import lock_enrollment, refuse_stranger
from apps.lectures.services.refusals import EnrollmentStateRefused, NotLearning
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require


@retry_given_up
def open_lesson(*, enrollment_id: int, student_id: int, lesson_id: int) -> LessonContent:
    """Return the lesson's content and note when the student first opened it.

    Raises NotFound, NotLearning.
    """
    with transaction.atomic():
        enrollment = _lock_learning(enrollment_id, student_id)
        lesson = courses_queries.get_lesson(course_id=enrollment.course_id, lesson_id=lesson_id)
        LessonProgress.objects.get_or_create(
            enrollment=enrollment, lesson_id=lesson_id, defaults={"opened_at": timezone.now()}
        )
    return lesson


@retry_given_up
def complete_lesson(*, enrollment_id: int, student_id: int, lesson_id: int) -> int:
    """Complete one lesson, and the enrollment when that reaches the course's threshold.

    Returns the progress in percent; completing a lesson twice changes nothing. Publishes
    EnrollmentProgressed and EnrollmentCompleted. Raises NotFound, NotLearning.
    """
    now = timezone.now()
    with transaction.atomic():
        enrollment = _lock_learning(enrollment_id, student_id)
        lesson = courses_queries.get_lesson(course_id=enrollment.course_id, lesson_id=lesson_id)
        if _note_completion(enrollment, lesson_id, now):
            _advance(enrollment, lesson, now)
    return enrollment.progress_percent


@retry_given_up
def complete_enrollment(*, enrollment_id: int, agreed: Agreement | None = None) -> None:
    """Complete an approved enrollment because staff say so. Publishes EnrollmentCompleted.

    Raises NotFound, EnrollmentStateRefused, and what ``agreed`` raises.
    """
    with transaction.atomic():
        enrollment = lock_enrollment(enrollment_id)
        if not can_proceed(enrollment.complete):
            raise EnrollmentStateRefused(_CANNOT_COMPLETE[enrollment.status])
        require(agreed)
        _complete(enrollment, timezone.now())


_CANNOT_COMPLETE = {
    EnrollmentStatus.REQUESTED: _("This enrollment has not been paid and approved yet."),
    EnrollmentStatus.COMPLETED: _("This enrollment has been completed already."),
    EnrollmentStatus.CANCELLED: _("A cancelled enrollment cannot be completed."),
    EnrollmentStatus.EXPIRED: _("An expired enrollment cannot be completed."),
}


def _lock_learning(enrollment_id: int, student_id: int) -> Enrollment:
    enrollment = lock_enrollment(enrollment_id)
    refuse_stranger(enrollment, student_id=student_id)
    if enrollment.status not in [EnrollmentStatus.APPROVED, EnrollmentStatus.COMPLETED]:
        raise NotLearning()
    return enrollment


def _note_completion(enrollment: Enrollment, lesson_id: int, now: datetime) -> bool:
    progress, _created = LessonProgress.objects.get_or_create(
        enrollment=enrollment, lesson_id=lesson_id, defaults={"opened_at": now}
    )
    if progress.completed_at is not None:
        return False
    progress.completed_at = max(now, progress.opened_at)
    progress.save(update_fields=["completed_at"])
    return True


def _advance(enrollment: Enrollment, lesson: LessonContent, now: datetime) -> None:
    enrollment.progress_percent = policies.progress_percent(
        completed_lessons=enrollment.lessons.filter(completed_at__isnull=False).count(),
        lessons=len(courses_queries.list_outline(course_id=enrollment.course_id)),
    )
    enrollment.save(update_fields=["progress_percent"])
    publish(
        EnrollmentProgressed(
            **about(enrollment, now),
            lesson_id=lesson.id,
            lesson_title=lesson.title,
            progress_percent=enrollment.progress_percent,
        )
    )
    terms = courses_queries.get_terms(course_id=enrollment.course_id)
    if enrollment.status == EnrollmentStatus.APPROVED and policies.threshold_is_reached(
        progress_percent=enrollment.progress_percent,
        threshold_percent=terms.completion_threshold_percent,
    ):
        _complete(enrollment, now)


def _complete(enrollment: Enrollment, now: datetime) -> None:
    enrollment.complete(at=now)
    enrollment.save()
    publish(
        EnrollmentCompleted(
            **about(enrollment, now),
            student_name=enrollment.student.name,
            student_latin_name=enrollment.student.latin_name,
            progress_percent=enrollment.progress_percent,
        )
    )
