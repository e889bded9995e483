from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from fillplanner.api.urls import urlpatterns as api
from fillplanner.graphql.view import GraphQL
from fillplanner.views import comparisons, configs, notices, plans, results

urlpatterns = [
    *api,
    path("graphql", GraphQL.as_view()),
    path("plans", plans.listing, name="plans"),
    path("plans/new", plans.new, name="plan-new"),
    path("plans/check", plans.check, name="plan-check"),
    path("plans/rules", plans.rules, name="plan-rules"),
    path("plans/<int:plan_id>", results.detail, name="plan"),
    path(
        "plans/<int:plan_id>/export.<slug:form>", results.download, name="plan-export"
    ),
    path("plans/<int:plan_id>/solver", results.solver, name="plan-solver"),
    path("plans/<int:plan_id>/delete", plans.delete, name="plan-delete"),
    path("plans/<int:plan_id>/again", plans.again, name="plan-again"),
    path("plans/<int:plan_id>/cancel", plans.cancel, name="plan-cancel"),
    path("schedules", RedirectView.as_view(pattern_name="plans", query_string=True)),
    path(
        "schedules/new",
        RedirectView.as_view(pattern_name="plan-new", query_string=True),
    ),
    path(
        "schedules/<int:plan_id>",
        RedirectView.as_view(pattern_name="plan", query_string=True),
    ),
    path("compare", RedirectView.as_view(pattern_name="comparisons")),
    path("comparisons", comparisons.listing, name="comparisons"),
    path("comparisons/new", comparisons.new, name="comparison-new"),
    path("comparisons/<int:comparison_id>", comparisons.detail, name="comparison"),
    path(
        "comparisons/<int:comparison_id>/cancel",
        comparisons.cancel,
        name="comparison-cancel",
    ),
    path(
        "comparisons/<int:comparison_id>/delete",
        comparisons.delete,
        name="comparison-delete",
    ),
    path("notifications", notices.page, name="notifications"),
    path("notifications/mails", notices.mails, name="notice-mails"),
    path(
        "notifications/webhooks/<int:webhook_id>/delete",
        notices.delete,
        name="webhook-delete",
    ),
    path(
        "notifications/webhooks/<int:webhook_id>/test",
        notices.try_out,
        name="webhook-test",
    ),
    path("config", RedirectView.as_view(pattern_name="configs")),
    path("configs", configs.listing, name="configs"),
    path("configs/new", configs.new, name="config-new"),
    path("configs/import", configs.take_in, name="config-import"),
    path("configs/<int:template_id>", configs.detail, name="config-template"),
    path(
        "configs/<int:template_id>/default", configs.make_default, name="config-default"
    ),
    path("configs/<int:template_id>/delete", configs.delete, name="config-delete"),
    path(
        "configs/<int:template_id>/export.json", configs.download, name="config-export"
    ),
]
