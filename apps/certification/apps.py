from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificationConfig(AppConfig):
    name = "apps.certification"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from apps.certification import handlers  # noqa: F401  (subscribes)
