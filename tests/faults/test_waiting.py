"""Nobody waits for a row that is only referred to: PostgreSQL checks foreign keys at the commit."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections, transaction

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.lectures.services.locking import lock_enrollment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def locked_elsewhere():
    """Hold an enrollment's lock in another connection until the test is over."""
    locked, over = Event(), Event()

    def hold(enrollment_id: int) -> None:
        try:
            with transaction.atomic():
                lock_enrollment(enrollment_id)
                locked.set()
                over.wait(30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:

        def start(enrollment_id: int) -> Future[None]:
            holding = pool.submit(hold, enrollment_id)
            assert locked.wait(10)
            return holding

        yield start
        over.set()


def test_certifying_does_not_wait_for_a_student_who_goes_on_learning(
    alice, make_course, enroll, pay, learn, locked_elsewhere
):
    """It deadlocked: one held the history and wanted the enrollment, the other the reverse."""
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    lectures.complete_enrollment(enrollment_id=enrollment_id)
    completed_at = Enrollment.objects.get().completed_at
    assert completed_at is not None
    locked_elsewhere(enrollment_id)

    certification.issue_certificate(
        enrollment_id=enrollment_id,
        student_id=alice.pk,
        student_name="Alice Kim",
        course_title="Introduction to SQL",
        completed_at=completed_at,
    )

    assert Certificate.objects.count() == 1
