from fillplanner.models.configs import ConfigTemplate
from fillplanner.models.plans import Plan, PlanQuerySet, PlanResult

__all__ = ["ConfigTemplate", "Plan", "PlanQuerySet", "PlanResult"]
