from __future__ import annotations

from django.urls import path

from fillplanner.api.urls import urlpatterns as api
from fillplanner.views import plans

urlpatterns = [
    *api,
    path("plans", plans.listing, name="plans"),
    path("plans/new", plans.new, name="plan-new"),
    path("plans/<int:plan_id>", plans.detail, name="plan"),
    path("plans/<int:plan_id>/export.<slug:form>", plans.download, name="plan-export"),
    path("plans/<int:plan_id>/delete", plans.delete, name="plan-delete"),
    path("plans/<int:plan_id>/again", plans.again, name="plan-again"),
]
