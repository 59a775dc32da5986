"""A signed-up person; staff are users with ``is_staff``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from apps import names, zones
from foundation.email_addresses import (
    NormalizedEmailField,
    email_is_normalized,
    normalize_email,
)

NOWHERE = "removed.invalid"
"""A domain that can never be: RFC 2606 reserves it."""


class LatinNameField(models.CharField):
    """A name in Latin letters, saved in one spelling; empty where it is not told."""

    default_validators = [names.refuse_unless_latin]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return names.tidy_latin(text) if isinstance(text, str) else text


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Logs in by e-mail address and password."""

    email = NormalizedEmailField(
        _("e-mail address"), unique=True, error_messages={"unique": _("This address is taken.")}
    )
    name = models.CharField(
        _("name"), max_length=150, help_text=_("As it shall stand on certificates.")
    )
    latin_name = LatinNameField(
        _("name in Latin letters"), max_length=names.MAX_NAME_LENGTH, blank=True,
        default="", db_default="",
        help_text=_("As in the passport, such as HONG GILDONG."),
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[zones.refuse_unknown_zone],
        help_text=_("Of the times that are shown; the school's own when it is empty."),
    )  # fmt: skip
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May use the administration.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch this off instead of deleting accounts.")
    )
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)
    sign_outs = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("How often everything was signed out.")
    )
    date_joined = models.DateTimeField(_("joined at"), default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["-date_joined", "-pk"]
        permissions = [("reset_second_factor_user", _("Can reset the second factor"))]
        constraints = [
            email_is_normalized("email", name="user_email_is_normalized"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(is_active=False, name="", latin_name=""),
                name="user_removed_is_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shown_name} <{self.email}>" if self.name else self.email

    def remove(self, *, at: datetime) -> None:
        """Become nobody: the row stays, because payments and certificates refer to it."""
        self.email = f"removed-{self.pk}@{NOWHERE}"
        self.name = self.latin_name = self.time_zone = ""
        self.language = settings.LANGUAGE_CODE
        self.is_active = self.is_staff = self.is_superuser = False
        self.last_login, self.removed_at = None, at
        self.set_unusable_password()

    def forget_raw_password(self) -> None:
        """Drop the password in clear, as ``save()`` does: what is saved next changes none."""
        self._password = None

    @property
    def shown_name(self) -> str:
        """The name in the way of whoever reads the page."""
        return names.as_read(self.name, self.latin_name)

    @property
    def form_of_address(self) -> str:
        """What the page calls its user: by the name, else by the address."""
        return names.addressed(self.shown_name or self.email)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the user reads."""
        return zones.zone_called(self.time_zone)

    def save(self, *args: Any, **how: Any) -> None:
        """Whatever changes the password ends the tokens; Django itself ends the sessions."""
        if getattr(self, "_password", None) is not None and self.pk:
            AuthToken.objects.filter(user_id=self.pk).delete()
        super().save(*args, **how)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends with the password it was opened with, and at a sign-out everywhere."""
        told = f"{self.password} {self.sign_outs}"
        return salted_hmac("students.session", told, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name
