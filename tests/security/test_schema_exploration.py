"""Schemathesis tries the whole API against its own schema: as a student, as staff and as nobody.

Among its checks: log-in is asked for wherever the schema says so, no student gets what belongs to
another, no undocumented status, no server error, nothing stays after it was deleted.
"""

from __future__ import annotations

import pytest
from schemathesis.transport.wsgi import WSGITransport

from apps.certification.models import Certificate
from apps.courses.models import Course, Lesson
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.payments.models import Payment, PaymentStatus
from tests.security import school
from tests.security.exploring import explore, send_in_process, token_of

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

FAST = {
    "PAYMENT_BACKOFF_INITIAL_SECONDS": 0.001,
    "SANDBOX_SLOW_TOKEN_SECONDS": 0,
    "PAYMENT_READ_TIMEOUT_SECONDS": 0.2,
}
ROLES = {
    # role: who asks first, examples for each operation, at least so many cases
    "student": (["alice", "mallory"], 8, 1200),
    "staff": (["carol"], 4, 1000),
    "nobody": ([], 8, 200),
}


def test_there_are_two_thousand_cases_in_all():
    assert sum(cases for _, _, cases in ROLES.values()) >= 2000


@pytest.fixture
def cast(transactional_db, alice, bob, carol, mallory, make_course, learn, deliver_all, settings):
    """People by name, and a school full of Alice's things. No limit hides an answer."""
    for name, value in FAST.items():
        setattr(settings, name, value)
    settings.TRY_LIMITS = dict.fromkeys(settings.TRY_LIMITS, (10**6, 1))
    school.fill(alice, bob, make_course, learn, deliver_all)
    return {"alice": alice, "mallory": mallory, "carol": carol}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(WSGITransport, "send", send_in_process)


@pytest.fixture
def ids(cast):
    """By the name of the path parameter: what is there, Alice's wherever it is somebody's."""
    alice = cast["alice"]
    return {
        "course_id": list(Course.objects.values_list("pk", flat=True)),
        "lesson_id": list(Lesson.objects.values_list("pk", flat=True)[:20]),
        "enrollment_id": pks(Enrollment.objects.filter(student_id=alice.pk)),
        "payment_id": pks(Payment.objects.filter(payer_id=alice.pk)),
        "certificate_id": pks(Certificate.objects.filter(student_id=alice.pk)),
        "entry_id": pks(WaitingListEntry.objects.filter(student_id=alice.pk)),
    }


def pks(rows):
    found = list(rows.values_list("pk", flat=True))
    assert found
    return found


def test_school_has_something_in_every_state(cast):
    unseen = set(PaymentStatus.values) - set(Payment.objects.values_list("status", flat=True))
    assert unseen == {"processing"}  # lasts as long as a call to the gateway
    assert set(Enrollment.objects.values_list("status", flat=True)) == {
        "requested", "approved", "completed", "cancelled", "expired",
    }  # fmt: skip
    assert set(Certificate.objects.values_list("status", flat=True)) == {"issued", "revoked"}


@pytest.mark.parametrize("role", ROLES)
def test_api_keeps_its_schema(role, cast, ids, tmp_path):
    names, examples, at_least = ROLES[role]
    tokens = {name: token_of(cast[name]) for name in names}

    findings = explore(tokens, ids, tmp_path, examples=examples)

    assert findings.errors == []
    assert list(findings.failures) == []
    assert not {0, 429} & set(findings.statuses)
    assert max(findings.statuses) < 500
    assert findings.cases.total() >= at_least


def test_other_students_ids_are_404_at_every_operation(cast, ids, client_of, schema):
    """The operations are the schema's: a new one is tried as well."""
    client, seen = client_of(cast["mallory"]), []
    private = {name: ids[name][0] for name in ids if name not in {"course_id", "lesson_id"}}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if any(f"{{{name}}}" in path for name in private):
                address = path.format(**private, lesson_id=ids["lesson_id"][0])
                answer = getattr(client, method)(address, example_of(operation), format="json")
                seen.append((answer.status_code, method, path))

    assert len(seen) == 9
    assert [one for one in seen if one[0] != 404] == []


def example_of(operation):
    """Return a body that fits, so that only whose it is can be wrong."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = content.get("examples", {})
    return next((example["value"] for example in examples.values()), None)
