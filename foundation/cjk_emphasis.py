"""A plugin of markdown-it: emphasis beside Chinese, Japanese and Korean text.

CommonMark decides by spaces and punctuation whether ``**`` can open or close. Korean writes
particles without a space: the closing ``**`` of ``**수강료(무료)**는`` stands between a bracket
and a letter, and would not close. The published amendment "markdown-cjk-friendly" counts a CJK
character like a space there; text without CJK characters is parsed as before.
https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md
"""

from __future__ import annotations

import unicodedata
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token

HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF))
CJK_SYMBOLS = ((0x3000, 0x33FF), (0x1F200, 0x1F2FF))
VARIATION_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def cjk_emphasis(parser: MarkdownIt) -> None:
    """Let emphasis and strikethrough open and close beside CJK characters."""
    inline = _Inline()
    inline.ruler, inline.ruler2 = parser.inline.ruler, parser.inline.ruler2
    inline.terminator_re = parser.inline.terminator_re
    parser.inline = inline


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: FBT001, N802, N803
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before = _Neighbor(_before(self.src, start))
        after = _Neighbor(self.src[end] if end < self.posMax else " ")
        is_left = _flanks(inside=after, outside=before)
        is_right = _flanks(inside=before, outside=after)
        can_open = is_left and (canSplitWord or not is_right or before.is_punctuation)
        can_close = is_right and (canSplitWord or not is_left or after.is_punctuation)
        return Scanned(can_open, can_close, end - start)


class _Neighbor:
    """A character beside a run of delimiters; the edges of a line count as spaces."""

    def __init__(self, character: str) -> None:
        self.is_space = isWhiteSpace(ord(character))
        self.is_punctuation = isMdAsciiPunct(ord(character)) or isPunctChar(character)
        self.is_cjk = is_cjk(character)


def _flanks(*, inside: _Neighbor, outside: _Neighbor) -> bool:
    if inside.is_space:
        return False
    if not inside.is_punctuation or inside.is_cjk:
        return True
    return outside.is_space or outside.is_punctuation or outside.is_cjk


def _before(text: str, start: int) -> str:
    """Return the character before the run, without the selector of its variant."""
    place = start - 1
    if place > 0 and _in(VARIATION_SELECTORS, text[place]):
        place -= 1
    return text[place] if place >= 0 else " "


def is_cjk(character: str) -> bool:
    """Return whether it is Hangul or a wide character that is no emoji."""
    if _in(HANGUL, character):
        return True
    if unicodedata.category(character) == "So":
        return _in(CJK_SYMBOLS, character)
    return unicodedata.east_asian_width(character) in {"W", "F", "H"}


def _in(ranges: tuple[tuple[int, int], ...], character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)
