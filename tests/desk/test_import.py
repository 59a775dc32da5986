"""Students and enrollments from CSV: tried without writing, confirmed, and once only."""

import re
import unicodedata
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.courses import services as courses
from apps.courses.models import Course
from apps.events.models import LoggedEvent
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import Charge, Payment
from apps.refusals import InvalidInput
from apps.students import services as students
from apps.students.models import User
from elearning.bulk import services
from elearning.bulk.models import BulkItem, BulkJob
from elearning.imports.models import ImportedFile
from elearning.imports.reading import read_rows
from tests.forms import agreed_on

HEADING = "email,name,language,course,transfer reference"


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def course(make_course):
    return Course.objects.get(pk=make_course(slug="sql", capacity=10))


def upload(client, *lines, encoding="utf-8", heading=HEADING):
    content = "\r\n".join((heading, *lines)).encode(encoding)
    return upload_bytes(client, content)


def upload_bytes(client, content):
    file = SimpleUploadedFile("students.csv", content, content_type="text/csv")
    return client.post(reverse("desk_import"), {"file": file}, follow=True)


def confirm(client):
    job = BulkJob.objects.latest("pk")
    agreed = agreed_on(client, reverse("admin:elearning_bulkjob_change", args=[job.pk]))
    client.post(reverse("admin:elearning_bulkjob_start", args=[job.pk]), agreed)
    while services.run_next_job():
        pass


def planned():
    job = BulkJob.objects.latest("pk")
    return {item.position: (item.status, item.message) for item in job.items.all()}


def test_dry_run_says_what_every_row_will_do_and_writes_nothing(desk, course, alice):
    page = upload(
        desk,
        "new@example.com,김수려,ko,sql,KB-1",
        "alice@example.com,,,sql,",
        "other@example.com,Other,en,,",
        "Alice@Example.com,,,,",
    )

    assert planned() == {
        2: (
            "pending",
            "A new student is registered and invited by e-mail.\n"
            "Enrolled in “Introduction to SQL”.\nBooked as paid: ₩50,000.",
        ),
        3: ("pending", "Enrolled in “Introduction to SQL”."),
        4: ("pending", "A new student is registered and invited by e-mail."),
        5: ("pending", "Everything is there already."),
    }
    assert list(map(str, page.context["warnings"])) == [
        "2 new students are registered and get an e-mail to choose a password.",
        "2 enrollments are requested.",
        "₩50,000 is booked as paid, because you say that it has arrived.",
        "1 row is already as the file says.",
    ]
    assert User.objects.count() == 2  # Alice and Carol
    assert not Enrollment.objects.exists()


def test_confirmed_import_registers_enrolls_and_books(desk, course, deliver_all):
    upload(desk, "new@example.com,김수려,ko,sql,KB-1")
    confirm(desk)
    deliver_all()

    student = User.objects.get(email="new@example.com")
    assert (student.name, student.language) == ("김수려", "ko")
    assert not student.has_usable_password()
    assert Enrollment.objects.get().status == "approved"
    assert Charge.objects.get().gateway_reference == "KB-1"
    assert {item.status for item in BulkItem.objects.all()} == {"done"}


