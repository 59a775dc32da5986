"""What lectures do when courses and payments report a fact."""

from datetime import datetime

from apps.courses.events import CourseClosed, CourseSeatsAdded, CourseWithdrawn
from apps.events.registry import later, together
from apps.lectures import services
from apps.payments.events import PaymentApproved


@together(PaymentApproved)
def approve_enrollment_of_payment(event: PaymentApproved) -> None:
    services.approve_paid_enrollment(
        enrollment_id=int(event.reference.removeprefix("lecture-")),
        paid_minor=event.amount_minor,
        paid_at=datetime.fromisoformat(event.occurred_at),
    )


@later(CourseWithdrawn)
def cancel_enrollments_of_course(event: CourseWithdrawn) -> None:
    services.cancel_course_enrollments(course_id=event.course_id)


@later(CourseClosed, CourseSeatsAdded, CourseWithdrawn)
def keep_waiting_list_of_course(
    event: CourseClosed | CourseSeatsAdded | CourseWithdrawn,
) -> None:
    services.keep_waiting_list(course_id=event.course_id)
