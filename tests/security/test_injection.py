"""Hostile text put into every name and text comes out of every sink as text."""

import json
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.translation import override

from apps.certification.models import Certificate
from apps.courses.models import Course, Lesson
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.markdown import render_markdown
from elearning.spreadsheet import safe_cell
from tests.conftest import make_user

PAYLOADS = [
    "<script>evil()</script>",
    "<img src=x onerror=evil()>",
    '"><svg onload=evil()>',
    "' onmouseover='evil()",
    "{{ 7|add:7 }}{% debug %}",
    "</title></textarea></style><script>evil()</script>",
    '<!--<img src="--><img src=x onerror=evil()>',
    '#panic("evil") $x$ *b* \\u{202e}',
    '=HYPERLINK("https://evil.example")',
    "&lt;script&gt;evil()&lt;/script&gt;",
]
LINKS = [
    "[x](javascript:evil())",
    "[x](JaVaScRiPt:evil())",
    "[x](data:text/html,<script>evil()</script>)",
    "[x](vbscript:evil())",
    "![x](https://evil.example/track.png)",
    "<javascript:evil()>",
    "[x]: javascript:evil()\n\n[x]",
    '<a href="javascript:evil()">x</a>',
    "<style>*{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    "`<script>evil()</script>`",
]
OTHER_SCHEMES = ["ftp://evil.example/x", "intent://evil", "tel:+8210", "ms-word:ofe|u|x"]


class Danger(HTMLParser):
    """Collects what a browser would run or load of an answer."""

    def __init__(self):
        super().__init__()
        self.found, self.script = [], False

    def handle_starttag(self, tag, attrs):
        self.script = tag in {"script", "style"}
        for name, value in attrs:
            runs = name.startswith("on") and "evil" in (value or "")
            leads = name in {"href", "src", "action", "formaction", "xlink:href"} and any(
                (value or "").strip().lower().startswith(scheme)
                for scheme in ("javascript:", "data:text", "vbscript:", "//evil")
            )
            if runs or leads:
                self.found.append((tag, name, value))
        if tag in {"svg", "img", "iframe"} and any("evil" in (value or "") for _n, value in attrs):
            self.found.append((tag, attrs))

    def handle_endtag(self, tag):
        self.script = False

    def handle_data(self, data):
        if self.script and "evil()" in data:
            self.found.append(("script", data[:80]))


def dangers(html):
    parser = Danger()
    parser.feed(html)
    return parser.found


TOGETHER = [" ".join(PAYLOADS[:4]), " ".join(PAYLOADS[4:8]), " ".join(PAYLOADS[8:])]


@pytest.fixture(params=TOGETHER)
def hostile(request, make_course, enroll, pay, learn, deliver_all, settings):
    """A school whose every text is the payload."""
    text = request.param
    student = make_user("student@example.com", text[:150])
    course_id = make_course(
        title=text, summary=text, description=text, category=text[:60], slug="hostile", capacity=2
    )
    Lesson.objects.filter(course_id=course_id).update(title=text, content=text)
    enrollment_id = enroll(student, course_id)
    pay(enrollment_id, student)
    learn(enrollment_id, student)
    lectures.write_review(enrollment_id=enrollment_id, student_id=student.pk, rating=1, text=text)
    deliver_all()
    return text, student, Enrollment.objects.get(pk=enrollment_id)


def test_detector_sees_what_would_run():
    for text in PAYLOADS[:4]:
        assert dangers(f"<p title='{text}'>{text}</p>"), text
    assert dangers('<a href=" javascript:evil()">x</a>')
    assert dangers("<style>evil()</style>")


