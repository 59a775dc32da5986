from celery import shared_task

from apps.lectures import services


@shared_task(name="lectures.expire_enrollments")
def expire_enrollments() -> None:
    services.expire_enrollments()
