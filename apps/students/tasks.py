from celery import shared_task

from apps.students import services


@shared_task(name="students.forget_partings")
def forget_partings() -> None:
    services.forget_partings()
