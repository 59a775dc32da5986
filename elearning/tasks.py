from celery import shared_task

from elearning import idempotency


@shared_task(name="elearning.forget_old_keys")
def forget_old_keys() -> None:
    idempotency.forget_old_keys()
