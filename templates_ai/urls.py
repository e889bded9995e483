from __future__ import annotations

from django.urls import path

from templates_ai import views
from templates_ai.api import engine, prompts

urlpatterns = [
    path("ai-templates", views.templates, name="ai-templates"),
    path("ai-templates/<int:template_id>", views.template, name="ai-template"),
    path("ai-templates/<int:template_id>/activate", views.activate, name="ai-template-activate"),
    path("ai-templates/<int:template_id>/delete", views.delete, name="ai-template-delete"),
    path("ai-templates/<int:template_id>/versions/<int:number>", views.version, name="ai-template-version"),
    path("ai-templates/<int:template_id>/versions/<int:number>/restore", views.restore, name="ai-template-restore"),
    path("api/ai/templates", prompts.Prompts.as_view()),
    path("api/ai/templates/active", prompts.ActivePrompt.as_view()),
    path("api/ai/templates/<int:template_id>", prompts.OnePrompt.as_view()),
    path("api/ai/templates/<int:template_id>/activate", prompts.ActivatePrompt.as_view()),
    path("api/ai/test-prompt", prompts.TestPrompt.as_view()),
    path("api/ai/engine", engine.Engine.as_view()),
]
