"""Addresses of videos as people copy them, turned into those that a page can embed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

YOUTUBE = {"youtube.com", "youtube-nocookie.com", "youtu.be"}
YOUTUBE_PLAYER = "https://www.youtube-nocookie.com/embed/"
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
VIMEO = {"vimeo.com", "player.vimeo.com"}
VIMEO_PLAYER = "https://player.vimeo.com/video/"
VIMEO_PATH = re.compile(
    r"/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/|album/\d+/video/|showcase/\d+/video/"
    r"|manage/videos/|ondemand/[\w-]+/)?(?P<id>\d+)(?:/(?P<hash>[0-9a-f]{8,}))?/?"
)
VIMEO_EVENT = re.compile(r"/event/(?P<id>\d+)(?:/embed)?(?:/(?P<hash>[0-9a-f]{8,}))?/?")
TIME = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
SUBDOMAINS = ("www.", "m.", "music.")


def embeddable_url(address: str) -> str:
    """Return the address of the player. Raises ValidationError that says what to copy instead.

    The start (``t``) and the playlist (``list``) are kept, what follows viewers is not.
    """
    parts = _split(address)
    host = (parts.hostname or "").lower()
    for subdomain in SUBDOMAINS:
        host = host.removeprefix(subdomain)
    if host in YOUTUBE:
        return _youtube(parts, host)
    if host in VIMEO:
        return _vimeo(parts)
    if parts.scheme == "https" and (parts.hostname or "").lower() in settings.VIDEO_HOSTS:
        return address
    hosts = ", ".join(["YouTube", "Vimeo", *settings.VIDEO_HOSTS])
    message = _("Videos can be shown from: %(hosts)s. Copy the address of the video there.")
    raise ValidationError(message % {"hosts": hosts}, code="video_host")


def _split(address: str) -> SplitResult:
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        parts.port  # noqa: B018  (raises for one that is no number)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        message = _("Write an address that begins with https://.")
        raise ValidationError(message, code="invalid")
    return parts


def _youtube(parts: SplitResult, host: str) -> str:
    query = parse_qs(parts.query)
    path = [part for part in parts.path.split("/") if part]
    playlist = query.get("list", [""])[0]
    video = _youtube_id(path, query, is_short=host == "youtu.be")
    if not video and not playlist:
        message = _("This is no video of YouTube. Open the video and copy its address.")
        raise ValidationError(message, code="video_address")
    start = _seconds(query.get("t", query.get("start", [""]))[0])
    kept = {"start": start, "list": playlist}
    told = urlencode({name: value for name, value in kept.items() if value})
    return YOUTUBE_PLAYER + (video or "videoseries") + (f"?{told}" if told else "")


def _youtube_id(path: list[str], query: dict[str, list[str]], *, is_short: bool) -> str:
    if is_short:
        found = path[0] if path else ""
    elif path[:1] == ["watch"]:
        found = path[1] if len(path) > 1 else query.get("v", [""])[0]
    elif len(path) > 1 and path[0] in {"embed", "shorts", "live", "v", "e"}:
        found = path[1]
    else:
        found = ""
    return found if YOUTUBE_ID.fullmatch(found) else ""


def _vimeo(parts: SplitResult) -> str:
    event = VIMEO_EVENT.fullmatch(parts.path)
    if event:
        return f"https://vimeo.com/event/{event['id']}/embed" + _hash_in_path(event["hash"])
    video = VIMEO_PATH.fullmatch(parts.path)
    if video is None:
        message = _("This is no video of Vimeo. Open the video and copy its address.")
        raise ValidationError(message, code="video_address")
    secret = video["hash"] or parse_qs(parts.query).get("h", [""])[0]
    told = f"?h={secret}" if re.fullmatch(r"[0-9a-f]{8,}", secret) else ""
    start = _seconds(parts.fragment.removeprefix("t="))
    return VIMEO_PLAYER + video["id"] + told + (f"#t={start}s" if start else "")


def _hash_in_path(secret: str | None) -> str:
    return f"/{secret}" if secret else ""


def _seconds(text: str) -> int:
    """Return 90 for ``90``, ``90s`` and ``1m30s``; 0 for anything else."""
    found = TIME.fullmatch(text)
    if found is None:
        return 0
    hours, minutes, seconds = (int(number or 0) for number in found.groups())
    return min(hours * 3600 + minutes * 60 + seconds, 24 * 3600)


class VideoURLField(models.URLField):
    """An address that can be embedded; one that is saved already and not changed stays as it is."""

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        try:
            value = embeddable_url(str(value)) if value else value
        except ValidationError:
            if value != _stored(model_instance, self.attname):
                raise
        return super().clean(value, model_instance)


def _stored(row: models.Model | None, name: str) -> Any:
    if row is None or row.pk is None:
        return None
    rows = type(row)._default_manager.filter(pk=row.pk)
    return rows.values_list(name, flat=True).first()
