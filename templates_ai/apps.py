from django.apps import AppConfig


class TemplatesAiConfig(AppConfig):
    name = "templates_ai"
    verbose_name = "AI templates"
