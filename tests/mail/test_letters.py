"""Every kind in both languages: whole, escaped, translated, and the same as text and as HTML."""

import html as html_parser
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation
from icalendar import Calendar

from apps.students.letters import KINDS, Reader, kind_of_templates, render
from apps.students.letters.samples import list_samples, render_sample

HOSTILE = "<script>alert(1)</script>'\"& 김 🎓\r\nBcc: evil@example.com"
SEOUL = ZoneInfo("Asia/Seoul")
LANGUAGES = ["ko", "en"]
CASES = [(sample, language) for language in LANGUAGES for sample in list_samples(language=language)]
IDS = [f"{language}-{sample.kind}-{number}" for number, (sample, language) in enumerate(CASES)]
every_case = pytest.mark.parametrize(("sample", "language"), CASES, ids=IDS)


def visible(html):
    """Return the words of the HTML as they are read, and the addresses of its links."""
    body = html.split("<body", 1)[1]
    body = re.sub(r'<div style="display:none.*?</div>', "", body, flags=re.DOTALL)
    words = html_parser.unescape(re.sub(r"<[^>]+>", " ", body))
    return " ".join(words.split()), set(re.findall(r'href="([^"]+)"', body))


def hostile(sample):
    facts = dict(sample.facts)
    if "entry" in facts:
        facts["entry"].course_title = HOSTILE
    for name in {"title", "email", "user_agent", "to_email"} & facts.keys():
        facts[name] = HOSTILE
    return facts


def test_every_kind_has_a_sample():
    for language in LANGUAGES:
        assert {sample.kind for sample in list_samples(language=language)} == set(KINDS)


@every_case
def test_letter_is_whole_in_text_and_html(sample, language):
    mail = render_sample(sample, language=language)

    assert mail.subject
    assert "\n" not in mail.subject
    assert f'<html lang="{language}">' in mail.html
    assert not re.search(r"%\(|{{|{%|None|Promise", mail.text + mail.html.split("<body", 1)[1])
    assert not re.search(r"<(img|script|link|iframe|form)|url\(|@import|@font-face", mail.html)
    assert mail.html.count('class="mail-button"') <= 1


@every_case
def test_text_and_html_tell_the_same(sample, language):
    mail = render_sample(sample, language=language)
    words, links = visible(mail.html)

    for line in filter(None, map(str.strip, mail.text.splitlines())):
        if line.startswith("http"):
            assert line in links, line
        elif line != "--" and not line.endswith(":"):
            assert " ".join(re.sub(r"^[^:]+: ", "", line).split()) in words, line
    for link in links:
        assert link in mail.text


@pytest.mark.parametrize("sample", [sample for sample, language in CASES if language == "ko"])
def test_korean_letter_has_no_english_left(sample):
    mail = render_sample(sample, language="ko")
    known = (
        r"https?://\S+|\S+@\S+|SQL|KST|PDF|IP|Firefox \d+ · Windows|Suryeo Academy|[0-9A-Z-]{14}"
    )

    assert re.findall(r"[A-Za-z]{2,}", re.sub(known, "", mail.subject + mail.text)) == []


@every_case
def test_hostile_words_are_escaped_and_make_no_header(sample, language):
    kind = KINDS[sample.kind]
    reader = Reader(name=HOSTILE, language=language, zone=SEOUL)
    mail = render(kind, reader, hostile(sample))

    assert "<script>alert" not in mail.html
    assert "&amp;lt;" not in mail.html
    assert "&lt;" not in mail.text + mail.subject
    assert "\n" not in mail.subject
    assert not re.search(r"^Bcc:", mail.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("zone", "said"), [("Asia/Seoul", "09:00 (KST)"), ("America/New_York", "19:00 (EST)")]
)
def test_times_are_those_of_the_readers_zone(zone, said):
    sample = next(s for s in list_samples(language="en") if s.kind == "requested")
    reader = Reader(name="Alice", language="en", zone=ZoneInfo(zone))
    facts = sample.facts | {"pay_by": "2026-12-01T00:00:00+00:00"}

    assert said in render(KINDS["requested"], reader, facts).text