def test_no_page_runs_it(client, hostile, carol):
    _text, student, enrollment = hostile
    code = Certificate.objects.get().code
    lesson = Lesson.objects.filter(course_id=enrollment.course_id, is_preview=True).first()
    pages = [
        "/", "/courses/", "/courses/hostile/", f"/courses/hostile/lessons/{lesson.pk}/",
        f"/verify/{code}/", "/courses/?q=%3Cscript%3Eevil()%3C/script%3E",
        "/accounts/login/?next=%22%3E%3Cscript%3Eevil()%3C/script%3E",
        "/verify/?code=%3Cscript%3Eevil()%3C/script%3E",
    ]  # fmt: skip
    hers = [
        "/my/", f"/my/{enrollment.pk}/", f"/lectures/{enrollment.pk}/", "/accounts/profile/",
        f"/lectures/{enrollment.pk}/lessons/{lesson.pk}/", f"/lectures/{enrollment.pk}/review/",
    ]  # fmt: skip
    lists = (
        "certification/certificate",
        "courses/course",
        "events/loggedevent",
        "lectures/enrollment",
        "lectures/review",
        "payments/payment",
        "students/user",
    )
    desk = [
        "/admin/", *(f"/admin/{name}/" for name in lists),
        f"/admin/courses/course/{enrollment.course_id}/change/",
        f"/admin/lectures/enrollment/{enrollment.pk}/change/",
        f"/admin/students/user/{student.pk}/change/",
    ]  # fmt: skip
    wrong = {}

    for user, addresses in ((None, pages), (student, hers), (carol, desk)):
        if user:
            client.force_login(user)
        for address in addresses:
            answer = client.get(address, follow=True)
            assert answer.status_code == (404 if "?code=" in address else 200), address
            if found := dangers(answer.text):
                wrong[address] = found

    assert wrong == {}


def test_mail_api_and_certificate_give_it_back_as_text(client, client_of, hostile):
    text, student, enrollment = hostile
    check_mail(text)
    check_api(client_of(student), text, enrollment)
    check_certificate(client, student)


def check_mail(text):
    assert mail.outbox
    for message in mail.outbox:
        sent = message.message()
        assert "\n" not in message.subject
        assert message.recipients() == ["student@example.com"]
        assert sent["Bcc"] is None
        for part in sent.walk():
            if part.get_content_type() == "text/html":
                html = part.get_payload(decode=True).decode()
                assert dangers(html) == []
                assert "{{ 7|add:7 }}" in html or "{{" not in text


def check_api(client, text, enrollment):
    answer = client.get(f"/api/v1/courses/{enrollment.course_id}/")

    assert json.loads(answer.content)["title"] == text
    assert answer["Content-Type"].startswith("application/json")
    assert answer["X-Content-Type-Options"] == "nosniff"


def check_certificate(client, student):
    client.force_login(student)

    answer = client.get(reverse("certification:pdf", args=[Certificate.objects.get().code]))

    assert answer.status_code == 200
    assert b"".join(answer if answer.streaming else [answer.content]).startswith(b"%PDF-")
    assert answer["Content-Disposition"].isascii()
    assert "\n" not in answer["Content-Disposition"]


@pytest.mark.parametrize("text", [*PAYLOADS, *LINKS])
def test_markdown_renders_nothing_that_runs_or_loads(text):
    html = str(render_markdown(text))

    assert dangers(html) == []
    for tag in ("<img", "<style", "<iframe", "<script", "<svg"):
        assert tag not in html


def test_html_in_markdown_is_shown_as_text():
    assert "&lt;b&gt;" in render_markdown("<b>bold</b>")


@pytest.mark.parametrize("address", OTHER_SCHEMES)
def test_link_of_another_scheme_leads_nowhere(address):
    assert "href" not in render_markdown(f"[x]({address})")


@pytest.mark.parametrize("name", ["A\r\nBcc: evil@example.com", "A\nSubject: evil"])
def test_line_break_in_a_name_or_title_makes_no_header(make_course, enroll, deliver_all, name):
    student = make_user("student@example.com", name)
    course_id = make_course(title="Course")
    Course.objects.filter(pk=course_id).update(title=name)
    enroll(student, course_id)

    with override("en"):
        deliver_all()

    assert mail.outbox
    for message in mail.outbox:
        sent = message.message()
        assert (sent["Bcc"], len(sent.get_all("Subject"))) == (None, 1)
        assert message.recipients() == ["student@example.com"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_cell_of_an_export_is_no_formula(cell):
    assert safe_cell(cell).startswith("'")
