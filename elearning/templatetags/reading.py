"""Template filters for what people read: money, times and Markdown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from apps import zones
from apps.markdown import render_markdown
from apps.money import format_money
from foundation.agreement import token_of
from foundation.durations import format_duration

register = template.Library()


@register.simple_tag
def money(amount_minor: int, currency: str) -> str:
    """``{% money amount_minor currency %}``: the amount as the active language writes it."""
    return format_money(amount_minor, currency)


@register.filter
def duration(minutes: int) -> str:
    """``{{ minutes|duration }}``: hours and minutes."""
    return format_duration(minutes)


@register.filter
def token(facts: Any) -> str:
    """``{{ place.status|token }}``: what a confirming form carries of facts as plain as these."""
    return token_of(facts)


@register.filter
def markdown(text: str, level: int = 2) -> SafeString:
    """``{{ text|markdown:3 }}``: with headings from ``h3`` down."""
    return render_markdown(text, level=level)


@register.filter
def moment(at: datetime) -> str:
    """``{{ pay_by|moment }}``: date, time and zone, wherever the hour matters."""
    return zones.moment(at)


@register.filter
def zone(at: datetime) -> str:
    """``{{ pay_by|zone }}``: what the reader's time zone is called at that moment."""
    return zones.zone_name(timezone.localtime(at))
