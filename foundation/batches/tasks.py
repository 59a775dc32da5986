from celery import shared_task

from foundation.batches import services


@shared_task(name="batches.forget_resolved")
def forget_resolved() -> None:
    services.forget_resolved()
