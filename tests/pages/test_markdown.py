"""Long texts: their headings fit the page, and what is wide can be scrolled by keyboard."""

import pytest

from apps.markdown import render_markdown


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
