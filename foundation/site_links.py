"""Links for e-mails and other places outside a page: always of SITE_URL.

The host of a request is what its sender wrote into it. A link made from it would carry a secret
wherever the sender likes, as far as ALLOWED_HOSTS reaches.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def site_link(url: str) -> str:
    """Return the URL or path on this site's own address."""
    parts = urlsplit(url)
    return settings.SITE_URL + urlunsplit(("", "", parts.path, parts.query, parts.fragment))
