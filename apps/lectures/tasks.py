from celery import shared_task

from apps.lectures import services


@shared_task(name="lectures.expire_enrollments")
def expire_enrollments() -> None:
    services.expire_enrollments()


@shared_task(name="lectures.keep_waiting_lists")
def keep_waiting_lists() -> None:
    services.keep_waiting_lists()
