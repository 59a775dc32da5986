from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudentsConfig(AppConfig):
    name = "apps.students"
    verbose_name = _("Students")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from apps.students import (  # noqa: F401  (subscribe)
            handlers,
            notifications,
            services,
        )

        user_logged_in.connect(services.note_begin, dispatch_uid="students.note_begin")
