from celery import shared_task

from apps.payments import services


@shared_task(name="payments.settle_unknown_charges")
def settle_unknown_charges() -> None:
    services.settle_unknown_charges()


@shared_task(name="payments.reconcile")
def reconcile() -> None:
    services.reconcile()


@shared_task(name="payments.retry_refunds")
def retry_refunds() -> None:
    services.retry_refunds()
