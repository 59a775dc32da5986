from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ElearningConfig(AppConfig):
    name = "elearning"
    verbose_name = _("System")

    def ready(self) -> None:
        """Offer the bulk actions: in the lists of the desk, and to the worker that runs them."""
        from elearning.bulk import lists
        from elearning.imports import carrying_out

        lists.offer_all()
        carrying_out.offer()
