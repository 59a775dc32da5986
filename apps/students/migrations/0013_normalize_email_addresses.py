"""Bring stored e-mail addresses into the one form in which they are compared from now on.

Where two accounts then have the same address, the one that has confirmed it keeps it, else the older
one. The other, like one whose address can reach nobody, gets a stand-in that is printed here: its data
stay, and ``manage.py set_email`` gives it an address.
"""

from django.db import migrations

from foundation.email_addresses import InvalidEmailAddress, normalize_email

STAND_IN = "account-{}@removed.invalid"


def normalize(apps, schema_editor):
    user_model = apps.get_model("students", "User")
    addresses = apps.get_model("account", "EmailAddress").objects.order_by("-verified", "pk")
    wanted = plan(user_model, addresses)
    changed = [(user, wanted[user.pk]) for user in user_model.objects.iterator()]
    changed = [(user, email) for user, email in changed if user.email != email]
    stand_ins = [(user, email) for user, email in changed if email == STAND_IN.format(user.pk)]
    for user, email in stand_ins:
        print(f"\n  Account {user.pk}: {user.email!r} cannot be kept. manage.py set_email {user.pk} …")
    for user, email in sorted(changed, key=lambda change: change not in stand_ins):
        user_model.objects.filter(pk=user.pk).update(email=email)
    normalize_addresses(addresses, wanted)


def plan(user_model, addresses):
    """Return the address of each account by its id."""
    confirmed = set(addresses.filter(verified=True).values_list("user_id", "email"))
    users = sorted(
        user_model.objects.only("pk", "email"),
        key=lambda user: ((user.pk, user.email.lower()) not in confirmed, user.pk),
    )
    wanted, taken = {}, set()
    for user in users:
        email = normalized(user.email)
        wanted[user.pk] = STAND_IN.format(user.pk) if email is None or email in taken else email
        taken.add(email)
    return wanted


def normalize_addresses(addresses, wanted):
    """Keep one row for each account and address, and none of an address that another has."""
    owners = {email: user_id for user_id, email in wanted.items()}
    kept = {}
    for row in list(addresses):
        email = normalized(row.email)
        first = kept.get((row.user_id, email))
        if first is not None:
            row.delete()
            if row.primary and not first.primary:
                addresses.filter(pk=first.pk).update(primary=True)
        elif email is None or owners.get(email, row.user_id) != row.user_id:
            row.delete()
        else:
            kept[row.user_id, email] = row
            addresses.filter(pk=row.pk).exclude(email=email).update(email=email)


def normalized(text):
    try:
        return normalize_email(text)
    except InvalidEmailAddress:
        return None


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0012_search"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(normalize, migrations.RunPython.noop)]
