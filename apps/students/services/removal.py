"""Remove an account: the person goes; the number stays, since payments and certificates need it."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from apps.events.services import publish
from apps.students.events import StudentRemoved
from apps.students.models import HistoryEntry, Parting, TimelineEntry, User, WaitingPlace

PARTING_KEPT = timedelta(days=7)
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
        EmailAddress.objects.filter(user=student).delete()
        AuthToken.objects.filter(user=student).delete()
        student.groups.clear()
        student.user_permissions.clear()
        student.remove(at=now)
        student.save()
        publish(StudentRemoved(student_id=student_id, removed_at=now.isoformat()))


def _part_from(student: User) -> None:
    Parting.objects.create(
        student_id=student.pk,
        email=student.email,
        name=student.name,
        language=student.language,
        time_zone=student.time_zone,
    )


def forget_history(*, student_id: int) -> None:
    """Drop the history. First the entries: whoever is changing one adds its line afterwards."""
    entries = HistoryEntry.objects.filter(student_id=student_id)
    lecture_ids = list(entries.values_list("lecture_id", flat=True))
    entries.delete()
    TimelineEntry.objects.filter(lecture_id__in=lecture_ids).delete()
    WaitingPlace.objects.filter(student_id=student_id).delete()


def forget_sessions(*, student_id: int) -> int:
    """Delete the sessions of a removed account, which log nobody in any more. Returns how many."""
    own = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(USER_OF_SESSION) == str(student_id)
    ]
    return Session.objects.filter(pk__in=own).delete()[0]


def forget_partings() -> int:
    """Give up on last e-mails that no server took for a week. Returns how many."""
    old = Parting.objects.filter(removed_at__lt=timezone.now() - PARTING_KEPT)
    return old.delete()[0]
