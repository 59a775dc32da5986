from celery import shared_task

from elearning import idempotency, invariants


@shared_task(name="elearning.forget_old_keys")
def forget_old_keys() -> None:
    idempotency.forget_old_keys()


@shared_task(name="elearning.report_invariants")
def report_invariants() -> None:
    invariants.report_invariants()
