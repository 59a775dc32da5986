"""How long something takes, as people write it."""

from __future__ import annotations

from django.utils.translation import gettext as _


def format_duration(minutes: int) -> str:
    """Return the minutes in hours and minutes: ``45 min``, ``2 h``, ``4 h 40 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
