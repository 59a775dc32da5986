"""Every address × method × role of the cast: who may is answered, who may not is told nothing.

What is another's is 404, and a refused call writes nothing. A new address fails until it is here,
and so does a line whose address is gone.
"""

from copy import deepcopy
from fnmatch import fnmatchcase

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client

from apps import acting
from apps.certification.models import Certificate
from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.payments.models import Payment
from apps.payments.services import set_sandbox_behaviour
from elearning.bulk.kinds import kind_named
from elearning.bulk.services import draft_job
from foundation.invariants.models import InvariantCheck
from tests.conftest import make_user
from tests.security.every_url import Address, every_url

ROLES = ["stranger", "owner", "mallory", "newcomer", "clerk", "carol"]
"""Nobody; Alice, whose rows they are; another student; staff without any right; staff who may see
courses; the superuser."""
UNTOUCHED = {"django_session"}  # log-ins and messages are no one's rows

OPEN = "200 200 200 200 200 200"
DESK = "in in in 403 403 ."  # closed to whoever lacks the right; what the superuser sees varies
STAFF = "in in in . . ."  # of the desk, for all staff
OWN = "in 200 404 404 404 404"  # pages of one's own things; staff have the desk
OWN_POST = "in 302 404 404 404 404"
PERSONAL = "in 200 200 200 200 200"  # everybody's own page
NO_POST = "in 405 405 405 405 405"
NEVER = "405 405 405 405 405 405"
API_NEVER = "401 405 405 405 405 405"
API_OWN = "401 200 404 404 404 200"
API_MINE = "401 200 200 200 200 200"
API_STAFF_NEVER = "401 403 403 403 403 405"

