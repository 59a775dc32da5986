from django.apps import AppConfig


class TextConfig(AppConfig):
    name = "foundation.text"
    label = "text"

    def ready(self) -> None:
        from foundation.text import fields, search

        fields.install()
        search.register()
