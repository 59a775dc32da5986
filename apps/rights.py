"""What staff may do: the API asks for the rights that the desk asks for. Knows no context."""

from __future__ import annotations

from typing import Any


def staff_may(user: Any, right: str) -> bool:
    """Return whether this is staff with a right such as ``lectures.change_enrollment``.

    As at the desk, who may change may look. Costs a student nothing, others two queries at most.
    """
    if not (user.is_active and user.is_staff):
        return False
    to_change = right.replace(".view_", ".change_", 1)
    return bool(user.has_perm(right) or (to_change != right and user.has_perm(to_change)))
