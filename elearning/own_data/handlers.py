"""What is left to forget once an account is removed. Each step does nothing a second time."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from apps.certification import queries as certification
from apps.events.registry import later
from apps.events.services import forget_name
from apps.lectures import services as lectures
from apps.lectures.events import EnrollmentCompleted
from apps.students.events import StudentRemoved
from elearning import idempotency
from elearning.own_data.removal import end_what_is_under_way, plan_removal
from foundation.batches.services import RowsFailed


class NameStillNeeded(Exception):
    """Somebody is still to be told of a completion, with the name in it."""


@later(StudentRemoved)
def forget_in_lectures(event: StudentRemoved) -> None:
    """Also end what a request that was under way may have begun after the account was gone."""
    student_id = event.student_id
    if failed := end_what_is_under_way(plan_removal(student_id=student_id), student_id=student_id):
        raise RowsFailed("; ".join(failed))
    lectures.forget_student(student_id=student_id)


@later(StudentRemoved)
def forget_answers(event: StudentRemoved) -> None:
    idempotency.forget_keys_of(user_id=event.student_id)


@later(StudentRemoved)
def forget_name_in_log(event: StudentRemoved) -> None:
    if left := forget_name(event_type=EnrollmentCompleted, student_id=event.student_id):
        raise NameStillNeeded(f"{left} completions are still to be delivered; tried again later.")


@later(StudentRemoved)
def hide_in_audit_log(event: StudentRemoved) -> None:
    """Hide names and addresses in what staff changed; who did what when stays.

    The certificate itself keeps the name that is printed on it, and keeps it alone (0018).
    """
    certificates = certification.list_held(student_id=event.student_id)
    told: dict[str, Any] = {
        "student": str(event.student_id),
        "certificates": [str(row.id) for row in certificates],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HIDE, told)
        cursor.execute(HIDE_AT_THE_DESK, {"student": str(event.student_id)})


HIDE = """
UPDATE elearning_auditentry
SET before = elearning_without_person(before), after = elearning_without_person(after)
WHERE ("table" = 'students_user' AND row_id = %(student)s)
   OR ("table" = 'certification_certificate' AND row_id = ANY(%(certificates)s))
   OR ("table" = 'account_emailaddress' AND row_id IN (
        SELECT row_id FROM elearning_auditentry
        WHERE "table" = 'account_emailaddress'
          AND %(student)s IN (before ->> 'user_id', after ->> 'user_id')))
"""
HIDE_AT_THE_DESK = """
UPDATE django_admin_log SET object_repr = '' WHERE object_id = %(student)s AND content_type_id IN (
    SELECT id FROM django_content_type WHERE app_label = 'students' AND model = 'user')
"""