def test_same_file_a_second_time_changes_nothing(desk, course, deliver_all):
    lines = ["new@example.com,김수려,ko,sql,KB-1", "b@example.com,B,en,sql,", "c@example.com,C,,,"]
    upload(desk, *lines)
    confirm(desk)
    deliver_all()
    before = [User.objects.count(), Enrollment.objects.count(), Payment.objects.count()]
    sent = len(mail.outbox)

    upload(desk, *lines)
    assert {message for _status, message in planned().values()} == {"Everything is there already."}
    confirm(desk)
    deliver_all()

    assert [User.objects.count(), Enrollment.objects.count(), Payment.objects.count()] == before
    assert {status for status, _message in planned().values()} == {"unchanged"}
    assert len(mail.outbox) == sent
    assert Charge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_row_that_was_interrupted_does_what_is_missing_and_no_more(desk, course, monkeypatch):
    upload(desk, "new@example.com,New,en,sql,KB-1")

    def die(**_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(lectures, "request_enrollment", die)
        with pytest.raises(KeyboardInterrupt):
            confirm(desk)
    assert User.objects.filter(email="new@example.com").exists()
    BulkJob.objects.update(leased_until=None)
    while services.run_next_job():
        pass

    assert Enrollment.objects.get().status == "approved"
    assert User.objects.filter(email="new@example.com").count() == 1


PROBLEMS = [
    ("no-address,A,,,", "email: Write an address such as name@example.com."),
    (",A,,,", "email: Write an address"),
    ("a@example.com,,,,", "name: Write the name, as it shall stand on certificates."),
    (f"a@example.com,{'가' * 151},,,", "name: Write at most 150 characters."),
    ("a@example.com,A,fr,,", "language: Write one of: ko, en."),
    ("a@example.com,A,,no-such,", "course: There is no such course."),
    ("a@example.com,A,,closed,", "course: Enrollment in this course is closed."),
    ("a@example.com,A,,,KB-1", "course: Name the course that has been paid for."),
    (f"a@example.com,A,,sql,{'1' * 101}", "transfer reference: Write at most 100 characters."),
    ("off@example.com,,,sql,", "email: This account is switched off."),
]


@pytest.mark.parametrize(("line", "problem"), PROBLEMS)
def test_row_with_an_error_names_row_column_and_remedy(
    desk, course, make_course, bob, line, problem
):
    make_course(slug="closed", title="Closed", opened=False)
    User.objects.filter(pk=bob.pk).update(email="off@example.com", is_active=False)
    upload(desk, "good@example.com,Good,,,", line)

    [status, message] = planned()[3]
    assert status == "refused"
    assert problem in message
    confirm(desk)
    assert User.objects.filter(email="good@example.com").exists()
    assert not User.objects.filter(email="a@example.com").exists()


def test_all_errors_of_a_row_are_told_at_once(desk, course):
    upload(desk, "x,,fr,none,")

    assert [line.split(":")[0] for line in planned()[2][1].split("\n")] == [
        "email",
        "name",
        "language",
        "course",
    ]


def test_rows_that_contradict_or_repeat_each_other_are_refused(desk, course, make_course):
    make_course(slug="git", title="Git")
    upload(
        desk,
        "a@example.com,A,,sql,",
        "A@example.com,A,,sql,",
        "a@example.com,Another,,git,",
        "a@example.com,A,,git,",
    )

    rows = planned()
    assert [rows[number][0] for number in (2, 3, 4, 5)] == [
        "pending",
        "refused",
        "refused",
        "pending",
    ]
    assert "Row 2 says the same" in rows[3][1]
    assert "Row 2 gives this address another name" in rows[4][1]


def test_no_more_rows_are_enrolled_than_seats_are_left(desk, make_course):
    make_course(slug="small", capacity=2)
    upload(desk, *(f"s{n}@example.com,S,,small," for n in range(4)))
    assert [status for status, _message in planned().values()].count("refused") == 2
    confirm(desk)

    assert Enrollment.objects.count() == 2
    assert Course.objects.get().seats_taken == 2


def test_seat_taken_between_dry_run_and_confirmation_is_refused(desk, make_course, alice, enroll):
    course_id = make_course(slug="small", capacity=1)
    upload(desk, "s@example.com,S,,small,")
    enroll(alice, course_id)
    confirm(desk)

    [status, message] = planned()[2]
    assert status == "refused"
    assert "Every seat of this course is taken" in message


def test_unpaid_enrollment_is_booked_when_the_file_names_its_transfer(desk, course, alice, enroll):
    enroll(alice, course.pk)
    upload(desk, "alice@example.com,,,sql,KB-2")
    assert planned()[2][1] == "Booked as paid: ₩50,000."
    confirm(desk)

    assert Enrollment.objects.get().status == "approved"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_file_of_every_spreadsheet_is_read(encoding, delimiter):
    lines = ["이메일,이름,과정", 'a@example.com,"김수려",디자인']
    content = "\r\n".join(line.replace(",", delimiter) for line in lines).encode(encoding)

    [row] = read_rows(content)

    assert row.number == 2
    assert row.values == {"email": "a@example.com", "name": "김수려", "course": "디자인"}


def test_cells_may_hold_commas_lines_and_blanks():
    [row, later] = read_rows(b'email,name\n\na@x.org,"Kim,\n Alice"\n,\n b@x.org ,B\n')

    assert row.values["name"] == "Kim, Alice"
    assert (row.number, later.number) == (3, 5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"email,name\n", "no rows below it"),
        (b"name\nA\n", "The column “email” is missing"),
        (b"email,Email\na,b\n", "there twice"),
        (b"email,phone\na,b\n", "There is no column “phone”"),
        (b"email,name\na,b,c,d\n", "Row 2 has more cells"),
        (b'email,name\n"a,b\n', "cannot be read"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no text file"),
        (b"email,name\n\x00,b", "no text file"),
        (b"\xff\xfea", "no text file"),
        (b"email\n" + b"a" * (5 * 1024 * 1024), "at most 5 MB"),
    ],
)
def test_file_that_cannot_be_read_says_what_to_do(content, said):
    with pytest.raises(InvalidInput) as refused:
        read_rows(content)

    assert said in str(refused.value)
    assert refused.value.field == "file"