@pytest.mark.parametrize(
    ("language", "currency", "amount", "said"),
    [
        ("ko", "KRW", 180_000, "₩180,000"),
        ("en", "KRW", 180_000, "₩180,000"),
        ("en", "USD", 12_345, "$123.45"),
        ("ko", "USD", 12_345, "US$123.45"),
        ("en", "JPY", 5_000, "¥5,000"),
    ],
)
def test_receipt_says_amount_number_date_and_school(language, currency, amount, said, settings):
    sample = next(s for s in list_samples(language=language) if s.kind == "approved")
    sample.facts["entry"].currency = currency
    facts = sample.facts | {"amount_minor": amount, "paid_at": "2026-12-01T00:00:00+00:00"}
    reader = Reader(name="Alice", language=language, zone=SEOUL)
    mail = render(KINDS["approved"], reader, facts)

    for text in (mail.text, visible(mail.html)[0]):
        for part in (said, "P-7K3M-4X92", "1024", "09:00 (KST)", settings.SCHOOL_NAME):
            assert part in text, part


@pytest.mark.parametrize(
    ("days", "subject"),
    [(1, '"SQL" starts tomorrow'), (0, '"SQL" starts today'), (3, 'The dates of "SQL"')],
)
def test_tomorrow_is_said_only_when_it_is(days, subject):
    now = datetime(2026, 12, 1, 8, tzinfo=SEOUL)
    reader = Reader(name="Alice", language="en", zone=SEOUL)
    with time_machine.travel(now, tick=False):
        sample = next(s for s in list_samples(language="en") if s.kind == "course_starts")
        sample.facts["entry"].course_title = "SQL"
        start = now.replace(hour=10) + timedelta(days=days)
        facts = sample.facts | {"starts_at": start.isoformat()}
        assert render(KINDS["course_starts"], reader, facts).subject == subject


def read_calendar(**facts):
    sample = next(s for s in list_samples(language="ko") if s.kind == "course_starts")
    reader = Reader(name="김", language="ko", zone=SEOUL)
    sample.facts["entry"].course_title = facts.pop("title", "처음 배우는 SQL, 그리고; \\ 더")
    mail = render(KINDS["course_starts"], reader, sample.facts | facts)
    (attachment,) = mail.attachments
    assert all(len(line.encode()) <= 75 for line in attachment.content.split("\r\n"))
    calendar = Calendar.from_ical(attachment.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_calendar_file_is_valid_and_its_event_keeps_its_uid_when_dates_change(settings):
    dates = {"starts_at": "2026-12-10T10:00:00+09:00", "ends_at": "2027-01-10T18:00:00+09:00"}
    calendar, event = read_calendar(**dates, sequence=0)
    _calendar, moved = read_calendar(
        **dates | {"starts_at": "2026-12-12T10:00:00+09:00"}, sequence=1
    )

    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert str(event["SUMMARY"]) == "처음 배우는 SQL, 그리고; \\ 더"
    assert event.decoded("DTSTART").isoformat() == "2026-12-10T01:00:00+00:00"
    assert event.decoded("DTEND").isoformat() == "2027-01-10T09:00:00+00:00"
    assert str(event["ORGANIZER"]) == "mailto:school@example.com"
    assert event["ORGANIZER"].params["CN"] == settings.SCHOOL_NAME
    assert (event["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert event["UID"] == moved["UID"]


@pytest.mark.parametrize("ends_at", [None, "2026-12-01T00:00:00+09:00"])
def test_calendar_without_a_sensible_end_takes_an_hour(ends_at):
    _calendar, event = read_calendar(
        starts_at="2026-12-10T10:00:00+09:00", ends_at=ends_at, sequence=0, title=HOSTILE
    )

    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
    assert "ATTENDEE" not in event
    assert set(event) <= {
        *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION"),
        *("URL", "ORGANIZER", "TRANSP", "STATUS"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_letter_of_an_app_that_brings_text_only_has_html_too(language):
    kind = kind_of_templates("account/email/login_code")
    reader = Reader(name="", language=language, zone=SEOUL)
    with translation.override(language):
        mail = render(kind, reader, {"code": "<b>123</b>", "email": "a@example.com"})

    assert "<b>123</b>" in mail.text
    assert "&lt;b&gt;123&lt;/b&gt;" in mail.html
