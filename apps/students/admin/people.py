"""People at the desk. Their history is nobody's to edit, so it is not here."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken
from unfold.decorators import display
from unfold.enums import ActionVariant

from apps.desk import DeskAdmin, ReadOnlyAdmin, ReadOnlyInline, Text, button
from apps.students import services
from apps.students.models import TryCount, TryPurpose, User
from foundation.agreement import Agreement
from foundation.permissions import grantable_permissions, holds_all, may_manage_user

POWERS = ["is_staff", "is_superuser", "groups"]
"""Only a superuser grants these and takes them away."""


class NewUserForm(forms.ModelForm):
    """No password: an e-mail asks the owner of the address to choose one."""

    class Meta:
        model = User
        fields = ["email", "name", "latin_name", "language"]


class AddressInline(ReadOnlyInline):
    model = EmailAddress
    fields = readonly_fields = ["email", "verified", "primary"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, DeskAdmin):
    form = forms.ModelForm
    add_form = NewUserForm
    add_form_template = None  # Django's asks for a password
    inlines = [AddressInline]
    list_display = ["email", "shown", "language", "is_staff", "is_active", "date_joined"]
    export_also = ("latin_name",)
    list_filter = ["is_staff", "is_active", "language", "date_joined", "groups"]
    search_fields = ["email", "name", "latin_name"]
    ordering = ["-date_joined"]
    filter_horizontal = ()
    autocomplete_fields = ["groups"]
    readonly_fields = ["email", "has_password", "last_login", "date_joined"]
    actions_detail = ["send_password_link", "reset_second_factor"]
    fieldsets = [
        (None, {"fields": ["email", "has_password", "name", "latin_name", "language"]}),
        (_("Rights"), {"fields": ["is_active", *POWERS]}),
        (_("Times"), {"fields": [("date_joined", "last_login")]}),
    ]
    add_fieldsets = [
        (None, {
            "fields": ["email", "name", "latin_name", "language"],
            "description": _("An e-mail with a link asks the owner to choose a password."),
        }),
    ]  # fmt: skip

    @button(
        label=_("Send a link to choose a new password"),
        icon="key",
        offered=services.may_be_sent_links,
        warns=lambda admin, user: [
            _("%(address)s gets an e-mail with a link to choose a new password.")
            % {"address": user.email},
            _("The present password works until then. Nobody but the owner sees the new one."),
        ],
        changes_row=False,
    )
    def send_password_link(self, user: User, *, agreed: Agreement) -> Text:
        services.send_password_link(user_id=user.pk, agreed=agreed)
        return _("The e-mail is on its way.")

    @button(
        label=_("Send a link to reset the second factor"),
        icon="phonelink_erase",
        offered=lambda user: (
            services.may_be_sent_links(user) and services.has_second_factor(user_id=user.pk)
        ),
        warns=lambda admin, user: [
            _("Make sure that the owner of the account asks for it: speak with them in person."),
            _("%(address)s gets an e-mail with a link that works for %(hours)s hours.")
            % {"address": user.email, "hours": services.SECOND_FACTOR_LINK_HOURS},
            _("With the link and the password, the owner switches the second factor off."),
        ],
        permission="reset_second_factor",
        variant=ActionVariant.DANGER,
        changes_row=False,
    )
    def reset_second_factor(self, user: User, *, agreed: Agreement) -> Text:
        services.send_second_factor_link(user_id=user.pk, agreed=agreed)
        return _("The e-mail is on its way.")

    @display(description=_("password"), boolean=True)
    def has_password(self, user: User) -> bool:
        return user.has_usable_password()

    @display(description=_("name"), ordering="name")
    def shown(self, user: User) -> str:
        return user.shown_name

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        powers = [] if request.user.is_superuser else POWERS
        return [*self.readonly_fields, *powers]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return [] if obj is None else self.inlines

    def get_urls(self) -> list[URLPattern]:
        """Leave out Django's page on which staff type a password for somebody else."""
        return super(DjangoUserAdmin, self).get_urls()

    def has_row_permission(self, request: HttpRequest, row: User) -> bool:
        return may_manage_user(request.user, row)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        services.invite_new_student(user=obj)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, DeskAdmin):
    """Only permissions that staff hold themselves can be granted, or taken away."""

    def has_row_permission(self, request: HttpRequest, row: Group) -> bool:
        return holds_all(request.user, row.permissions.all())

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if request is not None and field is not None and db_field.name == "permissions":
            field.queryset = grantable_permissions(request.user)
            field.error_messages["invalid_choice"] = _(
                "You can only grant permissions that you hold yourself."
            )
        return field


@admin.register(TryCount)
class LockoutAdmin(ReadOnlyAdmin):
    """Who is refused at the moment, and a way to let them try again at once."""

    list_display = ["purpose", "owner", "address", "tries", "until"]
    list_filter = ["purpose"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name", "user__latin_name", "address"]
    fields = ["purpose", "owner", "address", ("tries", "allowed"), "until", "told_at"]
    readonly_fields = ["owner"]
    actions_detail = ["lift"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TryCount]:
        """Leave out what locks nobody out: it is counted so that nothing happens twice."""
        silent = [TryPurpose.SPENT_CODE, TryPurpose.CONFIRMATION]
        return TryCount.objects.locked().exclude(purpose__in=silent)

    def change_url(self, pk: Any) -> str:
        """Go back to the list: a lockout that is lifted is none."""
        return reverse("admin:students_trycount_changelist")

    def has_row_permission(self, request: HttpRequest, row: TryCount) -> bool:
        return row.user is None or may_manage_user(request.user, row.user)

    @display(description=_("account"))
    def owner(self, row: TryCount) -> Text:
        if row.user:
            return str(row.user)
        return _("Unknown address") if row.account else _("All")

    @button(
        label=_("Lift the lockout"),
        icon="lock_open",
        offered=lambda row: True,
        warns=lambda admin, row: [
            _("From now on it can be tried again. Make sure that it is the owner who asks for it.")
        ],
    )
    def lift(self, row: TryCount, *, agreed: Agreement) -> Text:
        services.lift_lockout(row_id=row.pk, agreed=agreed)
        return _("The lockout is lifted.")


# Addresses are on their user's page; tokens and log-ins are their owner's business, and secret.
for hidden in (EmailAddress, EmailConfirmation, AuthToken, Authenticator, UserSession):
    if admin.site.is_registered(hidden):
        admin.site.unregister(hidden)
