"""The Celery application: workers carry out deliveries and periodic tasks."""

import os
from contextlib import suppress

from celery import Celery
from celery.signals import beat_init
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "elearning.settings")

app = Celery("elearning")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule_periodic_tasks(sender: Celery, **kwargs: object) -> None:
    """Sweep every queue by a worker of its own, and do what comes due with time.

    A message expires before the next one is sent: a stopped worker finds no pile of old sweeps.
    """
    from django.conf import settings

    every = settings.EVENTS_SWEEP_SECONDS
    for queue in settings.EVENTS_QUEUES:
        sweep = app.signature("events.sweep", args=[queue], queue=queue)
        sender.add_periodic_task(every, sweep, name=f"sweep {queue}", expires=every)
    for name, seconds in (
        ("lectures.expire_enrollments", 10),
        ("lectures.keep_waiting_lists", 10),
        ("lectures.retry_withdrawals", 10),
        ("lectures.remind_of_payments", 60),
        ("lectures.remind_of_starts", 300),
        ("lectures.remind_of_lessons", 3600),
        ("payments.settle_unknown_charges", 10),
        ("payments.retry_refunds", 10),
        ("payments.reconcile", 300),
        ("elearning.report_invariants", 300),
        ("elearning.check_whole_history", 60),
        ("elearning.run_bulk_jobs", 2),
        ("elearning.forget_old_keys", 3600),
        ("batches.forget_resolved", 3600),
        ("students.forget_partings", 3600),
        ("students.forget_ended_sessions", 3600),
        ("elearning.forget_old_bulk_jobs", 3600),
        ("students.tell_of_lockouts", 30),
        ("students.forget_email_changes", 3600),
        ("students.forget_old_tries", 3600),
    ):
        sender.add_periodic_task(seconds, app.signature(name), name=name, expires=seconds)


@beat_init.connect
def check_at_start(**kwargs: object) -> None:
    """Let the invariants be checked as beat starts, and not only after their period."""
    with suppress(OperationalError):  # without a broker the periodic task does it later
        app.signature("elearning.report_invariants").apply_async()
