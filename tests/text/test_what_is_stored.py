"""What comes in by pages, API and desk is stored composed and visible, or refused in words."""

import unicodedata

import pytest
from django.db import connection

from apps.certification.models import Certificate
from apps.certification.pdf import NameCannotBePrinted, certificate_pdf
from apps.certification.policies import code_in
from apps.courses.models import Course, FormerAddress
from apps.students.models import User
from foundation.text.purification import Column, purify_column

pytestmark = pytest.mark.django_db
SIGN_UP = "/api/v1/students/"
BLANK = ["\u3164", "\u115f\u1160", "\u200b", "\u2800", "\ufeff", "\u00ad", "\u200d\u200c"]


def nfd(text):
    return unicodedata.normalize("NFD", text)


def sign_up(client, name):
    account = {"email": "s@example.com", "password": "correct horse battery 7", "name": name}
    return client.post(SIGN_UP, account, format="json")


@pytest.mark.parametrize("name", BLANK)
def test_name_that_nobody_can_see_is_refused_as_an_empty_one(client, client_of, alice, name):
    answer = sign_up(client_of(), name)
    client.force_login(alice)
    page = client.post("/accounts/profile/", {"name": name, "language": "en"})
    client.logout()
    form = {"email": "t@example.com", "password1": "correct horse battery 7", "name": name}
    joined = client.post("/accounts/signup/", form)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "name"
    assert "name" in page.context["form"].errors
    assert "name" in joined.context["form"].errors
    assert list(User.objects.values_list("name", flat=True)) == ["Alice Kim"]


def test_name_is_stored_composed_whichever_way_it_comes(client, client_of, alice):
    assert sign_up(client_of(), nfd("하정우")).status_code == 201
    client.force_login(alice)
    client.post("/accounts/profile/", {"name": nfd("박보검"), "language": "en"})

    assert set(User.objects.values_list("name", flat=True)) == {"하정우", "박보검"}


def test_reordering_character_is_refused_with_its_place(client_of):
    error = sign_up(client_of(), "Kim\u202eHa").json()["errors"][0]

    assert (error["field"], error["code"]) == ("name", "unfit_text")
    assert "U+202E after “Kim”" in error["message"]


def test_course_is_stored_composed_with_its_lines_and_joined_emoji(client_of, carol):
    course = {
        "title": nfd("데이터 분석"),
        "category": nfd("데이터"),
        "description": f"{nfd('첫째')}\r\n\r\n- 👩🏽\u200d🚀\u200b",
    }
    answer = client_of(carol).post("/api/v1/courses/", course, format="json")

    stored = Course.objects.get()
    assert (stored.title, stored.slug, stored.category) == ("데이터 분석", "데이터-분석", "데이터")
    assert stored.description == "첫째\n\n- 👩🏽\u200d🚀"
    assert answer.json()["title"] == stored.title
    refused = client_of(carol).post("/api/v1/courses/", {"title": "\u3164"}, format="json")
    assert refused.status_code == 400


def test_certificate_without_a_visible_name_is_not_printed(alice, make_course, enroll, learn,
                                                           deliver_all):  # fmt: skip
    User.objects.filter(pk=alice.pk).update(name="\u3164")  # before there was a gate
    learn(enroll(alice, make_course(price_minor=0)), alice)
    deliver_all()

    with pytest.raises(NameCannotBePrinted):
        certificate_pdf(Certificate.objects.get())


CODE = "7K3M-9QXR-2FH1"


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "7k3m9qxr2fhl",
        "7K3 M9QX R2FH I",
        "７Ｋ３Ｍ－９ＱＸＲ－２ＦＨ１",
        f"제 {CODE} 호",
        f"제{CODE.replace('-', '–')}호",
        nfd(f"제 {CODE} 호"),
        f"certificate no. {CODE}.",
        f"https://school.example/verify/{CODE}/",
        f"school.example/verify/{CODE}?utm_source=kakaotalk",
        f"\u202a{CODE}\u202c",
    ],
)
def test_code_is_read_however_it_is_typed(client, typed):
    assert code_in(typed) == CODE
    assert client.get("/verify/", {"code": typed}).url == f"/verify/{CODE}/"


def test_old_rows_are_purified_and_unique_values_stay_unique(make_course):
    first = make_course(title=nfd("가나"), slug="가나")
    second = make_course(title="x", slug="other")
    Course.objects.filter(pk=second).update(slug=nfd("가나"), title="\u3164")
    User.objects.create(email="nobody@example.com", name="\u3164")
    User.objects.create(email="ha@example.com", name=f"{nfd('하')}\u202e\n{nfd('늘')}")
    with connection.cursor() as cursor:
        slugs = purify_column(cursor, Column("courses_course", "slug", 220, "'c'", ()))
        purify_column(cursor, Column("courses_course", "title", 200, "'Course ' || id"))
        purify_column(cursor, Column("students_user", "name", 150, "split_part(email, '@', 1)"))

    assert slugs == {second: (nfd("가나"), "가나-2")}
    assert Course.objects.get(pk=first).slug == "가나"
    assert Course.objects.get(pk=second).title == f"Course {second}"
    assert User.objects.get(email="nobody@example.com").name == "nobody"
    assert User.objects.get(email="ha@example.com").name == "하 늘"


def test_address_that_purifying_changed_leads_on(client, make_course):
    course_id = make_course(slug="가나")
    FormerAddress.objects.create(slug=nfd("다라"), course_id=course_id)

    assert client.get(f"/courses/{nfd('다라')}/", follow=True).status_code == 200
