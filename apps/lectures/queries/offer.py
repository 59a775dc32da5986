"""What the page of a course shows."""

from __future__ import annotations

from dataclasses import dataclass

from apps.courses import queries as courses_queries
from apps.courses.queries import CoursePage
from apps.lectures import policies
from apps.lectures.queries.enrollments import (
    EnrollmentDetail,
    ReviewText,
    find_live_enrollment,
    list_reviews,
)
from apps.lectures.queries.waiting_list import WaitingPlace, find_live_place


@dataclass(frozen=True)
class CourseOffer:
    """A course as its visitor sees it: with the reviews, and the visitor's own place in it."""

    course: CoursePage
    refund_terms: policies.RefundTerms
    reviews: list[ReviewText]
    enrollment: EnrollmentDetail | None
    waiting: WaitingPlace | None


def get_offer(*, slug: str, viewer_id: int | None, viewer_is_staff: bool = False) -> CourseOffer:
    """Return what the page of a course shows: three queries, five to students, six to the enrolled.

    Staff see drafts and withdrawn courses too. Raises NotFound.
    """
    course = courses_queries.get_page(slug=slug, include_hidden=viewer_is_staff)
    terms = course.terms
    enrollment = waiting = None
    if viewer_id:
        enrollment = find_live_enrollment(student_id=viewer_id, course_id=terms.id)
    if viewer_id and enrollment is None:
        waiting = find_live_place(student_id=viewer_id, course=terms)
    return _offer(course, enrollment, waiting)


def get_unsaved_offer(*, course: CoursePage) -> CourseOffer:
    """Return what a visitor would see of a course that is still being written, in one query."""
    return _offer(course, None, None)


def _offer(
    course: CoursePage, enrollment: EnrollmentDetail | None, waiting: WaitingPlace | None
) -> CourseOffer:
    terms = course.terms
    return CourseOffer(
        course=course,
        refund_terms=policies.RefundTerms(
            policy=terms.refund_policy,
            price_minor=terms.price_minor,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            progress_percent=0,
        ),
        reviews=list_reviews(course_id=terms.id),
        enrollment=enrollment,
        waiting=waiting,
    )
