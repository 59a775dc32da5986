from celery import shared_task

from apps.students import services


@shared_task(name="students.forget_partings")
def forget_partings() -> None:
    services.forget_partings()


@shared_task(name="students.forget_ended_sessions")
def forget_ended_sessions() -> None:
    services.forget_ended_sessions()


@shared_task(name="students.forget_email_changes")
def forget_email_changes() -> None:
    services.forget_email_changes()


@shared_task(name="students.tell_of_lockouts")
def tell_of_lockouts() -> None:
    services.tell_of_lockouts()


@shared_task(name="students.forget_old_tries")
def forget_old_tries() -> None:
    services.forget_old_tries()
