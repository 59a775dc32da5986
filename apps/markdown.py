"""Markdown to HTML that cannot harm its reader, whoever wrote it."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = set(
    "p br hr h2 h3 h4 h5 h6 strong em s del code pre blockquote ul ol li a"
    " table thead tbody tr th td".split()
)

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render_markdown(text: str) -> SafeString:
    """Return sanitized HTML. Headings start at ``h2``: the page has its own ``h1``."""
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "code": {"class"}},
        set_tag_attribute_values={"pre": {"tabindex": "0"}},  # the keyboard scrolls long lines
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  (nh3 has just cleaned it)  # nosec B308 B703
