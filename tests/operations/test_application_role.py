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
    execute("SET CONSTRAINTS ALL DEFERRED")
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
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit would

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
        f"INSERT INTO {AUDIT} (at, call, who, origin, what, address, request_id, operation,"
        " \"table\", row_id) VALUES (now(), gen_random_uuid(), 'Carol', 'desk', '', '', '',"
        " 'update', 'students_user', '1')",
        f"COPY {AUDIT} FROM STDIN",
        "SELECT elearning_audit('update', 'students_user', '1', NULL, NULL)",
        f"SELECT nextval('{AUDIT}_id_seq')",
        "ALTER FUNCTION elearning_record_change() SECURITY INVOKER",
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


def test_trigger_of_the_audit_log_cannot_be_attached_to_a_table_of_its_own(as_role):
    execute("CREATE TEMPORARY TABLE students_user (id bigint, is_staff boolean)")

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        execute(
            "CREATE TRIGGER forged AFTER INSERT ON students_user FOR EACH ROW"
            " EXECUTE FUNCTION elearning_record_change('id')"
        )


def test_table_that_shadows_the_audit_log_does_not_catch_its_entries(as_role, carol):
    execute(f"CREATE TEMPORARY TABLE {AUDIT} (LIKE public.{AUDIT} INCLUDING DEFAULTS)")
    with acting.call(origin="desk", address="test"):
        acting.identify(carol)
        close_course(course_id=as_role)

    execute(f"DROP TABLE pg_temp.{AUDIT}")
    assert AuditEntry.objects.filter(table="courses_course", who_id=carol.pk).exists()


def test_staff_note_an_export_and_nobody_notes_without_acting(as_role, carol):
    with acting.call(origin="desk", address="test"):
        acting.note("Export of a list", by=carol, table="students_user")

    [entry] = AuditEntry.objects.filter(operation="note")
    assert (entry.who_id, entry.table) == (carol.pk, "students_user")
    execute("SELECT set_config('elearning.acting', '', true)")
    with pytest.raises(DatabaseError, match="no actor"), transaction.atomic():
        execute("SELECT elearning_note('students_user', '1', '{}')")


def test_role_that_is_missing_or_owns_the_tables_is_refused():
    with pytest.raises(CommandError, match="There is no role"):
        call_command("grant_application_role", "nobody_knows")
    with pytest.raises(CommandError, match="take another"):
        call_command("grant_application_role", connection.settings_dict["USER"])
