"""Names in the reader's way: as written to readers of Korean, in Latin letters to all others."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from apps import names
from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.lectures import queries as lectures_queries
from apps.lectures import services as lectures
from apps.names import as_read, refuse_unless_latin, tidy_latin
from apps.students import services as students
from apps.students.models import User
from apps.students.services.mail import reader_of
from tests.api.conftest import client_of
from tests.conftest import PASSWORD, make_user

__all__ = ["client_of"]
pytestmark = pytest.mark.django_db

ACCOUNT = "/accounts/profile/"


@pytest.fixture
def gildong(db):
    return make_user("hong@example.com", "홍길동", latin_name="HONG GILDONG")


@pytest.fixture
def certificate(gildong, make_course, enroll, learn, deliver_all):
    enrollment_id = enroll(gildong, make_course(price_minor=0))
    learn(enrollment_id, gildong)
    lectures.write_review(enrollment_id=enrollment_id, student_id=gildong.pk, rating=5, text="Good")
    deliver_all()
    return Certificate.objects.get()


def read_in(client, language, address):
    client.cookies["django_language"] = language
    return client.get(address).text


@pytest.mark.parametrize(
    ("language", "latin", "shown"),
    [
        ("ko", "HONG GILDONG", "홍길동"),
        ("ko-kr", "HONG GILDONG", "홍길동"),
        ("en", "HONG GILDONG", "HONG GILDONG"),
        ("en", "", "홍길동"),
    ],
)
def test_name_is_read_in_the_way_of_its_reader(language, latin, shown):
    assert as_read("홍길동", latin, language=language) == shown
    with translation.override(language):
        assert as_read("홍길동", latin) == shown


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("HONG GILDONG", "HONG GILDONG"),
        ("ＨＯＮＧ　Ｇｉｌ－ｄｏｎｇ", "HONG Gil-dong"),
        ("  Siobhán   O’Neill ", "Siobhán O'Neill"),
        ("Nguye\u0302\u0303n Minh Tuấn", "Nguyễn Minh Tuấn"),
        ("Chukwuemeka‐Okafor", "Chukwuemeka-Okafor"),
        ("D´Arcy", "D'Arcy"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_latin_name_is_kept_in_one_spelling(text, tidy):
    refuse_unless_latin(text)

    assert tidy_latin(text) == tidy


@pytest.mark.parametrize(
    "text",
    ["홍길동", "HONG 길동", "Hong2", "-Hong", "'", "Hong\x00", "Иванов", "山田", "🙂", "a@b", "<b>",
     "Hong\u202e", "\u0301a", "ﬃ" * 60, "x" * 151],
)  # fmt: skip
def test_what_no_passport_prints_is_refused(text):
    with pytest.raises(ValidationError):
        refuse_unless_latin(text)


def test_pages_call_the_student_in_the_manner_of_their_language(client, gildong):
    client.force_login(gildong)

    assert "홍길동 님" in read_in(client, "ko", "/")
    english = read_in(client, "en", "/")
    assert "HONG GILDONG" in english
    assert "홍길동" not in english


def test_letters_greet_by_the_name_that_their_language_reads(gildong):
    assert reader_of(gildong).name == "HONG GILDONG"
    gildong.language = "ko"
    assert reader_of(gildong).name == "홍길동"


def test_letter_greets_in_korean_manner(gildong, make_course, enroll, deliver_all):
    User.objects.update(language="ko")
    enroll(gildong, make_course(price_minor=0))
    deliver_all()

    assert any("홍길동 님, 안녕하세요." in message.body for message in mail.outbox)


def test_sign_up_takes_a_latin_name_and_says_what_is_wrong_with_it(client, db):
    form = {"email": "new@example.com", "name": "홍길동", "password1": PASSWORD}

    refused = client.post(reverse("account_signup"), {**form, "latin_name": "홍길동"})
    client.post(reverse("account_signup"), {**form, "latin_name": "Ｈong Gildong"})

    assert 'id="id_latin_name_error"' in refused.text
    assert User.objects.get(email="new@example.com").latin_name == "Hong Gildong"


def test_account_page_changes_the_latin_name_and_refuses_another_script(client, gildong):
    client.force_login(gildong)
    form = {"name": "홍길동", "language": "en", "latin_name": "Иван"}

    refused = client.post(ACCOUNT, form)
    assert refused.status_code == 400
    assert 'id="id_latin_name_error"' in refused.text
    assert User.objects.get().latin_name == "HONG GILDONG"

    client.post(ACCOUNT, {**form, "latin_name": "Hong  Gil‐dong"})
    assert User.objects.get().latin_name == "Hong Gil-dong"


def test_api_takes_and_gives_the_latin_name(client, client_of, gildong):
    form = {"email": "api@example.com", "password": PASSWORD, "name": "김수려"}
    address = "/api/v1/students/"

    refused = client.post(address, {**form, "latin_name": "김"}, content_type="application/json")
    made = client.post(address, {**form, "latin_name": "KIM S"}, content_type="application/json")
    without = {**form, "email": "b@example.com"}

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "latin_name"
    assert made.json()["latin_name"] == "KIM S"
    assert User.objects.get(email="api@example.com").latin_name == "KIM S"
    answer = client.post(address, without, content_type="application/json")
    assert (answer.status_code, answer.json()["latin_name"]) == (201, "")
    assert client_of(gildong).get(f"{address}me/").json()["latin_name"] == "HONG GILDONG"


def test_desk_lists_and_finds_people_in_the_way_of_their_reader(client, carol, gildong):
    client.force_login(carol)
    address = "/admin/students/user/?q=gildong"

    assert "HONG GILDONG" in read_in(client, "en", address)
    korean = read_in(client, "ko", address)
    assert "홍길동" in korean
    assert "HONG GILDONG" not in korean


def test_review_is_signed_in_the_way_of_its_reader(certificate):
    course_id = lectures_queries.get_detail(
        enrollment_id=certificate.lecture_id, viewer_id=certificate.student_id
    ).course.id

    def signature(language):
        with translation.override(language):
            return lectures_queries.list_reviews(course_id=course_id)[0].student_name

    assert (signature("ko"), signature("en")) == ("홍*동", "HONG G.")


def test_certificate_keeps_both_names_as_they_were(client, certificate, gildong):
    address = reverse("certification:verify", args=[certificate.code])
    User.objects.update(name="김수려", latin_name="KIM SURYEO")

    assert (certificate.student_name, certificate.student_latin_name) == ("홍길동", "HONG GILDONG")
    for language, heading, below in (("ko", "홍길동", "HONG GILDONG"),
                                     ("en", "HONG GILDONG", "홍길동")):  # fmt: skip
        page = read_in(client, language, address)
        assert f"<h1>{heading}</h1>" in page
        assert f"<p>{below}</p>" in page


def test_name_that_no_font_prints_is_printed_in_latin_letters(client, certificate, gildong):
    new = certification.reissue_certificate(
        certificate_id=certificate.pk,
        student_name="محمد",
        student_latin_name="MOHAMMED",
        reason="As in the passport",
    )
    client.force_login(gildong)
    reissued = Certificate.objects.get(pk=new)

    assert (reissued.printed_name, reissued.printed_below) == ("MOHAMMED", "")
    assert client.get(reverse("certification:pdf", args=[reissued.code])).status_code == 200


@pytest.fixture
def unprintable(certificate):
    """Gildong's certificate under a name that no font of ours has, and not in Latin letters."""
    new = certification.reissue_certificate(
        certificate_id=certificate.pk, student_name="محمد", reason="As he writes it"
    )
    return Certificate.objects.get(pk=new)


