"""Every payment gets a number for people: random, unique, frozen. Those there are already get one,
and an event that tells it, so that the history still equals what its rebuild gives."""

import secrets

from django.db import migrations, models
from django.utils import timezone

from foundation.guards.operations import freeze
from foundation.text.search import index_for_search

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
BATCH_ROWS = 2000
FROZEN = ["reference", "payer_id", "amount_minor", "currency", "created_at"]
AGREED = {"once_set": ["paid_at", "cancel_requested_at"], "rising": ["refunded_minor"]}


def draw(taken):
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
        number = f"P-{letters[:4]}-{letters[4:]}"
        if number not in taken:
            taken.add(number)
            return number


def number_payments(apps, schema_editor):
    Payment = apps.get_model("payments", "Payment")
    LoggedEvent = apps.get_model("events", "LoggedEvent")
    taken = set(Payment.objects.exclude(number=None).values_list("number", flat=True))
    while rows := list(Payment.objects.filter(number=None).order_by("pk")[:BATCH_ROWS]):
        now = timezone.now()
        for row in rows:
            row.number = draw(taken)
        Payment.objects.bulk_update(rows, ["number"])
        LoggedEvent.objects.bulk_create(
            LoggedEvent(
                name="payments.payment_numbered.v1",
                payload={
                    "payment_id": row.pk,
                    "payer_id": row.payer_id,
                    "number": row.number,
                    "occurred_at": now.isoformat(),
                },
                published_at=now,
            )
            for row in rows
        )


def in_place_of(new, old):
    """Return the operation that replaces a guard, and puts the former one back."""
    return migrations.RunSQL(new.sql, old.sql)


def reindex(*columns, former):
    new = index_for_search("payments_payment", *columns)
    old = index_for_search("payments_payment", *former)
    return migrations.RunSQL([new.reverse_sql, new.sql], [old.reverse_sql, old.sql])


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_search"),
        ("events", "0007_indexes_by_what_events_are_about"),
    ]
    operations = [
        migrations.AddField(
            "payment",
            "number",
            models.CharField("payment number", max_length=11, null=True, editable=False),
        ),
        migrations.RunPython(number_payments, migrations.RunPython.noop, elidable=False),
        migrations.AlterField(
            "payment",
            "number",
            models.CharField("payment number", max_length=11, unique=True, editable=False),
        ),
        in_place_of(
            freeze("payments_payment", [*FROZEN, "number"], **AGREED),
            freeze("payments_payment", FROZEN, **AGREED),
        ),
        reindex("reference", "description", "number", former=["reference", "description"]),
    ]
