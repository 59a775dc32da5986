from django.apps import AppConfig


class MutantsConfig(AppConfig):
    """The last application: what it changes has been loaded."""

    name = "tests.faults.mutants"
    label = "faults_mutants"

    def ready(self) -> None:
        from tests.faults.mutants import mutants

        mutants.apply()
