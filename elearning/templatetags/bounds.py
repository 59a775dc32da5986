"""What a page may send, so that the browser can say so before anything is lost."""

from __future__ import annotations

from django import template

from foundation.limits import bodies

register = template.Library()


@register.simple_tag
def body_limit(path: str) -> str:
    """``{% body_limit request.path %}``: the most bytes that a form may send there."""
    return str(bodies.body_limit(path))
