"""Review a completed course."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.courses import services as courses
from apps.lectures.models import Enrollment, EnrollmentStatus, Review
from apps.lectures.services.locking import lock_enrollment, refuse_stranger
from apps.lectures.services.refusals import ReviewRefused
from apps.refusals import InvalidInput
from apps.retries import retry_given_up

MAX_TEXT_LENGTH = 2000


@retry_given_up
def write_review(*, enrollment_id: int, student_id: int, rating: int, text: str) -> None:
    """Write the student's one review of a completed course, or edit it.

    Raises NotFound, ReviewRefused, InvalidInput.
    """
    if not 1 <= rating <= 5:
        raise InvalidInput("rating", _("Choose from 1 to 5 stars."))
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidInput("text", _("Write at most 2,000 characters."))
    with transaction.atomic():
        enrollment = lock_enrollment(enrollment_id)
        refuse_stranger(enrollment, student_id=student_id)
        if enrollment.status != EnrollmentStatus.COMPLETED:
            raise ReviewRefused()
        _write(enrollment, rating, text.strip())


def _write(enrollment: Enrollment, rating: int, text: str) -> None:
    review = Review.objects.filter(enrollment=enrollment).first()
    if review is None:
        Review.objects.create(
            enrollment=enrollment,
            course_id=enrollment.course_id,
            rating=rating,
            text=text,
            written_at=timezone.now(),
        )
        courses.count_rating(course_id=enrollment.course_id, rating_change=rating, count_change=1)
        return
    courses.count_rating(
        course_id=enrollment.course_id, rating_change=rating - review.rating, count_change=0
    )
    review.rating, review.text, review.edited_at = rating, text, timezone.now()
    review.save()
