"""Markdown to HTML that cannot harm its reader, whoever wrote it."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from foundation.cjk_emphasis import cjk_emphasis
from foundation.limits.markdown import bound

TAGS = set(
    "p br hr h2 h3 h4 h5 h6 strong em s del code pre blockquote ul ol li a"
    " table thead tbody tr th td".split()
)

_parser = bound(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]))
_parser.use(cjk_emphasis)


def render_markdown(text: str, *, level: int = 2) -> SafeString:
    """Return sanitized HTML, its highest headings of the ``level``: the page has its own ``h1``.

    What may be wider than a phone can be scrolled by keyboard too. What is too intricate to be read
    in linear time is shown as it was typed.
    """
    tokens = _parser.parse(text)
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + level - highest, 6)}"
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "code": {"class"}},
        set_tag_attribute_values={"pre": {"tabindex": "0"}},  # the keyboard scrolls long lines
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    for wide in ("pre", "table"):
        clean = clean.replace(f"<{wide}>", f'<{wide} tabindex="0">')
    return mark_safe(clean)  # noqa: S308  (nh3 has just cleaned it)  # nosec B308 B703
