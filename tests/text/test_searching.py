"""What is searched is found however it is typed: by the page, the API and the desk."""

import unicodedata
from urllib.parse import quote

import pytest
from django.db import connection
from django.urls import reverse

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.students import services as students
from apps.students.models import User
from foundation.text.models import SearchText
from foundation.text.search import INDEXED, matches_any
from tests.conftest import make_user

pytestmark = pytest.mark.django_db


def nfd(text):
    return unicodedata.normalize("NFD", text)


@pytest.fixture
def course(make_course):
    return Course.objects.get(
        pk=make_course(title="데이터 분석 입문", summary="SQL과 파이썬", category="데이터")
    )


TYPED = ["데이터분석", nfd("데이터 분석"), "ＳＱＬ", "sql", "분석입문 파 이 썬", "데이터\u200b분석"]


@pytest.mark.parametrize("typed", TYPED)
def test_course_is_found_however_its_words_are_typed(client, client_of, carol, course, typed):
    page = client.get("/courses/", {"search": typed})
    answer = client_of().get("/api/v1/courses/", {"search": typed})
    client.force_login(carol)
    desk = client.get("/admin/courses/course/", {"q": typed})

    assert [card.id for card in page.context["cards"]] == [course.pk]
    assert [found["id"] for found in answer.json()["results"]] == [course.pk]
    assert desk.context["cl"].result_count == 1


@pytest.mark.parametrize("typed", ["분석데", "%", "_", "\\", "rata", "데이터 조각", "newe"])
def test_what_only_looks_alike_is_not_found(client, make_course, course, typed):
    make_course(title="New estate", summary="")

    assert client.get("/courses/", {"search": typed}).context["cards"] == []


@pytest.mark.parametrize("typed", [nfd("데이터"), "데이터", " 데이터\u200b"])
def test_category_is_the_one_that_is_meant(client, client_of, course, typed):
    page = client.get("/courses/", {"category": typed})
    answer = client_of().get("/api/v1/courses/", {"category": typed})

    assert len(page.context["cards"]) == answer.json()["count"] == 1


def test_person_is_found_by_a_name_that_was_stored_before_the_gate(client, carol):
    User.objects.create(email="ha@example.com", name=nfd("하정우"), latin_name="HA JUNG-WOO")
    client.force_login(carol)

    for typed in ("하정우", nfd("하정우"), "ＨＡ jung", "HA@EXAMPLE", '"ha jung-woo"'):
        found = client.get("/admin/students/user/", {"q": typed}).context["cl"].result_list
        assert [user.email for user in found] == ["ha@example.com"], typed


def test_enrollment_is_found_by_its_student_and_its_course(client, carol, course, enroll):
    student = make_user("ha@example.com", "하정우")
    enroll(student, course.pk)
    client.force_login(carol)

    for typed in (nfd("하정우"), "데이터분석", "하정우 데이터분석 ha@example"):
        listed = client.get("/admin/lectures/enrollment/", {"q": typed}).context["cl"]
        assert listed.result_count == 1, typed
    assert client.get("/admin/lectures/enrollment/", {"q": "하정우 없음"}).context[
        "cl"
    ].result_count == 0  # fmt: skip


def test_search_text_follows_every_way_to_write_a_row(course, alice):
    Course.objects.filter(pk=course.pk).update(title="도자기 공방")
    kept = SearchText.objects.get(table="courses_course", row_id=course.pk)
    assert "도자기공방" in kept.key
    students.remove_student(student_id=alice.pk)
    assert "alice" not in SearchText.objects.get(table="students_user", row_id=alice.pk).key
    course.lessons.all().delete()
    Course.objects.all().delete()
    assert not SearchText.objects.filter(table="courses_course").exists()


def test_every_table_that_counts_as_indexed_is(course):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table FROM information_schema.triggers"
            " WHERE trigger_name LIKE '%_search_text_written'"
        )
        assert {name for (name,) in cursor.fetchall()} == INDEXED


def test_search_reads_the_index_and_no_text_of_the_table(course):
    condition = matches_any(Certificate, ["code", "student__name"], "홍")
    sql = str(Certificate.objects.filter(condition).query)

    assert sql.count("text_searchtext") == 2
    assert "search_key(" not in sql.replace("search_key(홍)", "")


def test_catalogue_search_costs_as_many_queries_as_none(client, course, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get("/courses/", {"search": "데이터분석 sql"})


ADDRESS = "데이터-분석-입문"


@pytest.mark.parametrize(
    "typed", [quote(nfd(ADDRESS)), quote(quote(ADDRESS)), quote("데이터－분석－입문")]
)
@pytest.mark.parametrize("tail", ["", "?utm_source=kakaotalk"])
def test_page_is_found_by_its_address_however_it_comes(client, course, typed, tail):
    response = client.get(f"/courses/{typed}/{tail}")

    assert response.status_code == 301
    assert response.url == reverse("courses:course", args=[ADDRESS]) + tail
    assert "no-cache" in response["Cache-Control"]


def test_former_address_leads_to_the_one_of_now(client, course, carol, client_of):
    address = f"/api/v1/courses/{course.pk}/"
    assert client_of(carol).patch(address, {"slug": "second"}, format="json").status_code == 200
    courses.change_course(course_id=course.pk, fields={"slug": "third"})
    lesson = course.lessons.first()

    for was in (ADDRESS, "second", "SECOND", quote(nfd(ADDRESS))):
        assert client.get(f"/courses/{was}/").url == "/courses/third/"
    leads = client.get(f"/courses/second/lessons/{lesson.pk}/")
    assert leads.url == f"/courses/third/lessons/{lesson.pk}/"
    assert client.get("/courses/nowhere/").status_code == 404


def test_links_of_the_history_lead_to_the_course_under_its_new_address(
    client, course, alice, enroll
):
    enroll(alice, course.pk)
    courses.change_course(course_id=course.pk, fields={"slug": "moved"})
    client.force_login(alice)

    html = client.get("/my/").content.decode()
    entry = client.get("/api/v1/history/").json()["results"][0]
    assert client.get(f"/courses/{entry['course_slug']}/", follow=True).status_code == 200
    assert html


def test_address_that_another_course_takes_leads_to_that_course(client, course, make_course):
    courses.change_course(course_id=course.pk, fields={"slug": "moved"})
    make_course(title="Newcomer", slug=ADDRESS)

    assert client.get(f"/courses/{ADDRESS}/").context["offer"].course.card.title == "Newcomer"
    assert client.get("/courses/moved/").status_code == 200
    courses.change_course(course_id=course.pk, fields={"slug": "again"})
    assert client.get("/courses/moved/").url == "/courses/again/"


def test_address_made_of_a_title_leaves_former_ones_alone(course, make_course, client):
    courses.change_course(course_id=course.pk, fields={"slug": "moved"})
    make_course(title=course.title)

    assert client.get(f"/courses/{ADDRESS}/").url == "/courses/moved/"


def test_former_address_of_a_hidden_course_leads_nowhere(client, make_course, carol):
    course_id = make_course(slug="first", opened=False)
    courses.change_course(course_id=course_id, fields={"slug": "second"})

    assert client.get("/courses/first/").status_code == 404
    client.force_login(carol)
    assert client.get("/courses/first/").url == "/courses/second/"
