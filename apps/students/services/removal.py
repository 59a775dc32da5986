"""Remove an account: the person goes; the number stays, since payments and certificates need it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CASCADE, ForeignObjectRel
from django.utils import timezone

from apps import names
from apps.events.services import publish
from apps.students.events import StudentRemoved
from apps.students.letters import Reader
from apps.students.models import (
    HistoryEntry,
    Parting,
    SentEmail,
    TimelineEntry,
    User,
    WaitingPlace,
)
from apps.students.services.mail import send_mail_to_nobody
from apps.zones import zone_called
from foundation.batches.services import delete_each, run_each

PARTING_KEPT = timedelta(days=7)
PARTING = "account_removed"
USER_OF_SESSION = "_auth_user_id"


def lock_account(*, student_id: int) -> bool:
    """Lock the account until the commit, so that nobody enrolls meanwhile. False once it is gone.

    The lock is the whole row's: a new enrollment refers to it, so it comes before or waits.
    """
    student = User.objects.select_for_update().filter(pk=student_id).first()
    return student is not None and student.removed_at is None


def remove_student(*, student_id: int) -> None:
    """Turn the locked account into nobody. Publishes StudentRemoved; a second time does nothing.

    Nobody logs in from here on, and the address is free for a new account.
    """
    with transaction.atomic():
        if not lock_account(student_id=student_id):
            return
        student = User.objects.get(pk=student_id)
        now = timezone.now()
        _part_from(student)
        _delete_what_goes_with(student)
        student.remove(at=now)
        student.save()
        publish(StudentRemoved(student_id=student_id, removed_at=now.isoformat()))


def _part_from(student: User) -> None:
    Parting.objects.create(
        student_id=student.pk,
        email=student.email,
        name=names.as_read(student.name, student.latin_name, language=student.language),
        language=student.language,
        time_zone=student.time_zone,
    )


def _delete_what_goes_with(student: User) -> None:
    """Delete all that would go if the row went: addresses, tokens, e-mails, second factors, …"""
    for relation in User._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, ForeignObjectRel)
            and getattr(relation, "on_delete", None) is CASCADE
        ):
            rows = relation.related_model._default_manager.filter(**{relation.field.name: student})
            rows.delete()
    SentEmail.objects.filter(address=student.email).delete()


def forget_history(*, student_id: int) -> None:
    """Drop the history. First the entries: whoever is changing one adds its line afterwards."""
    entries = HistoryEntry.objects.filter(student_id=student_id)
    lecture_ids = list(entries.values_list("lecture_id", flat=True))
    entries.delete()
    TimelineEntry.objects.filter(lecture_id__in=lecture_ids).delete()
    WaitingPlace.objects.filter(student_id=student_id).delete()


def forget_traces(*, student_id: int) -> None:
    """Delete the sessions of a removed account, and what was being written when it went."""
    own = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(USER_OF_SESSION) == str(student_id)
    ]
    delete_each(
        batch="students.forget_traces",
        scope=str(student_id),
        rows=Session.objects.filter(pk__in=own),
    )
    SentEmail.objects.filter(recipient_id=student_id).delete()


def forget_partings() -> int:
    """Give up on last e-mails that no server took for a week. Returns how many."""
    old = Parting.objects.filter(removed_at__lt=timezone.now() - PARTING_KEPT)
    return run_each(
        batch="students.forget_partings",
        keys=old.order_by("pk").values_list("pk", flat=True),
        step=lambda pk: _forget(Parting.objects.get(pk=pk)),
    ).done


def send_parting(*, student_id: int) -> None:
    """Send the last e-mail, and forget its address. Raises what keeps the server from taking it."""
    parting = Parting.objects.filter(pk=student_id).first()
    if parting is None:
        return
    zone = zone_called(parting.time_zone)
    send_mail_to_nobody(
        kind=PARTING,
        reason=parting.reason,
        address=parting.email,
        reader=Reader(name=parting.name, language=parting.language, zone=zone),
        facts={"removed_at": parting.removed_at.isoformat()},
    )
    _forget(parting)


def _forget(parting: Parting) -> None:
    with transaction.atomic():
        SentEmail.objects.filter(kind=PARTING, reason=parting.reason).delete()
        parting.delete()
