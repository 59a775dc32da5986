from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvariantsConfig(AppConfig):
    name = "foundation.invariants"
    verbose_name = _("Invariants")
