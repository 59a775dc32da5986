"""The switch of the sandbox gateway."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.payments.models import SandboxBehaviour, SandboxSwitch
from apps.refusals import InvalidInput

MAX_DELAY_MILLISECONDS = 60_000


def set_sandbox_behaviour(*, behaviour: str, delay_milliseconds: int = 0) -> None:
    """Make the whole sandbox working, slow by ``delay_milliseconds``, failing or down.

    Raises InvalidInput.
    """
    if behaviour not in SandboxBehaviour.values:
        raise InvalidInput("behaviour", _("Choose working, slow, failing or down."))
    if not 0 <= delay_milliseconds <= MAX_DELAY_MILLISECONDS:
        raise InvalidInput("delay_milliseconds", _("Choose a delay from 0 to 60,000 milliseconds."))
    SandboxSwitch.objects.update_or_create(
        pk=1, defaults={"behaviour": behaviour, "delay_milliseconds": delay_milliseconds}
    )
