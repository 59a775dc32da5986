"""Template filters for what people read: money and Markdown."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from apps.markdown import render_markdown
from apps.money import format_money

register = template.Library()


@register.simple_tag
def money(amount_minor: int, currency: str) -> str:
    """``{% money amount_minor currency %}``: the amount as the active language writes it."""
    return format_money(amount_minor, currency)


@register.filter
def markdown(text: str) -> SafeString:
    return render_markdown(text)
