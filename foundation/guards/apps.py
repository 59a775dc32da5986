from django.apps import AppConfig


class GuardsConfig(AppConfig):
    name = "foundation.guards"
