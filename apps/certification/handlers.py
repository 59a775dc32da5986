"""A completed enrollment is certified, later and in a queue of its own."""

from datetime import datetime

from apps.certification import services
from apps.events.registry import later
from apps.lectures.events import EnrollmentCompleted


@later(EnrollmentCompleted, queue="certification")
def certify_completed_enrollment(event: EnrollmentCompleted) -> None:
    services.issue_certificate(
        enrollment_id=event.enrollment_id,
        student_id=event.student_id,
        student_name=event.student_name,
        student_latin_name=event.student_latin_name,
        course_title=event.course_title,
        completed_at=datetime.fromisoformat(event.occurred_at),
    )
