"""The catalogue: find a course, whatever is asked for."""

import re
import unicodedata
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from apps.courses import services as courses
from apps.courses.models import Course, Lesson

pytestmark = pytest.mark.django_db
CATALOGUE = "/courses/"


def titles(response):
    return [card.title for card in response.context["cards"]]


@pytest.fixture
def school(make_course, enroll, bob):
    """One course of each kind."""
    now = timezone.now()
    make_course(title="Free SQL", price_minor=0, category="Data", description="joins & windows")
    make_course(title="데이터 분석 입문", price_minor=180_000, category="데이터")
    make_course(title="Later", enrollment_opens_at=now + timedelta(days=3))
    make_course(title="Over", enrollment_closes_at=now - timedelta(days=1), price_minor=90_000)
    full = make_course(title="Crowded", capacity=1, price_minor=70_000)
    enroll(bob, full)
    make_course(title="Draft", opened=False)
    courses.withdraw_course(course_id=make_course(title="Withdrawn"))
    courses.close_course(course_id=make_course(title="Closed"))


def test_catalogue_shows_what_is_offered(client, school):
    response = client.get(CATALOGUE)

    assert set(titles(response)) == {
        "Free SQL", "데이터 분석 입문", "Later", "Over", "Crowded",
    }  # fmt: skip
    assert "5 courses" in response.text
    assert '<link rel="canonical" href="/courses/">' in response.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=sql", {"Free SQL"}),
        ("search=WINDOWS", {"Free SQL"}),
        ("search=분석", {"데이터 분석 입문"}),
        ("search=입문 데이터", {"데이터 분석 입문"}),
        (f"search={unicodedata.normalize('NFD', '분석')}", {"데이터 분석 입문"}),
        ("search=sql 분석", set()),
        ("search=%25", set()),
        ("category=데이터", {"데이터 분석 입문"}),
        ("price=free", {"Free SQL"}),
        ("price=paid", {"데이터 분석 입문", "Later", "Over", "Crowded"}),
        ("availability=open", {"Free SQL", "데이터 분석 입문"}),
        ("availability=upcoming", {"Later"}),
        ("availability=full", {"Crowded"}),
        ("availability=closed", {"Over"}),
        ("price=paid&availability=full&search=crowd", {"Crowded"}),
    ],
)
def test_catalogue_finds_what_is_asked_for(client, school, query, found):
    response = client.get(f"{CATALOGUE}?{query}")

    assert set(titles(response)) == found
    assert "found" in response.text


@pytest.mark.parametrize(
    ("order", "first"),
    [("price", "Free SQL"), ("-price", "데이터 분석 입문"), ("newest", "Crowded")],
)
def test_catalogue_is_ordered_as_asked(client, school, order, first):
    assert titles(client.get(f"{CATALOGUE}?order={order}"))[0] == first


def test_best_rated_comes_first_and_unrated_last(client, make_course):
    rated, better, _unrated = (make_course(title=title) for title in ("3", "5", "none"))
    courses.count_rating(course_id=rated, rating_change=3, count_change=1)
    courses.count_rating(course_id=better, rating_change=5, count_change=1)

    assert titles(client.get(f"{CATALOGUE}?order=rating")) == ["5", "3", "none"]


def test_empty_result_offers_to_clear_the_filters(client, school):
    response = client.get(f"{CATALOGUE}?search=zymurgy")

    assert "No course fits" in response.text
    assert response.text.count('href="/courses/">') >= 1
    assert "Clear filters" in response.text


def test_empty_school_says_so(client):
    assert "No course yet" in client.get("/").text


def test_pages_keep_the_filters(client, make_course):
    for number in range(14):
        make_course(title=f"SQL {number}")

    first = client.get(f"{CATALOGUE}?search=SQL&order=price")
    second = client.get(f"{CATALOGUE}?search=SQL&order=price&page=2")

    assert len(titles(first)) == 12
    assert len(titles(second)) == 2
    link = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert link
    assert link[1] == "?search=SQL&amp;order=price&amp;page=2"


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=9999",
        "page=-1",
        "page=" + "9" * 5000,
        "search=" + "x" * 10_000,
        "search=🙂&category=🙂&price=🙂&availability=🙂&order=🙂&page=🙂",
        "search=%ff%fe&category=%ed%a0%80",
        "search='; DROP TABLE courses_course; --",
        "search=a&search=b&unknown=1&page=1&page=2",
        "category=" + "x" * 10_000,
    ],
)
def test_hostile_parameters_never_fail(client, school, query):
    assert client.get(f"{CATALOGUE}?{query}").status_code == 200


