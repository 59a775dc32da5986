from django.apps import AppConfig


class InsideConfig(AppConfig):
    name = "tests.faults.inside"
    label = "faults_inside"

    def ready(self) -> None:
        from tests.faults.inside import poison  # noqa: F401  (it subscribes)
