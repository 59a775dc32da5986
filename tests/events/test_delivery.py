"""Together and later, back-off, sweep, the dead: on the real database."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from apps.events import nudge, registry, services
from apps.events.models import Delivery, LoggedEvent
from apps.events.queries import get_backlog, read_log
from apps.events.registry import Event, event, later, together


@event("tests.something_happened.v1")
@dataclass(frozen=True, kw_only=True)
class SomethingHappened(Event):
    number: int


seen: list[tuple[str, int, int]] = []
failures: list[Exception] = []


@together(SomethingHappened)
def see_together(happened: SomethingHappened) -> None:
    seen.append(("together", happened.number, happened.log_id))


@later(SomethingHappened)
def see_later(happened: SomethingHappened) -> None:
    if failures:
        raise failures.pop()
    seen.append(("later", happened.number, happened.log_id))


@pytest.fixture(autouse=True)
def nothing_seen():
    seen.clear()
    failures.clear()


@pytest.fixture
def published(db):
    with transaction.atomic():
        services.publish(SomethingHappened(number=7))
    return Delivery.objects.get()


def run_at(seconds):
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        return services.sweep(queue="default")


def test_publish_logs_runs_together_and_owes_later(published):
    logged = LoggedEvent.objects.get()
    assert (logged.name, logged.payload) == ("tests.something_happened.v1", {"number": 7})
    assert seen == [("together", 7, logged.pk)]
    assert (published.subscriber, published.status) == (
        "tests.events.test_delivery.see_later",
        "pending",
    )


@pytest.mark.django_db(transaction=True)
def test_publish_is_refused_outside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        services.publish(SomethingHappened(number=7))


def test_publish_costs_two_statements_however_many_events(db, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(2):
        services.publish(*(SomethingHappened(number=number) for number in range(50)))
    assert Delivery.objects.count() == 50


def test_a_failing_together_handler_undoes_the_fact(db, monkeypatch):
    monkeypatch.setitem(registry._together, SomethingHappened, [lambda happened: 1 / 0])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.publish(SomethingHappened(number=7))
    assert not LoggedEvent.objects.exists()


def test_delivery_happens_once_however_often_it_is_asked_for(published):
    assert services.deliver(delivery_id=published.pk)
    assert not services.deliver(delivery_id=published.pk)
    assert services.sweep(queue="default") == 0
    assert [where for where, *_rest in seen] == ["together", "later"]


def test_sweep_leaves_other_queues_alone(published):
    assert services.sweep(queue="certification") == 0


def test_failed_delivery_backs_off_and_succeeds(published):
    failures.append(ValueError("not yet"))
    assert services.sweep(queue="default") == 0
    assert services.sweep(queue="default") == 0, "it is not due before its back-off"
    published.refresh_from_db(fields=["attempts", "last_error"])
    assert published.attempts == 1
    assert "ValueError: not yet" in published.last_error

    assert run_at(3) == 1


def test_poison_is_put_aside_after_five_attempts_and_blocks_nobody(published):
    failures.extend(ValueError("poison") for _attempt in range(5))
    with transaction.atomic():
        services.publish(SomethingHappened(number=8))
    poison = published.pk
    for attempt in range(5):
        with time_machine.travel(timezone.now() + timedelta(hours=attempt)):
            services.deliver(delivery_id=poison)

    assert Delivery.objects.get(pk=poison).status == "dead"
    assert services.sweep(queue="default") == 1, "the other event flows"
    assert get_backlog().dead == 1


def test_event_that_kills_its_worker_is_put_aside(published, monkeypatch):
    """The lease counts an attempt before it is made: nothing else would survive a kill -9."""

    class Killed(BaseException):
        pass

    def die(happened):
        raise Killed

    subscription = registry.subscriptions_later(SomethingHappened)[0]
    monkeypatch.setitem(
        registry._later[SomethingHappened],
        subscription.name,
        registry.Subscription(subscription.name, die, "default"),
    )
    for minute in range(5):
        moment = timezone.now() + timedelta(minutes=minute)
        with time_machine.travel(moment), pytest.raises(Killed):
            services.deliver(delivery_id=published.pk)
    assert run_at(600) == 0

    dead = Delivery.objects.get()
    assert (dead.status, dead.attempts) == ("dead", 5)


def test_claimed_delivery_is_left_to_its_worker_until_the_lease_ends(published):
    services._claim(published.pk)
    assert services.sweep(queue="default") == 0
    assert run_at(31) == 1


def test_unfinished_job_comes_due_at_once_and_never_dies(published):
    for _part in range(20):
        failures.append(services.Unfinished())
        assert not services.deliver(delivery_id=published.pk)
    assert services.deliver(delivery_id=published.pk)


def test_dead_delivery_is_retried_at_the_wish_of_staff(published):
    failures.extend(ValueError("poison") for _attempt in range(5))
    for hour in range(5):
        run_at(hour * 3600)
    services.retry_delivery(delivery_id=published.pk)

    assert services.sweep(queue="default") == 1
    with pytest.raises(services.DeliveryNotDead):
        services.retry_delivery(delivery_id=published.pk)


def test_log_is_read_in_order_as_its_own_types(published):
    assert list(read_log(SomethingHappened)) == [SomethingHappened(number=7)]


def test_one_name_belongs_to_one_event():
    with pytest.raises(ValueError, match="taken"):
        event("tests.something_happened.v1")(SomethingHappened)


def test_nudge_never_waits_for_the_broker(monkeypatch):
    hanging, leave = threading.Event(), threading.Event()

    def black_hole(delivery_id, celery_queue):
        hanging.set()
        leave.wait(10)

    monkeypatch.setattr(nudge, "_send", black_hole)
    monkeypatch.setattr(nudge, "_nudger", nudge._Nudger())
    for number in range(nudge.QUEUE_LIMIT + 10):
        nudge.nudge(delivery_id=number, queue="default")
    assert hanging.wait(5), "the thread is stuck in the broker while the caller is through"
    leave.set()


def test_nudge_drops_what_the_broker_refuses(monkeypatch):
    refused = threading.Event()

    def refuse(delivery_id, celery_queue):
        refused.set()
        raise OSError("Connection refused")

    monkeypatch.setattr(nudge, "_send", refuse)
    monkeypatch.setattr(nudge, "_nudger", nudge._Nudger())
    nudge.nudge(delivery_id=1, queue="default")
    assert refused.wait(5)
