"""A role that does not own the tables runs the application, and cannot lift what guards it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps import acting
from apps.courses.services import close_course
from apps.lectures.models import Enrollment
from elearning.models import AuditEntry

pytestmark = pytest.mark.django_db
ROLE = "elearning_app"
AUDIT = "elearning_auditentry"


@pytest.fixture
def role():
    """Go away again with the transaction of the test."""
    execute(f"CREATE ROLE {ROLE}")
    call_command("grant_application_role", ROLE)
    return ROLE


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def as_role(role, alice, carol, make_course):
    course_id = make_course()
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is still to be checked is the owner's
    execute(f"SET LOCAL ROLE {role}")
    yield course_id
    execute("RESET ROLE")


def test_students_and_staff_notice_nothing(as_role, alice, carol, enroll, pay, learn, deliver_all):
    enrollment_id = enroll(alice, as_role)
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    deliver_all()
    with acting.call(origin="desk", address="test"):
        acting.identify(carol)
        close_course(course_id=as_role)

    assert Enrollment.objects.get().status == "completed"
    assert AuditEntry.objects.filter(table="courses_course", who_id=carol.pk).exists()


@pytest.mark.parametrize(
    "statement",
    [
        f"ALTER TABLE {AUDIT} DISABLE TRIGGER ALL",
        f"DELETE FROM {AUDIT}",
        f"TRUNCATE {AUDIT}",
        f"DROP TABLE {AUDIT}",
        "TRUNCATE payments_ledgerentry",
        "ALTER TABLE lectures_enrollment DROP CONSTRAINT enrollment_approved_is_paid",
        "DROP TRIGGER courses_course_audited ON courses_course",
        "CREATE OR REPLACE FUNCTION elearning_record_change() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NULL; END $$",
        "DELETE FROM django_migrations",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
    ],
)
def test_what_guards_the_rows_is_beyond_it(as_role, statement):
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
    ):
        execute(statement)


def test_role_that_is_missing_or_owns_the_tables_is_refused():
    with pytest.raises(CommandError, match="There is no role"):
        call_command("grant_application_role", "nobody_knows")
    with pytest.raises(CommandError, match="take another"):
        call_command("grant_application_role", connection.settings_dict["USER"])
