"""Letters with a link that staff had mailed to the owner of an account."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.students.letters.accounts import school_words
from apps.students.letters.letter import Button, Letter


def password_link(*, password_url: str, **_more: Any) -> Letter:
    text = _(
        "The staff of %(school_name)s sent you this link to choose a new password. Your present"
        " password works until then, and nobody but you sees the new one."
    )
    stranger = _("If you did not ask the school for it, do nothing and tell the school.")
    return Letter(
        subject=_("Choose a new password · %(school_name)s") % school_words(),
        paragraphs=(text % school_words(),),
        button=Button(_("Choose a new password"), password_url),
        closing=(stranger,),
        tone="warning",
    )


def second_factor_link(*, reset_url: str, **_more: Any) -> Letter:
    text = _(
        "The staff of %(school_name)s sent you this link to reset the second factor of your"
        " account. You need your password, too. The link works for 24 hours."
    )
    stranger = _(
        "If you did not ask the school for it, do nothing, choose a new password and tell the"
        " school."
    )
    return Letter(
        subject=_("Reset the second factor · %(school_name)s") % school_words(),
        paragraphs=(text % school_words(),),
        button=Button(_("Reset the second factor"), reset_url),
        closing=(stranger,),
        tone="warning",
    )
