"""Staff do by the API what they may do at the desk: each act asks for its own right."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from tests.api.test_access import OTHER, TABLE, world
from tests.conftest import make_user

__all__ = ["world"]
# right, then what it opens: method, address, body, answer without it and with it
ACTS = [
    ("courses.view_course", "get", "courses/?status=draft", None, 403, 200),
    ("courses.view_course", "get", "courses/{draft}/", None, 404, 200),
    ("courses.view_course", "get", "courses/{draft}/lessons/", None, 404, 200),
    ("courses.change_course", "get", "courses/{draft}/", None, 404, 200),
    ("courses.add_course", "post", "courses/", {"title": "New"}, 403, 201),
    ("courses.add_course", "post", "courses/", {"title": "New", "status": "open"}, 403, 403),
    ("courses.change_course", "patch", "courses/{course}/", {"summary": "x"}, 403, 200),
    ("courses.change_course", "patch", "courses/{course}/", {"status": "closed"}, 403, 200),
    ("courses.delete_course", "delete", "courses/{course}/", None, 403, 204),
    ("courses.change_course", "delete", "courses/{course}/", None, 403, 403),
    ("lectures.view_enrollment", "get", "lectures/{lecture}/", None, 404, 200),
    ("lectures.view_enrollment", "get", "lectures/?student={bob}", None, 403, 200),
    ("lectures.view_enrollment", "patch", "lectures/{lecture}/", "cancelled", 404, 403),
    ("lectures.view_enrollment", "patch", "lectures/{lecture}/", "completed", 404, 403),
    ("lectures.change_enrollment", "patch", "lectures/{lecture}/", "cancelled", 404, 200),
    ("lectures.change_enrollment", "patch", "lectures/{lecture}/", "completed", 404, 200),
    ("lectures.add_enrollment", "post", "lectures/", {"course": 0, "student": 0}, 403, 201),
    ("lectures.view_waitinglistentry", "get", "waiting-list/{place}/", None, 404, 200),
    ("payments.view_payment", "get", "payments/{payment}/", None, 404, 200),
    ("payments.view_payment", "patch", "payments/{payment}/", "approved", 404, 403),
    ("payments.change_payment", "patch", "payments/{payment}/", "approved", 404, 200),
    ("certification.view_certificate", "get", "certificates/{certificate}/", None, 404, 200),
]


@pytest.fixture
def newcomer(db):
    """Staff that hold no right yet."""
    return make_user("nora@example.com", "Nora Han", is_staff=True)


def grant(user, right):
    """By a group, as staff do."""
    app_label, codename = right.split(".")
    group = Group.objects.create(name=right)
    group.permissions.add(
        Permission.objects.get(content_type__app_label=app_label, codename=codename)
    )
    user.groups.add(group)


def ask(client, world, bob, method, address, given):
    body = {"status": given} if isinstance(given, str) else given
    if body and "student" in body:
        body = {"course": world.course, "student": bob.pk}
    before = transaction.savepoint()
    answer = getattr(client, method)("/api/v1/" + address.format(**vars(world), bob=bob.pk), body)
    transaction.savepoint_rollback(before)
    return answer.status_code


@pytest.mark.parametrize(("right", "method", "address", "given", "without", "granted"), ACTS)
def test_act_needs_its_right(
    world, bob, client_of, newcomer, right, method, address, given, without, granted
):
    client = client_of(newcomer)

    assert ask(client, world, bob, method, address, given) == without
    grant(newcomer, right)
    assert ask(client, world, bob, method, address, given) == granted


def test_right_without_being_staff_opens_nothing(world, bob, client_of, mallory):
    for right in sorted({act[0] for act in ACTS}):
        grant(mallory, right)
    client = client_of(mallory)

    for _right, method, address, given, without, _granted in ACTS:
        assert ask(client, world, bob, method, address, given) == without, address


def test_staff_without_a_right_are_answered_like_any_student(world, carol, client_of, newcomer):
    client = client_of(newcomer)
    wrong = []

    for method, address, given, answers in TABLE:
        named = given["course"] if given and "course" in given else ""
        body = {"course": getattr(world, named)} if named else given
        before = transaction.savepoint()
        path = address.format(**vars(world), carol=carol.pk)
        answer = getattr(client, method)(f"/api/v1/{path}", body)
        transaction.savepoint_rollback(before)
        if answer.status_code != answers[["stranger", "owner", OTHER].index(OTHER)]:
            wrong.append((method, address, answer.status_code))

    assert wrong == []
