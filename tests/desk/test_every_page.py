"""No page of the desk breaks, and each is closed to whoever has no right to it."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import translation

from apps.courses import services as courses
from apps.lectures import services as lectures

HUGE = 10**30


def changelists():
    return {
        model._meta.label_lower: reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )
        for model in admin.site._registry
    }


def registered():
    admin.autodiscover()
    return sorted(changelists())


@pytest.fixture
def full_school(alice, bob, mallory, make_course, enroll, pay, learn, deliver_all):
    """Something of everything that the desk shows."""
    course_id = make_course(title="<script>alert(1)</script> 가나다 🎓")
    for student in (alice, bob):
        pay(enroll(student, course_id), student)
    learn(lectures_of(alice)[0], alice)
    lectures.write_review(
        enrollment_id=lectures_of(alice)[0], student_id=alice.pk, rating=5, text="<b>좋아요</b>"
    )
    lectures.cancel_enrollment(enrollment_id=lectures_of(bob)[0], student_id=None)
    enroll(mallory, course_id)
    courses.change_course(course_id=course_id, fields={"capacity": 2})
    lectures.join_waiting_list(student_id=bob.pk, course_id=course_id)
    deliver_all()
    return course_id


def lectures_of(student):
    from apps.lectures.models import Enrollment

    return list(Enrollment.objects.filter(student=student).values_list("pk", flat=True))


@pytest.mark.parametrize("label", registered())
@pytest.mark.parametrize("language", ["en", "ko"])
def test_list_add_and_change_page_answer(client, carol, full_school, label, language):
    client.force_login(carol)
    client.cookies["django_language"] = language
    model_admin = next(a for m, a in admin.site._registry.items() if m._meta.label_lower == label)
    base = changelists()[label]

    answers = {base: client.get(base), f"{base}?q=가": client.get(base, {"q": "가"})}
    answers["add"] = client.get(f"{base}add/")
    for row in model_admin.model.objects.all()[:3]:
        for page in ("change", "history", "delete"):
            answers[f"{row.pk} {page}"] = client.get(f"{base}{row.pk}/{page}/")

    assert {name: a.status_code for name, a in answers.items() if a.status_code >= 500} == {}
    assert answers[base].status_code == 200
    assert not any(b"<script>alert(1)" in answer.content for answer in answers.values())


@pytest.mark.parametrize("label", registered())
def test_row_that_does_not_exist_is_no_error(client, carol, label):
    client.force_login(carol)
    base = changelists()[label]

    for key in (HUGE, -1, 0, "abc", "%00", "a/b"):
        for page in ("change", "delete", "history"):
            assert client.get(f"{base}{key}/{page}/").status_code in {301, 302, 400, 403, 404}


@pytest.mark.parametrize("label", registered())
def test_odd_query_is_no_error(client, carol, label):
    client.force_login(carol)
    odd = [{"id__exact": HUGE}, {"p": HUGE}, {"o": "99.x"}, {"e": "1"}, {"status__exact": "?"}]

    for query in odd:
        assert client.get(changelists()[label], query).status_code in {200, 302, 400}


def test_list_action_on_rows_that_do_not_exist_is_no_error(client, carol):
    client.force_login(carol)
    for chosen in (str(HUGE), str(10**18), "abc", "-1", "１²"):
        answer = client.post(
            reverse("admin:courses_course_changelist"),
            {"action": "withdraw_courses", "_selected_action": [chosen], "post": "yes"},
        )
        assert answer.status_code == 302


def test_visitor_is_sent_to_our_log_in_page(client, db):
    answer = client.get("/admin/courses/course/", follow=True)

    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2Fcourses%2Fcourse%2F"


def test_student_is_refused_without_going_round_in_circles(client, alice):
    client.force_login(alice)
    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert len(answer.redirect_chain) == 1


@pytest.mark.parametrize("label", registered())
def test_staff_without_rights_see_nothing(client, staff_with, label):
    client.force_login(staff_with())

    assert client.get(changelists()[label]).status_code == 403
    assert client.get("/admin/").status_code == 200


def test_menu_and_numbers_follow_the_rights(client, staff_with, full_school):
    client.force_login(staff_with("courses.view_course"))
    page = client.get("/admin/").content.decode()

    assert "/admin/courses/course/" in page
    assert "/admin/payments/payment/" not in page
    assert "/admin/lectures/enrollment/" not in page


@pytest.mark.parametrize("label", registered())
def test_columns_and_fields_are_named_in_korean(label):
    shown = next(a for m, a in admin.site._registry.items() if m._meta.label_lower == label)
    groups = [
        (shown, [*shown.list_display, *shown.readonly_fields, *(shown.fields or [])]),
        *((inline(shown.model, admin.site), inline.fields or []) for inline in shown.inlines),
    ]

    with translation.override("ko"):
        names = {
            str(label_for_field(name, one.model, one))
            for one, fields in groups
            for field in fields
            for name in (field if isinstance(field, tuple) else [field])
        }

    assert {name for name in names if not re.search("[가-힣]", name)} == set()


def test_nobody_can_open_the_history_in_the_desk(db):
    labels = set(changelists())

    assert not labels & {"students.historyentry", "students.timelineentry", "knox.authtoken"}
    assert Permission.objects.filter(codename="view_course").exists()


def test_search_of_the_theme_is_no_error(client, carol):
    client.force_login(carol)

    for query in ({}, {"s": "course"}, {"s": "x", "page": "abc"}, {"s": "x", "page": HUGE}):
        assert client.get("/admin/search/", query).status_code in {200, 404}
