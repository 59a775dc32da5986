"""Forget old bulk jobs, and the names of removed users in those that ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from elearning.bulk.models import BulkItem, BulkJob, BulkStatus, ItemStatus
from foundation.batches.services import delete_each


def forget_old_jobs() -> None:
    """Delete drafts that nobody confirmed and jobs that ended long ago, with the names in them."""
    now = timezone.now()
    unconfirmed = Q(status=BulkStatus.DRAFT, created_at__lt=now - timedelta(days=1))
    ended = Q(ended_at__lt=now - timedelta(days=settings.BULK_KEEP_DAYS))
    delete_each(
        batch="elearning.forget_old_bulk_jobs", rows=BulkJob.objects.filter(unconfirmed | ended)
    )


def forget_words(*, words: Iterable[str]) -> None:
    """Blank the ended items that hold one of the words: the names and addresses of who goes.

    A word stands by itself: who is called An takes nobody along who is called Ann.
    """
    held = Q()
    for word in filter(None, words):
        alone = f"(^|[^[:alnum:]]){re.escape(word)}($|[^[:alnum:]])"
        held |= Q(label__regex=alone) | Q(message__regex=alone) | Q(text__regex=alone)
    if held:
        ended = BulkItem.objects.exclude(status=ItemStatus.PENDING)
        named = ended.alias(text=Cast("facts", TextField())).filter(held)
        named.update(label="", message="", facts={})
