"""The two gates by themselves: what text from people becomes, and what it is looked up as."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from foundation.text.gate import clean_exact, clean_text, is_visible, purify
from foundation.text.lookup import last_segment, lookup_key

SURVIVORS = [
    "👩🏽\u200d🚀 Kim",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "❤️\u200d🔥",
    "می\u200cخواهم",  # Persian: without it another word
    "ශ්\u200dරී ලංකා",  # Sinhala: without it the letters do not join
    "कुर्\u200dहाड",
    "สมชาย",
    "محمد علي\u200f",
    "\u1105\u119e\u11af",  # old Hangul has no composed form
    "\u115f\u1161",  # nor has a vowel alone, which stands on a filler
    "葛\U000e0100飾",
    "Zoë Ångström",
    "a\u0323\u0307b",
]


@pytest.mark.parametrize("text", SURVIVORS)
def test_text_of_every_script_keeps_what_it_is_made_of(text):
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (unicodedata.normalize("NFD", "박보검 Zoë"), "박보검 Zoë"),
        ("Kim\u3164", "Kim"),
        ("\ufeffKim\u200bHa\u00ad", "KimHa"),
        ("김\u200d하\u200c늘", "김하늘"),  # nothing joins there, so it is a hidden difference
        ("Kim\nHa\tSu", "Kim Ha Su"),
        ("\u3164", ""),
        ("\u115f\u1160", ""),
        ("\u2800 \u200b\ufeff\u200d", ""),
        ("\ufe0f\u0301", ""),
    ],
)
def test_text_is_composed_and_loses_what_nobody_can_see(typed, stored):
    assert clean_text(typed) == stored


def test_line_breaks_of_every_system_stay_in_multiline_text_alone():
    typed = "one\r\ntwo\rthree\u2028four\vfive\n\tsix"

    assert clean_text(typed, multiline=True) == "one\ntwo\nthree\nfour\nfive\n\tsix"
    assert clean_text("one\r\ntwo") == "one two"


@pytest.mark.parametrize("character", [*map(chr, (8, 0x1B, 0x7F, 0x9B, 0x202A, 0x202E, 0x2066))])
def test_control_and_reordering_characters_are_refused_by_code_and_place(character):
    for clean in (clean_text, clean_exact):
        with pytest.raises(ValidationError) as refused:
            clean(f"Kim{character}Ha")
        assert f"U+{ord(character):04X} after “Kim”" in refused.value.messages[0]
        assert refused.value.code == "unfit_text"


@pytest.mark.parametrize("character", ["\u200b", "\u3164", "\u200d"])
def test_of_an_address_no_character_is_left_out_without_a_word(character):
    with pytest.raises(ValidationError):
        clean_exact(f"kim{character}@example.com")


def test_old_text_loses_what_new_text_is_refused_for():
    assert purify("Kim\u202eHa\x08") == "KimHa"
    assert purify("a\r\nb", multiline=True) == "a\nb"


def test_visible_is_what_leaves_ink():
    assert all(map(is_visible, (".", "가", "🚀", "ㅋ", "\ue000")))
    assert not any(map(is_visible, ("", " ", "\u3164", "\u2800", "\u00a0\u3000", "\u200e")))


@pytest.mark.parametrize(
    "typed",
    [
        "ＳＱＬ 입문",
        "sql입문",
        unicodedata.normalize("NFD", "SQL  입문"),
        "\ufeffSql\u00a0입\u200b문",
    ],
)
def test_lookup_folds_width_case_spaces_and_form(typed):
    assert lookup_key(typed) == "sql입문"


@pytest.mark.parametrize(
    "typed",
    [
        "데이터-분석",
        "%EB%8D%B0%EC%9D%B4%ED%84%B0-%EB%B6%84%EC%84%9D",
        "%25EB%258D%25B0%25EC%259D%25B4%25ED%2584%25B0-%EB%B6%84%EC%84%9D",
        "https://school.example/courses/%EB%8D%B0%EC%9D%B4%ED%84%B0-%EB%B6%84%EC%84%9D/?utm=a#b",
        "school.example/courses/데이터-분석",
        "/courses/데이터-분석/",
        "  데이터-분석\u200b",
    ],
)
def test_copied_address_names_its_course_by_the_last_segment(typed):
    assert last_segment(typed) == "데이터-분석"


def test_text_that_is_no_address_comes_back():
    assert last_segment("100% sure %zz %ff") == "100% sure %zz %ff"
