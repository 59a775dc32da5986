"""Commands on enrollments. Locks are taken in the order payment, enrollment, course (0004)."""

from apps.lectures.services.cancellation import (
    cancel_course_enrollments,
    cancel_enrollment,
    expire_enrollments,
)
from apps.lectures.services.enrolling import approve_paid_enrollment, request_enrollment
from apps.lectures.services.learning import complete_enrollment, complete_lesson, open_lesson
from apps.lectures.services.paying import pay_enrollment
from apps.lectures.services.refusals import (
    AlreadyEnrolled,
    EnrollmentClosed,
    EnrollmentNotYetOpen,
    EnrollmentStateRefused,
    NotLearning,
    ReviewRefused,
)
from apps.lectures.services.reviewing import write_review

__all__ = [
    "AlreadyEnrolled",
    "EnrollmentClosed",
    "EnrollmentNotYetOpen",
    "EnrollmentStateRefused",
    "NotLearning",
    "ReviewRefused",
    "approve_paid_enrollment",
    "cancel_course_enrollments",
    "cancel_enrollment",
    "complete_enrollment",
    "complete_lesson",
    "expire_enrollments",
    "open_lesson",
    "pay_enrollment",
    "request_enrollment",
    "write_review",
]
