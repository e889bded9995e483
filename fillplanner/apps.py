from django.apps import AppConfig


class FillplannerConfig(AppConfig):
    name = "fillplanner"
    verbose_name = "Filling plans"
