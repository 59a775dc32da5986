from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LecturesConfig(AppConfig):
    name = "apps.lectures"
    verbose_name = _("Enrollments")

    def ready(self) -> None:
        from apps.lectures import handlers  # noqa: F401  (subscribes)
