from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ElearningConfig(AppConfig):
    name = "elearning"
    verbose_name = _("System")

    def ready(self) -> None:
        """Subscribe, offer the bulk actions to lists and worker, and check the settings."""
        from django.conf import settings

        from elearning.bulk import lists
        from elearning.imports import carrying_out
        from elearning.own_data import handlers  # noqa: F401  (subscribe)
        from foundation import deployment

        lists.offer_all()
        carrying_out.offer()
        deployment.register_check(is_production=settings.PRODUCTION)
