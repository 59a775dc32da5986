from celery import shared_task

from apps.lectures import services


@shared_task(name="lectures.expire_enrollments")
def expire_enrollments() -> None:
    services.expire_enrollments()


@shared_task(name="lectures.retry_withdrawals")
def retry_withdrawals() -> None:
    services.retry_withdrawals()


@shared_task(name="lectures.keep_waiting_lists")
def keep_waiting_lists() -> None:
    services.keep_waiting_lists()


@shared_task(name="lectures.remind_of_payments")
def remind_of_payments() -> None:
    services.remind_of_payments()


@shared_task(name="lectures.remind_of_starts")
def remind_of_starts() -> None:
    services.remind_of_starts()


@shared_task(name="lectures.remind_of_lessons")
def remind_of_lessons() -> None:
    services.remind_of_lessons()
