from __future__ import annotations

from django.urls import path

from templates_ai import api, views

urlpatterns = [
    path("ai-templates", views.templates, name="ai-templates"),
    path("ai-templates/<int:template_id>", views.template, name="ai-template"),
    path("ai-templates/<int:template_id>/activate", views.activate, name="ai-template-activate"),
    path("ai-templates/<int:template_id>/delete", views.delete, name="ai-template-delete"),
    path("ai-templates/<int:template_id>/versions/<int:number>", views.version, name="ai-template-version"),
    path("ai-templates/<int:template_id>/versions/<int:number>/restore", views.restore, name="ai-template-restore"),
    path("api/ai/templates", api.Prompts.as_view()),
    path("api/ai/templates/active", api.ActivePrompt.as_view()),
    path("api/ai/templates/<int:template_id>", api.OnePrompt.as_view()),
    path("api/ai/templates/<int:template_id>/activate", api.ActivatePrompt.as_view()),
    path("api/ai/test-prompt", api.TestPrompt.as_view()),
]
