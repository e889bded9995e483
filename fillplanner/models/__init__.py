from fillplanner.models.plans import Plan, PlanQuerySet, PlanResult

__all__ = ["Plan", "PlanQuerySet", "PlanResult"]
