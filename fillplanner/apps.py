from django.apps import AppConfig


class FillplannerConfig(AppConfig):
    name = "fillplanner"
