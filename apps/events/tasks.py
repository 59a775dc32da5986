from celery import shared_task

from apps.events import services


@shared_task(name="events.deliver")
def deliver(delivery_id: int) -> None:
    services.deliver(delivery_id=delivery_id)


@shared_task(name="events.sweep")
def sweep(queue: str) -> None:
    services.sweep(queue=queue)
