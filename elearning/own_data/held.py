"""All that the school holds on one student, put together from what each context says it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.certification import queries as certification
from apps.certification.queries import HeldCertificate
from apps.held import read_as
from apps.lectures import queries as lectures
from apps.lectures.queries import HeldByLectures
from apps.payments import queries as payments
from apps.payments.queries import HeldPayment
from apps.students import queries as students
from apps.students.queries import HeldByStudents
from elearning.models import AuditEntry

FORMAT = "elearning.own-data.v1"


@dataclass(frozen=True)
class HeldAudit:
    """What staff changed of the student's rows; by whom is the data of others."""

    at: datetime
    what: str
    operation: str
    table: str
    row_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True)
class OwnData:
    """Everything, at one moment. ``asdict`` of it is what the JSON file holds."""

    format: str
    school: str
    taken_at: datetime
    account: HeldByStudents
    lectures: HeldByLectures
    payments: tuple[HeldPayment, ...]
    certificates: tuple[HeldCertificate, ...]
    changes_by_staff: tuple[HeldAudit, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def collect(*, student_id: int) -> OwnData:
    """Return all that is held on the student. About thirty queries, however much there is."""
    account = students.get_held(student_id=student_id)
    taken = lectures.get_held(student_id=student_id)
    paid = payments.list_held(payer_id=student_id)
    certified = certification.list_held(student_id=student_id)
    return OwnData(
        format=FORMAT,
        school=settings.SCHOOL_NAME,
        taken_at=timezone.now(),
        account=account,
        lectures=taken,
        payments=paid,
        certificates=certified,
        changes_by_staff=_changes_by_staff(student_id, taken, paid, certified),
    )


def _changes_by_staff(
    student_id: int,
    taken: HeldByLectures,
    paid: tuple[HeldPayment, ...],
    certified: tuple[HeldCertificate, ...],
) -> tuple[HeldAudit, ...]:
    rows = {
        "students_user": [student_id],
        "lectures_enrollment": [row.id for row in taken.enrollments],
        "lectures_review": [each.id for row in taken.enrollments for each in row.reviews],
        "certification_certificate": [row.id for row in certified],
        "lectures_waitinglistentry": [row.id for row in taken.waiting_places],
        "payments_payment": [row.id for row in paid],
        "payments_refund": [refund.id for row in paid for refund in row.refunds],
    }
    about = Q(pk__in=[])
    for table, keys in rows.items():
        about |= Q(table=table, row_id__in=[str(key) for key in keys])
    return read_as(HeldAudit, AuditEntry.objects.filter(about).order_by("pk"))
