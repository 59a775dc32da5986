from celery import shared_task

from apps.events import registry


@shared_task(name="mutants.handle")
def handle(name: str, payload: dict, log_id: int, subscriber: str) -> None:
    """Run one later-handler, as a task that is its own truth."""
    event = registry.read(name=name, payload=payload, log_id=log_id)
    registry.find_subscription(type(event), subscriber).handler(event)
