from django.apps import AppConfig


class ElearningConfig(AppConfig):
    name = "elearning"

    def ready(self) -> None:
        from elearning.own_data import handlers  # noqa: F401  (subscribe)