def test_parameter_that_cannot_be_taken_is_named_and_filters_nothing(client, school):
    response = client.get(f"{CATALOGUE}?search={'x' * 101}&price=cheap")

    assert len(titles(response)) == 5
    assert "at most 100 characters" in response.text
    assert "There is no such choice, so it is left out" in response.text


def test_null_byte_is_refused_by_name(client):
    response = client.get(f"{CATALOGUE}?search=%00")

    assert response.status_code == 400
    assert "“search” holds a character that cannot be stored" in response.text


def test_search_is_escaped(client, school):
    response = client.get(f"{CATALOGUE}?search=<script>alert(1)</script>")

    assert "<script>alert(1)" not in response.text


@pytest.mark.parametrize("count", [5, 50])
def test_catalogue_costs_three_queries_however_many_courses(
    client, make_course, django_assert_num_queries, count
):
    for number in range(count):
        make_course(title=f"Course {number}")

    with django_assert_num_queries(3):
        client.get(CATALOGUE)


def test_post_is_not_allowed(client):
    assert client.post(CATALOGUE).status_code == 405


# --- covers ---------------------------------------------------------------------------------------


@pytest.fixture
def with_cover(make_course, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def make(content, name="cover.png", **fields):
        upload = SimpleUploadedFile(name, content)
        return Course.objects.get(pk=make_course(cover=upload, **fields))

    return make


def picture(kind="PNG"):
    content = BytesIO()
    Image.new("RGB", (16, 9), "navy").save(content, kind)
    return content.getvalue()


def test_cover_is_sent_as_what_it_is_and_may_be_kept(client, with_cover):
    course = with_cover(picture("JPEG"), name="wrongly-named.png")
    address = client.get(CATALOGUE).context["cards"][0].cover_url

    response = client.get(address)

    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age=31536000" in response.headers["Cache-Control"]
    assert "public" in response.headers["Cache-Control"]
    assert b"".join(response.streaming_content) == picture("JPEG")
    assert "?v=" in address
    assert course.slug in address


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "cover.svg"),
        (b"<!doctype html><script>alert(1)</script>", "cover.png"),
        (picture("TIFF"), "cover.png"),
    ],
)
def test_cover_that_is_no_picture_of_the_web_is_not_sent(client, with_cover, content, name):
    course = with_cover(content, name=name)

    assert client.get(reverse("courses:cover", args=[course.slug])).status_code == 404


def test_cover_of_a_draft_is_for_staff_and_kept_by_nobody_else(client, with_cover, carol):
    course = with_cover(picture(), opened=False)
    address = reverse("courses:cover", args=[course.slug])
    assert client.get(address).status_code == 404

    client.force_login(carol)
    response = client.get(address)
    response.close()

    assert response.status_code == 200
    assert "private" in response.headers["Cache-Control"]


def test_course_without_cover_has_none(client, make_course):
    course = Course.objects.get(pk=make_course())

    assert client.get(reverse("courses:cover", args=[course.slug])).status_code == 404
    assert client.get(reverse("courses:cover", args=["nothing"])).status_code == 404


# --- previews -------------------------------------------------------------------------------------


def preview(course_id, position=1):
    lesson = Lesson.objects.get(course_id=course_id, position=position)
    return reverse("courses:preview", args=[lesson.course.slug, lesson.pk])


def test_preview_is_read_by_anyone(client, make_course):
    response = client.get(preview(make_course()))

    assert response.status_code == 200
    assert "<h2>Lesson 1</h2>" in response.text  # Markdown, below the page's own h1
    assert "Free preview" in response.text


def test_preview_cannot_harm_its_reader(client, make_course):
    course_id = make_course()
    Lesson.objects.filter(course_id=course_id, position=1).update(
        content="<script>alert(1)</script>\n\n[x](javascript:alert(2))",
        video_url="https://video.example/embed/1",
    )

    text = client.get(preview(course_id)).text

    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert 'sandbox="allow-scripts allow-same-origin allow-presentation"' in text


def test_lesson_without_preview_is_for_the_enrolled(client, make_course, alice, enroll, pay):
    course_id = make_course()
    client.force_login(alice)
    pay(enroll(alice, course_id), alice)

    assert client.get(preview(course_id, position=2)).status_code == 404


def test_preview_belongs_to_its_course(client, make_course):
    other = Course.objects.get(pk=make_course(title="Other"))
    lesson = Lesson.objects.get(course_id=make_course(), position=1)

    assert client.get(reverse("courses:preview", args=[other.slug, lesson.pk])).status_code == 404
    assert client.get(f"/courses/{other.slug}/lessons/{'9' * 30}/").status_code == 404


def test_preview_of_a_withdrawn_course_is_gone(client, make_course):
    course_id = make_course()
    courses.withdraw_course(course_id=course_id)

    assert client.get(preview(course_id)).status_code == 404
