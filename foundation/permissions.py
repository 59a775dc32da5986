"""Compare permissions: nobody grants, takes away or reaches more than they hold.

Names of permissions are Django's, such as ``lectures.change_enrollment``.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet


def granted_permissions(user: Any) -> frozenset[str]:
    """Return what is granted to the user, directly and by groups, in one query.

    Unlike ``get_all_permissions``, an account that is switched off keeps what it was granted:
    switching it on again brings it back. What a superuser may do is not granted.
    """
    rows = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return _names(rows)


def grantable_permissions(actor: Any) -> QuerySet[Permission]:
    """Return the permissions that the actor holds, and so may grant and take away."""
    rows = Permission.objects.select_related("content_type")
    if actor.is_active and actor.is_superuser:
        return rows
    if not actor.is_active:
        return rows.none()
    held = rows.filter(Q(user=actor) | Q(group__user=actor)).values("pk")
    return rows.filter(pk__in=held)


def holds_all(actor: Any, permissions: QuerySet[Permission]) -> bool:
    """Return whether the actor holds every one of the permissions."""
    return bool(actor.has_perms(sorted(_names(permissions))))


def may_manage_user(actor: Any, user: Any) -> bool:
    """Return whether staff may change, reset or switch off this account.

    A superuser may; others only an account that is granted nothing beyond what they hold, and not
    their own, which has its own pages. Costs three queries at most.
    """
    if not (actor.is_active and actor.is_staff):
        return False
    if actor.is_superuser:
        return True
    if user.is_superuser or user.pk == actor.pk:
        return False
    return bool(actor.has_perms(sorted(granted_permissions(user))))


def _names(permissions: QuerySet[Permission]) -> frozenset[str]:
    rows = permissions.values_list("content_type__app_label", "codename")
    return frozenset(f"{app_label}.{codename}" for app_label, codename in rows)
