"""Why lectures say no."""

from django.utils.translation import gettext_lazy as _

from apps.refusals import Refusal


class AlreadyEnrolled(Refusal):
    code = "already_enrolled"
    message = _("You are enrolled in this course already. You find it in My courses.")


class PaidCoursesUnavailable(Refusal):
    code = "payments_disabled"
    message = _("This school does not take payments at present. Choose a free course.")


class EnrollmentClosed(Refusal):
    code = "enrollment_closed"
    message = _("Enrollment in this course is closed. Choose another course.")


class EnrollmentNotYetOpen(Refusal):
    code = "enrollment_not_yet_open"
    message = _("Enrollment in this course has not opened yet. Come back when it has.")


class EnrollmentStateRefused(Refusal):
    code = "enrollment_state"


class NotLearning(Refusal):
    code = "not_learning"
    message = _("Lessons open once the enrollment is paid and approved.")


class ReviewRefused(Refusal):
    code = "review_refused"
    message = _("Only those who completed the course can review it.")


class SeatIsFree(Refusal):
    code = "seat_is_free"
    message = _("A seat of this course is free. Enroll instead of waiting for one.")


class AlreadyWaiting(Refusal):
    code = "already_waiting"
    message = _("You are on the waiting list of this course already. You find it in My courses.")


class NotWaiting(Refusal):
    code = "not_waiting"
    message = _("You are no longer on this waiting list.")


class OfferHasLapsed(Refusal):
    code = "offer_lapsed"
    message = _("The offer of this seat has ended. Join the waiting list again.")


class TooManyHolds(Refusal):
    code = "too_many_holds"


class HoldPaused(Refusal):
    code = "hold_paused"


class TooManyPlaces(Refusal):
    code = "too_many_waiting_places"
    message = _("You wait for seats in too many courses. Leave one of the lists, then join this.")