def test_unreadable_file_is_told_on_the_form(desk):
    page = upload_bytes(desk, b"name\nA\n")

    assert page.status_code == 400
    assert "is missing" in str(page.context["form"].errors["file"])
    assert desk.post(reverse("desk_import"), {}).status_code == 400


def test_big_file_costs_as_many_queries_and_more_than_the_limit_is_refused(
    desk, course, monkeypatch, django_assert_max_num_queries
):
    lines = [f"s{n}@example.com,S,,sql," for n in range(5000)]
    content = "\n".join((HEADING, *lines)).encode()
    file = SimpleUploadedFile("students.csv", content)
    with django_assert_max_num_queries(30):
        desk.post(reverse("desk_import"), {"file": file})
    assert BulkItem.objects.count() == 5000

    monkeypatch.setattr(services, "MAX_ITEMS", 3)
    page = upload(desk, *lines[:4])
    assert "Choose at most 3 at once" in page.content.decode()


def test_invited_student_chooses_a_password_and_logs_in(desk, client, course, deliver_all):
    upload(desk, "new@example.com,New,en,,")
    confirm(desk)
    deliver_all()
    client.logout()
    [invitation] = [message for message in mail.outbox if message.to == ["new@example.com"]]
    [link] = re.findall(r"http://[^/]+(/accounts/password/reset/key/\S+)", invitation.body)

    form = client.get(link, follow=True)
    new = "a-good-one-7421"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    client.post("/accounts/login/", {"login": "new@example.com", "password": new}, follow=True)

    assert client.get("/my/").status_code == 200
    assert EmailAddress.objects.get(email="new@example.com").verified
    assert "3 days" in invitation.body


@pytest.mark.parametrize(
    ("rights", "line", "allowed"),
    [
        ([], "a@example.com,A,,,", False),
        (["students.add_user"], "a@example.com,A,,,", True),
        (["students.add_user"], "a@example.com,A,,sql,", False),
        (["students.add_user", "lectures.add_enrollment"], "a@example.com,A,,sql,", True),
        (["students.add_user", "lectures.add_enrollment"], "a@example.com,A,,sql,KB", False),
    ],
)
def test_import_asks_for_the_rights_that_its_rows_need(
    client, staff_with, course, rights, line, allowed
):
    client.force_login(staff_with(*rights))
    answer = upload(client, line)

    assert BulkJob.objects.exists() == allowed
    assert answer.status_code == (200 if allowed else 400 if rights else 403)


def test_template_is_a_file_that_can_be_filled_in(desk):
    content = b"".join(desk.get(reverse("desk_import_template")).streaming_content)
    [row] = read_rows(content + b"a@example.com,A,,,\r\n")

    assert row.values["email"] == "a@example.com"


