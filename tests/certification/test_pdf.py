"""The certificate as a PDF: same bytes, no boxes, nothing outside its frame."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pytest
import typst
from PIL import Image

from apps.certification import pdf
from apps.certification.models import Certificate
from apps.certification.pdf import certificate_pdf
from foundation.printing.glyphs import face_for, printable

POINTS_PER_MM = 72 / 25.4
AWKWARD = {
    "korean": ("홍길동", "데이터 분석 입문 — Introduction to Data Analysis"),
    "long": ("Wolfeschlegelsteinhausen " * 6, ("A title that must wrap " * 9)[:200]),
    "long without spaces": ("가" * 150, "W" * 200),
    "hanja": ("김哲洙", "漢字 과정"),
    "unknown hanja": ("𠮷田 太郎", "张伟"),
    "emoji": ("김철수 🎉👩\u200d💻🇰🇷❤️", "이모지 🚀 과정"),
    "vietnamese": ("Nguyễn Thị Ánh Đỗ", "Phân tích dữ liệu"),
    "decomposed": ("각 Nguyễn", "é"),
    "unknown script": ("محمد", "ไทย"),
    "marks": ("漢\u0301\u0323 n̈", "Z\u0351\u034f\u0489algo"),
    "nothing visible": ("\u200b\u202e\n", "\x01"),
    "typst and html": ('#panic("x") $a$ *b* <b> \\u{0}', "a // b /* c"),
}


def certificate(name="홍길동", title="데이터 분석 입문"):
    return Certificate(
        code="7K3M-9QXR-2FHT",
        student_name=name,
        course_title=title,
        completed_at=datetime(2026, 11, 20, 15, 30, tzinfo=UTC),
        issued_at=datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
    )


def test_same_certificate_is_the_same_bytes_in_every_thread():
    wanted = [certificate(name=f"Student {number}") for number in range(12)]
    one_by_one = [certificate_pdf(each) for each in wanted]

    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(certificate_pdf, wanted))

    assert at_once == one_by_one
    assert len(set(one_by_one)) == 12


def test_one_landscape_a4_page_with_our_fonts_only():
    content = certificate_pdf(certificate())

    assert content.startswith(b"%PDF-")
    assert b"/MediaBox[0 0 841.8898 595.2756]" in content
    assert content.count(b"/MediaBox") == 1
    assert b"NanumMyeongjo" in content


def test_dates_are_those_of_the_school():
    facts = pdf._facts(certificate())

    assert facts["completed_on"] == "2026년 11월 21일"  # past midnight in Seoul
    assert facts["verify_url"].endswith("/verify/7K3M-9QXR-2FHT/")


@pytest.mark.parametrize(("name", "title"), AWKWARD.values(), ids=AWKWARD)
def test_every_character_has_a_glyph(name, title):
    """PDF/A is refused by typst itself when a glyph is missing."""
    facts = pdf._facts(certificate(name, title))

    pdf._compile(facts, created_at=datetime.now(UTC), standards=["a-2b"])


def test_that_check_sees_a_missing_glyph():
    facts = pdf._facts(certificate()) | {"name": "𠮷"}

    with pytest.raises(typst.TypstError, match="could not be displayed"):
        pdf._compile(facts, created_at=datetime.now(UTC), standards=["a-2b"])


@pytest.mark.parametrize(("name", "title"), AWKWARD.values(), ids=AWKWARD)
def test_text_of_any_length_stays_inside_the_frame(name, title):
    picture = draw(pdf._facts(certificate(name, title)))

    for left, right in ((13, 20), (277, 284)):  # millimetres, between the frame and the text
        strip = picture.crop((at(left), at(13), at(right), picture.height - at(13)))
        assert strip.getextrema() == (255, 255), f"ink from {left} to {right} mm"
    gap = picture.crop((at(23), at(156), at(240), at(166)))  # above the line over the school's name
    assert gap.getextrema() == (255, 255), "the text runs into the foot"


def test_name_in_latin_letters_stands_below_and_inside_the_frame():
    both = certificate("가" * 150, "W" * 200)
    both.student_latin_name = "Wolfeschlegelsteinhausen " * 6
    facts = pdf._facts(both)

    picture = draw(facts)

    assert facts["latin_name"] == both.student_latin_name.strip()
    gap = picture.crop((at(23), at(156), at(240), at(166)))
    assert gap.getextrema() == (255, 255), "the text runs into the foot"
    assert picture.tobytes() != draw(facts | {"latin_name": ""}).tobytes()


def draw(facts):
    png = pdf._compiler().compile(format="png", ppi=72, sys_inputs={"facts": json.dumps(facts)})
    return Image.open(BytesIO(png)).convert("L")


def at(millimetres):
    return round(millimetres * POINTS_PER_MM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("홍길동", "홍길동"),
        ("김哲洙", "김哲洙"),
        ("𠮷田", "〓田"),
        ("𝐀lice", "Alice"),
        ("a\u202eb\nc\x00", "ab c"),
        ("각", "각"),
        ("\u200b", "〓"),
    ],
)
def test_printable_replaces_what_no_font_has(text, expected):
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("홍길동", "NanumMyeongjo"),
        ("Nguyễn Thị Ánh", "Pretendard"),
        ("김哲洙", "Noto Sans KR"),
        ("김철수 🎉", "Pretendard"),
    ],
)
def test_text_is_set_in_one_face_where_one_has_it_all(text, face):
    assert face_for(text, preferred="NanumMyeongjo") == face


def test_title_that_no_font_has_is_not_printed_as_marks():
    facts = pdf._facts(certificate(title="ภาษาไทยเบื้องต้น"))

    assert facts["title"] == pdf.TITLE_ELSEWHERE
    assert printable(facts["title"]) == facts["title"]
    assert certificate_pdf(certificate(title="ภาษาไทยเบื้องต้น")).startswith(b"%PDF-")
