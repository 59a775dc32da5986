"""Two editors of one row: nothing that one saved is undone by the other's older form."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from apps.courses import services as courses
from apps.courses.models import Course, Lesson
from apps.students.models import User
from tests.forms import values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def course_id(make_course):
    return make_course(price_minor=10_000, lessons=2)


def page_of(course_id):
    return reverse("admin:courses_course_change", args=[course_id])


def opened(desk, course_id):
    """Return what the course's form holds, as a browser would send it."""
    return values_of(desk.get(page_of(course_id)))


def save(desk, course_id, values):
    return desk.post(page_of(course_id), values)


def choices_in(answer):
    return {each.choice: each.chosen for each in answer.context["conflicts"]}


def price_field(values):
    return next(name for name in ("price", "price_minor") if name in values)


def row_of(values, lesson_id):
    return next(
        name.removesuffix("-id") for name, value in values.items()
        if name.startswith("lessons-") and name.endswith("-id") and value == str(lesson_id)
    )  # fmt: skip


def test_form_is_saved_when_nobody_else_saved(desk, course_id):
    values = opened(desk, course_id) | {"summary": "Better"}

    assert save(desk, course_id, values).status_code == 302
    assert Course.objects.get().summary == "Better"


def test_older_form_does_not_put_the_price_back(desk, course_id):
    values = opened(desk, course_id)
    courses.change_course(course_id=course_id, fields={"price_minor": 25_000})

    answer = save(desk, course_id, values | {"summary": "Better"})

    assert answer.status_code == 409
    assert "25" in answer.text
    assert "10" in answer.text
    course = Course.objects.get()
    assert (course.price_minor, course.summary) == (25_000, "")
    assert choices_in(answer) == {f"choose-{price_field(values)}": "theirs"}


@pytest.mark.parametrize(("choice", "price"), [("theirs", 25_000), ("mine", 10_000)])
def test_editor_chooses_and_the_rest_of_the_form_is_saved(desk, course_id, choice, price):
    values = opened(desk, course_id)
    courses.change_course(course_id=course_id, fields={"price_minor": 25_000})
    page = save(desk, course_id, values | {"summary": "Better"})

    chosen = dict.fromkeys(choices_in(page), choice)
    answer = save(desk, course_id, values_of(page) | chosen)

    assert answer.status_code == 302
    course = Course.objects.get()
    assert (course.price_minor, course.summary) == (price, "Better")


def test_field_that_both_changed_has_no_choice_made_for_the_editor(desk, course_id):
    values = opened(desk, course_id)
    courses.change_course(course_id=course_id, fields={"summary": "Theirs"})

    page = save(desk, course_id, values | {"summary": "Mine"})

    assert choices_in(page) == {"choose-summary": ""}
    [conflict] = page.context["conflicts"]
    assert (conflict.theirs, conflict.mine) == ("Theirs", "Mine")


def test_third_save_between_form_and_choice_is_shown_too(desk, course_id):
    values = opened(desk, course_id)
    courses.change_course(course_id=course_id, fields={"summary": "Theirs"})
    page = save(desk, course_id, values | {"summary": "Mine"})
    courses.change_course(course_id=course_id, fields={"category": "Data"})

    answer = save(desk, course_id, values_of(page) | {"choose-summary": "mine"})

    assert answer.status_code == 409
    assert Course.objects.get().summary == "Theirs"


def test_enrollments_meanwhile_are_no_conflict(desk, course_id, alice, enroll):
    values = opened(desk, course_id)
    enroll(alice, course_id)

    assert save(desk, course_id, values | {"summary": "Better"}).status_code == 302
    assert Course.objects.get().seats_taken == 1


def test_lesson_that_somebody_else_edited_is_not_put_back(desk, course_id):
    values = opened(desk, course_id)
    lesson = Lesson.objects.first()
    Lesson.objects.filter(pk=lesson.pk).update(content="Theirs, line one\nline two")

    page = save(desk, course_id, values | {"summary": "Better"})

    assert page.status_code == 409
    assert "Theirs, line one" in page.text
    save(desk, course_id, values_of(page))
    assert Lesson.objects.get(pk=lesson.pk).content == "Theirs, line one\nline two"
    assert Course.objects.get().summary == "Better"


def test_lesson_that_somebody_else_edited_is_not_deleted_unseen(desk, course_id):
    values = opened(desk, course_id)
    lesson = Lesson.objects.first()
    Lesson.objects.filter(pk=lesson.pk).update(title="Rewritten")

    page = save(desk, course_id, values | {f"{row_of(values, lesson.pk)}-DELETE": "on"})

    assert page.status_code == 409
    assert Lesson.objects.count() == 2
    chosen = dict.fromkeys(choices_in(page), "theirs")
    save(desk, course_id, values_of(page) | chosen)
    assert Lesson.objects.count() == 2


@pytest.mark.parametrize(("choice", "count"), [("theirs", 1), ("mine", 2)])
def test_lesson_that_somebody_else_deleted_is_kept_or_given_up(desk, course_id, choice, count):
    values = opened(desk, course_id)
    lesson = Lesson.objects.first()
    row = row_of(values, lesson.pk)
    lesson.delete()

    page = save(desk, course_id, values | {f"{row}-content": "Much work"})

    assert page.status_code == 409
    chosen = dict.fromkeys(choices_in(page), choice)
    answer = save(desk, course_id, values_of(page) | chosen)
    assert answer.status_code == 302
    assert Lesson.objects.count() == count
    assert Lesson.objects.filter(content="Much work").count() == count - 1


def test_lesson_added_meanwhile_stays_and_moves_nothing_into_question(desk, course_id):
    values = opened(desk, course_id)
    courses.add_lesson(course_id=course_id, fields={"title": "Theirs"})
    Lesson.objects.filter(course_id=course_id).exclude(title="Theirs").update(position=7)

    assert save(desk, course_id, values | {"summary": "Better"}).status_code == 302
    assert Lesson.objects.count() == 3
    assert Course.objects.get().summary == "Better"


def test_group_and_user_have_a_version_too(desk, alice):
    group = Group.objects.create(name="Editors")
    address = reverse("admin:auth_group_change", args=[group.pk])
    values = values_of(desk.get(address))
    group.permissions.add(Permission.objects.get(codename="view_course"))

    assert desk.post(address, values).status_code == 409
    assert group.permissions.count() == 1

    address = reverse("admin:students_user_change", args=[alice.pk])
    values = values_of(desk.get(address))
    User.objects.filter(pk=alice.pk).update(name="Alice Park")

    assert desk.post(address, values | {"language": "ko"}).status_code == 409
    assert User.objects.get(pk=alice.pk).name == "Alice Park"


@pytest.mark.parametrize("nonsense", ["", "[]", "{", '{"": 3}', '{"": {}}'])
def test_nonsense_for_the_version_overwrites_nothing(desk, course_id, nonsense):
    values = opened(desk, course_id)
    courses.change_course(course_id=course_id, fields={"price_minor": 25_000})

    assert save(desk, course_id, values | {"edited": nonsense}).status_code == 409
    assert Course.objects.get().price_minor == 25_000