def test_pdf_is_refused_rather_than_printed_with_holes(client, unprintable, gildong):
    client.force_login(gildong)
    client.cookies["django_language"] = "en"
    pdf = reverse("certification:pdf", args=[unprintable.code])

    answer = client.get(pdf, follow=True)

    assert "Our fonts lack the script of this name." in answer.text
    assert pdf not in answer.text
    assert answer["Content-Type"].startswith("text/html")


def test_owner_is_told_what_to_do_and_then_prints(client, unprintable, gildong):
    User.objects.update(latin_name="")
    client.force_login(gildong)
    page = reverse("certification:verify", args=[unprintable.code])
    put = reverse("certification:latin_name", args=[unprintable.code])
    client.cookies["django_language"] = "en"

    assert "Go to your account" in client.get(page).text
    assert "Write your name in Latin letters first." in client.post(put, follow=True).text
    User.objects.update(latin_name="MOHAMMED")
    assert "Put this name on the certificate" in client.get(page).text
    client.post(put)

    unprintable.refresh_from_db(fields=["student_latin_name"])
    assert unprintable.student_latin_name == "MOHAMMED"
    answer = client.get(reverse("certification:pdf", args=[unprintable.code]))
    assert answer["Content-Type"] == "application/pdf"


def test_latin_name_of_a_printed_certificate_never_changes(client, certificate, gildong):
    client.force_login(gildong)
    User.objects.update(latin_name="SOMEBODY ELSE")

    client.post(reverse("certification:latin_name", args=[certificate.code]))

    certificate.refresh_from_db(fields=["student_latin_name"])
    assert certificate.student_latin_name == "HONG GILDONG"


def test_nobody_else_puts_a_name_on_a_certificate(client, unprintable, mallory, carol):
    put = reverse("certification:latin_name", args=[unprintable.code])

    for user in (mallory, carol):
        client.force_login(user)
        assert client.post(put).status_code == 404
    unprintable.refresh_from_db(fields=["student_latin_name"])
    assert unprintable.student_latin_name == ""


def test_account_without_names_is_called_by_its_address(gildong):
    assert names.addressed("x") == "x"
    students.remove_student(student_id=gildong.pk)
    gone = User.objects.get()

    assert (gone.name, gone.latin_name) == ("", "")
    assert str(gone) == gone.email == gone.form_of_address
    assert not EmailAddress.objects.exists()