# The name of the address (or a pattern of names), then what GET and POST answer to ROLES in their
# order: a status, `in` (sent to the log-in) or `.` (anything but an error of ours). PUT, PATCH and
# DELETE write nothing, and the API refuses them, unless named. The first line that matches counts.
TABLE = [
    ("healthz", OPEN, OPEN),
    ("readyz", OPEN, OPEN),
    ("admin/login/", "in 403 403 302 302 302", "in 403 403 302 302 302"),
    ("admin:login", "in 403 403 302 302 302", "in 403 403 302 302 302"),
    ("admin/search/", STAFF, STAFF),
    ("admin:search", STAFF, STAFF),
    ("admin:index", STAFF, STAFF),
    ("admin:logout", ". . . . . .", ". . . . . ."),
    ("admin:password_change", STAFF, STAFF),
    ("admin:password_change_done", STAFF, STAFF),
    ("admin:autocomplete", "in in in 403 403 403", "in in in 405 405 405"),
    ("admin:jsi18n", STAFF, STAFF),
    ("admin:view_on_site", "in in in 404 404 404", "in in in 404 404 404"),
    ("admin:app_list", STAFF, STAFF),
    ("admin/<url>", "in in in 404 404 404", "in in in 404 404 404"),
    # Of courses the clerk may see everything, and change nothing.
    ("admin:courses_course_changelist", "in in in 403 200 200", "in in in 403 200 200"),
    ("admin:courses_course_change", "in in in 403 200 200", "in in in 403 403 200"),
    ("admin:courses_course_history", "in in in 403 200 302", "in in in 403 200 302"),
    ("admin:courses_course_preview", "in in in 405 405 405", "in in in 403 200 200"),
    ("admin:courses_course_media", "in in in 403 302 302", "in in in 403 302 302"),
    # Of the rest she may not even see the pages.
    # There is no such row.
    ("admin:students_trycount_history", "in in in 302 302 302", "in in in 302 302 302"),
    ("admin:batches_batchfailure_history", "in in in 302 302 302", "in in in 302 302 302"),
    ("admin:*_changelist", DESK, DESK),
    ("admin:*_add", DESK, DESK),
    ("admin:payments_sandboxswitch_change", "in in in 302 302 302", "in in in 302 302 302"),
    ("admin:*_change", DESK, DESK),
    ("admin:*_delete", DESK, DESK),
    ("admin:*_history", DESK, DESK),
    ("admin:students_trycount_lift", DESK, DESK),
    ("admin:students_user_reset_second_factor", DESK, DESK),
    ("admin:students_user_send_password_link", DESK, DESK),
    ("admin:students_sentemail_preview", DESK, DESK),
    ("admin:students_sentemail_previews", DESK, DESK),
    ("admin:students_sentemail_send_again", DESK, DESK),
    ("admin:elearning_bulkjob_start", "in in in 405 405 405", "in in in 403 403 302"),
    ("admin:elearning_bulkjob_stop", "in in in 405 405 405", "in in in 403 403 302"),
    ("admin:elearning_bulkjob_discard", "in in in 405 405 405", "in in in 403 403 302"),
    ("admin:elearning_bulkjob_progress", "in in in 403 403 200", "in in in 403 403 ."),
    ("admin:elearning_bulkjob_outcomes", "in in in 403 403 200", "in in in 403 403 ."),
    ("desk_import", "in in in 403 403 200", "in in in 403 403 400"),
    ("desk_import_encoding", "in in in 405 405 405", "in in in 403 403 302"),
    ("desk_import_template", "in in in 403 403 200", "in in in 403 403 ."),
    ("desk_save_view", "in in in 405 405 405", "in in in 403 302 302"),
    ("desk_delete_view", "in in in 405 405 405", "in in in 404 404 404"),
    ("desk_preview", "in in in 403 200 200", "in in in 405 405 405"),
    ("desk_preview_page", "in in in 403 200 200", "in in in 405 405 405"),
    ("desk_export_list", "in in in 403 200 200", "in in in 405 405 405"),
    ("desk_export", "in in in 404 404 200", "in in in 404 404 ."),
    ("admin/*/<object_id>/", "in in in 302 302 302", "in in in 302 302 302"),
    ("admin:certification_certificate_reissue", DESK, DESK),
    ("admin:certification_certificate_revoke", DESK, DESK),
    ("admin:courses_course_close_course", DESK, DESK),
    ("admin:courses_course_open_course", DESK, DESK),
    ("admin:courses_course_withdraw_course", DESK, DESK),
    ("admin:courses_course_unsaved", "in in in 405 405 405", "in in in 403 403 400"),
    ("admin:courses_course_unsaved_new", "in in in 405 405 405", "in in in 403 403 400"),
    ("admin:events_delivery_retry_delivery", DESK, DESK),
    ("admin:batches_batchfailure_try_again", DESK, DESK),
    ("admin:invariants_invariantcheck_check_now", "in in in 405 405 405", "in in in 403 403 302"),
    ("admin:lectures_enrollment_cancel_enrollment", DESK, DESK),
    ("admin:lectures_enrollment_complete_enrollment", DESK, DESK),
    ("admin:payments_payment_mark_as_paid", DESK, DESK),
    ("admin:payments_refund_confirm_transfer", DESK, DESK),
    ("account_login", "200 302 302 302 302 302", "400 302 302 302 302 302"),
    ("account_logout", "302 200 200 200 200 200", "302 302 302 302 302 302"),
    ("account_inactive", OPEN, NEVER),
    ("account_signup", "200 302 302 302 302 302", "400 302 302 302 302 302"),
    ("account_reauthenticate", PERSONAL, "in 400 400 400 400 400"),
    ("account_email", PERSONAL, "in 302 302 302 302 302"),
    ("students:email_undo", "404 404 404 404 404 404", "404 404 404 404 404 404"),
    # What is sensitive asks for the password first: see elearning/sensitive.py.
    ("students:tokens", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("students:token_end", NO_POST, "in 302 302 302 302 302"),
    ("account_email_verification_sent", OPEN, NEVER),
    ("account_change_password", PERSONAL, "in 400 400 400 400 400"),
    ("account_set_password", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("account_reset_password", OPEN, "400 400 400 400 400 400"),
    ("account_confirm_login_code", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("account_confirm_email", OPEN, "404 404 404 404 404 404"),
    ("account_reset_password_from_key_done", OPEN, NEVER),
    ("account_reset_password_from_key", OPEN, "400 400 400 400 400 400"),
    ("account_reset_password_done", OPEN, NEVER),
    # Nobody of the cast has a second factor; what changes it asks for the password once more.
    ("mfa_index", PERSONAL, NO_POST),
    ("mfa_authenticate", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("mfa_reauthenticate", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("mfa_activate_totp", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("mfa_generate_recovery_codes", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("mfa_*", "in 302 302 302 302 302", "in 302 302 302 302 302"),
    ("usersessions", "302 302 302 302 302 302", "302 302 302 302 302 302"),
    ("usersessions_list", "302 302 302 302 302 302", "302 302 302 302 302 302"),
    ("students:sessions", PERSONAL, NO_POST),
    # Before one ends, the password is asked for.
    ("students:session_end", NO_POST, "in 302 302 302 302 302"),
    ("students:confirmation", NEVER, "302 302 302 302 302 302"),
    ("students:sign_outs", "in 405 405 405 405 405", "in 302 302 302 302 302"),
    ("set_language", NEVER, "302 302 302 302 302 302"),
    ("schema", OPEN, NEVER),
    ("docs", OPEN, NEVER),
    ("api-tokens", "401 403 403 403 403 403", API_NEVER),
    ("api-token-end", API_NEVER, API_NEVER, {"delete": "401 403 403 403 403 403"}),
    ("api-token", NEVER, "400 400 400 400 400 400"),
    ("api-students", NEVER, "400 400 400 400 400 400"),
    ("api-me", API_MINE, API_NEVER),
    ("api-history", API_MINE, API_NEVER),
    ("api-courses", OPEN, "401 403 403 403 403 201"),
    ("api-course", OPEN, API_STAFF_NEVER,
     {"patch": "401 403 403 403 403 200", "delete": "401 403 403 403 403 204"}),
    ("api-course-lessons", OPEN, API_STAFF_NEVER),
    ("api-lectures", API_MINE, "401 409 201 201 201 201"),
    ("api-lecture", API_OWN, API_NEVER, {"patch": "401 200 404 404 404 200"}),
    ("api-completion", API_NEVER, "401 200 404 404 404 404"),
    ("api-waiting-list", API_MINE, "401 409 201 201 201 201"),
    ("api-waiting-place", API_OWN, API_NEVER, {"delete": "401 204 404 404 404 403"}),
    ("api-payment", API_OWN, API_NEVER, {"patch": "401 403 404 404 404 200"}),
    ("api-charges", API_NEVER, "401 201 404 404 404 404"),
    ("api-certificates", API_MINE, API_NEVER),
    ("api-certificate", API_OWN, API_NEVER),
    ("file", "404 404 404 404 404 404", NEVER),  # unless it is signed
    ("home", OPEN, NEVER),
    ("theme", NEVER, ". . . . . ."),
    ("styleguide", "404 404 404 200 200 200", NEVER),
    ("students:second_factor_reset", "404 404 404 404 404 404", "404 404 404 404 404 404"),
    ("students:unsubscribe", "404 404 404 404 404 404", "404 404 404 404 404 404"),
    ("students:staff_setup", "404 404 404 404 404 404", "404 404 404 404 404 404"),  # no such link
    ("students:notifications", PERSONAL, "in . . . . ."),
    ("own_data:overview", PERSONAL, NEVER),
    ("own_data:json", "in 302 302 302 302 302", "405 302 302 302 302 302"),
    ("own_data:pdf", "in 302 302 302 302 302", "405 302 302 302 302 302"),
    ("own_data:removal", PERSONAL, "in . . . . ."),
    ("certificate_of_enrollment", OWN_POST, NO_POST),
    ("courses:catalogue", OPEN, NEVER),
    ("courses:cover", "404 404 404 404 404 404", NEVER),
    ("courses:preview", OPEN, NEVER),
    ("courses:course", OPEN, NEVER),
    ("lectures:enroll", "302 302 302 302 302 302", "in 302 302 302 302 302"),
    ("lectures:classroom", OWN, NO_POST),
    ("lectures:checkout", OWN, NEVER),
    ("lectures:payment", OWN, OWN_POST),
    ("lectures:cancellation", OWN, "in 409 404 404 404 404"),
    ("lectures:lesson", OWN, NO_POST),
    ("lectures:lesson_completion", "in 302 302 302 302 302", OWN_POST),
    ("lectures:lesson_file", OWN_POST, NO_POST),
    ("lectures:review", OWN, "in 400 404 404 404 404"),
    ("lectures:waiting_list", "302 302 302 302 302 302", "in 302 302 302 302 302"),
    ("lectures:departure", "in 302 404 404 404 404", OWN_POST),
    ("certification:verify", OPEN, NEVER),
    ("certification:latin_name", "in 405 405 405 405 405", "in 302 404 404 404 404"),
    ("certification:pdf", "in 200 404 404 404 200", NO_POST),
    ("payments:webhook", "404 404 404 404 404 404", "404 404 404 404 404 404"),  # no secret is set
    ("students:history", PERSONAL, NO_POST),
    ("students:timeline", OWN, NO_POST),
    ("students:account", PERSONAL, "in 400 400 400 400 400"),
]  # fmt: skip
REFUSED = {"401", "403", "404", "405"}


def line_of(address, table=TABLE):
    return next((line for line in table if fnmatchcase(address.name, line[0])), None)


def missing_from(table, addresses):
    return [address for address in addresses if line_of(address, table) is None]


def stale_in(table, addresses):
    """Return the names of lines that no address comes to, be it gone or taken by a line above."""
    used = {id(line_of(address, table)) for address in addresses}
    return [line[0] for line in table if id(line) not in used]


def test_every_address_is_in_the_table():
    missing = missing_from(TABLE, every_url())

    assert not missing, "Add to TABLE what each role is answered:\n" + "\n".join(
        f'    ("{address.name}", <GET>, <POST>),  # /{address.route}' for address in missing
    )


def test_every_line_of_the_table_has_an_address():
    names = {address.name for address in every_url()}

    assert stale_in(TABLE, every_url()) == []
    assert (set(PARAMETERS) | set(BODIES)) - names == set()


def test_new_address_and_stale_line_are_seen():
    planted, gone = Address("api-planted", "api/v1/planted/"), ("api-gone", OPEN, NEVER)
    hidden = ("lectures:classroom", OWN, NO_POST)  # a line above has it already

    assert missing_from(TABLE, [*every_url(), planted]) == [planted]
    assert stale_in([*TABLE, gone, hidden], every_url()) == ["api-gone", "lectures:classroom"]


@pytest.fixture
def world(alice, bob, make_course, enroll, pay, learn, deliver_all, carol, settings, tmp_path):
    """Alice has one of everything. Returns by parameter what to ask for; see PARAMETERS."""
    settings.MEDIA_ROOT = tmp_path
    certified = enroll(alice, make_course(title="Certified"))
    pay(certified, alice)
    learn(certified, alice)
    lectures.write_review(enrollment_id=certified, student_id=alice.pk, rating=5, text="좋아요")
    course = Course.objects.get(pk=make_course())
    course.cover.save("cover.png", ContentFile(b"no picture"))
    lesson = course.lessons.first()
    lesson.file.save("notes.txt", ContentFile(b"notes"))
    course.cover.close()
    lesson.file.close()
    lecture = enroll(alice, course.pk)
    pay(lecture, alice)
    refunded = enroll(bob, make_course())
    pay(refunded, bob)
    lectures.cancel_enrollment(enrollment_id=refunded, student_id=bob.pk)
    unpaid = enroll(alice, make_course(title="Unpaid"))
    full = make_course(title="Full", capacity=1)
    enroll(bob, full)
    place = lectures.join_waiting_list(student_id=alice.pk, course_id=full)
    deliver_all()
    Group.objects.create(name="Office")
    InvariantCheck.objects.create(name=f"a test {InvariantCheck.objects.count()}", state="holds")
    set_sandbox_behaviour(behaviour="working")
    with acting.call(origin="command", address="test"):
        acting.identify(carol)
        acting.note("A note", by=carol)
    certificate = Certificate.objects.get()
    job = draft_job(kind=kind_named("cancel_enrollments"), started_by_id=carol.pk, items=[])
    return {
        "pk": course.pk,
        "job": job,
        "slug": course.slug,
        "course_id": course.pk,
        "lesson_id": lesson.pk,
        "name": lesson.file.name,
        "enrollment_id": lecture,
        "lecture_id": lecture,
        "unpaid": unpaid,
        "certified": certified,
        "full": full,
        "payment_id": Payment.objects.get(reference=f"lecture-{unpaid}").pk,
        "certificate_id": certificate.pk,
        "code": certificate.code,
        "entry_id": place,
        "id": alice.pk,
        "app_label": "courses",
        "model_name": "course",
        "url": "no/such/page",
        "signed": "x",
        "kind": "approved",
        "language": "ko",
        "token": "x",
        "content_type_id": 1,
        "object_id": 1,
        "key": "x",
        "table": "period",
        "gateway": "sandbox",
        "session_id": 1,
        "token_id": 1,
        "uidb36": "x",
    }


PARAMETERS = {
    **{
        f"admin:elearning_bulkjob_{page}": {"pk": "job"}
        for page in ("start", "stop", "discard", "progress", "outcomes")
    },
    "file": {"name": "key"},
    "lectures:checkout": {"enrollment_id": "unpaid"},
    "lectures:payment": {"enrollment_id": "unpaid"},
    "lectures:review": {"enrollment_id": "certified"},
}
BODIES = {
    "desk_save_view": {"model": "courses.course", "name": "Mine"},
    "api-course": {"summary": "x"},
    "api-lecture": {"status": "cancelled"},
    "api-payment": {"status": "approved"},
    "api-charges": {"token": "tok_approved"},
    "api-courses": {"title": "New"},
    "api-lectures": {"course": "course_id"},
    "api-waiting-list": {"course": "full"},
    "lectures:enroll": {"course": "course_id"},
    "lectures:waiting_list": {"course": "full"},
    "lectures:payment": {"token": "tok_approved"},
}


def row_of(name):
    """Return the key of a row of the model whose page of the desk has this name."""
    for model in apps.get_models():
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return model.objects.order_by("pk").values_list("pk", flat=True).first()
    return None


def fill(address, world):
    own = {param: world[key] for param, key in PARAMETERS.get(address.name, {}).items()}
    row = row_of(address.name)
    return address.path(world | own | ({"object_id": row} if row else {}))


def client_for(role, people):
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "en"
    if role in people:
        client.force_login(people[role])
    return client


@pytest.fixture
def people(alice, mallory, carol, staff_with):
    return {
        "owner": alice, "mallory": mallory, "carol": carol,
        "newcomer": make_user("nora@example.com", "Nora Han", is_staff=True),
        "clerk": staff_with("courses.view_course"),
    }  # fmt: skip


class Writes:
    """Counts the statements that write, but for log-ins and messages."""

    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, *rest):
        writes = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if writes and not any(f'"{table}"' in sql for table in UNTOUCHED):
            self.statements.append(sql)
        return execute(sql, *rest)


def ask(client, address, method, path, world):
    given = BODIES.get(address.name, {})
    body = {name: world.get(value, value) for name, value in given.items()}
    if method == "get":
        return client.get(path)
    if path.startswith("/api/v1/") or method != "post":
        return getattr(client, method)(path, body, content_type="application/json")
    return client.post(path, body)


def said(answer):
    if answer.status_code == 302 and "/login/" in answer.url:
        return "in"
    return str(answer.status_code)


def expected(line, method, role):
    """Return the word of the table, or None where every answer will do that is a refusal."""
    words = {"get": line[1], "post": line[2], **(line[3] if len(line) > 3 else {})}
    return words[method].split()[ROLES.index(role)] if method in words else None


def methods_of(address):
    """The desk's pages take any other method for GET: once for all is enough there."""
    if address.name.startswith("admin"):
        return ["get", "post"]
    return ["get", "post", "put", "patch", "delete"]


def faults_of(address, method, answer, wanted, writes):
    """Say what is wrong with an answer. Methods that nobody names write nothing, at the least."""
    got, call = said(answer), f"{method} {answer.request['PATH_INFO']} ({address.name})"
    if answer.status_code >= 500 or wanted not in {None, ".", got}:
        yield f"{call}: {got}, not {wanted}"
    if wanted is None and address.name.startswith("api-") and got not in REFUSED:
        yield f"{call}: {got}, not refused"
    if (wanted is None or got in REFUSED | {"in"}) and writes.statements:
        yield f"{call} is refused, and writes: {writes.statements[0]}"


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_each_role_as_the_table_says(world, people, role):
    client, wrong = client_for(role, people), []
    cookies = deepcopy(client.cookies)

    for address in filter(line_of, every_url()):
        path, line = fill(address, world), line_of(address)
        for method in methods_of(address):
            before, writes = transaction.savepoint(), Writes()
            client.cookies = deepcopy(cookies)
            cache.clear()  # which counts how often an address was asked
            with connection.execute_wrapper(writes):
                answer = ask(client, address, method, path, world)
            if answer.streaming:
                b"".join(answer)  # to its end, which closes the file
            transaction.savepoint_rollback(before)
            wrong += faults_of(address, method, answer, expected(line, method, role), writes)

    assert not wrong, "\n".join(wrong)
