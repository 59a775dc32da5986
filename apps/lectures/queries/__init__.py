"""Reads on enrollments and waiting lists."""

from apps.lectures.queries.enrollments import (
    ClassroomLesson,
    EnrollmentDetail,
    ReviewText,
    count_by_status,
    describe,
    find_last_try,
    find_live_enrollment,
    find_review,
    get_course_terms,
    get_detail,
    get_lesson_file,
    list_classroom,
    list_reviews,
    references_to_cancel,
    refund_terms_of,
    visible_enrollments,
)
from apps.lectures.queries.held import HeldByLectures, get_held
from apps.lectures.queries.offer import CourseOffer, get_offer
from apps.lectures.queries.statistics import (
    Intake,
    count_cancelled,
    count_completed,
    count_intake,
    count_requested,
)
from apps.lectures.queries.waiting_list import (
    WaitingPlace,
    describe_places,
    find_live_place,
    get_place,
    visible_places,
)

__all__ = [
    "ClassroomLesson",
    "CourseOffer",
    "EnrollmentDetail",
    "HeldByLectures",
    "Intake",
    "ReviewText",
    "WaitingPlace",
    "count_by_status",
    "count_cancelled",
    "count_completed",
    "count_intake",
    "count_requested",
    "describe",
    "describe_places",
    "find_last_try",
    "find_live_enrollment",
    "find_live_place",
    "find_review",
    "get_course_terms",
    "get_detail",
    "get_held",
    "get_lesson_file",
    "get_offer",
    "get_place",
    "list_classroom",
    "list_reviews",
    "references_to_cancel",
    "refund_terms_of",
    "visible_enrollments",
    "visible_places",
]
