from celery import shared_task

from elearning import idempotency, invariants
from elearning.bulk import forgetting
from elearning.bulk import services as bulk


@shared_task(name="elearning.forget_old_keys")
def forget_old_keys() -> None:
    idempotency.forget_old_keys()


@shared_task(name="elearning.report_invariants")
def report_invariants() -> None:
    invariants.report_invariants()


@shared_task(name="elearning.check_whole_history")
def check_whole_history() -> None:
    invariants.check_whole_history()


@shared_task(name="elearning.run_bulk_jobs")
def run_bulk_jobs() -> None:
    bulk.run_next_job()


@shared_task(name="elearning.forget_old_bulk_jobs")
def forget_old_bulk_jobs() -> None:
    forgetting.forget_old_jobs()
