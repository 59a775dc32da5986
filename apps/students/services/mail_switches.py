"""What students do not want to be reminded of; a link in each reminder switches its kind off."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.refusals import NotFound
from apps.students.letters import SWITCHES, Switch
from apps.students.models import MailSwitch, User

_signer = signing.Signer(salt="students.unsubscribe")


@dataclass(frozen=True)
class Subscription:
    """What a link of a reminder names: whose reminders, and of which group."""

    student_id: int
    switch: Switch


def is_switched_off(student_id: int, name: str) -> bool:
    return MailSwitch.objects.filter(student_id=student_id, name=name).exists()


def list_wanted_switches(*, student_id: int) -> list[str]:
    """Return the groups of reminders that the student gets."""
    off = set(MailSwitch.objects.filter(student_id=student_id).values_list("name", flat=True))
    return [name for name in SWITCHES if name not in off]


def choose_mail_switches(*, student_id: int, wanted: set[str]) -> None:
    """Keep which groups of reminders the student wants; those not named are off."""
    with transaction.atomic():
        MailSwitch.objects.filter(student_id=student_id, name__in=wanted).delete()
        MailSwitch.objects.bulk_create(
            (MailSwitch(student_id=student_id, name=name) for name in SWITCHES.keys() - wanted),
            ignore_conflicts=True,
        )


def unsubscribe_url(student_id: int, name: str) -> str:
    """Return where the owner of the address switches these reminders off, without logging in."""
    token = _signer.sign_object([student_id, name], compress=False)
    return settings.SITE_URL + reverse("students:unsubscribe", args=[token])


def read_unsubscribe_token(*, token: str) -> Subscription:
    """Return what the link names. Raises NotFound for one that we did not make."""
    try:
        student_id, name = _signer.unsign_object(token)
        return Subscription(student_id=student_id, switch=SWITCHES[name])
    except (signing.BadSignature, ValueError, KeyError) as error:
        raise NotFound(_("This link is not complete. Copy all of it from the e-mail.")) from error


def switch_off(*, token: str) -> Subscription:
    """Switch the reminders off that the link names; twice is as once. Raises NotFound."""
    named = read_unsubscribe_token(token=token)
    if not User.objects.filter(pk=named.student_id).exists():
        raise NotFound(_("There is no such account any more."))
    MailSwitch.objects.get_or_create(student_id=named.student_id, name=named.switch.name)
    return named