def test_students_are_registered_together_at_a_price_that_rows_do_not_raise(desk):
    rows = [f"s{number}@example.com,학생 {number},ko,," for number in range(60)]
    upload(desk, *rows)

    with CaptureQueriesContext(connection) as queries:
        confirm(desk)

    assert User.objects.filter(email__startswith="s").count() == 60
    assert set(BulkItem.objects.values_list("status", "attempts")) == {("done", 1)}
    assert LoggedEvent.objects.filter(name="students.student_invited.v1").count() == 60
    assert len(queries) < 60, "fewer queries than rows"


def test_row_that_keeps_the_others_from_succeeding_is_run_by_itself(desk, monkeypatch):
    upload(desk, "a@example.com,A,,,", "b@example.com,B,,,")
    invite_together = students.invite_students

    def race(*, invitees):
        if len(invitees) > 1:
            invite_together(invitees=invitees[:1])
            raise IntegrityError("signed up at the same moment")
        return invite_together(invitees=invitees)

    monkeypatch.setattr(students, "invite_students", race)
    confirm(desk)

    assert [row.status for row in BulkItem.objects.order_by("position")] == ["done"] * 2
    assert User.objects.filter(name__in="AB").count() == 2


def test_name_in_latin_letters_is_imported_and_one_that_is_none_refused(desk):
    page = upload(
        desk,
        "a@example.com,홍길동,ＨＯＮＧ Gildong",
        "b@example.com,김수려,김수려",
        "c@example.com,이하나,LEE H",
        "c@example.com,이하나,YI H",
        heading="이메일,이름,영문 이름",
    )
    confirm(desk)

    assert page.status_code == 200
    assert User.objects.get(email="a@example.com").latin_name == "HONG Gildong"
    rows = planned()
    assert "name in Latin letters: Write it in Latin letters" in rows[3][1]
    assert "Row 4 gives this address another name" in rows[5][1]
    assert [rows[row][0] for row in (2, 3, 4, 5)] == ["done", "refused", "done", "refused"]


WESTERN = "email,name\r\nalvaro@example.com,Álvaro Núñez\r\n".encode("cp1252")


def test_file_in_doubt_is_shown_in_each_encoding_and_nothing_is_planned(desk):
    page = upload_bytes(desk, WESTERN)

    readings = {reading["encoding"]: reading["rows"][1][1] for reading in page.context["readings"]}
    assert readings == {"cp949": "햘varo N夾ez", "cp1252": "Álvaro Núñez"}
    assert "Álvaro Núñez" in page.content.decode()
    assert not BulkJob.objects.exists()

    answer = {"encoding": "cp1252", "kept": page.context["kept"]}
    confirmed = desk.post(reverse("desk_import"), answer, follow=True)
    assert BulkItem.objects.get().facts["name"] == "Álvaro Núñez"
    assert "Windows-1252" in str(confirmed.context["reading"].label)


def test_file_that_only_windows_1252_fits_is_asked_about_too(desk):
    page = upload_bytes(desk, "email,name\r\na@example.com,José\r\n".encode("cp1252"))

    assert [reading["encoding"] for reading in page.context["readings"]] == ["cp1252"]
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    ("encoding", "row", "label"),
    [
        ("cp949", "a@example.com,김수려,,,", "CP949"),
        ("utf-16", "a@example.com,김수려,,,", "UTF-16"),
        ("utf-8", "a@example.com,Kim,,,", "UTF-8"),  # no letter beyond ASCII
        ("utf-8", "no-address,김수려,,,", "UTF-8"),  # nothing to do: each row is refused
    ],
)
def test_dry_run_shows_the_encoding_and_the_first_rows(desk, encoding, row, label):
    page = upload(desk, *[row] * 7, encoding=encoding)

    shown = re.search(r"<section>.*?</section>", page.content.decode(), re.DOTALL)[0]
    assert label in re.search("<strong>(.*?)</strong>", shown)[1]
    assert re.findall(r"<th scope=\"col\">(.*?)</th>", shown) == HEADING.split(",")
    assert re.findall("<td>(.*?)</td>", shown) == row.split(",") * 5
    assert not User.objects.filter(email="a@example.com").exists()


def read_again(desk, encoding):
    address = reverse("desk_import_encoding", args=[BulkJob.objects.get().pk])
    return desk.post(address, {"encoding": encoding}, follow=True)


