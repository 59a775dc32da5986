"""Nobody grants, takes away or reaches more than they hold: permission × object × action."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from apps.events.models import LoggedEvent
from apps.students.models import TryCount, User
from tests.conftest import make_user
from tests.forms import confirm

CHANGE, RESET, LIFT = (
    "students.change_user",
    "students.reset_second_factor_user",
    "students.change_trycount",
)
GROUPS = ("auth.view_group", "auth.change_group", "auth.add_group", "auth.delete_group")


def permission(name):
    app_label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def grant(user, *names):
    for name in names:
        user.user_permissions.add(permission(name))
    return User.objects.get(pk=user.pk)


def make_group(name, *names):
    group = Group.objects.create(name=name)
    group.permissions.set([permission(each) for each in names])
    return group


# --- Accounts -------------------------------------------------------------------------------------


@pytest.fixture
def objects(alice, carol, staff_with):
    """Accounts by what they hold, compared with staff who hold the permissions of people."""
    by_group = make_user("grace@example.com", "Grace Oh", is_staff=True)
    by_group.groups.add(make_group("Refunds", "payments.change_refund"))
    former = make_user("frank@example.com", "Frank Seo")  # no staff, but still granted something
    grant(former, "payments.change_refund")
    off = make_user("oscar@example.com", "Oscar Yu", is_superuser=True, is_active=False)
    equal = grant(make_user("ed@example.com", "Ed Moon", is_staff=True), CHANGE)
    objects = {
        "student": alice,
        "staff who hold less": equal,
        "staff who hold more": by_group,
        "former staff who hold more": former,
        "superuser": carol,
        "superuser switched off": off,
        "themselves": staff_with(),
    }
    for user in objects.values():
        TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        TryCount.objects.create(
            purpose="log_in",
            account=f"x{user.pk}",
            user=user,
            tries=99,
            allowed=1,
            until=timezone.now() + timedelta(hours=1),
        )
    return objects


REACHED = {"student", "staff who hold less"}
NO_ROWS = {"emailaddress_set-TOTAL_FORMS": "0", "emailaddress_set-INITIAL_FORMS": "0"}


def page_of(user, name):
    return reverse(f"admin:students_user_{name}", args=[user.pk])


def rename(client, user):
    given = {"name": "Renamed", "language": "en", "is_active": "on"} | NO_ROWS
    client.post(page_of(user, "change"), given)
    return User.objects.get(pk=user.pk).name == "Renamed"


def switch_active(client, user):
    given = {"name": user.name, "language": "en"} | NO_ROWS
    client.post(page_of(user, "change"), given if user.is_active else given | {"is_active": "on"})
    return User.objects.get(pk=user.pk).is_active != user.is_active


def logged(name, user):
    return LoggedEvent.objects.filter(name=f"students.{name}.v1", payload__student_id=user.pk)


def send_password_link(client, user):
    confirm(client, page_of(user, "send_password_link"))
    return logged("password_link_requested", user).exists()


def send_second_factor_link(client, user):
    confirm(client, page_of(user, "reset_second_factor"))
    return logged("second_factor_link_requested", user).exists()


def lift_lockout(client, user):
    row = TryCount.objects.get(user=user)
    confirm(client, reverse("admin:students_trycount_lift", args=[row.pk]))
    return not TryCount.objects.locked().filter(pk=row.pk).exists()


ACTIONS = [
    (CHANGE, rename),
    (CHANGE, switch_active),
    (CHANGE, send_password_link),
    (RESET, send_second_factor_link),
    (LIFT, lift_lockout),
]


@pytest.mark.parametrize(("needed", "act"), ACTIONS)
def test_action_needs_its_permission_and_an_account_that_holds_no_more(
    client, objects, needed, act
):
    staff = objects["themselves"]
    others = {CHANGE, RESET, LIFT, "students.view_user", "students.view_trycount"} - {needed}
    client.force_login(grant(staff, *others))
    assert {name for name, user in objects.items() if act(client, user)} == set()

    client.force_login(grant(staff, needed))
    assert {name for name, user in objects.items() if act(client, user)} == REACHED


@pytest.mark.parametrize(("needed", "act"), ACTIONS)
def test_superuser_reaches_every_account(client, objects, needed, act):
    client.force_login(make_user("root@example.com", "Root", is_staff=True, is_superuser=True))

    reached = {name for name, user in objects.items() if act(client, user)}

    sends_a_link = act in {send_password_link, send_second_factor_link}
    assert set(objects) - reached == ({"superuser switched off"} if sends_a_link else set())


def test_superuser_switches_an_account_on_before_a_link_is_sent(client, objects, carol):
    client.force_login(carol)
    off = objects["superuser switched off"]

    assert not send_password_link(client, off)
    assert not send_second_factor_link(client, off)
    assert switch_active(client, off)
    assert send_password_link(client, off)


def test_powers_are_granted_and_taken_by_superusers_only(client, objects):
    group = make_group("Nothing")
    client.force_login(grant(objects["themselves"], CHANGE, RESET, *GROUPS))
    powers = {"is_staff": "on", "is_superuser": "on", "groups": [group.pk]}
    held = {"user_permissions": [permission(CHANGE).pk]}
    renamed = {"name": "Renamed", "language": "en"} | NO_ROWS

    for name, user in objects.items():
        before = powers_of(user)
        for given in (renamed | powers | held, renamed):
            client.post(page_of(user, "change"), given)
            assert powers_of(user) == before, name

    reached = {
        name for name, user in objects.items() if User.objects.get(pk=user.pk).name == "Renamed"
    }
    assert reached == REACHED


def powers_of(user):
    now = User.objects.get(pk=user.pk)
    return now.is_staff, now.is_superuser, list(now.groups.all()), list(now.user_permissions.all())


def test_no_page_sets_a_password(client, carol, alice):
    client.force_login(carol)
    before = alice.password
    new = {"password1": "another-good-7", "password2": "another-good-7", "usable_password": "true"}

    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_user_password_change", args=[alice.pk])
    client.post(f"/admin/students/user/{alice.pk}/password/", new)
    client.post(page_of(alice, "change"), {"name": "A", "language": "en"} | new | NO_ROWS)

    assert User.objects.get(pk=alice.pk).password == before
    assert "password1" not in client.get("/admin/students/user/add/").text


def test_switched_off_account_is_logged_out(client, carol, alice):
    phone = APIClient()
    phone.force_login(alice)
    token = AuthToken.objects.create(user=alice)[1]
    client.force_login(carol)

    client.post(page_of(alice, "change"), {"name": "A", "language": "en"} | NO_ROWS)

    assert phone.get("/my/").status_code == 302
    program = APIClient(headers={"authorization": f"Token {token}"})
    assert program.get("/api/v1/students/me/").status_code == 401


# --- Groups ---------------------------------------------------------------------------------------


def save_group(client, group, *names, called="Office"):
    given = {"name": called, "permissions": [permission(name).pk for name in names]}
    path = (
        reverse("admin:auth_group_change", args=[group.pk]) if group else "/admin/auth/group/add/"
    )
    return client.post(path, given)


def held_by(group):
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {".".join(row) for row in rows}


OWN, BEYOND = "courses.view_course", "payments.change_payment"


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        ([], [OWN], [OWN]),
        ([OWN], [], []),
        ([], [BEYOND], []),
        ([], [OWN, BEYOND], []),
        ([BEYOND], [], [BEYOND]),
        ([BEYOND], [BEYOND, OWN], [BEYOND]),
        ([OWN, BEYOND], [BEYOND], [OWN, BEYOND]),
    ],
)
def test_group_changes_by_what_its_editor_holds(client, staff_with, before, chosen, after):
    group = make_group("Office", *before)
    client.force_login(staff_with(*GROUPS, OWN))

    save_group(client, group, *chosen)

    assert held_by(group) == set(after)


def test_staff_with_change_group_alone_gain_nothing(client, staff_with):
    staff = staff_with("auth.change_group")
    group = make_group("Mine")
    staff.groups.add(group)
    client.force_login(staff)

    answer = client.post(
        reverse("admin:auth_group_change", args=[group.pk]),
        {"name": "Mine", "permissions": list(Permission.objects.values_list("pk", flat=True))},
    )

    assert User.objects.get(pk=staff.pk).get_all_permissions() == {"auth.change_group"}
    assert "only grant permissions that you hold yourself" in answer.text


def test_group_form_offers_what_its_editor_holds(client, staff_with, carol):
    client.force_login(staff_with(*GROUPS, OWN))
    offered = client.get("/admin/auth/group/add/").context["adminform"].form.fields["permissions"]
    assert offered.queryset.count() == len(GROUPS) + 1

    client.force_login(carol)
    offered = client.get("/admin/auth/group/add/").context["adminform"].form.fields["permissions"]
    assert offered.queryset.count() == Permission.objects.count()


@pytest.mark.parametrize(("held", "goes"), [([OWN], True), ([BEYOND], False), ([], True)])
def test_group_is_deleted_by_staff_who_hold_all_of_it(client, staff_with, held, goes):
    group = make_group("Office", *held)
    client.force_login(staff_with(*GROUPS, OWN))

    confirm(client, reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})

    assert Group.objects.filter(pk=group.pk).exists() != goes


def test_groups_are_not_deleted_from_their_list(client, carol):
    group = make_group("Office")
    client.force_login(carol)

    chosen = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    client.post("/admin/auth/group/", chosen)

    assert Group.objects.filter(pk=group.pk).exists()


def test_new_group_holds_no_more_than_its_author(client, staff_with):
    client.force_login(staff_with(*GROUPS, OWN))

    save_group(client, None, BEYOND, called="Beyond")
    save_group(client, None, OWN, called="Within")

    assert [group.name for group in Group.objects.all()] == ["Within"]


# --- Every other door -----------------------------------------------------------------------------

BUTTONS = {
    ("courses.course", "open_course"): "courses.change_course",
    ("courses.course", "close_course"): "courses.change_course",
    ("courses.course", "withdraw_course"): "courses.delete_course",
    ("lectures.enrollment", "complete_enrollment"): "lectures.change_enrollment",
    ("lectures.enrollment", "cancel_enrollment"): "lectures.change_enrollment",
    ("payments.payment", "mark_as_paid"): "payments.change_payment",
    ("payments.refund", "confirm_transfer"): "payments.change_refund",
    ("certification.certificate", "revoke"): "certification.change_certificate",
    ("certification.certificate", "reissue"): "certification.change_certificate",
    ("events.delivery", "retry_delivery"): "events.change_delivery",
    ("students.user", "send_password_link"): CHANGE,
    ("students.user", "reset_second_factor"): RESET,
    ("students.trycount", "lift"): LIFT,
    ("students.sentemail", "send_again"): "students.change_sentemail",
    ("batches.batchfailure", "try_again"): "batches.change_batchfailure",
}
EDITED = {
    "auth.group": {"add", "change", "delete"},
    "courses.course": {"add", "change", "delete"},
    "students.user": {"add", "change"},
}
"""What staff edit by forms; every other model changes by buttons and services alone."""


def all_buttons():
    admin.autodiscover()
    return {
        (model._meta.label_lower, name)
        for model, model_admin in admin.site._registry.items()
        for name in model_admin.actions_detail
        if isinstance(name, str)
    }


def test_every_button_is_in_the_table():
    assert all_buttons() == set(BUTTONS)


@pytest.mark.parametrize(("model", "button"), sorted(BUTTONS))
def test_all_permissions_but_the_one_of_a_button_do_not_press_it(client, staff_with, model, button):
    staff = staff_with()
    staff.user_permissions.set(Permission.objects.all())
    staff.user_permissions.remove(permission(BUTTONS[model, button]))
    client.force_login(staff)
    address = reverse(f"admin:{model.replace('.', '_')}_{button}", args=[1])

    assert {client.get(address).status_code, client.post(address).status_code} == {403}


def test_models_that_are_edited_are_in_the_table(rf, carol):
    request = rf.get("/")
    request.user = carol
    edited = {
        model._meta.label_lower: {
            action
            for action in ("add", "change", "delete")
            if getattr(model_admin, f"has_{action}_permission")(request)
        }
        for model, model_admin in admin.site._registry.items()
    }

    unnamed = {label: acts for label, acts in edited.items() if acts}
    assert {
        label: unnamed[label] for label in unnamed if label not in {"payments.sandboxswitch"}
    } == EDITED


@pytest.mark.parametrize("label", ["account.emailaddress", "knox.authtoken", "mfa.authenticator",
                                   "usersessions.usersession", "auth.permission",
                                   "admin.logentry", "sessions.session"])  # fmt: skip
def test_secrets_and_permissions_have_no_page_of_their_own(label):
    assert label not in {model._meta.label_lower for model in admin.site._registry}


@pytest.mark.parametrize(
    ("held", "taken"),
    [
        (["students.add_user"], False),
        (["students.add_user", "lectures.change_enrollment"], False),
        (["students.add_user", "lectures.add_enrollment"], True),
    ],
)
def test_import_enrolls_by_the_permission_that_the_api_asks_for(
    client, staff_with, make_course, held, taken
):
    from django.core.files.base import ContentFile

    from elearning.bulk.models import BulkJob

    make_course(title="SQL", slug="sql")
    client.force_login(staff_with(*held))
    file = ContentFile(b"email,name,course\r\na@example.com,A,sql\r\n", "students.csv")

    client.post(reverse("desk_import"), {"file": file})

    assert BulkJob.objects.exists() == taken


def test_second_factor_stays_until_its_owner_uses_the_link(client, alice, carol, deliver_all):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    client.force_login(carol)

    client.post(page_of(alice, "reset_second_factor"))
    deliver_all()

    assert Authenticator.objects.filter(user=alice).exists()
