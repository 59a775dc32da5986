from django.apps import AppConfig


class ElearningConfig(AppConfig):
    name = "elearning"

    def ready(self) -> None:
        """Offer the bulk actions: in the lists of the desk, and to the worker that runs them."""
        from elearning.bulk import lists
        from elearning.imports import carrying_out

        lists.offer_all()
        carrying_out.offer()
