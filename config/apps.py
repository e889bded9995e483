import gc

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # With its tasks a feature registers what `common.sweep` looks for: every
        # process knows all of it, whichever runs the sweep.
        autodiscover_modules("tasks")
        # Nearly everything is loaded by now: it is not looked through again, and the
        # processes that a worker forks go on sharing it.
        gc.freeze()
        gc.enable()
