from django.apps import AppConfig

from common import searching


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        """Teach models and databases how texts are searched."""
        searching.register()