def test_draft_is_drawn_up_anew_when_its_file_is_read_in_another_encoding(desk):
    wrong = SimpleUploadedFile("students.csv", WESTERN)
    page = desk.post(reverse("desk_import"), {"file": wrong, "encoding": "cp949"}, follow=True)
    assert [name for name, _label in page.context["reading"].others] == ["cp1252"]

    page = read_again(desk, "cp1252")

    assert page.context["reading"].rows == [["alvaro@example.com", "Álvaro Núñez"]]
    assert "Álvaro Núñez" in page.content.decode()
    assert BulkItem.objects.get().facts["name"] == "Álvaro Núñez"
    confirm(desk)
    assert User.objects.get(email="alvaro@example.com").name == "Álvaro Núñez"


@pytest.mark.parametrize(("encoding", "said"), [("cp949", "not in this"), ("rot13", "Choose an")])
def test_draft_stays_when_its_file_does_not_fit_the_encoding(desk, encoding, said):
    upload_bytes(desk, "email,name\r\na@example.com,김수려\r\n".encode())
    before = BulkJob.objects.get()

    page = read_again(desk, encoding)

    assert said in " ".join(map(str, page.context["messages"]))
    assert BulkJob.objects.get() == before
    assert page.context["reading"].label == "UTF-8"


def test_draft_of_another_is_not_read_again(desk, client, staff_with):
    upload(desk, "a@example.com,Kim,,,")
    client.force_login(staff_with("students.add_user"))

    page = read_again(client, "cp949")

    assert "Choose the file again" in " ".join(map(str, page.context["messages"]))
    assert BulkJob.objects.get().pk == ImportedFile.objects.get().job_id


@pytest.mark.parametrize("end", ["start", "discard"])
def test_file_is_deleted_when_its_draft_is_started_or_discarded(desk, end):
    upload(desk, "a@example.com,Kim,,,")
    job = BulkJob.objects.get()
    agreed = agreed_on(desk, reverse("admin:elearning_bulkjob_change", args=[job.pk]))
    assert ImportedFile.objects.exists()

    desk.post(reverse(f"admin:elearning_bulkjob_{end}", args=[job.pk]), agreed)

    assert not ImportedFile.objects.exists()


def test_chosen_encoding_is_taken_or_refused_in_words(desk):
    file = SimpleUploadedFile("s.csv", "email,name\na@example.com,김수려\n".encode())
    page = desk.post(reverse("desk_import"), {"file": file, "encoding": "utf-16"})
    assert "not in this encoding" in str(page.context["form"].errors["file"])
    forged = {"kept": "eJw=:x:y", "encoding": "cp949"}
    assert desk.post(reverse("desk_import"), forged).status_code == 400
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        quote,
        lambda slug: f"https://school.example/courses/{quote(slug)}/?utm_source=mail",
        lambda slug: unicodedata.normalize("NFD", slug),
        str.upper,
    ],
)
def test_course_is_named_by_its_address_as_it_is_copied(desk, make_course, change):
    make_course(title="복사 과정 x")

    upload(desk, f"new@example.com,Kim,,{change('복사-과정-x')},")

    [status, message] = planned()[2]
    assert status == "pending"
    assert "Enrolled in “복사 과정 x”." in message


def test_former_address_of_a_course_is_taken(desk, course):
    courses.change_course(course_id=course.pk, fields={"slug": "moved"})
    upload(desk, "new@example.com,Kim,,sql,")

    assert planned()[2][0] == "pending"


def test_cells_pass_the_gate_of_text(desk):
    upload(
        desk,
        f"a@example.com,{unicodedata.normalize('NFD', '하정우')},,,",
        "b\u200b@example.com,Lee,,,",
        "c@example.com,\u3164,,,",
        "d@example.com,Kim\u202e,,,",
    )

    rows = planned()
    assert [rows[number][0] for number in (2, 3, 4, 5)] == ["pending", *["refused"] * 3]
    assert BulkItem.objects.get(position=2).facts["name"] == "하정우"
    assert "email: Remove the invisible character U+200B" in rows[3][1]
    assert "name: Write the name" in rows[4][1]
    assert "name: Remove the invisible character U+202E" in rows[5][1]
