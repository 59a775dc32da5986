"""Markdown whose cost grows with its length: no input makes the parser try again and again.

CommonMark looks for the end of every bracket, asterisk and backtick, so that a paragraph of nothing
else costs its square. Where a paragraph, a table or the whole has more of it than any text that
people write, it is shown as it was typed.
"""

from __future__ import annotations

import re
from operator import methodcaller
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

MAX_LENGTH = 100_000
MAX_SIGNS = 600
"""In one paragraph, heading or cell."""
MAX_BRACKETS = 2000
"""In the whole text: each may become a link, and name an address given elsewhere."""
MAX_BLOCKS = 10_000
"""Tokens of the whole text, such as a list's items and a table's cells."""
MAX_COLUMNS = 100
MAX_ADDRESS = 500
"""Characters of an address that is given once and named many times."""
_PIPES = methodcaller("count", "|")
_SIGNS = re.compile(r"[\[\]!*_~`<&\\]")


def bound(parser: MarkdownIt) -> MarkdownIt:
    """Make the parser show as plain text what is too intricate. Returns it."""
    parser.core.ruler.at("block", _block)
    parser.core.ruler.at("inline", _inline)
    return parser


def _block(state: StateCore) -> None:
    """Find the blocks, unless there are too many of them to be shown."""
    columns = max(map(_PIPES, state.src.split("\n")))
    fits = len(state.src) <= MAX_LENGTH and columns <= MAX_COLUMNS
    if fits:
        state.md.block.parse(state.src, state.md, state.env, state.tokens)
    if not fits or len(state.tokens) > MAX_BLOCKS:
        whole = Token("inline", "", 0, content=state.src[:MAX_LENGTH], children=[])
        state.tokens = [Token("paragraph_open", "p", 1), whole, Token("paragraph_close", "p", -1)]
        state.env["is_plain"] = True
    references: dict[str, Any] = state.env.get("references", {})
    for name in [name for name, found in references.items() if len(found["href"]) > MAX_ADDRESS]:
        del references[name]


def _inline(state: StateCore) -> None:
    """Parse each paragraph while it is simple enough, and the brackets of the whole are few."""
    brackets = 0
    for token in state.tokens:
        if token.type != "inline":
            continue
        brackets += token.content.count("[")
        signs = len(_SIGNS.findall(token.content))
        token.children = []
        if state.env.get("is_plain") or signs > MAX_SIGNS or brackets > MAX_BRACKETS:
            token.children.extend(_as_typed(token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _as_typed(text: str) -> list[Token]:
    tokens = []
    for line in text.splitlines():
        tokens += [Token("text", "", 0, content=line), Token("softbreak", "br", 0)]
    return tokens[:-1]
