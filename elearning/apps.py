from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ElearningConfig(AppConfig):
    name = "elearning"
    verbose_name = _("System")

    def ready(self) -> None:
        """Subscribe, and offer the bulk actions: in the desk's lists, and to their worker."""
        from elearning.bulk import lists
        from elearning.imports import carrying_out
        from elearning.own_data import handlers  # noqa: F401  (subscribe)

        lists.offer_all()
        carrying_out.offer()
