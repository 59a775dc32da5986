"""Commands on enrollments and waiting lists.

Locks are taken in the order payment, enrollment, course, waiting list (0004, 0010).
"""

from apps.lectures.services.cancellation import (
    cancel_course_enrollments,
    cancel_enrollment,
    expire_enrollments,
    retry_withdrawals,
)
from apps.lectures.services.enrolling import approve_paid_enrollment, request_enrollment
from apps.lectures.services.forgetting import forget_student
from apps.lectures.services.learning import complete_enrollment, complete_lesson, open_lesson
from apps.lectures.services.offering import keep_waiting_list, keep_waiting_lists
from apps.lectures.services.paying import pay_enrollment
from apps.lectures.services.refusals import (
    AlreadyEnrolled,
    AlreadyWaiting,
    EnrollmentClosed,
    EnrollmentNotYetOpen,
    EnrollmentStateRefused,
    NotLearning,
    NotWaiting,
    OfferHasLapsed,
    ReviewRefused,
    SeatIsFree,
)
from apps.lectures.services.reminding import (
    remind_of_lessons,
    remind_of_payments,
    remind_of_starts,
)
from apps.lectures.services.reviewing import write_review
from apps.lectures.services.waiting_list import join_waiting_list, leave_waiting_list

__all__ = [
    "AlreadyEnrolled",
    "AlreadyWaiting",
    "EnrollmentClosed",
    "EnrollmentNotYetOpen",
    "EnrollmentStateRefused",
    "NotLearning",
    "NotWaiting",
    "OfferHasLapsed",
    "ReviewRefused",
    "SeatIsFree",
    "approve_paid_enrollment",
    "cancel_course_enrollments",
    "cancel_enrollment",
    "complete_enrollment",
    "complete_lesson",
    "expire_enrollments",
    "forget_student",
    "join_waiting_list",
    "keep_waiting_list",
    "keep_waiting_lists",
    "leave_waiting_list",
    "open_lesson",
    "pay_enrollment",
    "remind_of_lessons",
    "remind_of_payments",
    "remind_of_starts",
    "request_enrollment",
    "retry_withdrawals",
    "write_review",
]
