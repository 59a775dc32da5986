"""Where a request comes from, as far as it can be trusted."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"
IPV6_PREFIX = 64
"""One household or school holds at least so much of IPv6."""


def client_address(request: HttpRequest | None) -> str:
    """Return the address that the trusted proxies saw, or an IPv6 address's network."""
    if request is None:
        return UNKNOWN
    text = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.TRUSTED_PROXIES and forwarded != [""]:
        text = forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))]
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address.packed, IPV6_PREFIX), strict=False))
    return str(address)
