"""Forget what an enrollment no longer needs once its student is nobody."""

from __future__ import annotations

from django.db import transaction

from apps.lectures.models import WAITS, LessonProgress, Reminder, WaitingListEntry


def forget_student(*, student_id: int) -> None:
    """Drop which lessons were opened when, and the places on waiting lists that are over.

    Enrollments stay: they are the contracts that payments and certificates belong to. So do the
    stars and words of reviews, which name nobody any more.
    """
    with transaction.atomic():
        LessonProgress.objects.filter(enrollment__student_id=student_id).delete()
        Reminder.objects.filter(enrollment__student_id=student_id).delete()
        places = WaitingListEntry.objects.filter(student_id=student_id)
        places.exclude(status__in=WAITS).delete()
