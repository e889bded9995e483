from __future__ import annotations

from django.urls import path

from templates_ai.api import engine as engine_api
from templates_ai.api import prompts as prompts_api
from templates_ai.views import engine, prompts

urlpatterns = [
    path("ai-templates", prompts.templates, name="ai-templates"),
    path("ai-templates/preview", prompts.preview, name="ai-preview"),
    path("ai-templates/try", prompts.attempt, name="ai-try"),
    path("ai-templates/engine", engine.engine, name="ai-engine"),
    path("ai-templates/<int:template_id>", prompts.template, name="ai-template"),
    path(
        "ai-templates/<int:template_id>/activate",
        prompts.activate,
        name="ai-template-activate",
    ),
    path(
        "ai-templates/<int:template_id>/delete",
        prompts.delete,
        name="ai-template-delete",
    ),
    path(
        "ai-templates/<int:template_id>/versions/<int:number>",
        prompts.version,
        name="ai-template-version",
    ),
    path(
        "ai-templates/<int:template_id>/versions/<int:number>/restore",
        prompts.restore,
        name="ai-template-restore",
    ),
    path("api/ai/templates", prompts_api.Prompts.as_view()),
    path("api/ai/templates/active", prompts_api.ActivePrompt.as_view()),
    path("api/ai/templates/<int:template_id>", prompts_api.OnePrompt.as_view()),
    path(
        "api/ai/templates/<int:template_id>/activate",
        prompts_api.ActivatePrompt.as_view(),
    ),
    path("api/ai/test-prompt", prompts_api.TestPrompt.as_view()),
    path("api/ai/engine", engine_api.EngineStatus.as_view()),
]
