"""Prices are typed in the currency's unit; opening shows what is sold; no typed text is lost."""

import pytest
from django.db.models.signals import pre_save  # noqa: TID251  (a rival within one save)
from django.urls import reverse

from apps.courses.models import Course
from tests.desk.test_course_form import ADD, change_url, desk, errors_of, form_data

pytestmark = pytest.mark.django_db
__all__ = ["desk"]  # a fixture


@pytest.fixture(autouse=True)
def currencies(settings):
    settings.CURRENCIES = ["KRW", "USD", "BHD"]


@pytest.mark.parametrize(
    ("typed", "currency", "minor", "shown"),
    [
        ("180000", "KRW", 180_000, "180,000"),
        ("180,000", "KRW", 180_000, "180,000"),
        ("₩ 180,000", "KRW", 180_000, "180,000"),
        ("89", "USD", 8_900, "89.00"),
        ("1,089.50", "USD", 108_950, "1,089.50"),
        ("1.25", "BHD", 1_250, "1.250"),
        ("0", "USD", 0, "0.00"),
    ],
)
def test_price_is_typed_and_shown_in_the_unit_of_its_currency(desk, typed, currency, minor, shown):
    desk.post(ADD, form_data(price_minor=typed, currency=currency))
    course = Course.objects.get()
    page = desk.get(change_url(course.pk)).text
    desk.post(change_url(course.pk), form_data(price_minor=shown, currency=currency))

    assert course.price_minor == minor
    assert f'name="price_minor" value="{shown}"' in page
    course.refresh_from_db()
    assert course.price_minor == minor, "what is shown can be saved again"


@pytest.mark.parametrize(
    ("typed", "currency", "message"),
    [
        ("180000.5", "KRW", "KRW has no smaller unit"),
        ("89.005", "USD", "USD has 2 decimal places"),
        ("-1", "USD", "greater than or equal to 0"),
        ("ten", "USD", "Enter a number"),
        ("1e400", "USD", ""),
        ("99999999999999", "USD", ""),
    ],
)
def test_price_that_the_currency_does_not_have_is_an_error_of_its_field(
    desk, typed, currency, message
):
    answer = desk.post(ADD, form_data(price_minor=typed, currency=currency))

    assert errors_of(answer)
    assert message in str(answer.context["adminform"].form.errors["price_minor"])
    assert not Course.objects.exists()


def test_price_is_shown_formatted_to_readers(client, staff_with, make_course):
    client.force_login(staff_with("courses.view_course"))

    page = client.get(change_url(make_course(price_minor=8_900, currency="USD"))).text

    assert "$89.00" in page
    assert "8900" not in page


def test_opening_a_course_shows_what_will_be_sold(desk, make_course):
    course_id = make_course(
        opened=False, price_minor=180_000, capacity=20, refund_policy="full",
        starts_at="2030-03-01T00:00:00Z", ends_at="2030-06-01T00:00:00Z",
    )  # fmt: skip

    page = desk.get(reverse("admin:courses_course_open_course", args=[course_id])).text

    policy = Course.objects.get().get_refund_policy_display()
    for part in (
        "Price: ₩180,000",
        "Seats: 20",
        "Enrollment: at once, without an end",
        "Course dates: 1 March 2030, 09:00 (KST) to 1 June 2030, 09:00 (KST)",
        f"Refund policy: {policy}",
        "Lessons: 3, 1 h 30 min",
    ):
        assert part in page, part


def test_opening_warns_of_a_course_without_lessons(desk, make_course):
    course_id = make_course(lessons=0, opened=False, price_minor=0)

    page = desk.get(reverse("admin:courses_course_open_course", args=[course_id])).text

    assert "Lessons: none yet." in page
    assert "Price: Free" in page


def test_opening_many_courses_shows_what_each_sells(desk, make_course):
    ids = [make_course(title=f"Course {n}", opened=False, price_minor=1000 + n) for n in range(2)]
    chosen = {"action": "open_courses", "_selected_action": ids}

    page = desk.post(reverse("admin:courses_course_changelist"), chosen, follow=True).text

    assert "Course 0 · ₩1,000" in page
    assert "Course 1 · ₩1,001" in page


# --- nothing typed is lost ------------------------------------------------------------------------


def test_course_form_of_seven_megabytes_is_saved(desk):
    lessons = [{"content": "가나다라 " * 18_000} for _ in range(30)]  # 7 MB in UTF-8

    answer = desk.post(ADD, form_data(lessons))

    assert answer.status_code == 302
    assert Course.objects.get().lessons.count() == 30


def test_large_course_form_with_an_error_comes_back_with_all_that_was_typed(desk):
    lessons = [{"content": "가나다라 " * 18_000} for _ in range(30)]

    answer = desk.post(ADD, form_data(lessons, title=""))

    assert errors_of(answer)
    assert answer.text.count("가나다라 가나다라") >= 30


def test_text_beyond_its_limit_is_an_error_that_keeps_it(desk):
    text = "가" * 100_001

    answer = desk.post(ADD, form_data([{"content": text}, {"content": "short"}]))

    assert errors_of(answer)
    assert text in answer.text
    assert not Course.objects.exists()


def test_course_of_hundreds_of_lessons_with_empty_file_fields_is_saved(desk):
    """Browsers send each empty file field as a part of its own; Django counts them as files."""
    fields = form_data([{} for _ in range(150)])
    boundary = "----desk"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="lessons-{place}-file"; filename=""'
        "\r\nContent-Type: application/octet-stream\r\n\r\n\r\n"
        for place in range(150)
    ]
    body = "".join(parts) + f"--{boundary}--\r\n"

    answer = desk.generic(
        "POST", ADD, body.encode(), content_type=f"multipart/form-data; boundary={boundary}"
    )

    assert answer.status_code == 302
    assert Course.objects.get().lessons.count() == 150


@pytest.fixture
def rival():
    """Let another course take an address while the form that asks for it is being saved."""

    def take(sender, instance, **_more):
        if instance.slug == "taken" and not Course.objects.filter(slug="taken").exists():
            Course.objects.bulk_create([Course(title="Rival", slug="taken")])

    pre_save.connect(take, sender=Course)
    yield
    pre_save.disconnect(take, sender=Course)


def test_refused_change_comes_back_with_all_that_was_typed(desk, make_course, rival):
    course_id = make_course()

    answer = desk.post(
        change_url(course_id),
        form_data(title="Typed for an hour", slug="taken", price_minor="60,000"),
    )

    assert "Somebody saved this at the same moment" in str(errors_of(answer))
    assert "Typed for an hour" in answer.text
    assert 'value="60,000"' in answer.text
    assert Course.objects.get().title == "Introduction to SQL"


@pytest.mark.parametrize("who", ["visitor", "student"])
def test_megabytes_of_others_are_refused_by_the_desk_before_they_are_read(
    client, alice, monkeypatch, who
):
    if who == "student":
        client.force_login(alice)
    monkeypatch.setattr(
        "django.core.handlers.wsgi.WSGIRequest._load_post_and_files", lambda request: 1 / 0
    )

    answer = client.post(ADD, {"title": "x" * 200_000})

    assert answer.status_code == 413


def test_browser_is_told_how_much_a_form_may_send(desk, settings):
    page = desk.get(ADD).text

    assert f'data-max_bytes="{settings.BODY_LIMITS["/admin/"]}"' in page
