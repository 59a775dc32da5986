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
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldBooleanSwitchWidget

from apps.desk import DeskAdmin, ReadOnlyAdmin, ReadOnlyInline, Text, button
from apps.students import services
from apps.students.models import TryCount, TryPurpose, User

POWERS = ["is_staff", "is_superuser", "groups"]
"""What only a superuser may give: else whoever changes users could make herself one."""


class NewUserForm(UserCreationForm):
    email_is_verified = forms.BooleanField(
        label=_("The address is verified"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("Else the first log-in sends an e-mail to verify it."),
    )

    class Meta:
        model = User
        fields = ["email", "name", "latin_name", "language"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class AddressInline(ReadOnlyInline):
    model = EmailAddress
    fields = readonly_fields = ["email", "verified", "primary"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, DeskAdmin):
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    inlines = [AddressInline]
    list_display = ["email", "shown", "language", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "language", "date_joined", "groups"]
    search_fields = ["email", "name", "latin_name"]
    ordering = ["-date_joined"]
    filter_horizontal = ()
    autocomplete_fields = ["groups"]
    readonly_fields = ["email", "last_login", "date_joined"]
    actions_detail = ["reset_second_factor"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "latin_name", "language"]}),
        (_("Rights"), {"fields": ["is_active", *POWERS]}),
        (_("Times"), {"fields": [("date_joined", "last_login")]}),
    ]
    add_fieldsets = [
        (None, {"fields": [
            "email", "name", "latin_name", "language", "usable_password", "password1",
            "password2", "email_is_verified",
        ]}),
    ]  # fmt: skip

    @button(
        label=_("Reset the second factor"),
        icon="phonelink_erase",
        offered=lambda user: services.has_second_factor(user_id=user.pk),
        warns=lambda admin, user: [
            _("Make sure that it is she who asks: speak with her, do not trust an e-mail."),
            _("Her password alone opens the account then, until she switches it on again."),
            _("She is logged out everywhere and told by e-mail."),
        ],
        permission="reset_second_factor",
        variant=ActionVariant.DANGER,
    )
    def reset_second_factor(self, user: User) -> Text:
        services.reset_second_factor(user_id=user.pk)
        return _("The second factor is off.")

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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change those who may do more than herself: passwords are rights, too."""
        above = isinstance(obj, User) and obj.is_staff and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        with transaction.atomic():
            services.register_student(user=obj)
            verified = form.cleaned_data["email_is_verified"]
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=verified)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, DeskAdmin):
    """Groups in the look of the rest."""


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
    def lift(self, row: TryCount) -> Text:
        services.lift_lockout(row_id=row.pk)
        return _("The lockout is lifted.")


# Addresses are on their user's page; tokens and log-ins are their owner's business, and secret.
for hidden in (EmailAddress, EmailConfirmation, AuthToken, Authenticator, UserSession):
    if admin.site.is_registered(hidden):
        admin.site.unregister(hidden)
