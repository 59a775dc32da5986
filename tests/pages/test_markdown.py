"""Long texts: their headings fit the page, and what is wide can be scrolled by keyboard."""

import sys

import pytest
from markdown_it import MarkdownIt

from apps.markdown import render_markdown
from foundation.cjk_emphasis import cjk_emphasis


@pytest.mark.parametrize(
    ("text", "level", "html"),
    [
        ("# One\n\n## Two", 2, "<h2>One</h2>\n<h3>Two</h3>"),
        ("## One\n\n### Two", 2, "<h2>One</h2>\n<h3>Two</h3>"),
        ("## One", 3, "<h3>One</h3>"),
        ("# One\n\n###### Six", 3, "<h3>One</h3>\n<h6>Six</h6>"),
        ("No heading", 2, "<p>No heading</p>"),
    ],
)
def test_headings_start_where_the_page_needs_them(text, level, html):
    assert render_markdown(text, level=level).strip() == html


def test_code_and_tables_can_be_scrolled_by_keyboard():
    html = render_markdown("    code\n\n| a |\n|---|\n| b |\n\n&lt;pre&gt;")

    assert '<pre tabindex="0">' in html
    assert '<table tabindex="0">' in html
    assert html.count("tabindex") == 2


LONG = 50_000
INTRICATE = [
    "[", "![", "](", "[a](", "[a][", "*", "*a ", "a**b", "*a_ ", "_", "~~a ", "`", "` `` ", "<",
    "<a@", "<http:", "&", "\\", ">", "> a\n", "> > > a\n", "- ", "- a\n", "1. ", "# a\n", "|a",
    "```\n", "[a]: /u\n", '[a](b "', "a\n", "\n", "<!--", "(", "[a](<",
]  # fmt: skip


def calls_to_render(text: str) -> int:
    """Return how many functions of Python and C are called, whatever the machine does besides."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        render_markdown(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("sign", INTRICATE)
def test_text_of_one_sign_costs_no_more_than_its_length(sign):
    text = (sign * LONG)[:LONG]

    assert calls_to_render(text) < 60 * LONG
    assert len(render_markdown(text)) < 6 * LONG


@pytest.mark.parametrize(
    "text",
    [
        "|a" * 5000 + "|\n" + "|-" * 5000 + "|\n" + "|b\n" * 8000,
        "".join(" " * (2 * level) + "- a\n" for level in range(220)),
        "".join("`" * length + " " for length in range(300)),
        "[" * 25_000 + "a" + "]" * 25_000,
        "[a" * 5000 + "](b)" * 5000,
        "\n\n".join(["![" * 300] * 160),
        "*" * 100 + "a" + "*" * 100,
    ],
)
def test_intricate_text_costs_no_more_than_its_length(text):
    assert calls_to_render(text) < 60 * LONG
    assert len(render_markdown(text)) < 6 * LONG


def test_address_given_once_and_named_often_is_not_multiplied():
    text = "[a]: /" + "u" * 10_000 + "\n\n" + "\n\n".join(["[a] " * 90] * 100)

    assert len(render_markdown(text)) < 2 * len(text)


def test_paragraph_that_is_too_intricate_is_shown_as_typed_and_others_as_meant():
    html = render_markdown("**one**\n\n" + "[" * 1000 + "\n<b>\n\n[two](https://example.com)")

    assert "<strong>one</strong>" in html
    assert "[" * 1000 + "\n&lt;b&gt;" in html
    assert '<a href="https://example.com"' in html


def test_long_text_within_the_limits_keeps_its_form():
    text = "\n\n".join(
        f"## {n}\n\nA **bold** [link](https://example.com) `code`" for n in range(400)
    )

    html = render_markdown(text)

    assert html.count("<strong>") == html.count("<a ") == html.count("<code>") == 400


def test_nothing_is_rendered_as_nothing():
    assert render_markdown("") == render_markdown("\n \n") == ""


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**수강료(무료)**는 없습니다.", "<strong>수강료(무료)</strong>는 없습니다."),
        ('**"중요"**합니다', "<strong>&quot;중요&quot;</strong>합니다"),
        ("**“중요”**합니다", "<strong>“중요”</strong>합니다"),
        ("**질문?**이라고", "<strong>질문?</strong>이라고"),
        ("*강조(기울임)*를", "<em>강조(기울임)</em>를"),
        ("~~취소(옛 가격)~~는", "<s>취소(옛 가격)</s>는"),
        ("이것은**(중요)**합니다", "이것은<strong>(중요)</strong>합니다"),
        ("***30%***까지", "<em><strong>30%</strong></em>까지"),
        ("**「SQL」**を", "<strong>「SQL」</strong>を"),
        ("**`SELECT`**는", "<strong><code>SELECT</code></strong>는"),
        ("**[약관](https://a.example)**을", "<strong><a"),
        ("__강조(밑줄)__ 입니다", "<strong>강조(밑줄)</strong> 입니다"),
    ],
)
def test_emphasis_ends_before_a_korean_particle(text, html):
    assert html.replace("&quot;", '"') in render_markdown(text).replace("&quot;", '"')


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4", "a*b*c", "snake_case_name", "**bold**text", '**"bold"**text', "** not **",
        "**(a)**b", "f(x)**y", "~~(old)~~new", "`**수강료(무료)**는`", "    **수강료(무료)**는",
        "🎉**(party)**time", "2 ** 3", "*a _b* c_", "a**“b”**c", "한국어 * 별표 * 입니다",
        "snake_이름_case",
    ],
)  # fmt: skip
def test_other_text_and_code_are_parsed_as_commonmark_says(text):
    plain = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    ours = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

    assert ours.use(cjk_emphasis).render(text) == plain.render(text)
